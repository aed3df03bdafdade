"""Label maps: both sides in one scheme, nothing silently gone, nothing right by chance."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marked_text import marked
from result_schema import checked

from toolkit.configuration import parse_settings
from toolkit.document import Document
from toolkit.errors import ConfigError, FileError
from toolkit.evaluation.predictions.prediction import Prediction, Predictions
from toolkit.evaluation.scoring.label_maps import NamedMap, find_label_map, scheme_of
from toolkit.evaluation.scoring.result import DatasetName, evaluate
from toolkit.models.predictor import Pair, Span
from toolkit.project import Project
from toolkit.schema import EntityType, FlatLayer, LabelMap, Schema
from toolkit.tokens import TOKENIZER

NAME = DatasetName("composed", "1.0.0", "0" * 64, "test", TOKENIZER)
DOCUMENT = marked("a", "زار {TITLE وزير} {GPE حلب} {PER سامي} و{LOC النهر} و{ORG المصنع}.")


def of(spans: list[Span] | tuple[Span, ...], **more: Any) -> Predictions:
    return Predictions({"a": Prediction("a", tuple(spans), **more)}, {"name": "x"})


def spans_of(document: Document, **renamed: str) -> list[Span]:
    return [Span(e.start, e.end, renamed.get(e.label, e.label)) for e in document.entities]


def test_a_model_of_another_scheme_is_scored_in_the_common_one(repository: Path, schema: Schema) -> None:
    named = find_label_map("anercorp", Project(repository))
    found = [span for span in spans_of(DOCUMENT, PER="PERS", GPE="LOC") if span.label != "TITLE"]
    result = checked(evaluate([DOCUMENT], of(found), schema, NAME, label_map=named))
    assert result["label_map"] == named.as_json() and f"|map:anercorp@{named.digest[:12]}|" in result["signature"]
    assert list(result["scores"]["char"]["labels"]) == ["PER", "MISC", "ORG", "LOC"]
    for view in ("word", "char"):
        micro = result["scores"][view]["micro"]
        assert (micro["f1"], micro["gold"]) == (1.0, 4)
    assert result["scores"]["char"]["labels"]["LOC"]["gold"] == 2
    assert result["losses"]["gold"] == {"mapped to nothing": 1}
    assert result["policies"]["drop"] == [] and result["findings"] == []


def test_labels_of_the_model_that_are_nothing_are_left_out_and_counted(repository: Path, schema: Schema) -> None:
    named = find_label_map("ontonotes", Project(repository))
    found = [*(s for s in spans_of(DOCUMENT, PER="PERSON") if s.label != "TITLE"), Span(0, 3, "CARDINAL")]
    result = checked(evaluate([DOCUMENT], of(found), schema, NAME, label_map=named))
    assert result["scores"]["char"]["micro"]["f1"] == 1.0
    assert result["losses"]["prediction"] == {"mapped to nothing": 1}


def test_labels_that_the_map_does_not_name_are_wrong_and_told(repository: Path, schema: Schema) -> None:
    """PER is a label of the common scheme, but not one that the map knows the model to have."""
    named = find_label_map("ontonotes", Project(repository))
    per = next(span for span in spans_of(DOCUMENT) if span.label == "PER")
    result = checked(evaluate([DOCUMENT], of([per, Span(0, 3, "ANIMAL")]), schema, NAME, label_map=named))
    for view in ("word", "char"):
        micro = result["scores"][view]["micro"]
        assert (micro["tp"], micro["pred"]) == (0, 2)
        assert result["unknown_labels"][view] == {"ANIMAL": 1, "unmapped:PER": 1}
    told = [(finding["code"], finding["message"].split(",")[0]) for finding in result["findings"]]
    assert told == [("unmapped-label", "does not name ANIMAL"), ("unmapped-label", "does not name PER")]
    assert result["status"] == "complete"


def test_tags_are_mapped_as_spans_are(schema: Schema, repository: Path) -> None:
    named = find_label_map("anercorp", Project(repository))
    document = marked("a", "قال {PER سامي} في {GPE حلب} {NORP عربي}")
    tags = (("O", "B-PERS", "O", "B-LOC", "B-DIALECT"),)
    by_tags = checked(evaluate([document], of((), tags=tags), schema, NAME, label_map=named))
    found = [*spans_of(document, PER="PERS", GPE="LOC", NORP="DIALECT")]
    by_spans = evaluate([document], of(found), schema, NAME, label_map=named)
    assert by_tags == by_spans
    assert by_tags["unknown_labels"]["word"] == {"DIALECT": 1}


def test_relations_of_what_is_nothing_go_with_it(schema: Schema, repository: Path) -> None:
    named = find_label_map("wojood", Project(repository))
    found = spans_of(DOCUMENT, PER="PERS", TITLE="CURR")
    places = {span.label: place for place, span in enumerate(found)}
    pairs = (Pair(places["PERS"], places["CURR"], "HOLDS_ROLE"), Pair(places["PERS"], places["GPE"], "VISITED"))
    result = checked(evaluate([DOCUMENT], of(found, relations=pairs), schema, NAME, label_map=named))
    assert result["relations"]["strict"]["micro"]["pred"] == 1
    assert result["losses"]["prediction"]["relations of mentions mapped to nothing"] == 1


def test_training_is_mapped_too(schema: Schema, repository: Path) -> None:
    named = find_label_map("anercorp", Project(repository))
    known = {"حلب": {"LOC"}, "سامي": {"TITLE"}, "النهر": {"ORG"}}
    result = evaluate([DOCUMENT], of([]), schema, NAME, label_map=named, train_mentions=known)
    counts = {name: score["gold"] for name, score in result["seen_mentions"].items()}
    assert counts == {"seen": 1, "unseen": 2, "other_label": 1}


def schema_of(labels: str, drop: str = "") -> Schema:
    return Schema(entities={label: EntityType() for label in labels}, flat_layer=FlatLayer(drop=tuple(drop)))


@given(
    st.dictionaries(st.sampled_from("ABCDE"), st.sampled_from(["X", "Y", None]), min_size=5),
    st.sets(st.sampled_from("ABCDE"), max_size=4),
)
def test_the_scheme_has_the_targets_in_order_and_drops_what_comes_from_dropped_labels_alone(
    gold: dict[str, str | None], drop: set[str]
) -> None:
    schema = schema_of("ABCDE", "".join(sorted(drop)))
    targets = [gold[label] for label in "ABCDE" if gold[label] is not None]
    named = NamedMap("m", LabelMap(gold=gold, model={"Q": None}))
    if not targets:
        with pytest.raises(ConfigError, match="nothing can be scored"):
            scheme_of(schema, named)
        return
    scheme = scheme_of(schema, named)
    assert list(scheme.schema.entities) == list(dict.fromkeys(targets))
    for target in scheme.schema.entities:
        sources = {label for label in "ABCDE" if gold[label] == target}
        assert (target in scheme.schema.flat_layer.drop) == (sources <= drop)


def test_symmetry_of_relations_is_kept(schema: Schema, repository: Path) -> None:
    common = scheme_of(schema, find_label_map("conll", Project(repository))).schema
    assert {name for name, kind in common.relations.items() if kind.symmetric} == {"MET_WITH", "TIES_WITH"}
    assert common.proclitics == schema.proclitics


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("gold: {A: X}\nmodel: {P: X}", "gold does not name B, which the dataset has"),
        ("gold: {A: X, B: null}\nmodel: {P: Z}", "model leads to Z, which gold leads to from no label"),
        ("gold: {A: X, B: Y}", "model names no label"),
        ("gold: {A: -X, B: null}\nmodel: {P: -X}", "begins or ends with a dash"),
    ],
)
def test_a_map_that_does_not_fit_is_refused(source: str, message: str) -> None:
    named = NamedMap("m", parse_settings(source, LabelMap, "m.yaml"))
    with pytest.raises(ConfigError, match=message):
        scheme_of(schema_of("AB"), named)


def test_a_map_without_gold_leaves_gold_as_it_is() -> None:
    scheme = scheme_of(schema_of("AB", "B"), NamedMap("m", LabelMap(model={"P": "A"})))
    assert list(scheme.schema.entities) == ["A", "B"] and scheme.schema.flat_layer.drop == ("B",)
    assert [scheme.of_model(label) for label in ("P", "A", "C")] == ["A", "unmapped:A", "C"]


def test_maps_are_found_by_name_and_by_path(tmp_path: Path, repository: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("model: {P: PER}\n", "utf-8")
    named = find_label_map(str(path), Project(repository))
    assert (named.name, named.map.model) == ("mine", {"P": "PER"})
    assert named.digest == NamedMap("other", LabelMap(model={"P": "PER"}, description="told")).digest
    with pytest.raises(FileError, match="no such label map"):
        find_label_map(str(tmp_path / "none.yaml"), Project(repository))
    with pytest.raises(ConfigError, match="there are: anercorp, conll"):
        find_label_map("none", Project(repository))
