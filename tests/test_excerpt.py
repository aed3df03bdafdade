"""What is shown around a place."""

import pytest

from toolkit.excerpt import around


def shown(text: str, words: str) -> str:
    start = text.index(words)
    left, right = around(text, start, start + len(words))
    return text[left:right]


def test_short_lines_are_shown_whole_and_alone() -> None:
    assert shown("فوق\nقبل سلمى بعد\r\nتحت", "سلمى") == "قبل سلمى بعد"


@pytest.mark.parametrize("lead", ["", "x" * 500 + " "])
def test_long_lines_are_cut_between_words(lead: str) -> None:
    found = shown(lead + "سبق " * 30 + "سلمى" + " لحق" * 30, "سلمى")
    before, after = found.split("سلمى")
    assert set(before.split()) == {"سبق"} and set(after.split()) == {"لحق"}
    assert 66 <= len(before) <= 75 and 66 <= len(after) <= 75


def test_a_word_without_end_is_cut_all_the_same() -> None:
    assert len(shown("ا" * 5000 + " سلمى " + "ب" * 5000, "سلمى")) < 700
