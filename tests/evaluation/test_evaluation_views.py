"""Documents on words and on characters."""

from collections import Counter

import pytest
from marked_text import marked

from toolkit.document import Document
from toolkit.evaluation.cleaning import clean
from toolkit.evaluation.views import Sentences, project, project_tags
from toolkit.flat import Loss
from toolkit.schema import Schema


def gold_of(document: Document) -> list[tuple[int, int, str]]:
    return [(e.start, e.end, e.label) for e in document.entities]


def test_rows_are_sentences_and_none_is_cut_in_a_gold_mention() -> None:
    document = marked("a", "قال {ORG صوت. العرب} كلمة. وصل {PER سامي}.\nانتهى.")
    split = Sentences.of(document)
    rows = [[document.text[a:b] for a, b in split.words[first:last]] for first, last in split.rows]
    assert rows == [["قال", "صوت", ".", "العرب", "كلمة", "."], ["وصل", "سامي", "."], ["انتهى", "."]]


def test_gold_and_prediction_are_projected_alike(schema: Schema) -> None:
    document = marked("a", "{TITLE وزير {NORP التونسية}} و{ORG بنك {GPE تونس}} في {GPE تونس}.")
    view = project(document, gold_of(document), gold_of(document), schema.flat_layer)
    (row,) = view.rows
    assert row.gold == row.predicted == ["O", "B-NORP", "B-ORG", "I-ORG", "O", "B-GPE", "O"]
    assert view.gold_losses == view.predicted_losses == Counter({Loss.DROPPED_LABEL: 1, Loss.NESTED: 1})


def test_a_predicted_span_across_a_sentence_end_stays_one_span(schema: Schema) -> None:
    document = marked("a", "قال {PER سامي}\n{GPE تونس} جميلة\nانتهى")
    start, end = document.entities[0].start, document.entities[1].end
    view = project(document, gold_of(document), [(start, end, "PER")], schema.flat_layer)
    assert view.joined == 1
    assert [row.gold for row in view.rows] == [["O", "B-PER", "B-GPE", "O"], ["O"]]
    assert [row.predicted for row in view.rows] == [["O", "B-PER", "I-PER", "O"], ["O"]]


def test_tags_are_scored_as_given_and_counted(schema: Schema) -> None:
    document = marked("a", "قال {PER سامي}\n{GPE تونس} جميلة")
    given = [["I-PER", "I-PER"], ["B-TITLE", "I-GPE"]]
    view = project_tags(document, gold_of(document), given, schema.flat_layer)
    assert [row.predicted for row in view.rows] == [["I-PER", "I-PER"], ["O", "I-GPE"]]
    assert view.unopened == 2
    assert view.predicted_losses == Counter({Loss.DROPPED_LABEL: 1})


@pytest.mark.parametrize(
    ("text", "span", "cleaned"),
    [
        (" سامي ", (0, 6), (1, 5)),
        ("\u200fسامي\u200f", (0, 6), (1, 5)),
        ("زيدٌ قال", (0, 3), (0, 4)),
        ("زيدٌ قال", (0, 5), (0, 4)),
        ("   ", (0, 2), (0, 2)),
        ("سامي", (0, 4), (0, 4)),
    ],
)
def test_spans_are_trimmed_and_keep_their_vowel_signs(
    text: str, span: tuple[int, int], cleaned: tuple[int, int]
) -> None:
    found = clean(text, [(*span, "PER")])
    assert found.spans == ((*cleaned, "PER"),)
    assert (found.trimmed + found.extended > 0) == (span != cleaned)


def test_duplicates_are_counted_once_and_two_labels_are_none() -> None:
    found = clean("سامي قال", [(0, 4, "PER"), (0, 5, "PER"), (0, 4, "ORG")])
    assert found.spans == ((0, 4, "ORG"), (0, 4, "PER"))
    assert (found.duplicates, found.trimmed) == (1, 1)
