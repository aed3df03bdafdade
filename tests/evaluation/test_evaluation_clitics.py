"""The clitic view: what it forgives, what it does not, and that it counts every span once."""

import re
from collections import Counter
from functools import lru_cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.evaluation.scoring.cleaning import clean
from toolkit.evaluation.scoring.clitics import clitic_counts, differ_by_proclitics, without_punctuation
from toolkit.evaluation.scoring.counts import Counts, count
from toolkit.evaluation.scoring.matching import match

PARTICLES = ("و", "ف", "ب", "ل", "ك", "س")


def counted(text, gold, predicted, proclitics=PARTICLES):
    exact = count(*([((start, end), label) for start, end, label in side] for side in (gold, predicted)))
    return clitic_counts(text, match(gold, predicted), exact, proclitics)


def place(text, surface, label="GPE"):
    assert text.count(surface) == 1
    return text.index(surface), text.index(surface) + len(surface), label


@pytest.mark.parametrize(
    ("text", "one", "other", "is_right", "is_clitic"),
    [
        ("زار وريفاد", "ريفاد", "وريفاد", True, True),
        ("زار وبريفاد", "ريفاد", "وبريفاد", True, True),
        ("زار وبريفاد", "بريفاد", "وبريفاد", True, True),
        ("زار وَريفاد", "ريفاد", "وَريفاد", True, True),
        ("سافر لـ«ريفاد»", "ريفاد", "لـ«ريفاد»", True, True),
        ("سافر لـ«ريفاد»", "«ريفاد»", "لـ«ريفاد»", True, True),
        ("زار وريفاد، أمس", "ريفاد", "وريفاد،", True, True),
        ("زار ريفاد، أمس", "ريفاد", "ريفاد،", True, False),
        ("زار (ريفاد) أمس", "ريفاد", "(ريفاد) ", True, False),
        # Inside a word, behind the word, an undeclared article, three particles, another word: all wrong.
        ("زار جوريفاد", "ريفاد", "وريفاد", False, False),
        ("زار ريفادو", "ريفاد", "ريفادو", False, False),
        ("زار الريفاد", "ريفاد", "الريفاد", False, False),
        ("زار وبكريفاد", "ريفاد", "وبكريفاد", False, False),
        ("زار و ريفاد", "ريفاد", "و ريفاد", False, False),
        ("زار وريفاد القديمة", "ريفاد", "وريفاد القديمة", False, False),
        ("زار مدينة ريفاد", "ريفاد", "مدينة ريفاد", False, False),
        ("زار ل.ريفاد", "ريفاد", "ل.ريفاد", False, False),
    ],
)
def test_only_particles_and_outer_punctuation_are_forgiven(text, one, other, is_right, is_clitic):
    for gold, predicted in ((one, other), (other, one)):
        spans = place(text, gold), place(text, predicted)
        assert counted(text, spans[:1], spans[1:]) == {"GPE": Counts(int(is_right), 1, 1)}
        assert differ_by_proclitics(text, *spans, PARTICLES) is is_clitic


def test_a_name_that_begins_like_a_particle_stays_whole():
    text = "التقى وليد وسلمى"
    assert counted(text, [place(text, "وليد", "PER")], [place(text, "وسلمى", "PER")]) == {"PER": Counts(0, 1, 1)}
    assert counted(text, [place(text, "وليد", "PER")], [place(text, "وليد", "PER")]) == {"PER": Counts(1, 1, 1)}


def test_another_label_is_not_forgiven_and_counts_under_its_own():
    text = "زار وريفاد"
    found = counted(text, [place(text, "ريفاد")], [place(text, "وريفاد", "LOC")])
    assert found == {"GPE": Counts(0, 0, 1), "LOC": Counts(0, 1, 0)}


def test_one_gold_span_makes_one_prediction_right():
    text = "زار وبريفاد"
    around = [place(text, surface) for surface in ("بريفاد", "وبريفاد")]
    assert counted(text, [place(text, "ريفاد")], around) == {"GPE": Counts(1, 2, 1)}
    assert counted(text, around, [place(text, "ريفاد")]) == {"GPE": Counts(1, 1, 2)}


def test_without_declared_particles_only_punctuation_is_forgiven():
    text = "زار وريفاد، أمس"
    assert counted(text, [place(text, "ريفاد")], [place(text, "وريفاد")], ())["GPE"].tp == 0
    assert counted(text, [place(text, "وريفاد")], [place(text, "وريفاد،")], ())["GPE"].tp == 1


def test_a_span_of_punctuation_alone_stays_as_it_is():
    assert without_punctuation("قال: «»", 5, 7) == (5, 7)
    assert without_punctuation("«د.ب.أ»،", 0, 8) == (1, 6)


TEXTS = st.text("وبريد «،", min_size=1, max_size=14)


@st.composite
def cases(draw):
    text = draw(TEXTS)
    spans = st.builds(
        lambda start, size, label: (min(start, len(text) - 1), min(start + size, len(text)), label),
        *(st.integers(0, 12), st.integers(1, 8), st.sampled_from(["GPE", "PER"])),
    ).filter(lambda span: span[0] < span[1])
    return text, *(clean(text, draw(st.lists(spans, max_size=6))).spans for _ in range(2))


@given(case=cases())
def test_right_are_as_many_as_can_be_paired_by_the_rule(case):
    text, gold, predicted = case
    found = counted(text, gold, predicted)
    for label, counts in found.items():
        sides = [[span for span in side if span[2] == label] for side in (gold, predicted)]
        assert counts == Counts(most_pairs(text, *sides), len(sides[1]), len(sides[0]))


@given(case=cases())
def test_at_least_what_is_exactly_right_is_right_and_the_sides_may_be_swapped(case):
    text, gold, predicted = case
    found, swapped = counted(text, gold, predicted), counted(text, predicted, gold)
    exact = Counter(label for _, _, label in set(gold) & set(predicted))
    assert all(exact[label] <= counts.tp <= min(counts[1:]) for label, counts in found.items())
    assert {label: (c.tp, c.gold, c.predicted) for label, c in swapped.items()} == found


def most_pairs(text, gold, predicted):
    """The largest one-to-one pairing under the pairwise rule, by trying every one."""

    @lru_cache(None)
    def most(place, taken):
        if place == len(gold):
            return 0
        free = [i for i, other in enumerate(predicted) if i not in taken and may_pair(text, gold[place], other)]
        return max([most(place + 1, taken), *(1 + most(place + 1, taken | {i}) for i in free)])

    return most(0, frozenset())


def may_pair(text, one, other):
    """The rule for two spans of a label, said another way: by the run of letters before the later start."""
    (a, end), (b, other_end) = sorted(bare(text, span) for span in (one, other))
    if end != other_end:
        return False
    if a == b:
        return True
    run = re.search(r"[وبريد]*«*\Z", text[:b]).start()
    return run <= a and re.fullmatch(r"[وب]{1,2}«*", text[run:b]) is not None


def bare(text, span):
    inside = re.fullmatch(r"([« ،]*)(.*?)[« ،]*", text[span[0] : span[1]])
    return (span[0] + inside.end(1), span[0] + inside.end(2)) if inside[2] else (span[0], span[1])
