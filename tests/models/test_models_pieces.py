"""Pieces of real tokenizers to our words, and tags of pieces to spans."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_tokenizers import byte_level, metaspace, word_piece

from toolkit.models.pieces import Unit, align, piece_units, tagged_spans, word_units
from toolkit.models.predictor import Span
from toolkit.models.reading import Decoding, Reading
from toolkit.models.tag_schemes import OUTSIDE, Tag, read_scheme
from toolkit.tokens import sentences, words

BEGIN, INSIDE, END, SINGLE = (Tag(kind, "X") for kind in "BIES")
LETTERS = [
    "قال",
    "مُحَمَّدٌ",
    "محمد",
    "(",
    ")",
    "؛",
    "\n",
    " ",
    "\u200f",
    "\ufeff",
    "ـ",
    "\u064b",
    "😀",
    "2.5",
    "Mi8",
    "وأنقرة",
    "\ufffd",
]
TEXTS = st.lists(st.sampled_from([*LETTERS, " "]), max_size=25).map("".join)
TOKENIZERS = [word_piece(), metaspace(), metaspace(split=False), byte_level()]


def aligned(tokenizer, text):
    encoding = tokenizer.encode(re.sub(r"\s", " ", text), add_special_tokens=False)
    return align(text, words(text), encoding.offsets, encoding.word_ids), encoding


def first_pieces(tokenizer, text):
    """Each word with the token that its tag is read from."""
    pieces, encoding = aligned(tokenizer, text)
    return [
        (text[start:end], encoding.tokens[first] if first < last else None)
        for (start, end), (first, last) in zip(words(text), pieces.words, strict=True)
    ]


def test_the_first_piece_of_a_word_is_the_one_that_training_tagged():
    assert first_pieces(word_piece(), "قال (مُحَمَّدٌ)") == [("قال", "قال"), ("(", "("), ("مُحَمَّدٌ", "محمد"), (")", ")")]
    found = first_pieces(metaspace(), "قال محمد\nمصر (محمد) صيدا")
    assert found == [
        ("قال", "▁قال"),
        ("محمد", "▁محمد"),
        ("مصر", "▁مصر"),
        ("(", "▁("),
        ("محمد", "محمد"),
        (")", ")"),
        ("صيدا", "▁"),
    ]
    assert first_pieces(byte_level(), "قا صيدا") == [("قا", "Ġ"), ("صيدا", "Ġ")]
    assert first_pieces(metaspace(), "صيدا") == [("صيدا", "▁")]


def test_a_blank_of_its_own_belongs_to_no_word():
    assert first_pieces(metaspace(), "قال  محمد") == [("قال", "▁قال"), ("محمد", "▁محمد")]
    pieces, _ = aligned(metaspace(), "قال  محمد")
    assert pieces.extents == [(0, 3), (4, 4), (5, 9)] and pieces.words == [(0, 1), (2, 3)]


def test_what_the_tokenizer_takes_out_has_no_piece():
    assert first_pieces(word_piece(), "قال \u064b محمد") == [("قال", "قال"), ("\u064b", None), ("محمد", "محمد")]


@pytest.mark.parametrize("tokenizer", TOKENIZERS, ids=["word-piece", "metaspace", "metaspace-whole", "byte-level"])
@given(TEXTS)
def test_pieces_belong_to_the_words_that_they_share_a_character_with(tokenizer, text):
    pieces, _ = aligned(tokenizer, text)
    spans = words(text)
    for (start, end), (first, last) in zip(spans, pieces.words, strict=True):
        sharing = [place for place, (a, b) in enumerate(pieces.extents) if max(a, start) < min(b, end)]
        own = [place for place in range(first, last) if pieces.extents[place][0] < pieces.extents[place][1]]
        assert own == sharing
        assert first == last or (last == sharing[-1] + 1 and sharing[0] - first <= 1)
    assert all(
        one[0] <= other[0] and one[1] <= other[1] for one, other in zip(pieces.words, pieces.words[1:], strict=False)
    )


def reading(tokenizer, text, aggregation="first", room=7):
    encoding = tokenizer.encode(re.sub(r"\s", " ", text), add_special_tokens=False)
    decoding = Decoding(read_scheme(["O", "B-X", "I-X"]), aggregation, room, 0, True)
    return Reading.of(text, encoding.offsets, encoding.word_ids, decoding), decoding


@pytest.mark.parametrize("tokenizer", TOKENIZERS, ids=["word-piece", "metaspace", "metaspace-whole", "byte-level"])
@pytest.mark.parametrize("aggregation", ["first", "pieces"])
@given(text=TEXTS, draws=st.randoms(use_true_random=False), room=st.integers(1, 9))
def test_every_word_is_answered_or_told_and_no_mention_crosses_a_sentence_end(
    tokenizer, aggregation, text, draws, room
):
    read, decoding = reading(tokenizer, text, aggregation, room)
    for window in read.windows:
        count = len(read.pieces_of(window.first, window.last))
        assert count <= room
        read.tag(window, [draws.randrange(3) for _ in range(count)], [0.5] * count)
    answer = read.answer(decoding)
    seen = [(0, len(text))] if answer.seen is None else answer.seen
    for place, (start, end) in enumerate(read.words):
        is_told = any(a <= start and end <= b for a, b in seen)
        first, last = read.pieces.words[place]
        is_read = first < last and first in read.classes
        assert is_told == (is_read or not any(char.isalnum() for char in text[start:end]))
    extents = sentences(text)
    for span in answer.spans:
        assert text[span.start : span.end] == text[span.start : span.end].strip() != ""
        assert sum(start < span.end and span.start < end for start, end in extents) == 1
        if aggregation == "first":
            assert span.start in {start for start, _ in read.words} and span.end in {end for _, end in read.words}


def test_words_take_the_tag_of_their_first_piece_and_a_shared_piece_is_one_unit():
    offsets = [(0, 2), (2, 5), (6, 12), (13, 15)]
    text, spans = "كذاكن في عن لا", [(0, 5), (6, 8), (9, 12), (13, 15)]
    pieces = align(text.ljust(15), spans, offsets, [0, 0, 1, 2])
    units = list(word_units(pieces, spans, (0, 4)))
    assert units == [Unit(0, 0, 5), Unit(2, 6, 12), Unit(3, 13, 15)]
    assert list(word_units(pieces, spans, (2, 4))) == [Unit(2, 9, 12), Unit(3, 13, 15)]


def test_a_mention_may_begin_behind_a_proclitic_where_pieces_are_read_by_themselves():
    text = "زار وحلبٌ"
    pieces, spans = align(text, words(text), [(0, 3), (4, 5), (5, 8)], [0, 1, 1]), words(text)
    units = list(piece_units(text, pieces, (0, len(spans))))
    assert units == [Unit(0, 0, 3), Unit(1, 4, 5), Unit(2, 5, 9, inner=True)]
    (span,) = tagged_spans(units, [OUTSIDE, OUTSIDE, BEGIN], [0.5, 0.5, 0.9]).spans
    assert text[span.start : span.end] == "حلبٌ"


@pytest.mark.parametrize(
    ("tags", "inner", "expected"),
    [
        ([BEGIN, INSIDE, OUTSIDE], [0, 0, 0], [(0, 2)]),
        ([BEGIN, BEGIN, INSIDE], [0, 0, 0], [(0, 1), (1, 3)]),
        ([BEGIN, BEGIN, INSIDE], [0, 1, 0], [(0, 3)]),
        ([SINGLE, SINGLE, SINGLE], [0, 1, 0], [(0, 2), (2, 3)]),
        ([BEGIN, END, END], [0, 0, 1], [(0, 3)]),
        ([INSIDE, END, INSIDE], [0, 0, 0], [(0, 2), (2, 3)]),
        ([BEGIN, Tag("B", "Y"), INSIDE], [0, 1, 1], [(0, 1), (1, 2), (2, 3)]),
    ],
)  # fmt: skip
def test_inside_a_word_a_second_begin_goes_on_the_mention(tags, inner, expected):
    units = [Unit(place, place, place + 1, bool(flag)) for place, flag in enumerate(inner)]
    assert [(span.start, span.end) for span in tagged_spans(units, tags, [1.0] * 3).spans] == expected


def test_the_score_is_the_mean_and_missing_begins_are_counted():
    units = [Unit(place, 2 * place, 2 * place + 1) for place in range(3)]
    found = tagged_spans(units, [INSIDE, INSIDE, Tag("B", "Y")], [0.5, 1.0, 0.25])
    assert found.spans == [Span(0, 3, "X", 0.75), Span(4, 5, "Y", 0.25)] and found.unopened == 1
