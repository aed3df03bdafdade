"""Results of composed documents by models whose faults are chosen, for tests of what is made from results."""

import json
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from marked_text import marked
from result_schema import checked

from toolkit.document import Document
from toolkit.evaluation.predictions.prediction import Prediction, Predictions
from toolkit.evaluation.scoring.result import DatasetName, evaluate
from toolkit.files import to_json
from toolkit.models.predictor import Span
from toolkit.schema import Schema
from toolkit.tokens import TOKENIZER

NAME = DatasetName("composed", "1.2.0", "0123456789abcdef" * 4, "test", TOKENIZER)
_TEXTS = (
    "وصل {PER سامي الحداد} إلى {GPE تونس} أمس.",
    "زارت {PER نورا الزين} {ORG مصرف الساحل} في {GPE بغداد}.",
    "قال {PER كريم العطار} إن {ORG نادي النخيل} عاد من {GPE حلب}.",
)
# A place without a mention in every one of them: the first word.
MADE_UP = (0, 3, "LOC")


def composed(number: int) -> list[Document]:
    """So many documents, each with two or three mentions."""
    return [marked(f"d{place:02}", _TEXTS[place % len(_TEXTS)], collection="news") for place in range(number)]


DOCUMENTS = composed(16)
# The mentions of all of them: (document, place among its mentions).
MENTIONS = [(document.id, place) for document in DOCUMENTS for place in range(len(document.entities))]


def result(
    schema: Schema,
    missed: Collection[tuple[str, int]] = (),
    made_up: Collection[str] = (),
    *,
    name: str = "model",
    documents: Sequence[Document] = DOCUMENTS,
    without: Collection[str] = (),
    dataset: DatasetName = NAME,
    **more: Any,
) -> dict[str, Any]:
    """The result of a model that misses some mentions, makes one up in some documents and leaves some documents out."""
    found = {}
    for document in documents:
        spans = [
            Span(e.start, e.end, e.label) for n, e in enumerate(document.entities) if (document.id, n) not in missed
        ]
        spans += [Span(*MADE_UP)] if document.id in made_up else []
        if document.id not in without:
            found[document.id] = Prediction(document.id, tuple(spans))
    headline = more.pop("headline", "word")
    return checked(evaluate(documents, Predictions(found, {"name": name}), schema, dataset, headline, **more))


def stored(path: Path, content: Any) -> Path:
    """A result written as `score` writes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else to_json(content), "utf-8")
    return path


def copied(content: dict[str, Any]) -> dict[str, Any]:
    """A copy to change."""
    copy: dict[str, Any] = json.loads(to_json(content))
    return copy
