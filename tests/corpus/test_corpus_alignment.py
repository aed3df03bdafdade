"""The alignment of two annotators' mentions: what pairs with what, and that nothing is lost or counted twice."""

import pytest
from corpus_texts import annotated
from hypothesis import given
from hypothesis import strategies as st
from planted_disagreements import compared, read_by

from toolkit.corpus.alignment import align
from toolkit.corpus.disagreements import Kind, disagreements
from toolkit.corpus.readings import reading_of

SPANS = st.builds(
    lambda start, size, label: (start, start + size, label),
    *(st.integers(0, 12), st.integers(1, 6), st.sampled_from(["PER", "ORG", "GPE"])),
)
SETS = st.frozensets(SPANS, max_size=8)


@given(first=SETS, second=SETS)
def test_every_mention_stands_once_on_its_side(first, second):
    found = align(first, second)
    pairs = [*found.same_label, *found.other_label]
    assert sorted([*found.exact, *(one for one, _ in pairs), *found.only_first]) == sorted(first)
    assert sorted([*found.exact, *(other for _, other in pairs), *found.only_second]) == sorted(second)
    assert all(one[0] < other[1] and other[0] < one[1] for one, other in pairs)
    assert all(one[2] == other[2] for one, other in found.same_label)
    assert all(one[2] != other[2] for one, other in found.other_label)
    assert not any(a[0] < b[1] and b[0] < a[1] for a in found.only_first for b in found.only_second)


@given(first=SETS, second=SETS)
def test_swapping_the_annotators_swaps_the_pairs(first, second):
    one, other = align(first, second), align(second, first)
    assert one.exact == other.exact
    assert set(one.same_label) == {pair[::-1] for pair in other.same_label}
    assert set(one.other_label) == {pair[::-1] for pair in other.other_label}
    assert (one.only_first, one.only_second) == (other.only_second, other.only_first)


@given(spans=SETS)
def test_a_reading_agrees_with_itself(spans):
    found = align(spans, spans)
    assert found.exact == tuple(sorted(spans))
    assert not (found.same_label or found.other_label or found.only_first or found.only_second)


def test_the_closer_pair_goes_first_then_the_leftmost():
    first = frozenset({(0, 10, "ORG")})
    assert align(first, frozenset({(0, 4, "ORG"), (3, 10, "ORG")})).same_label == (((0, 10, "ORG"), (3, 10, "ORG")),)
    assert align(first, frozenset({(0, 4, "ORG"), (6, 10, "ORG")})).same_label == (((0, 10, "ORG"), (0, 4, "ORG")),)
    assert align(first, frozenset({(0, 10, "GPE"), (0, 1, "ORG")})).same_label == (((0, 10, "ORG"), (0, 1, "ORG")),)


KINDS = [
    ("و{GPE لمارة} بعيدة", "{GPE ولمارة} بعيدة", Kind.CLITIC),
    ("وَ{GPE لمارة} بعيدة", "{GPE وَلمارة} بعيدة", Kind.CLITIC),
    ("وب{GPE ريفاد} نهر", "{GPE وبريفاد} نهر", Kind.CLITIC),
    ("وب{GPE ريفاد} نهر", "و{GPE بريفاد} نهر", Kind.CLITIC),
    # The article is inside a mention: no particle that is declared.
    ("ال{GPE كالدونا} بعيدة", "{GPE الكالدونا} بعيدة", Kind.BOUNDARY),
    # Three particles are none; nor is a letter that only looks like one inside a word or at its end.
    ("وبك{GPE ريفاد} نهر", "{GPE وبكريفاد} نهر", Kind.BOUNDARY),
    ("في جو{GPE لمارة} برد", "في ج{GPE ولمارة} برد", Kind.BOUNDARY),
    ("ميناء {GPE ريفاد}", "{GPE ميناء ريفاد}", Kind.BOUNDARY),
    ("و {GPE ريفاد}", "{GPE و ريفاد}", Kind.BOUNDARY),
    ("و{GPE ريفاد} القديمة", "{GPE وريفاد القديمة}", Kind.BOUNDARY),
    ("{GPE ريفاد}و نهر", "{GPE ريفادو} نهر", Kind.BOUNDARY),
    ("و{GPE لمارة} بعيدة", "{LOC ولمارة} بعيدة", Kind.BOTH),
]


@pytest.mark.parametrize(("first", "second", "kind"), KINDS)
def test_a_clitic_boundary_is_told_from_a_boundary(first, second, kind, schema):
    for readings in ((first, second), (second, first)):
        (article,) = compared(schema, [read_by("visit", *((markup,) for markup in readings))])
        one, other = article.readings
        (row,) = disagreements(article, one, other, align(one.spans, other.spans), schema)
        assert row.kind is kind


def test_without_declared_particles_there_is_no_clitic_boundary(schema):
    plain = schema.model_copy(update={"proclitics": ()})
    (article,) = compared(schema, [read_by("visit", ("و{GPE لمارة}",), ("{GPE ولمارة}",))])
    one, other = article.readings
    (row,) = disagreements(article, one, other, align(one.spans, other.spans), plain)
    assert row.kind is Kind.BOUNDARY


def test_a_reading_stores_symmetric_relations_one_way_and_each_label_of_a_region(schema):
    markup = "{PER#p سلمى} و{PER#q رامي} في {GPE#g ريفاد}"
    drawn = ("p MET_WITH q", "q MET_WITH p left", "q MET_WITH p", "p VISITED g", "g VISITED p left")
    readings = [reading_of(annotated(markup, link).annotations[0], schema).relations for link in drawn]
    assert readings[0] == readings[1] == readings[2] == {("MET_WITH", (0, 4), (6, 10))}
    assert readings[3] == readings[4] == {("VISITED", (0, 4), (14, 19))}
