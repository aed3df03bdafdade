"""Mentions that were copied out of a text, found where they stand."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.models.locate import locate

PROCLITICS = ("و", "ف", "ب", "ل", "ك")


def placed(text, *mentions):
    """The words that each mention was found as, with the offset; None where it was not found."""
    found = locate(text, [(mention, "PER") for mention in mentions], PROCLITICS)
    return [span and (span.start, text[span.start : span.end]) for span in found]


def test_repeated_mentions_are_found_in_turn():
    text = "سافر كريم ثم عاد كريم مع كريم."
    assert placed(text, "كريم", "كريم", "كريم", "كريم") == [(5, "كريم"), (17, "كريم"), (25, "كريم"), None]


def test_vowel_signs_and_tatweel_make_no_difference_either_way():
    text = "قال مُحَمَّدٌ لـكـريم"
    assert placed(text, "محمد", "كريم") == [(4, "مُحَمَّدٌ"), (16, "كـريم")]
    assert placed("قال محمد", "مُحَمَّدٌ") == [(4, "محمد")]


def test_a_mention_that_stands_as_it_was_copied_goes_before_one_that_is_spelled_otherwise():
    assert placed("عُمر وعمر", "عمر") == [(6, "عمر")]


def test_a_span_ends_behind_the_vowel_signs_of_its_last_letter():
    assert placed("إلى تونسَ.", "تونس") == [(4, "تونسَ")]


def test_a_name_is_not_found_inside_another_word_while_it_stands_by_itself():
    assert placed("عليها رد علي", "علي") == [(9, "علي")]
    assert placed("وبكريم رد", "كريم") == [(2, "كريم")]
    assert placed("المصرية", "مصر") == [(2, "مصر")]


def test_a_mention_inside_the_one_before_is_found_there_where_it_stands_nowhere_behind():
    text = "وزارة الزراعة التونسية أعلنت"
    assert placed(text, text[:22], "التونسية") == [(0, text[:22]), (14, "التونسية")]


def test_mentions_out_of_order_are_found_all_the_same():
    assert placed("كريم وسلمى", "سلمى", "كريم") == [(6, "سلمى"), (0, "كريم")]


def test_one_mention_in_two_roles_stands_twice_at_one_place():
    found = locate("من تونس", [("تونس", "GPE"), ("تونس", "LOC"), ("تونس", "LOC")])
    assert [span and (span.start, span.label) for span in found] == [(3, "GPE"), (3, "LOC"), None]


def test_blanks_and_invisible_marks_make_no_difference():
    text = "زار سلمى\u00a0 \nالحداد\u200f هنا"
    assert placed(text, " سلمى الحداد\u200e ") == [(4, "سلمى\u00a0 \nالحداد")]


@pytest.mark.parametrize("mention", ["", " ", "\u200f", "\u064e", "غائب", "كريم الغائب"])
def test_what_is_not_there_is_not_found(mention):
    assert placed("سافر كريم", mention) == [None]


WORDS = st.sampled_from(["كريم", "سَلمى", "مُحَمَّد", "عليـاء", "بيت", "Rima", "٣٠"])


@given(st.lists(st.tuples(WORDS, st.booleans()), max_size=25), st.sampled_from([" ", "\n", " ،"]))
def test_every_mention_of_a_text_is_found_at_its_own_place(parts, blank):
    """A model that copies each mention, in order and with every repetition, gets exactly its offsets."""
    names = {"كريم", "سَلمى", "مُحَمَّد", "Rima"}
    text, expected = "", []
    for word, is_first in parts:
        text += blank + ("ل" if is_first and word == "كريم" else "")
        if word in names:
            expected.append((len(text), len(text) + len(word)))
        text += word
    mentions = [(text[start:end], "PER") for start, end in expected]
    assert [(span.start, span.end) for span in locate(text, mentions, PROCLITICS) if span] == expected
    # Vowel signs that are lost in copying move nothing, as the words of this text differ by more than that.
    bare = [("".join(char for char in words if not unicodedata.combining(char)), label) for words, label in mentions]
    assert [(span.start, span.end) for span in locate(text, bare, PROCLITICS) if span] == expected


ALPHABET = "ابم ـَُّ\n\u200fx"


@given(st.text(ALPHABET, max_size=30), st.lists(st.text(ALPHABET, max_size=6), max_size=8))
def test_what_is_found_is_what_was_copied_and_nothing_twice(text, mentions):
    def bare(words):
        kept = (char for char in words if char != "ـ" and unicodedata.category(char) not in ("Mn", "Cf"))
        return " ".join("".join(kept).split())

    found = locate(text, [(mention, "X") for mention in mentions])
    assert len(found) == len(mentions)
    spans = [span for span in found if span]
    assert len({(span.start, span.end) for span in spans}) == len(spans)
    for mention, span in zip(mentions, found, strict=True):
        if span:
            assert 0 <= span.start < span.end <= len(text)
            assert bare(text[span.start : span.end]) == bare(mention)
        elif bare(mention):
            # It stands nowhere, or as often as it stands it was found before.
            before = [s for m, s in zip(mentions, found, strict=True) if s and bare(m) == bare(mention)]
            assert bare(text).count(bare(mention)) <= len(before)
