"""Strata: by length, nesting and novelty, each span in one of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.evaluation.scoring.counts import Counts
from toolkit.evaluation.scoring.matching import match
from toolkit.evaluation.scoring.strata import (
    LENGTHS,
    NESTING,
    NOVELTY,
    by_length,
    by_nesting,
    by_novelty,
    known_mentions,
    nested_spans,
    surface_key,
)

TEXT = "قالت سلمى إن اتحاد كتاب ريفاد وجمعية أصدقاء نهر لمارة الكبير في ولمارة"
SPANS = st.builds(
    lambda start, size, label: (start, start + size, label),
    *(st.integers(0, 20), st.integers(1, 8), st.sampled_from(["PER", "ORG", "GPE"])),
)
SIDES = st.lists(SPANS, max_size=9, unique=True)


def span(surface, label="ORG"):
    start = TEXT.index(surface)
    return start, start + len(surface), label


@pytest.mark.parametrize(
    ("surface", "stratum"),
    [
        ("سلمى", "1"),
        ("مارة", "1"),
        ("كتاب ريفاد", "2"),
        ("اتحاد كتاب ريفاد", "3"),
        ("أصدقاء نهر لمارة الكبير", "4-5"),
        ("جمعية أصدقاء نهر لمارة الكبير", "4-5"),
        ("كتاب ريفاد وجمعية أصدقاء نهر لمارة", "6+"),
    ],
)
def test_a_mention_is_as_long_as_its_words(surface, stratum):
    one = [span(surface)]
    nothing = dict.fromkeys(LENGTHS, Counts())
    assert by_length(TEXT, match(one, one)) == {**nothing, stratum: Counts(1, 1, 1)}
    assert by_length(TEXT, match(one, [])) == {**nothing, stratum: Counts(0, 0, 1)}
    assert by_length(TEXT, match([], one)) == {**nothing, stratum: Counts(0, 1, 0)}


def test_punctuation_within_a_mention_is_a_word_and_an_invisible_one_has_one():
    found = by_length("د.ب.أ \u200d", match([(0, 5, "ORG"), (6, 7, "ORG")], []))
    assert (found["4-5"].gold, found["1"].gold) == (1, 1)


def test_a_right_mention_nests_as_in_gold_and_a_spurious_one_as_among_the_predictions():
    title, country, name = (0, 20, "TITLE"), (10, 20, "NORP"), (30, 40, "PER")
    assert by_nesting(match([title, country, name], [title, name])) == {
        "flat": Counts(1, 1, 1),
        "nested": Counts(1, 1, 2),
    }
    assert by_nesting(match([name], [name, (32, 40, "ORG")])) == {"flat": Counts(1, 1, 1), "nested": Counts(0, 1, 0)}
    assert by_nesting(match([title, country], [country])) == {"flat": Counts(), "nested": Counts(1, 1, 2)}


def test_crossing_and_touching_spans_do_not_nest_and_two_labels_of_one_extent_do():
    assert nested_spans([(0, 5, "PER"), (3, 8, "PER")]) == set()
    assert nested_spans([(0, 5, "PER"), (5, 8, "PER")]) == set()
    assert nested_spans([(0, 5, "PER"), (0, 5, "ORG")]) == {(0, 5, "PER"), (0, 5, "ORG")}
    assert nested_spans([(0, 9, "PER"), (5, 12, "ORG"), (10, 12, "GPE")]) == {(5, 12, "ORG"), (10, 12, "GPE")}


@given(spans=st.lists(SPANS, max_size=12, unique=True))
def test_nesting_is_that_of_the_definition(spans):
    def holds(one, other):
        return one != other and one[0] <= other[0] and other[1] <= one[1]

    expected = {one for one in spans if any(holds(one, other) or holds(other, one) for other in spans)}
    assert nested_spans(spans) == expected


TRAINING = [
    ("في الإسكندريّة سلمى", [(3, 14, "GPE"), (15, 19, "PER")]),
    ("نادي  الاسكندرية", [(6, 16, "ORG"), (0, 16, "ORG")]),
]
KNOWN = known_mentions(TRAINING)


def test_training_mentions_are_known_by_their_normalised_surface():
    assert known_mentions(TRAINING) == {"الاسكندريه": {"GPE", "ORG"}, "سلمي": {"PER"}, "نادي الاسكندريه": {"ORG"}}
    assert surface_key("نـادي\nالإسكندرية") == "نادي الاسكندريه"


@pytest.mark.parametrize(
    ("surface", "label", "stratum"),
    [
        ("الأسكندرية", "GPE", "seen"),
        ("الاسكندريه", "ORG", "seen"),
        ("الاسكندريه", "LOC", "other_label"),
        ("سَلمى", "GPE", "other_label"),
        ("رامي", "PER", "unseen"),
    ],
)
def test_a_gold_mention_is_seen_unseen_or_seen_with_another_label(surface, label, stratum):
    one = [(0, len(surface), label)]
    nothing = dict.fromkeys(NOVELTY, Counts())
    assert by_novelty(surface, match(one, one), KNOWN) == {**nothing, stratum: Counts(1, 1, 1)}
    assert by_novelty(surface, match(one, []), KNOWN) == {**nothing, stratum: Counts(0, 0, 1)}
    assert by_novelty(surface, match([], one), KNOWN) == nothing


def test_without_training_mentions_everything_is_unseen():
    assert by_novelty(TEXT, match([span("سلمى")], []), {})["unseen"] == Counts(0, 0, 1)


@given(gold=SIDES, predicted=SIDES)
def test_the_strata_of_a_side_add_up_to_its_spans(gold, predicted):
    text = "بحر نهر شتاء مصنع وسام خبر"
    matched = match(gold, predicted)
    whole = Counts(len(set(gold) & set(predicted)), len(predicted), len(gold))
    known = known_mentions([(text, gold[:3])])
    for found, names in ((by_length(text, matched), LENGTHS), (by_nesting(matched), NESTING)):
        assert tuple(found) == names
        assert tuple(map(sum, zip(*found.values(), strict=True))) == whole
    found = by_novelty(text, matched, known)
    assert tuple(found) == NOVELTY
    assert tuple(map(sum, zip(*found.values(), strict=True))) == (whole.tp, whole.tp, whole.gold)
