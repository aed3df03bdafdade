"""Comparing results: counted by hand and by enumeration, refused where they do not go together, told in full."""

import json
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from command_process import tawsim
from hypothesis import given, settings
from hypothesis import strategies as st
from marked_text import marked
from rich.console import Console
from scored_results import DOCUMENTS, MENTIONS, NAME, composed, copied, result, stored

from toolkit.document import Document, Entity, Relation
from toolkit.errors import FileError, IncompleteError
from toolkit.evaluation.comparing.comparison import FLIPS, compare
from toolkit.evaluation.comparing.stored import differences, read_result
from toolkit.evaluation.predictions.prediction import Prediction, Predictions
from toolkit.evaluation.reports.comparison_report import (
    comparison_lines,
    comparison_markdown,
    comparison_table,
    headline_line,
)
from toolkit.evaluation.scoring.label_maps import NamedMap
from toolkit.evaluation.scoring.result import evaluate
from toolkit.models.predictor import Pair, Span
from toolkit.schema import LabelMap, Schema

IDENTITY = {name: name for name in ("PER", "NORP", "TITLE", "ORG", "GPE", "LOC", "FAC", "DATE", "EVENT", "PRODUCT")}


def words(mention: dict[str, Any]) -> str:
    text = next(document.text for document in DOCUMENTS if document.id == mention["id"])
    return text[mention["start"] : mention["end"]]


def test_what_flipped_is_told_with_its_place_and_counted_by_document(schema: Schema) -> None:
    baseline = result(schema, {("d00", 0), ("d01", 1)}, {"d02"}, name="old")
    other = result(schema, {("d01", 1), ("d03", 1)}, {"d04"}, name="new")
    found = compare(baseline, [other])["comparisons"][0]
    told = {kind: [(m["id"], words(m), m["label"]) for m in found["mentions"][kind]] for kind in FLIPS}
    assert told == {
        "fixed": [("d00", "سامي الحداد", "PER")],
        "broken": [("d03", "تونس", "GPE")],
        "new_spurious": [("d04", "زار", "LOC")],
        "gone_spurious": [("d02", "قال", "LOC")],
    }
    assert found["mentions"]["counts"] == dict.fromkeys(FLIPS, 1)
    documents = found["documents"]
    assert (documents["wins"], documents["losses"], documents["ties"]) == (2, 2, 12)
    by_id = {row["id"]: (row["baseline"], row["other"]) for row in documents["flipped"]}
    # 2 x right / (predicted + gold), by hand.
    assert by_id == {
        "d00": (pytest.approx(2 / 3), 1.0),
        "d02": (pytest.approx(6 / 7), 1.0),
        "d03": (1.0, pytest.approx(2 / 3)),
        "d04": (1.0, pytest.approx(6 / 7)),
    }
    assert documents["flipped"][0]["id"] == "d03" and documents["flipped"][-1]["id"] == "d00"
    assert found["labels"]["ORG"]["difference"] == 0 and found["labels"]["GPE"]["difference"] < 0
    assert found["labels"]["DATE"] == {
        "baseline": None, "other": None, "difference": None, "interval": None, "support": 0
    }  # fmt: skip


def test_the_p_value_is_that_of_every_swap_of_documents(schema: Schema) -> None:
    documents = composed(9)
    baseline = result(schema, MENTIONS[::3], documents=documents)
    other = result(schema, MENTIONS[::5], documents=documents)
    found = compare(baseline, [other])["comparisons"][0]

    def table(scored: dict[str, Any]) -> list[list[int]]:
        rows = (scored["documents"][d.id]["word"].values() for d in documents)
        return [[sum(column) for column in zip(*row, strict=True)] for row in rows]

    def f1(rows: list[list[int]]) -> float:
        right, predicted, gold = (sum(column) for column in zip(*rows, strict=True))
        return 2 * right / (predicted + gold)

    one, two = table(baseline), table(other)
    observed = f1(two) - f1(one)
    as_large = 0
    for swaps in product((False, True), repeat=len(documents)):
        pairs = [(b, a) if swap else (a, b) for a, b, swap in zip(one, two, swaps, strict=True)]
        as_large += abs(f1([b for _, b in pairs]) - f1([a for a, _ in pairs])) >= abs(observed) - 1e-12
    assert found["method"] == "exact"
    assert found["difference"] == pytest.approx(observed, abs=1e-12)
    assert found["p"] == pytest.approx(as_large / 2 ** len(documents), abs=1e-12)


