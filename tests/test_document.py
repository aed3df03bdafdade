"""The data model and its invariants."""

from dataclasses import FrozenInstanceError, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.document import Document, Entity, Relation
from toolkit.errors import DataError

TEXT = "😀 زارت سلمى مرجانة"
SALMA = Entity(7, 11, "PER", "e1")
MARJANA = Entity(12, 18, "GPE", "e2")


def test_offsets_are_half_open_code_points():
    document = Document("d", TEXT, (SALMA, MARJANA), (Relation("r1", "VISITED", "e1", "e2"),))
    assert [document.mention(entity) for entity in document.entities] == ["سلمى", "مرجانة"]


@pytest.mark.parametrize(("start", "end"), [(3, 3), (4, 3), (-1, 2), (-3, -1)])
def test_an_entity_needs_a_character(start, end):
    with pytest.raises(DataError, match=f"entity e1 has the offsets {start}-{end}"):
        Entity(start, end, "PER", "e1")


@pytest.mark.parametrize(
    ("entities", "relations", "message"),
    [
        ((SALMA, replace(MARJANA, id="e1")), (), "an entity id occurs twice"),
        ((replace(MARJANA, end=19),), (), "entity e2 ends at 19, text has 18"),
        ((SALMA,), (Relation("r1", "VISITED", "e1", "e2"),), "relation r1 joins e2, which is not an entity"),
        ((MARJANA,), (Relation("r1", "VISITED", "e1", "e2"),), "relation r1 joins e1, which is not an entity"),
    ],
)
def test_a_document_that_contradicts_itself_does_not_exist(entities, relations, message):
    with pytest.raises(DataError) as caught:
        Document("سفر-1", TEXT, entities, relations)
    assert str(caught.value) == f"سفر-1: {message}"


def test_an_entity_may_reach_the_end_nest_and_cross():
    entities = (Entity(0, 18, "ORG", "a"), Entity(2, 11, "PER", "b"), Entity(7, 18, "GPE", "c"))
    assert Document("d", TEXT, entities).entities == entities


@pytest.mark.parametrize(
    ("thing", "field"), [(SALMA, "start"), (Relation("r", "L", "a", "b"), "head"), (Document("d", ""), "text")]
)
def test_nothing_of_it_can_be_changed(thing, field):
    with pytest.raises(FrozenInstanceError):
        setattr(thing, field, 0)
    with pytest.raises(TypeError):
        Document("d", "").meta["key"] = 1


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 9), st.sampled_from("AB")), max_size=8))
def test_entities_sort_by_their_place_in_the_text(rows):
    entities = [Entity(start, start + length, label, str(n)) for n, (start, length, label) in enumerate(rows)]
    places = [(entity.start, entity.end, entity.label) for entity in sorted(entities)]
    assert places == sorted((start, start + length, label) for start, length, label in rows)
