"""The labels of this corpus, and what a labels.yaml may not say."""

import pytest

from toolkit.configuration import parse_settings, read_settings
from toolkit.errors import ConfigError
from toolkit.project import Project
from toolkit.schema import LabelMap, Schema, read_schema


def refused(text, kind=Schema):
    with pytest.raises(ConfigError) as caught:
        parse_settings(text, kind, "labels.yaml")
    return str(caught.value)


def test_the_schema_of_this_corpus(schema):
    assert " ".join(schema.entities) == "PER NORP TITLE ORG GPE LOC FAC DATE EVENT PRODUCT DOC"
    relations = "HOLDS_ROLE HEAD_OF WORKS_FOR MET_WITH VISITED LOCATED_IN ORG_OF TIES_WITH CONFLICT_WITH PARTY_TO"
    assert " ".join(schema.relations) == relations
    assert [name for name, relation in schema.relations.items() if relation.symmetric] == ["MET_WITH", "TIES_WITH"]
    assert schema.proclitics == ("و", "ف", "ب", "ل", "ك", "س")
    assert (schema.text.language, schema.text.direction) == ("ar", "rtl")


def test_every_label_is_described_in_both_languages_and_told_apart(schema):
    for label in (*schema.entities.values(), *schema.relations.values()):
        assert label.ar.strip() and label.en.strip()
        assert any("\u0600" <= char <= "\u06ff" for char in label.ar)
    for field in ("color", "hotkey"):
        values = [getattr(entity, field) for entity in schema.entities.values()]
        assert None not in values
        assert len(set(values)) == len(values)


def test_the_flat_layer_is_without_titles(schema):
    assert schema.flat_layer.keep == "outermost"
    assert schema.flat_labels == tuple(label for label in schema.entities if label != "TITLE")
    assert schema.tags[:5] == ("O", "B-PER", "I-PER", "B-NORP", "I-NORP")
    assert len(schema.tags) == len(set(schema.tags)) == 21
    assert not any("TITLE" in tag for tag in schema.tags)


@pytest.mark.parametrize(
    ("relation", "head", "tail", "allowed"),
    [
        ("HEAD_OF", "PER", "NORP", True),
        ("HEAD_OF", "NORP", "PER", False),
        ("HOLDS_ROLE", "PER", "TITLE", True),
        ("HOLDS_ROLE", "PER", "GPE", False),
        ("VISITED", "ORG", "GPE", False),
        ("PARTY_TO", "GPE", "DOC", True),
        ("TIES_WITH", "GPE", "NORP", True),
    ],
)
def test_arguments_have_labels(schema, relation, head, tail, allowed):
    assert schema.relations[relation].allows(head, tail) is allowed


def test_no_constraint_allows_every_argument():
    schema = parse_settings("entities: {A: {}, B: {}}\nrelations: {R: {head: [A]}, S: {}}", Schema, "labels.yaml")
    assert schema.relations["S"].allows("A", "B") and schema.relations["R"].allows("A", "B")
    assert not schema.relations["R"].allows("B", "A")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("entities: {}", "no entity label is declared"),
        ("relations: {}", "labels.yaml:1: key 'entities' is missing"),
        (
            "entities: {A: {}}\nrelations: {R: {head: [B]}}",
            "relation R names the entity label B, which is not declared",
        ),
        ("entities: {A: {}}\nrelations: {R: {tail: [A, B]}}", "relation R names the entity label B"),
        (
            "entities: {A: {}, B: {}}\nrelations: {R: {head: [A], tail: [B], symmetric: true}}",
            "relation R is symmetric",
        ),
        ("entities: {A: {}}\nflat_layer: {drop: [B]}", "flat_layer drops B, which is not declared"),
        ("entities: {A: {}}\nflat_layer:\n  keep: longest", "labels.yaml:3: flat_layer.keep: "),
        ("entities:\n  A:\n    color: red", "labels.yaml:3: entities.A.color: "),
        (
            "entities:\n  A: {}\n  B: {colour: '#000000'}",
            "labels.yaml:3: unknown key 'entities.B.colour'; known here: ar,",
        ),
        ("entities:\n  A: {}\n  NO: {}", "labels.yaml:3: key 'NO' is no string in YAML; put it in quotes"),
        ("entities:\n  A: {}\n  B: {}\n  A: {}", "labels.yaml:4: key 'A' stands here a second time"),
        ("entities:\n  A: {}\nrelations:\n  R:\n    symmetric: maybe", "labels.yaml:5: relations.R.symmetric: "),
    ],
)
def test_what_a_schema_may_not_say(text, message):
    assert message in refused(text)


def test_symmetric_relations_may_name_the_labels_in_any_order():
    text = "entities: {A: {}, B: {}}\nrelations: {R: {head: [A, B], tail: [B, A], symmetric: true}}"
    assert parse_settings(text, Schema, "labels.yaml").relations["R"].symmetric


def test_a_missing_schema_names_its_file(tmp_path):
    with pytest.raises(ConfigError, match=r"labels\.yaml: is not there"):
        read_schema(tmp_path / "labels.yaml")


def test_every_label_map_of_the_repository_leads_to_something(repository, schema):
    for path in sorted((repository / "configs" / "label_maps").glob("*.yaml")):
        found = read_settings(path, LabelMap)
        assert found.model or found.gold, path.name
        assert set(found.gold) <= set(schema.entities), path.name


def test_a_label_map_may_say_that_nothing_corresponds():
    found = parse_settings("model: {MISC: null, PERS: PER}\ngold: {TITLE: null}", LabelMap, "anercorp.yaml")
    assert found.model == {"MISC": None, "PERS": "PER"}
    assert "labels.yaml:1: unknown key 'models'" in refused("models: {}", LabelMap)


@pytest.mark.parametrize("name", ["anercorp", "conll", "ontonotes", "wojood"])
def test_label_maps_of_the_repository_bring_both_sides_to_one_scheme(name, repository, schema):
    """Every label of ours has its place in the common scheme, and no model label maps to one that gold never has."""
    found = Project(repository).label_map(name)
    assert list(found.gold) == list(schema.entities)
    assert {label for label in found.model.values() if label} <= {label for label in found.gold.values() if label}
    assert found.description
