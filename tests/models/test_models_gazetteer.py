"""`baseline:gazetteer` on composed sentences."""

from pathlib import Path

import pytest
from marked_text import marked

from toolkit.document import Document
from toolkit.errors import DataError
from toolkit.models.gazetteer import load
from toolkit.models.options import Options
from toolkit.models.predictor import Request, Training
from toolkit.project import CrfSettings
from toolkit.schema import Schema


def request_for(schema: Schema, *documents: Document) -> Request:
    return Request(
        "gazetteer", Training(lambda: documents, schema, CrfSettings(), Path("unused"), "digest"), {}, Options()
    )


def predicted(schema: Schema, text: str, *documents: Document) -> list[tuple[str, str]]:
    spans = load(request_for(schema, *documents)).predict([text])[0]
    return [(span.label, text[span.start : span.end]) for span in spans]


def test_the_longest_mention_wins_within_a_label_and_others_nest(schema: Schema) -> None:
    document = marked("a", "{ORG وزارة الزراعة {NORP التونسية}} في {GPE تونس} و{ORG وزارة الزراعة}")
    text = "أعلنت وزارة الزراعة التونسية في تونس"
    assert predicted(schema, text, document) == [
        ("ORG", "وزارة الزراعة التونسية"),
        ("NORP", "التونسية"),
        ("GPE", "تونس"),
    ]


def test_of_overlapping_mentions_the_leftmost_stays(schema: Schema) -> None:
    document = marked("a", "{PER سامي الحداد} و{PER الحداد نبيل}")
    assert predicted(schema, "سامي الحداد نبيل", document) == [("PER", "سامي الحداد")]


def test_a_whole_word_goes_before_a_word_without_its_first_letter(schema: Schema) -> None:
    document = marked("a", "{PER وسيم} و{PER سيم}")
    assert predicted(schema, "قال وسيم", document) == [("PER", "وسيم")]


def test_the_order_of_documents_changes_nothing(schema: Schema) -> None:
    documents = [marked("a", "{GPE حلب} و{ORG حلب}"), marked("b", "{PER سامي الحداد}"), marked("c", "{GPE حلب}")]
    text = "زار سامي الحداد حلب"
    assert predicted(schema, text, *documents) == predicted(schema, text, *reversed(documents))


def test_its_own_training_text_is_found_whole(schema: Schema) -> None:
    document = marked("a", "وصل {PER سامي الحداد} و{PER نورا الزين} إلى {GPE تونس}، ثم ل{GPE بغداد}.")
    spans = load(request_for(schema, document)).predict([document.text])[0]
    assert [(s.start, s.end, s.label) for s in spans] == [(e.start, e.end, e.label) for e in document.entities]


def test_a_train_split_without_documents_or_mentions_is_refused(schema: Schema) -> None:
    with pytest.raises(DataError, match="has no documents"):
        load(request_for(schema))
    with pytest.raises(DataError, match="has 1 documents but no mentions"):
        load(request_for(schema, marked("a", "لا شيء هنا.")))


def test_it_tells_what_it_was_trained_on(schema: Schema) -> None:
    description = load(request_for(schema, marked("a", "{GPE حلب}"))).describe()
    assert description == {"name": "baseline:gazetteer", "trained_on": "digest", "mentions": "1"}
