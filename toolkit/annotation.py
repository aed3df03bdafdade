"""An article as annotated: every annotator's regions, links and attributes, before anybody decides what is gold.

This is Label Studio's task without its noise. Offsets are half-open code points, as in `document.py`, but unchecked:
a task read from a file may hold anything that its types allow, and `corpus.validate` says what is wrong with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Direction = Literal["right", "left", "bi"]
MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class Region:
    """A span with zero or more labels. `text` is the mention where the text may be stored, `digest` where not."""

    id: str
    start: int
    end: int
    labels: tuple[str, ...]
    text: str | None = None
    digest: str | None = None
    origin: str = MANUAL
    tag: str = "label"
    target: str = "text"
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Attribute:
    """A choice, text area, rating … of a region, or of the whole document where `region` is None."""

    id: str
    region: str | None
    tag: str
    target: str
    kind: str
    value: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Link:
    """A relation as drawn: from one region to another, read rightwards, leftwards or both ways, with 0..n labels."""

    head: str
    tail: str
    direction: Direction
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Annotation:
    """One annotator's work on one article. `annotator` is a stable name, never an account or an address.

    `adjudicates` are the ids of the annotations that a reviewer weighed for this one; empty for work of one's own.
    """

    id: str
    annotator: str
    regions: tuple[Region, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    links: tuple[Link, ...] = ()
    cancelled: bool = False
    ground_truth: bool = False
    adjudicates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a model suggested before people worked. Never gold."""

    model: str
    score: float | None
    regions: tuple[Region, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Task:
    """An article with all its annotations, skipped ones too.

    `text` is None where it is withheld; `sha256` is that of the raw file's bytes, `length` its code points. `data`
    holds whatever else describes the article (event, subject, date …).
    """

    article_id: str
    text: str | None
    sha256: str
    length: int
    data: Mapping[str, Any] = field(default_factory=dict)
    annotations: tuple[Annotation, ...] = ()
    predictions: tuple[Prediction, ...] = ()
