"""Label Studio's native task shape, normalised: `Task` to a JSON object and back, losing nothing and sorting all.

Equal content gives equal bytes. What is strict here is made strict by `labelstudio`, which reads exports in the wild.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeGuard

from toolkit.annotation import MANUAL, Annotation, Attribute, Link, Prediction, Region, Task
from toolkit.errors import DataError
from toolkit.files import canonical_json, sha256
from toolkit.findings import Finding, Severity

RESERVED = ("article_id", "text", "sha256", "length")
REGION_KEYS = {"id", "from_name", "to_name", "type", "value", "origin"}
# State of the editor, not of the annotation.
EDITOR_STATE = {"hidden", "locked", "readonly", "selected", "origin_region"}
_DIRECTIONS = ("right", "left", "bi")


def to_native(task: Task) -> dict[str, Any]:
    """A task as a JSON object in Label Studio's native shape, every list in an order that depends on content only."""
    data = {**task.data, "article_id": task.article_id, "sha256": task.sha256, "length": task.length}
    if task.text is not None:
        data["text"] = task.text
    annotations = [
        {
            "completed_by": annotation.annotator,
            "ground_truth": annotation.ground_truth,
            "result": results(annotation.regions, annotation.attributes, annotation.links),
            "unique_id": annotation.id,
            "was_cancelled": annotation.cancelled,
            **({"adjudicates": sorted(annotation.adjudicates)} if annotation.adjudicates else {}),
        }
        for annotation in task.annotations
    ]
    annotations.sort(key=lambda row: (row["completed_by"], row["unique_id"], canonical_json(row)))
    predictions = [
        {"model_version": p.model, "score": p.score, "result": results(p.regions, p.attributes, p.links)}
        for p in task.predictions
    ]
    predictions.sort(key=canonical_json)
    return {"annotations": annotations, "data": data, "predictions": predictions}


def results(regions: Sequence[Region], attributes: Iterable[Attribute], links: Iterable[Link]) -> list[dict[str, Any]]:
    """The `result` list of an annotation: regions by offset, each before its attributes, then relations."""
    places: dict[str, Region] = {}
    rows: list[tuple[tuple[Any, ...], dict[str, Any]]] = []
    for region in sorted(regions, key=_place):
        places.setdefault(region.id, region)
        rows.append(((0, *_place(region), 0, ",".join(region.labels)), _region_row(region)))
    for attribute in attributes:
        owner = places.get(attribute.region or "")
        place = _place(owner) if owner else (-1, 0, attribute.id)
        rows.append(((0, *place, 1, attribute.tag), _attribute_row(attribute, owner)))
    for link in links:
        row = {"type": "relation", "from_id": link.head, "to_id": link.tail, "direction": link.direction}
        place = _place(places[link.head]) if link.head in places else (0, 0, link.head)
        rows.append(((1, *place, 1, ",".join(link.labels)), {**row, "labels": list(link.labels)}))
    rows.sort(key=lambda row: (row[0], canonical_json(row[1])))
    return [row for _, row in rows]


def _place(region: Region) -> tuple[int, int, str]:
    return region.start, -region.end, region.id


def _region_row(region: Region) -> dict[str, Any]:
    value: dict[str, Any] = {"start": region.start, "end": region.end, "labels": list(region.labels)}
    if region.text is not None:
        value["text"] = region.text
    if region.digest is not None:
        value["digest"] = region.digest
    row = {"id": region.id, "from_name": region.tag, "to_name": region.target, "type": "labels", "value": value}
    if region.origin != MANUAL:
        row["origin"] = region.origin
    return {**region.extra, **row}


def _attribute_row(attribute: Attribute, region: Region | None) -> dict[str, Any]:
    value = dict(attribute.value)
    if region is not None:
        value |= {"start": region.start, "end": region.end}
    return {
        "id": attribute.id,
        "from_name": attribute.tag,
        "to_name": attribute.target,
        "type": attribute.kind,
        "value": value,
    }


