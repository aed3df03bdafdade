"""A raw task taken apart: its article, its annotations, its predictions, and what of it is not imported."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from toolkit.annotation import Prediction
from toolkit.labelstudio.reading.annotations import Dated, Rules, read_annotation, read_prediction
from toolkit.labelstudio.reading.article import Article, Span, read_article
from toolkit.labelstudio.reading.cleaning import id_of
from toolkit.labelstudio.reading.journal import Journal
from toolkit.labelstudio.reading.repair import Refusal, offsets_of
from toolkit.labelstudio.reading.results import is_span
from toolkit.native import kind_of

Object = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ReadTask:
    """One task of an export as read, with its place; several may belong to one article."""

    place: str
    article: Article
    annotations: tuple[Dated, ...]
    predictions: tuple[Prediction, ...]


def read_task(native: Any, rules: Rules, journal: Journal) -> ReadTask | None:
    """A raw task; None, with every reason in the journal, where anything of it cannot be read."""
    task = _with_data(native, journal)
    if task is None:
        return None
    annotations = [*_objects(task, "annotations", journal), *_objects(task, "completions", journal)]
    predictions = _predictions(task, annotations, journal)
    data, key = task["data"], rules.tags.data_key
    # The offsets have to tell which string is the text only where the key does not.
    spans = [] if data.get(key) else [span for part in (*annotations, *predictions) for span in _spans(part)]
    article = read_article(data, task.get("meta"), spans, key, journal)
    if article is None:
        return None
    _count_drafts(task, annotations, journal)
    dated = [read_annotation(part, article, number, rules, journal) for number, part in enumerate(annotations, 1)]
    models = [found for part in predictions if (found := read_prediction(part, article, rules, journal))]
    return None if journal.failed else ReadTask(journal.path, article, tuple(dated), tuple(models))


def _with_data(native: Any, journal: Journal) -> Object | None:
    """The task; an annotation that carries its task, as storage exports do, is turned inside out."""
    if not isinstance(native, Mapping):
        journal.error("shape", f"the task is {kind_of(native)}, expected an object with data and annotations")
        return None
    if "data" not in native and "result" in native:
        task = native.get("task")
        if isinstance(task, Mapping) and isinstance(task.get("data"), Mapping):
            return {**task, "annotations": [native], "completions": None, "predictions": None, "drafts": None}
        what = "an annotation without its task, so there is no text that its offsets could refer to"
        journal.error("shape", f"{what}; export the project as JSON")
        return None
    if not isinstance(native.get("data"), Mapping):
        journal.error("shape", f"data is {kind_of(native.get('data'))}, expected an object with the text")
        return None
    return native


def _objects(task: Object, key: str, journal: Journal) -> list[Object]:
    found = task.get(key)
    if found is None:
        return []
    if not isinstance(found, list):
        journal.error("shape", f"{key} is {kind_of(found)}, expected a list")
        return []
    for item in found:
        if not isinstance(item, Mapping):
            what = f"{key} has {kind_of(item)} in it, expected objects"
            journal.error("shape", f"{what}; export the annotations in full, not their ids")
    return [item for item in found if isinstance(item, Mapping)]


def _predictions(task: Object, annotations: list[Object], journal: Journal) -> list[Object]:
    """The predictions in full; one that is only an id is looked for in the annotations that were made from it."""
    found = task.get("predictions") or []
    if not isinstance(found, list):
        journal.warning("prediction-dropped", f"predictions is {kind_of(found)}, expected a list; left out")
        return []
    copies = [annotation.get("prediction") for annotation in annotations]
    full = {id_of(copy.get("id")): copy for copy in copies if isinstance(copy, Mapping) and copy.get("result")}
    predictions: list[Object] = []
    named: list[str] = []
    for item in found:
        if isinstance(item, Mapping):
            predictions.append(item)
        elif id_of(item) in full:
            predictions.append(full[id_of(item)])
        else:
            named.append(id_of(item) or kind_of(item))
    if named:
        what = f"predictions that are only ids here, so they were not imported: {', '.join(named)}"
        journal.note("prediction-id", f"{what}; a snapshot with predictions in full has them")
    return predictions


def _spans(part: Object) -> Iterator[Span]:
    """The whole-number offsets of a raw annotation's spans, with the text of each."""
    found = part.get("result")
    for item in found if isinstance(found, list) else []:
        if isinstance(item, Mapping) and isinstance(item.get("value"), Mapping) and is_span(item):
            offsets, shown = offsets_of(item["value"]), item["value"].get("text")
            if not isinstance(offsets, Refusal):
                yield (*offsets, shown if isinstance(shown, str) else None)


def _count_drafts(task: Object, annotations: list[Object], journal: Journal) -> None:
    count = sum(len(drafts) for part in (task, *annotations) if isinstance(drafts := part.get("drafts"), list))
    if count:
        journal.note("drafts", f"drafts that nobody submitted: {count}; they were not imported")
