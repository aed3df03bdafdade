"""One document: gold beside prediction, in every view, as counts that can be added up."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from toolkit.document import Document
from toolkit.evaluation.cleaning import Cleaned, clean
from toolkit.evaluation.counts import LabelCounts, count
from toolkit.evaluation.prediction import Prediction
from toolkit.evaluation.scores import collapse, count_rows
from toolkit.evaluation.views import Row, project, project_tags
from toolkit.flat import Loss
from toolkit.schema import Schema


@dataclass(frozen=True, slots=True)
class Judged:
    """What scoring needs of a document: collapsed rows for seqeval, counts by mode and for characters, all losses."""

    id: str
    collection: str
    rows: tuple[Row, ...]
    modes: Mapping[str, LabelCounts]
    char: LabelCounts
    gold_losses: Counter[Loss]
    predicted_losses: Counter[Loss]
    gold_cleaned: Mapping[str, int]
    predicted_cleaned: Mapping[str, int]
    joined: int
    unopened: int


def judge(document: Document, prediction: Prediction, schema: Schema) -> Judged:
    """A document's gold and prediction, cleaned and projected alike."""
    gold = clean(document.text, [(entity.start, entity.end, entity.label) for entity in document.entities])
    predicted = clean(document.text, [(span.start, span.end, span.label) for span in prediction.spans])
    if prediction.tags is None:
        view = project(document, gold.spans, predicted.spans, schema.flat_layer)
    else:
        view = project_tags(document, gold.spans, prediction.tags, schema.flat_layer)
    rows = collapse(view.rows)
    return Judged(
        id=document.id,
        collection=str(document.meta.get("collection", "")),
        rows=tuple(rows),
        modes=count_rows(rows),
        char=count(*([((start, end), label) for start, end, label in side.spans] for side in (gold, predicted))),
        gold_losses=view.gold_losses,
        predicted_losses=view.predicted_losses,
        gold_cleaned=_changes(gold),
        predicted_cleaned=_changes(predicted),
        joined=view.joined,
        unopened=view.unopened,
    )


def _changes(cleaned: Cleaned) -> dict[str, int]:
    return {"trimmed": cleaned.trimmed, "extended": cleaned.extended, "duplicates": cleaned.duplicates}
