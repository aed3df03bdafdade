"""Tasks of one article made one: coders split over tasks and files, and an annotation file that is there already."""

from collections.abc import Sequence
from dataclasses import replace

from toolkit.annotation import Annotation, Prediction, Task
from toolkit.files import canonical_json
from toolkit.labelstudio.reading.annotations import Dated
from toolkit.labelstudio.reading.journal import Journal
from toolkit.labelstudio.reading.tasks import ReadTask
from toolkit.native import results


def united(parts: Sequence[ReadTask], journal: Journal) -> Task | None:
    """The task that several tasks of one article make; None, with errors at each place, where they contradict.

    Annotations are the same where their id is; of two versions the one changed last stays.
    """
    first = parts[0]
    if any(part.article.text != first.article.text for part in parts):
        for part in parts:
            others = ", ".join(other.place for other in parts if other.article.text != part.article.text)
            what = f"the article id {part.article.id!r} belongs to another text in {others}"
            journal.at(part.place).error("article-clash", what)
        return None
    annotations = [dated for part in parts for dated in part.annotations]
    kept = _newest(annotations, journal.at(first.place))
    if kept is None:
        return None
    if len(parts) > 1:
        what = f"the same article is in {', '.join(part.place for part in parts[1:])}; merged"
        journal.at(first.place).note("merged", what)
    data = {key: value for part in reversed(parts) for key, value in part.article.data.items()}
    predictions = _distinct([prediction for part in parts for prediction in part.predictions])
    text = first.article.text
    return Task(first.article.id, text, first.article.sha256, len(text), data, kept, predictions)


def _newest(annotations: Sequence[Dated], journal: Journal) -> tuple[Annotation, ...] | None:
    """Each annotation once, in its last version; None where nothing tells which of two versions is the last."""
    versions: dict[str, list[Dated]] = {}
    for dated in annotations:
        known = versions.setdefault(dated.annotation.id, [])
        if not any(_content(dated.annotation) == _content(other.annotation) for other in known):
            known.append(dated)
    undecided = False
    kept = []
    for id_, found in versions.items():
        last = max(dated.updated for dated in found)
        newest = [dated for dated in found if dated.updated == last]
        if len(newest) > 1:
            undecided = True
            what = f"the export has {len(newest)} versions of this annotation, and updated_at does not tell the last"
            journal.within(id_).error("annotation-clash", what)
        elif len(found) > 1:
            what = f"the export has {len(found)} versions of this annotation; the one changed last was taken"
            journal.within(id_).note("annotation-version", what)
        kept.append(newest[0].annotation)
    return None if undecided else tuple(kept)


def _content(annotation: Annotation) -> bytes:
    facts = [annotation.annotator, annotation.cancelled, annotation.ground_truth]
    return canonical_json([*facts, results(annotation.regions, annotation.attributes, annotation.links)])


def _distinct(predictions: Sequence[Prediction]) -> tuple[Prediction, ...]:
    by_content = {canonical_json([p.model, p.score, results(p.regions, p.attributes, p.links)]): p for p in predictions}
    return tuple(by_content.values())


def with_origins(existing: Task, new: Task) -> Task:
    """The import, its annotations with what only our files know of them: which others a review was made from."""
    known = {annotation.id: annotation.adjudicates for annotation in existing.annotations}
    kept = (replace(part, adjudicates=part.adjudicates or known.get(part.id, ())) for part in new.annotations)
    return replace(new, annotations=tuple(kept))


def merged(existing: Task, new: Task) -> Task:
    """An article's stored task with an import merged into it: no annotation is lost, one of the same id is replaced.

    Both are of the same text; `existing` may be without it.
    """
    new = with_origins(existing, new)
    replaced = {annotation.id for annotation in new.annotations}
    kept = tuple(annotation for annotation in existing.annotations if annotation.id not in replaced)
    return replace(
        new,
        data={**existing.data, **new.data},
        annotations=(*kept, *new.annotations),
        predictions=_distinct([*existing.predictions, *new.predictions]),
    )