def test_several_models_are_corrected_for_by_holm(schema: Schema) -> None:
    baseline = result(schema, MENTIONS[::2])
    others = [result(schema, MENTIONS[::n], name=f"m{n}") for n in (3, 5, 2)]
    found = compare(baseline, others)["comparisons"]
    p = [each["p"] for each in found]
    assert p[2] == 1.0  # the same predictions
    low, high = sorted(p[:2])
    expected = {low: min(1.0, 3 * low), high: max(min(1.0, 3 * low), min(1.0, 2 * high)), 1.0: 1.0}
    assert [each["p_holm"] for each in found] == pytest.approx([expected[value] for value in p])
    assert compare(baseline, others[:1])["comparisons"][0]["p_holm"] == p[0]


misses = st.sets(st.sampled_from(MENTIONS))
inventions = st.sets(st.sampled_from([document.id for document in DOCUMENTS]))


@settings(max_examples=15)
@given(st.tuples(misses, inventions), st.tuples(misses, inventions))
def test_turned_round_a_comparison_tells_the_opposite(schema: Schema, one: Any, other: Any) -> None:
    first, second = result(schema, *one), result(schema, *other)
    there = compare(first, [second])["comparisons"][0]
    back = compare(second, [first])["comparisons"][0]
    micro = [each["scores"]["word"]["micro"]["f1"] for each in (first, second)]
    assert there["difference"] == pytest.approx(micro[1] - micro[0], abs=1e-12)
    assert there["difference"] == pytest.approx(-back["difference"], abs=1e-12)
    assert (there["documents"]["wins"], there["documents"]["ties"]) == (
        back["documents"]["losses"], back["documents"]["ties"]
    )  # fmt: skip
    opposite = {"fixed": "broken", "broken": "fixed", "new_spurious": "gone_spurious", "gone_spurious": "new_spurious"}
    assert all(there["mentions"][kind] == back["mentions"][turned] for kind, turned in opposite.items())
    # Every mention that only one of the two missed flipped, and no other.
    assert len(there["mentions"]["fixed"]) == len(one[0] - other[0])
    assert len(there["mentions"]["broken"]) == len(other[0] - one[0])
    if there["interval"]:
        assert there["interval"][0] <= there["difference"] <= there["interval"][1]


def unlike(schema: Schema) -> dict[str, dict[str, Any]]:
    """Results that differ from the plain one in one respect each, by what must be named."""
    mapped = NamedMap("plain", LabelMap(model=IDENTITY))
    altered = [marked("d00", "وصل {PER سامي الحداد} إلى {ORG تونس} أمس.", collection="news"), *DOCUMENTS[1:]]
    return {
        "digest: ": result(schema, dataset=replace(NAME, content_digest="f" * 64)),
        "split: ": result(schema, dataset=replace(NAME, split="validation")),
        "data: ": result(schema, dataset=replace(NAME, version="1.3.0")),
        "map: ": result(schema, label_map=mapped),
        "tags: conlleval and discard": result(schema, invalid_tags="discard"),
        "view: word and char": result(schema, headline="char"),
        "documents: 1 are in one result only": result(schema, documents=DOCUMENTS[1:]),
        "gold: 1 documents have another text or other mentions, the first is d00": result(schema, documents=altered),
        "status: the result of model is incomplete": result(schema, without={"d05"}),
    }


def test_results_that_do_not_go_together_are_refused_by_the_fields(schema: Schema) -> None:
    plain = result(schema)
    assert differences(plain, plain) == []
    for named, other in unlike(schema).items():
        found = differences(plain, other)
        assert len(found) == 1 and found[0].startswith(named), (named, found)
        with pytest.raises(IncompleteError) as refused:
            compare(plain, [plain, other])
        assert named in str(refused.value) and refused.value.exit_code == 3


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("content_digest", lambda r: r["dataset"].update(content_digest="f" * 64)),
        ("label_map", lambda r: r.update(label_map={"name": "x", "digest": "0" * 64, "gold": {}, "model": {}})),
        ("policies", lambda r: r["policies"].update(keep="innermost")),
    ],
)
def test_a_setting_that_the_signature_does_not_tell_is_named_too(schema: Schema, field: str, change: Any) -> None:
    plain = result(schema)
    other = copied(plain)
    change(other)
    assert [line.partition(":")[0] for line in differences(plain, other)] == [field]


