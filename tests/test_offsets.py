"""Units of offsets, against Python's own codecs and str.replace."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.errors import DataError
from toolkit.offsets import (
    bytes_to_codepoint,
    codepoint_to_bytes,
    codepoint_to_utf16,
    crlf_to_stored,
    extend_over_marks,
    lf_to_stored,
    trim,
    utf16_to_codepoint,
)

# Letters of one to four UTF-8 bytes, emoji, a bidi mark, and line ends of every kind.
TEXTS = st.text() | st.text(st.sampled_from("aéب😀🇦\u200f\r\n \u064b"), max_size=30)
BLANKS = "".join(chr(point) for point in range(sys.maxunicode + 1) if chr(point).isspace())
INVISIBLE = (
    "\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff"
)


@pytest.mark.parametrize(
    ("codec", "width", "to_codepoint", "from_codepoint"),
    [
        ("utf-16-le", 2, utf16_to_codepoint, codepoint_to_utf16),
        ("utf-8", 1, bytes_to_codepoint, codepoint_to_bytes),
    ],
)
@given(text=TEXTS)
def test_units_agree_with_the_codec(text, codec, width, to_codepoint, from_codepoint):
    data = text.encode(codec)
    for unit in range(len(data) // width + 1):
        try:
            before = data[: unit * width].decode(codec)
        except UnicodeDecodeError:
            with pytest.raises(DataError, match="inside a character"):
                to_codepoint(text, unit)
        else:
            assert to_codepoint(text, unit) == len(before)
            assert from_codepoint(text, len(before)) == unit


@pytest.mark.parametrize("convert", [utf16_to_codepoint, bytes_to_codepoint, lf_to_stored, crlf_to_stored])
@pytest.mark.parametrize("offset", [-1, 4])
def test_past_the_text_is_an_error_that_tells_its_length(convert, offset):
    with pytest.raises(DataError, match=f"{offset} lies past the text, which has 3"):
        convert("abc", offset)


def test_an_emoji_before_a_name_shifts_utf16_only():
    text = "😀 زارت سلمى الميناء"
    start = text.index("سلمى")
    assert codepoint_to_utf16(text, start) == start + 1
    assert utf16_to_codepoint(text, start + 1) == start
    with pytest.raises(DataError, match="UTF-16 unit 1 falls inside a character"):
        utf16_to_codepoint(text, 1)


def test_half_a_surrogate_pair_still_has_a_length():
    assert codepoint_to_utf16("\ud83dب", 2) == 2
    assert bytes_to_codepoint("\ud83dب", 3) == 1


@given(text=TEXTS)
def test_offsets_of_a_browser_that_read_crlf_as_lf(text):
    for place in range(len(text) + 1):
        if text[place - 1 : place + 1] != "\r\n" or place == 0:
            assert lf_to_stored(text, len(text[:place].replace("\r\n", "\n"))) == place


@given(text=TEXTS)
def test_offsets_counted_while_every_lf_was_still_crlf(text):
    text = text.replace("\r", "")
    for place in range(len(text) + 1):
        before = len(text[:place].replace("\n", "\r\n"))
        assert crlf_to_stored(text, before) == place
        if text[place : place + 1] == "\n":
            with pytest.raises(DataError, match="inside a character"):
                crlf_to_stored(text, before + 1)


def test_a_crlf_that_is_stored_does_not_grow():
    text = "أول\r\nثان\nثالث"
    assert crlf_to_stored(text, text.index("ثالث") + 1) == text.index("ثالث")
    assert lf_to_stored(text, text.index("ثالث") - 1) == text.index("ثالث")


@given(data=st.data())
def test_trim_is_strip_with_offsets(data):
    text = data.draw(st.text(st.sampled_from("ابس 1.،\u200c\n\t\u00a0\x1c\x85\u2028" + INVISIBLE), max_size=20))
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    left, right = trim(text, start, end)
    assert start <= left <= right <= end
    assert text[left:right] == text[start:end].strip(BLANKS + INVISIBLE)


@pytest.mark.parametrize("char", [*BLANKS, *INVISIBLE], ids=lambda char: f"U+{ord(char):04X}")
def test_trim_takes_every_blank_and_invisible_mark(char):
    assert trim(f"{char}مازن{char}{char}", 0, 7) == (1, 5)
    assert trim(char, 0, 1) in ((0, 0), (1, 1))


@given(text=st.text(st.sampled_from("كتب\u064b\u0651\u0670\u0301 a"), max_size=20), end=st.integers(0, 20))
def test_an_end_moves_over_marks_only_and_over_all_of_them(text, end):
    end = min(end, len(text))
    moved = extend_over_marks(text, end)
    assert all(unicodedata.category(char) == "Mn" for char in text[end:moved])
    assert moved == len(text) or unicodedata.category(text[moved]) != "Mn"


def test_a_letter_keeps_its_vowel_signs():
    text = "محمّدٌ هنا"
    assert text[: extend_over_marks(text, 3)] == "محمّ"
    assert text[: extend_over_marks(text, 5)] == "محمّدٌ"
    assert extend_over_marks("بّ", 1) == 2
