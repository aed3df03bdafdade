"""One labelled span of a raw `result` list as a Region, placed in the text, or the error that says why not."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from toolkit.annotation import MANUAL, Region
from toolkit.labelstudio.reading.cleaning import cleaned, id_of
from toolkit.labelstudio.reading.journal import Journal, quoted
from toolkit.labelstudio.reading.repair import Refusal, offsets_of, place
from toolkit.native import EDITOR_STATE, REGION_KEYS, kind_of
from toolkit.project import Tags
from toolkit.schema import Schema

_OTHER_UNITS = {
    "hypertextlabels": "the region was drawn on a HyperText tag, whose offsets are XPaths; only Text tags are read",
    "paragraphlabels": "the region counts in the turns of a Paragraphs tag; only Text tags are read",
}


@dataclass(frozen=True, slots=True)
class RawRegion:
    """A region with the id (empty where it has none) and the offsets that the export gives it."""

    id: str
    given: tuple[int, int]
    region: Region


def read_region(item: Mapping[str, Any], text: str, schema: Schema, tags: Tags, journal: Journal) -> RawRegion | None:
    """A span of a result list; its `text` becomes the slice. None, with an error, where it cannot be read."""
    id_, value = id_of(item.get("id")), item.get("value")
    if item.get("type") in _OTHER_UNITS:
        journal.error("offset-type", _OTHER_UNITS[item["type"]], id_)
        return None
    if not isinstance(value, Mapping):
        journal.error("shape", f"the value of a region is {kind_of(value)}, expected an object", id_)
        return None
    given = offsets_of(value)
    if isinstance(given, Refusal):
        journal.error(given.code, given.message, id_)
        return None
    shown = value.get("text")
    if shown is not None and not isinstance(shown, str | list):
        journal.error("shape", f"value.text is {kind_of(shown)}, expected a string", id_, given)
        return None
    placed = place(text, *given, shown if isinstance(shown, str) else None)
    labels = _labels(value.get("labels"), schema, id_, journal)
    if isinstance(placed, Refusal):
        journal.error(placed.code, placed.message, id_, given)
    if isinstance(placed, Refusal) or labels is None:
        return None
    mention = text[placed.start : placed.end]
    if placed.cause:
        what = f"{quoted(mention)} is at {placed.start}-{placed.end}, not at {given[0]}-{given[1]}: {placed.cause}"
        journal.warning("offset-repaired", what, id_, (placed.start, placed.end))
    extra = {key: item[key] for key in item if key not in REGION_KEYS | EDITOR_STATE}
    region = Region(
        id_,
        placed.start,
        placed.end,
        labels,
        mention,
        origin=id_of(item.get("origin")) or MANUAL,
        tag=id_of(item.get("from_name")) or tags.labels,
        target=id_of(item.get("to_name")) or tags.text,
        extra=cleaned(extra, journal, f"region {id_}"),
    )
    return RawRegion(id_, given, region)


def _labels(value: Any, schema: Schema, id_: str, journal: Journal) -> tuple[str, ...] | None:
    """The labels of a region, each once; None where one is not the schema's."""
    labels = strings_of(value)
    if labels is None:
        journal.error("shape", f"labels must be a list of strings, found {kind_of(value)}", id_)
        return None
    unknown = [label for label in labels if label not in schema.entities]
    for label in dict.fromkeys(unknown):
        journal.unknown[label] += 1
        journal.error("label-unknown", f"the label {quoted(label)} is not one of the schema", id_)
    once = tuple(dict.fromkeys(labels))
    if len(once) < len(labels):
        journal.note(
            "label-double", f"a label stands there twice ({', '.join(map(quoted, labels))}); it is kept once", id_
        )
    return None if unknown else once


def strings_of(value: Any) -> list[str] | None:
    """A list of strings, empty where it is absent; None where it is something else."""
    if value is None:
        return []
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    return None
