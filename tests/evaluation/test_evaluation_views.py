"""Documents on words and on characters."""

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marked_text import marked

from toolkit.document import Document, Entity
from toolkit.evaluation.predictions.sentences import Sentences
from toolkit.evaluation.scoring.cleaning import clean
from toolkit.evaluation.scoring.scores import collapse
from toolkit.evaluation.scoring.views import Row, project, project_tags, spans_of_tags, touched_words
from toolkit.flat import Loss, flatten
from toolkit.offsets import EDGE
from toolkit.schema import FlatLayer, Schema
from toolkit.tokens import words


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
    # The word في is left out: no span touches it.
    assert row.gold == row.predicted == ["O", "B-NORP", "B-ORG", "I-ORG", "B-GPE", "O"]
    assert view.gold_losses == view.predicted_losses == Counter({Loss.DROPPED_LABEL: 1, Loss.NESTED: 1})


def test_a_predicted_span_across_a_sentence_end_stays_one_span(schema: Schema) -> None:
    document = marked("a", "قال {PER سامي}\n{GPE تونس} جميلة\nانتهى")
    start, end = document.entities[0].start, document.entities[1].end
    view = project(document, gold_of(document), [(start, end, "PER")], schema.flat_layer)
    assert view.joined == 1
    (row,) = view.rows
    assert row.gold[:2] == ["B-PER", "B-GPE"] and row.predicted[:2] == ["B-PER", "I-PER"]


TEXTS = st.lists(st.sampled_from(["قال", "وسام", "زيدٌ", ".", "..", "؟", " ", "  ", "\n", "\u200f", "B2B", "3.5", "😀"]))


@given(TEXTS, st.data())
def test_touched_words_are_those_of_the_whole_text(parts: list[str], data: st.DataObject) -> None:
    text = "".join(parts)
    places = st.tuples(st.integers(0, len(text) - 1), st.integers(1, 6))
    drawn = data.draw(st.lists(places, max_size=4)) if text else []
    spans = [(start, min(start + size, len(text)), "PER") for start, size in drawn]
    whole = words(text)
    touched = touched_words(text, spans)
    assert touched == sorted(set(touched)) and set(touched) <= set(whole)
    assert {word for word in whole for start, end, _ in spans if word[0] < end and start < word[1]} <= set(touched)


@given(TEXTS, st.data())
def test_the_word_view_is_the_flat_layer_of_every_word(parts: list[str], data: st.DataObject) -> None:
    """Against flatten and sentences on the whole text, which the config ner is made with."""
    text = "".join(parts)
    policy = FlatLayer(drop=("TITLE",), keep=data.draw(st.sampled_from(["outermost", "innermost"])))
    labels = st.sampled_from(["PER", "GPE", "TITLE"])
    places = st.lists(st.tuples(st.integers(0, max(0, len(text) - 1)), st.integers(1, 9), labels), max_size=5)
    sides = [
        sorted({(start, min(start + size, len(text)), label) for start, size, label in data.draw(places) if text})
        for _ in range(2)
    ]
    document = Document("a", text, tuple(Entity(s, e, label, f"e{n}") for n, (s, e, label) in enumerate(sides[0])))
    view = project(document, *sides, policy)
    whole = words(text)
    layers = [flatten(side, whole, policy) for side in sides]
    rows = [Row(*(layer.tags(len(whole)) for layer in layers))]
    assert collapse(view.rows) == collapse(rows)
    for losses, layer in zip((view.gold_losses, view.predicted_losses), layers, strict=True):
        assert losses == Counter(reason for _, reason in layer.losses)
    borders = [first for first, _ in Sentences.of(document).rows[1:]]
    assert view.joined == sum(any(span.first < b < span.last for span in layers[1].spans) for b in borders)


def test_tags_are_scored_as_given_and_counted(schema: Schema) -> None:
    document = marked("a", "قال {PER سامي}\n{GPE تونس} جميلة")
    split = Sentences.of(document)
    tags = [["I-PER", "I-PER"], ["B-TITLE", "I-GPE"]]
    view = project_tags(split, gold_of(document), tags, schema.flat_layer)
    assert [row.predicted for row in view.rows] == [["I-PER", "I-PER"], ["O", "I-GPE"]]
    assert view.unopened == 2
    assert view.predicted_losses == Counter({Loss.DROPPED_LABEL: 1})
    assert spans_of_tags(split, tags, "conlleval", "a") == [(0, 8, "PER"), (9, 13, "TITLE"), (14, 19, "GPE")]
    assert spans_of_tags(split, tags, "discard", "a") == [(9, 13, "TITLE")]


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


@pytest.mark.parametrize("edge", [chr(code) for code in range(0x10000) if re.match(f"[{EDGE}]", chr(code))])
def test_every_blank_at_an_edge_is_trimmed(edge: str) -> None:
    assert clean(f"{edge}سامي{edge}", [(0, 6, "PER")]).spans == ((1, 5, "PER"),)


def test_cleaned_spans_are_told_in_the_order_given_too() -> None:
    found = clean("سامي قال ", [(5, 9, "ORG"), (0, 4, "PER"), (5, 8, "ORG")])
    assert found.each == ((5, 8, "ORG"), (0, 4, "PER"), (5, 8, "ORG"))
    assert found.spans == ((0, 4, "PER"), (5, 8, "ORG"))
