"""The `result` list of a raw annotation as regions, attributes and links; errors in the journal where it is not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from toolkit.annotation import Attribute, Direction, Link, Region
from toolkit.labelstudio.reading.cleaning import cleaned, id_of
from toolkit.labelstudio.reading.identities import Regions, free_id, identified
from toolkit.labelstudio.reading.journal import Journal, quoted
from toolkit.labelstudio.reading.spans import RawRegion, read_region, strings_of
from toolkit.native import kind_of
from toolkit.project import Tags
from toolkit.schema import Schema

_SPAN_KINDS = {"labels", "text", "hypertextlabels", "paragraphlabels"}
# What the editor repeats of a region in each of its attributes.
_REPEATED = {"start", "end", "digest"}

Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Results:
    """What one annotator, or one model, said of a text."""

    regions: tuple[Region, ...]
    attributes: tuple[Attribute, ...]
    links: tuple[Link, ...]


def is_span(item: Item) -> bool:
    """Whether a result is a span of text, labelled or not; what has no type counts by what its value holds."""
    kind, value = item.get("type"), item.get("value")
    if kind is None:
        return isinstance(value, Mapping) and bool({"labels", "start", "end"} & value.keys())
    return isinstance(kind, str) and kind in _SPAN_KINDS


def read_results(items: Any, text: str, schema: Schema, tags: Tags, journal: Journal) -> Results:
    """A raw `result` list. Results that cannot be read are errors in the journal and are left out."""
    items = _objects(items, journal)
    raw: list[RawRegion] = []
    failed: set[str] = set()
    others: list[Item] = []
    for item in items:
        if item.get("type") == "relation" or not is_span(item):
            others.append(item)
        elif region := read_region(item, text, schema, tags, journal):
            raw.append(region)
        else:
            failed.add(id_of(item.get("id")))
    known = {region.id for region in raw} | failed
    for item in others:
        if _implies_region(item) and id_of(item.get("id")) not in known | {""}:
            # The editor writes no row for a region that has a choice or a comment, yet no label.
            known.add(id_of(item.get("id")))
            bare = {key: item[key] for key in ("id", "to_name", "origin", "value") if key in item}
            if region := read_region(bare, text, schema, tags, journal):
                raw.append(region)
            else:
                failed.add(id_of(item.get("id")))
    _check_targets([item.region for item in raw], tags, journal)
    regions = identified(raw, journal)
    attributes: list[Attribute] = []
    links: list[Link] = []
    for item in others:
        if item.get("type") == "relation":
            links += _link(item, regions, failed, schema, journal)
        else:
            attributes += _attribute(item, regions, failed, {a.id for a in attributes}, journal)
    return Results(regions.regions, tuple(attributes), tuple(links))


def _objects(items: Any, journal: Journal) -> list[Item]:
    if items is None:
        return []
    if not isinstance(items, list):
        journal.error("shape", f"result is {kind_of(items)}, expected a list")
        return []
    for item in items:
        if not isinstance(item, Mapping):
            journal.error("shape", f"a result is {kind_of(item)}, expected an object")
    return [item for item in items if isinstance(item, Mapping)]


def _implies_region(item: Item) -> bool:
    value = item.get("value")
    kind = str(item.get("type") or "")
    return (
        kind != "relation"
        and not kind.endswith("labels")
        and isinstance(value, Mapping)
        and {"start", "end"} <= value.keys()
    )


def _check_targets(regions: Sequence[Region], tags: Tags, journal: Journal) -> None:
    """An error for every region that was drawn on another text than the one that is read."""
    targets = sorted({region.target for region in regions})
    if len(targets) < 2:
        return
    if tags.text not in targets:
        what = f"the regions stand on several texts ({', '.join(targets)})"
        journal.error("target", f"{what}; tags.text in configs/labelstudio.yaml says which one is read")
        return
    for region in regions:
        if region.target != tags.text:
            what = f"the region stands on the tag {quoted(region.target)}, not on the text {quoted(tags.text)}"
            journal.error("target", what, region.id, (region.start, region.end))


def _attribute(item: Item, regions: Regions, failed: set[str], taken: set[str], journal: Journal) -> list[Attribute]:
    kind, value, id_ = id_of(item.get("type")), item.get("value"), id_of(item.get("id"))
    if not kind or not isinstance(value, Mapping):
        journal.error("shape", "a result has neither a type with a value nor a span", id_ or None)
        return []
    if id_ in failed:
        return []
    offsets = (value.get("start"), value.get("end"))
    bearers = regions.bearers.get(id_, ())
    owners = regions.ids(id_)
    if len(owners) != 1 and _implies_region(item):
        owners = sorted({new for given, new in bearers if given == offsets})
        if len(owners) != 1:
            where = f"{kind} at {offsets[0]!r}-{offsets[1]!r}"
            what = f"{where} belongs to a region, and its id {quoted(id_)} does not say to which"
            journal.error("attribute-ambiguous", what, id_ or None)
            return []
    elif len(owners) > 1:
        owners = []
    tag, target = id_of(item.get("from_name")), id_of(item.get("to_name"))
    drop = _REPEATED | ({"text"} if isinstance(value.get("text"), str) and kind != "textarea" else set())
    kept = {key: value[key] for key in sorted(value) if not owners or key not in drop}
    if kind == "textarea" and isinstance(kept.get("text"), str):
        kept["text"] = [kept["text"]]
    kept = cleaned(kept, journal, f"{kind} {tag}")
    if owners:
        return [Attribute(owners[0], owners[0], tag, target, kind, kept)]
    in_use = taken | {region.id for region in regions.regions}
    own = id_ if id_ and id_ not in in_use else free_id("d", [tag, target, kind, kept], in_use)
    return [Attribute(own, None, tag, target, kind, kept)]


def _link(item: Item, regions: Regions, failed: set[str], schema: Schema, journal: Journal) -> list[Link]:
    given = [id_of(item.get(key)) for key in ("from_id", "to_id")]
    name = f"relation {given[0] or 'nothing'} -> {given[1] or 'nothing'}"
    ends = [_end(id_, name, regions, failed, journal) for id_ in given]
    direction: Any = item.get("direction") or "right"
    if direction not in get_args(Direction):
        journal.error("relation-shape", f"{name} has the direction {direction!r}; expected right, left or bi")
        return []
    labels = strings_of(item.get("labels"))
    if labels is None:
        journal.error(
            "relation-shape", f"the labels of {name} are {kind_of(item['labels'])}, expected a list of strings"
        )
        return []
    for label in dict.fromkeys(labels):
        if label not in schema.relations:
            journal.unknown[label] += 1
            journal.error("relation-label", f"the label {quoted(label)} of {name} is not one of the schema")
    once = tuple(dict.fromkeys(labels))
    if len(once) < len(labels):
        journal.note("label-double", f"a label of {name} stands there twice; it is kept once")
    head, tail = ends
    return [Link(head, tail, direction, once)] if head and tail else []


def _end(id_: str, name: str, regions: Regions, failed: set[str], journal: Journal) -> str | None:
    found = regions.ids(id_)
    if len(found) == 1 and id_:
        return found[0]
    if not found and id_ not in failed:
        journal.error("relation-dangling", f"{name}: there is no region {quoted(id_)}", id_ or None)
    elif found:
        what = f"{name}: {len(found)} regions have the id {quoted(id_)}, so which one is meant cannot be told"
        journal.error("relation-ambiguous", what, id_ or None)
    return None