def test_mentions_that_were_given_are_compared_by_their_relations(schema: Schema) -> None:
    text = "زارت نورا الزين مدينة بغداد"
    entities = (Entity(5, 15, "PER", "a"), Entity(22, 27, "GPE", "b"))
    documents = [Document(f"r{n}", text, entities, (Relation("x", "VISITED", "a", "b"),)) for n in range(8)]
    spans = tuple(Span(e.start, e.end, e.label) for e in entities)

    def scored(right: int, **more: Any) -> dict[str, Any]:
        found = {
            d.id: Prediction(d.id, spans, relations=(Pair(0, 1, "VISITED"),) if n < right else ())
            for n, d in enumerate(documents)
        }
        return evaluate(documents, Predictions(found, {"name": str(right)}), schema, NAME, **more)

    found = compare(scored(4, gold_entities=True), [scored(8, gold_entities=True)])
    assert found["headline"] == "relations.given.micro.f1" and found["baseline"]["gold"] == 8
    (each,) = found["comparisons"]
    assert list(each["scores"]) == ["relations.given.micro.f1"]
    # 4 of 8 found is F1 2/3; four documents out of four that differ are better: 2 of 16 swaps are as good.
    assert (each["difference"], each["p"]) == (pytest.approx(1 / 3), pytest.approx(2 / 16))
    assert each["labels"]["VISITED"]["difference"] == pytest.approx(1 / 3) and each["documents"]["wins"] == 4
    plain = compare(scored(4), [scored(8)])["comparisons"][0]
    assert plain["difference"] == 0 and plain["scores"]["relations.strict.micro.f1"]["p"] == pytest.approx(2 / 16)
    with pytest.raises(IncompleteError, match="entities: gold and predicted"):
        compare(scored(4, gold_entities=True), [scored(8)])


def test_nothing_to_find_and_nothing_found_is_no_difference(schema: Schema) -> None:
    documents = [marked(f"e{n}", "لا شيء هنا.") for n in range(3)]
    empty = result(schema, documents=documents)
    found = compare(empty, [result(schema, (), {"e1"}, documents=documents)])
    (each,) = found["comparisons"]
    assert (each["difference"], each["p"], each["p_holm"], each["interval"]) == (None, None, None, None)
    assert each["documents"]["losses"] == 1 and each["mentions"]["counts"]["new_spurious"] == 1
    assert "| model | – | – | – | – | 0 | 2 | 1 |" in comparison_markdown(found).replace("0.0000", "–")


def printed(comparison: dict[str, Any]) -> str:
    console = Console(width=80, color_system=None)
    with console.capture() as taken:
        console.print(comparison_table(comparison))
    return "\n".join(line.rstrip() for line in taken.get().splitlines())


# 21 of 42 mentions found and nothing made up; then 31 of 42, and one made up.
GOLDEN = """\
scores.word.micro.f1, paired by document
┏━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━┳━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━┓
┃ model                    ┃     F1 ┃ difference ┃      95 % interval ┃      p ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━╇━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━┩
│ old                      │ 0.6667 │            │                    │        │
│ org/a-model-with-a-rathe │ 0.8378 │    +0.1712 │ +0.1046 to +0.2377 │ 0.0020 │
│ r-long-name              │        │            │                    │        │
└──────────────────────────┴────────┴────────────┴────────────────────┴────────┘"""
LINES = """\
org/a-model-with-a-rather-long-name: documents won 10, tied 5, lost 1
  lost d00 0.6667 → 0.5000
"""


def test_the_table_and_the_lines_as_they_are_printed(schema: Schema) -> None:
    baseline = result(schema, MENTIONS[::2], name="old")
    found = compare(baseline, [result(schema, MENTIONS[::4], {"d00"}, name="org/a-model-with-a-rather-long-name")])
    assert printed(found) == GOLDEN
    assert "\n".join(comparison_lines(found)).startswith(LINES)
    assert headline_line(found) == "against old: +0.1712 (95 % +0.1046 to +0.2377), p 0.0020"
    several = compare(baseline, [baseline, baseline])
    assert "p (Holm)" in printed(several) and max(map(len, printed(several).splitlines())) <= 80


