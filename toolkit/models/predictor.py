"""What every model is here: texts in, labelled character spans out, with the relations and the coverage it can tell."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from toolkit.document import Document
from toolkit.models.options import Options
from toolkit.project import CrfSettings
from toolkit.schema import Schema
from toolkit.tokens import Span as Extent


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A predicted mention: `[start, end)` in code points of the text given to `predict`."""

    start: int
    end: int
    label: str
    score: float | None = None


@dataclass(frozen=True, slots=True, order=True)
class Pair:
    """A predicted relation; `head` and `tail` are positions in the spans of the same answer."""

    head: int
    tail: int
    label: str
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model says of a text.

    `relations` is None where the model predicts none at all. `seen` are the `[start, end)` of the text that it really
    read, in code points; None where it read all. `counts` is what the adapter left out or changed, by reason.
    """

    spans: Sequence[Span]
    relations: Sequence[Pair] | None = None
    seen: Sequence[Extent] | None = None
    counts: Mapping[str, int] = field(default_factory=dict)


class Predictor(Protocol):
    """A model that is ready to predict."""

    def predict(self, texts: Sequence[str]) -> Sequence[Answer | Sequence[Span]]:
        """An answer for each text, in the order of the texts; plain spans stand for an answer of nothing else.

        An exception for one text is an exception for all that were given with it; the harness then asks one by one.
        """
        ...

    def describe(self) -> Mapping[str, str]:
        """What identifies the model in a result and in the cache: name, revision, settings, versions."""
        ...


@dataclass(frozen=True, slots=True)
class Training:
    """What a model that is trained on demand needs.

    `documents` reads the train split when it is called; `digest` is the content digest of the dataset; trained models
    are kept under `cache`.
    """

    documents: Callable[[], Sequence[Document]]
    schema: Schema
    crf: CrfSettings
    cache: Path
    digest: str


@dataclass(frozen=True, slots=True)
class Request:
    """What an adapter's `load` is asked for: `target` is what follows the kind in `kind:target`.

    `labels` are those that a prompted model is asked for, each with its meaning in words.
    """

    target: str
    training: Training
    labels: Mapping[str, str]
    options: Options