class Reader:
    """Reads native objects, collecting what is wrong as findings; `task` is None where it cannot be understood."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.findings: list[Finding] = []

    def error(self, code: str, message: str, annotation: str | None = None, region: str | None = None) -> None:
        """Adds an error at this place."""
        self.findings.append(Finding(code, Severity.ERROR, self.path, message, annotation, region))

    def task(self, native: Any) -> Task | None:
        """A normalised task object (what `to_native` writes) as a Task."""
        before = len(self.findings)
        if not _is_object(native) or not _is_object(native.get("data")):
            self.error("shape", "not an annotation file: needs an object with data and annotations")
            return None
        try:
            canonical_json(native)
        except DataError as error:
            self.error("shape", error.what)
            return None
        data: Mapping[str, Any] = native["data"]
        text, article, digest, length = (data.get(key) for key in ("text", "article_id", "sha256", "length"))
        if text is not None and not isinstance(text, str):
            self.error("text-type", f"data.text is {kind_of(text)}, expected a string")
        if not isinstance(article, str):
            self.error("shape", f"data.article_id is {kind_of(article)}, expected a string")
        if not isinstance(digest, str):
            self.error("shape", f"data.sha256 is {kind_of(digest)}, expected a string")
        if not _is_int(length):
            self.error("shape", f"data.length is {kind_of(length)}, expected a whole number")
        annotations = [self.annotation(a) for a in self._objects(native, "annotations")]
        predictions = [self.prediction(p) for p in self._objects(native, "predictions")]
        if len(self.findings) > before or not isinstance(article, str) or not isinstance(digest, str):
            return None
        rest = {key: value for key, value in data.items() if key not in RESERVED}
        return Task(article, text, digest, int(length or 0), rest, tuple(annotations), tuple(predictions))

    def annotation(self, native: Mapping[str, Any]) -> Annotation:
        """One annotation with a stable annotator name."""
        id_, annotator = native.get("unique_id"), native.get("completed_by")
        if not isinstance(id_, str) or not id_:
            self.error("shape", f"unique_id is {kind_of(id_ or None)}, expected a string")
            id_ = ""
        if not isinstance(annotator, str):
            self.error("shape", f"completed_by is {kind_of(annotator)}, expected an annotator's name", id_)
            annotator = ""
        regions, attributes, links = self.results(native, id_)
        cancelled, truth = self._flag(native, "was_cancelled", id_), self._flag(native, "ground_truth", id_)
        adjudicates = [] if native.get("adjudicates") is None else native["adjudicates"]
        if not _are_strings(adjudicates):
            self.error("shape", "adjudicates must be a list of strings", id_)
            adjudicates = []
        return Annotation(id_, annotator, regions, attributes, links, cancelled, truth, tuple(adjudicates))

    def prediction(self, native: Mapping[str, Any]) -> Prediction:
        """One prediction."""
        model = self._string(native, "model_version", "", None)
        place = f"prediction {model or 'without model_version'}"
        score = native.get("score")
        if isinstance(score, bool) or not isinstance(score, int | float | None):
            self.error("shape", f"score is {kind_of(score)}, expected a number", place)
            score = None
        return Prediction(model, score if score is None else float(score), *self.results(native, place))

    def results(
        self, native: Mapping[str, Any], annotation: str
    ) -> tuple[tuple[Region, ...], tuple[Attribute, ...], tuple[Link, ...]]:
        """The regions, attributes and links of a `result` list."""
        items = self._objects(native, "result", annotation)
        regions = [r for item in items if item.get("type") == "labels" for r in self._region(item, annotation)]
        known = {region.id for region in regions}
        attributes, links = [], []
        for item in items:
            if item.get("type") == "relation":
                links += self._link(item, annotation)
            elif item.get("type") != "labels":
                if not isinstance(item.get("type"), str) or not _is_object(item.get("value")):
                    self.error("shape", "a result has no type or no value", annotation, str(item.get("id")))
                    continue
                attributes.append(self._attribute(item, known, annotation))
        return tuple(regions), tuple(attributes), tuple(links)

    def _region(self, item: Mapping[str, Any], annotation: str) -> list[Region]:
        id_, value = item.get("id"), item.get("value")
        if not isinstance(id_, str) or not id_ or not _is_object(value):
            self.error("shape", "a region needs an id and a value", annotation, str(id_))
            return []
        start, end = value.get("start"), value.get("end")
        if not _is_int(start) or not _is_int(end):
            found = f"start {start!r} ({kind_of(start)}), end {end!r} ({kind_of(end)})"
            self.error("offset-type", f"offsets must be whole numbers; found {found}", annotation, id_)
            return []
        labels = value.get("labels", [])
        if not _are_strings(labels):
            self.error("shape", "labels must be a list of strings", annotation, id_)
            return []
        for key in ("text", "digest"):
            if not isinstance(value.get(key), str | None):
                self.error("shape", f"value.{key} is {kind_of(value[key])}, expected a string", annotation, id_)
                return []
        return [
            Region(
                id_,
                start,
                end,
                tuple(labels),
                value.get("text"),
                value.get("digest"),
                self._string(item, "origin", MANUAL, annotation, id_),
                self._string(item, "from_name", "label", annotation, id_),
                self._string(item, "to_name", "text", annotation, id_),
                {key: item[key] for key in item if key not in REGION_KEYS | EDITOR_STATE},
            )
        ]

    def _attribute(self, item: Mapping[str, Any], known: set[str], annotation: str) -> Attribute:
        id_, given, kind = self._string(item, "id", "", annotation), item["value"], item["type"]
        region = id_ if id_ in known else None
        noise = {"start", "end", "digest"} if region else set()
        if region and kind != "textarea" and isinstance(given.get("text"), str):
            noise = noise | {"text"}  # the mention again; in a text area `text` is what was typed and stays
        value = {key: given[key] for key in sorted(given) if key not in noise}
        tag = self._string(item, "from_name", "", annotation, id_)
        return Attribute(id_, region, tag, self._string(item, "to_name", "", annotation, id_), kind, value)

    def _link(self, item: Mapping[str, Any], annotation: str) -> list[Link]:
        head, tail, labels = item.get("from_id"), item.get("to_id"), item.get("labels")
        labels = [] if labels is None else labels
        direction: Any = "right" if item.get("direction") is None else item["direction"]
        if not isinstance(head, str) or not isinstance(tail, str):
            self.error("shape", f"a relation joins {head!r} and {tail!r}; both must be region ids", annotation)
            return []
        if not _are_strings(labels):
            self.error("shape", f"the labels of relation {head} -> {tail} must be a list of strings", annotation)
            return []
        if direction not in _DIRECTIONS:
            what = f"relation {head} -> {tail} has the direction {direction!r}; expected right, left or bi"
            self.error("shape", what, annotation)
            return []
        return [Link(head, tail, direction, tuple(labels))]

    def _string(
        self, native: Mapping[str, Any], key: str, default: str, annotation: str | None, region: str | None = None
    ) -> str:
        found = native.get(key)
        if not isinstance(found, str | None):
            self.error("shape", f"{key} is {kind_of(found)}, expected a string", annotation, region)
            return default
        return default if found is None else found

    def _flag(self, native: Mapping[str, Any], key: str, annotation: str) -> bool:
        found = native.get(key)
        if not isinstance(found, bool | None):
            self.error("shape", f"{key} is {kind_of(found)}, expected true or false", annotation)
        return found is True

    def _objects(self, native: Mapping[str, Any], key: str, annotation: str | None = None) -> list[Mapping[str, Any]]:
        found = [] if native.get(key) is None else native[key]
        if not isinstance(found, list) or not all(_is_object(item) for item in found):
            self.error("shape", f"{key} must be a list of objects", annotation)
            return []
        return found


def mention_digest(mention: str) -> str:
    """A short digest that proves a mention without telling it, blind to how its blanks were typed."""
    return sha256(f"tawsim mention 1\n{' '.join(mention.split())}".encode("utf-8", "surrogatepass"))[:12]


def kind_of(value: object) -> str:
    """A JSON value's kind in the words of its readers."""
    names = {type(None): "missing", bool: "true or false", int: "a number", float: "a number", str: "a string"}
    return names.get(type(value), "a list" if isinstance(value, Sequence) else "an object")


def _is_object(value: object) -> TypeGuard[Mapping[str, Any]]:
    return isinstance(value, Mapping)


def _is_int(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _are_strings(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