def test_a_long_list_is_cut_and_says_so(schema: Schema) -> None:
    documents = composed(150)
    everything = {(d.id, n) for d in documents for n in range(len(d.entities))}
    found = compare(result(schema, everything, documents=documents), [result(schema, documents=documents)])
    lines = list(comparison_lines(found))
    assert f"  and {len(everything) - 10} more" in lines and "  and 140 more" in lines and len(lines) < 40
    text = comparison_markdown(found)
    assert f"and {len(everything) - 100} more" in text and "and 50 more" in text and len(text) < 20_000
    assert len(found["comparisons"][0]["mentions"]["fixed"]) == len(everything)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("{", "not valid JSON"),
        ("[1]", "is no result of `tawsim score`: all: "),
        ({"schema_version": 1, "status": "complete"}, "is no result of `tawsim score`: signature: Field required"),
        (lambda r: r.pop("schema_version"), "schema_version: Field required"),
        ({"schema_version": 2}, "is a result of schema version 2; this tawsim reads 1"),
        (lambda r: r["documents"]["d00"]["word"].update(PER=[1, 1]), "documents.d00.word.PER"),
        (lambda r: r["documents"]["d00"]["word"].update(PER=[-1, 1, 1]), "documents.d00.word.PER.0"),
        (lambda r: r["documents"]["d00"].update(missed=[[1, 2, None]]), "documents.d00.missed.0.2"),
        (lambda r: r["scores"].pop("word"), "scores.word: Field required"),
        (lambda r: r.update(headline="best"), "headline"),
    ],
)
def test_what_is_no_result_is_one_clear_line(schema: Schema, tmp_path: Path, content: Any, what: str) -> None:
    if callable(content):
        change, content = content, copied(result(schema))
        change(content)
    path = stored(tmp_path / "result.json", content)
    with pytest.raises(IncompleteError) as refused:
        read_result(tmp_path)
    assert str(refused.value).startswith(f"{path}: ") and what in str(refused.value)
    assert "\n" not in str(refused.value) and refused.value.exit_code == 3


def test_a_result_is_read_back_as_it_was_written(schema: Schema, tmp_path: Path) -> None:
    written = result(schema, MENTIONS[::3])
    assert (
        read_result(stored(tmp_path / "r" / "result.json", written)) == copied(written) == read_result(tmp_path / "r")
    )
    with pytest.raises(FileError, match="no result there"):
        read_result(tmp_path)


def test_compare_tells_and_writes_without_text_or_model(schema: Schema, tmp_path: Path) -> None:
    stored(tmp_path / "old" / "result.json", result(schema, MENTIONS[::2], name="old"))
    stored(tmp_path / "new" / "result.json", result(schema, MENTIONS[::4], name="new"))
    done = tawsim("compare", "old", "new/result.json", "--out", "out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "new: mentions found now, missed by the baseline: " in done.stdout
    assert done.stdout.endswith("out/comparison.json\nout/comparison.md\n")
    written = json.loads((tmp_path / "out" / "comparison.json").read_text("utf-8"))
    asked = tawsim("compare", "old", "new", "--format", "json", cwd=tmp_path)
    assert json.loads(asked.stdout) == written == compare(*pair(tmp_path, "old", "new"))
    told = comparison_markdown(compare(*pair(tmp_path, "old", "new")))
    assert (tmp_path / "out" / "comparison.md").read_text("utf-8") == told
    texts = "".join(path.read_text("utf-8") for path in (tmp_path / "out").iterdir())
    assert not any(word in texts for document in DOCUMENTS for word in document.text.split())


def pair(root: Path, baseline: str, *others: str) -> tuple[Any, list[Any]]:
    return read_result(root / baseline), [read_result(root / other) for other in others]


def test_compare_ends_with_3_where_results_are_not_comparable(schema: Schema, tmp_path: Path) -> None:
    stored(tmp_path / "old" / "result.json", result(schema))
    for place, (named, other) in enumerate(unlike(schema).items()):
        stored(tmp_path / f"n{place}" / "result.json", other)
        if place % 3 == 0:
            done = tawsim("compare", "old", f"n{place}", "--out", "out", cwd=tmp_path)
            assert (done.returncode, done.stdout) == (3, "") and named in done.stderr
            assert done.stderr.startswith("error: model and model: not comparable: ") and done.stderr.count("\n") == 1
    stored(tmp_path / "broken.json", "{")
    assert tawsim("compare", "old", "broken.json", cwd=tmp_path).returncode == 3
    assert tawsim("compare", "old", "nowhere", cwd=tmp_path).returncode == 2
    assert tawsim("compare", "old", cwd=tmp_path).returncode == 2
    assert not (tmp_path / "out").exists()
