"""A result with every kind of error in it, and texts that are hard to show: for the tests of reports."""

import json
from dataclasses import replace
from typing import Any

from marked_text import marked
from result_schema import checked

from toolkit.document import Document, Relation
from toolkit.evaluation.predictions.prediction import Prediction, Predictions
from toolkit.evaluation.reports.examples import QuotedTexts
from toolkit.evaluation.scoring.result import DatasetName, evaluate
from toolkit.files import to_json
from toolkit.models.predictor import Span
from toolkit.schema import Schema
from toolkit.tokens import TOKENIZER

NAME = DatasetName("composed", "1.2.0", "0123456789abcdef" * 4, "test", TOKENIZER)
SCRIPT = "<script>alert('x')</script>"
RLO, PDF = "\u202e", "\u202c"
TEXTS = {
    "nested": "قال {TITLE وزير خارجية {GPE تونس}} {PER سامي الحداد} إن {ORG بنك الساحل} باق.\nانتهى الخبر.",
    "clitic": "عاد {PER كريم العطار} من ريفاد ول{GPE مارة} أمس.",
    "odd": f'كتب {{PER نورا الزين}} كلمة {SCRIPT} ثم "{RLO}abc{PDF}" وعادت إلى {{GPE بغداد}} مساء.',
    "long": "بدأ اليوم {GPE تونس} . " + "كلمة طويلة جدا " * 30 + "{PER هدى زنبق} " + "بعدها كلام كثير " * 30,
}


def documents() -> list[Document]:
    """Four documents; the person of the first heads its organisation."""
    found = [marked(name, source, collection="news") for name, source in TEXTS.items()]
    return [replace(found[0], relations=(Relation("r", "HEAD_OF", "m2", "m3"),)), *found[1:]]


def found(document: Document, *mentions: tuple[str, str]) -> Prediction:
    """A prediction of labels and words, each where the words first stand."""
    places = [(document.text.index(words), words, label) for label, words in mentions]
    return Prediction(document.id, tuple(Span(at, at + len(words), label) for at, words, label in places))


def predictions() -> dict[str, Prediction]:
    """One of each kind: label, boundary, clitic boundary, boundary and label, missed (two), spurious."""
    nested, clitic, odd, long = documents()
    given = (
        found(nested, ("TITLE", "وزير خارجية تونس"), ("ORG", "تونس"), ("PER", "الحداد"), ("GPE", "الساحل")),
        found(clitic, ("PER", "كريم العطار"), ("GPE", "لمارة")),
        found(odd, ("PER", SCRIPT), ("GPE", "بغداد")),
        found(long, ("GPE", "تونس")),
    )
    return {each.id: each for each in given}


def result_of(schema: Schema, model: str = "test", **more: Any) -> dict[str, Any]:
    """The result as result.json holds it."""
    given = more.pop("predictions", predictions())
    result = evaluate(documents(), Predictions(given, {"name": model}), schema, NAME, **more)
    return json.loads(to_json(checked(result)))


def texts_of(schema: Schema, withheld: frozenset[str] = frozenset()) -> QuotedTexts:
    return QuotedTexts(documents(), schema, withheld)
