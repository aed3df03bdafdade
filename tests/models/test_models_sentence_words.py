"""Sentences as words with offsets, and tags back to mentions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.models.predictor import Span
from toolkit.models.sentence_words import sentence_words, tagged
from toolkit.tokens import words

TEXT = "وصل كريم (العطار).\n\nعاد أمس مُسرعًا."


def test_each_sentence_has_its_words_with_their_offsets_in_the_text() -> None:
    found = [[TEXT[start:end] for start, end in sentence] for sentence in sentence_words(TEXT)]
    assert found == [["وصل", "كريم", "(", "العطار", ")", "."], ["عاد", "أمس", "مُسرعًا", "."]]


def test_a_sentence_of_more_words_comes_in_several_parts() -> None:
    assert [len(part) for part in sentence_words(TEXT, 4)] == [4, 2, 4]
    assert [len(part) for part in sentence_words(TEXT, 1)] == [1] * 10


@given(st.text(alphabet="ابج .\n،\u064e\u200b🙂12", max_size=60), st.none() | st.integers(1, 5))
def test_every_word_is_in_one_part(text: str, most: int | None) -> None:
    parts = sentence_words(text, most)
    assert [word for part in parts for word in part] == words(text)
    assert all(0 < len(part) <= (most or len(part)) for part in parts)


@pytest.mark.parametrize(
    ("tags", "spans"),
    [
        (["O", "B-PER", "I-PER"], [Span(4, 15, "PER")]),
        (["O", "I-PER", "I-PER"], [Span(4, 15, "PER")]),
        (["B-PER", "B-PER", "I-GPE"], [Span(0, 3, "PER"), Span(4, 8, "PER"), Span(9, 15, "GPE")]),
        (["O", "O", "O"], []),
    ],
)
def test_tags_make_mentions_by_the_repair_rule(tags: list[str], spans: list[Span]) -> None:
    assert tagged(words("وصل كريم العطار"), tags) == spans
