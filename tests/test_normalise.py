"""Comparison keys: spellings that are joined, and those that are not."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.normalise import comparison_key, comparison_words

ALIKE = {
    "vowel signs": ("عبَر", "عبر"),
    "shadda and tanwin": ("مدرّسًا", "مدرسا"),
    "superscript alef": ("هٰذا", "هذا"),
    "tatweel": ("كتـــاب", "كتاب"),
    "hamza above alef": ("أنقرة", "انقرة"),
    "hamza below alef": ("إزمير", "ازمير"),
    "madda": ("آسيا", "اسيا"),
    "alef wasla": ("ٱلشمس", "الشمس"),
    "final ya": ("الروسى", "الروسي"),
    "ta marbuta": ("القاهرة", "القاهره"),
    "Persian letters": ("کیف", "كيف"),
    "composed and decomposed": ("أ\u0653", "ا\u0654"),
    "Qur'anic marks": ("قال\u06da", "قال"),
    "case": ("GPS", "gps"),
    "known to fold, so keys only": ("على", "علي"),
}
APART = {
    "a particle": ("وريفاد", "ريفاد"),
    "hamza on waw": ("مؤتمر", "موتمر"),
    "transcriptions": ("جونغ", "جونج"),
    "digits": ("٢٠٢١", "2021"),
    "words glued": ("بيونغ يانغ", "بيونغيانغ"),
}


@pytest.mark.parametrize("name", ALIKE)
def test_spellings_of_one_word_have_one_key(name):
    one, other = ALIKE[name]
    assert one != other
    assert comparison_key(one) == comparison_key(other)


@pytest.mark.parametrize("name", APART)
def test_other_words_have_other_keys(name):
    one, other = APART[name]
    assert comparison_key(one) != comparison_key(other)


def test_words_are_told_without_marks_and_punctuation():
    text = "قال: «الرئيسُ الكورىّ» (أمس)، Mi-8؛ ٢٠٢١/٣!\u200f😀"
    assert comparison_words(text) == ["قال", "الرئيس", "الكوري", "امس", "mi", "8", "٢٠٢١", "٣"]
    assert comparison_words(" \n…") == []


LETTERS = st.text(st.sampled_from("ابتثجحخدذرزسشصضطظعغفقكلمنهويءآأؤإئةى ،abA1٢"), max_size=20)
MARKS = "".join(map(chr, [*range(0x064B, 0x0660), 0x0670, 0x0640]))


@given(text=LETTERS, data=st.data())
def test_marks_anywhere_change_no_key(text, data):
    marked = "".join(char + data.draw(st.text(st.sampled_from(MARKS), max_size=2)) for char in text)
    assert comparison_key(marked) == comparison_key(text)
    assert comparison_words(marked) == comparison_words(text)


@given(text=LETTERS)
def test_composed_and_decomposed_letters_have_one_key_but_for_hamza_seats(text):
    text = text.replace("ؤ", "").replace("ئ", "")
    assert comparison_key(unicodedata.normalize("NFD", text)) == comparison_key(text)


@given(text=st.text())
def test_a_key_is_its_own_key(text):
    key = comparison_key(text)
    assert comparison_key(key) == key
    assert comparison_words(key) == comparison_words(text)


def test_a_key_is_shorter_than_its_text_so_it_never_carries_offsets():
    assert len(comparison_key("كتـاب")) < len("كتـاب")
