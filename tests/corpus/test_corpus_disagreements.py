"""Which disagreement of two annotators is which, and what a reading is."""

import pytest
from corpus_texts import annotated
from planted_disagreements import compared, read_by

from toolkit.alignment import align
from toolkit.corpus.disagreements import Kind, disagreements
from toolkit.corpus.readings import reading_of

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
