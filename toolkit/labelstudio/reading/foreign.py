"""Annotations of other tools as raw tasks, so that they are imported by the same rules as an export."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from toolkit.files import canonical_json, sha256
from toolkit.findings import Finding
from toolkit.labelstudio.reading.export import RawTask

Result = dict[str, Any]


def region(
    id_: str, start: int, end: int, label: str, words: str | None = None, comments: Sequence[str] = ()
) -> Result:
    """A mention at `[start, end)`; `words` are what the file says of it, `comments` become comments on the region."""
    value: dict[str, Any] = {"start": start, "end": end, "labels": [label]}
    if words is not None:
        value["text"] = words
    about = {"meta": {"text": list(comments)}} if comments else {}
    return {"id": id_, "type": "labels", "value": value, **about}


def relation(head: str, tail: str, label: str, *, symmetric: bool = False) -> Result:
    """A relation between two regions."""
    direction = "bi" if symmetric else "right"
    return {"type": "relation", "from_id": head, "to_id": tail, "direction": direction, "labels": [label]}


def foreign_task(
    place: str,
    article_id: str,
    text: str,
    result: Sequence[Result],
    annotator: str | None,
    findings: Sequence[Finding],
    places: Mapping[str, str],
) -> RawTask:
    """A text with one annotation that names nobody. Its id depends on article and `annotator`, who made it, so a
    corrected file replaces it, and another annotator's file does not."""
    id_ = str(UUID(sha256(canonical_json(["foreign", article_id, annotator]))[:32], version=5))
    annotation = {"unique_id": id_, "result": list(result)}
    # The hash tells the import which string is the text, whatever key the project shows.
    data = {"article_id": article_id, "text": text, "sha256": sha256(text.encode())}
    return RawTask(place, {"data": data, "annotations": [annotation]}, tuple(findings), places)
