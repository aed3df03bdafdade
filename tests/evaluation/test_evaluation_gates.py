"""Gates: verdicts at and beside each limit, and nothing passes that cannot be told."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from command_process import tawsim
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from scored_results import DOCUMENTS, MENTIONS, NAME, composed, copied, result, stored

from toolkit.errors import ConfigError
from toolkit.evaluation.comparing.gate_scores import check_gates, score_at
from toolkit.evaluation.comparing.gates import Gate, Judgement, Verdict, judge_gates
from toolkit.evaluation.reports.gate_report import gate_lines, gate_table
from toolkit.gate_rules import WORD_VIEW, GateRules
from toolkit.schema import Schema

STANDING = ("complete", "not empty")


def verdicts(judgement: Judgement) -> dict[str, str]:
    """The verdict of each gate of the rules."""
    return {gate.name: str(gate.verdict) for gate in judgement.gates if gate.name not in STANDING}


def rules(**given: Any) -> GateRules:
    return GateRules.model_validate(given)


def test_a_floor_is_reached_at_the_number_itself(schema: Schema) -> None:
    # 21 of 42 mentions: recall 0.5, precision 1, F1 2/3.
    half = result(schema, MENTIONS[::2])
    floors = {"micro.recall": 0.5, "micro.precision": 1, "micro.f1": 2 / 3, "scores.char.micro.f1": 0.66}
    passed = judge_gates(half, rules(floors=floors))
    assert set(verdicts(passed).values()) == {"passed"} and (passed.verdict, passed.exit_code) == ("passed", 0)
    failed = judge_gates(half, rules(floors={"micro.recall": 0.500001, "micro.f1": 0.66}))
    assert verdicts(failed) == {"floor micro.recall": "failed", "floor micro.f1": "passed"}
    assert (failed.verdict, failed.exit_code) == ("failed", 1)
    # Four places would look like the limit.
    assert failed.gates[2].message == "micro.recall is 0.500000, at least 0.500001 is asked for"


def test_rounding_of_doubles_does_not_decide(schema: Schema) -> None:
    half = copied(result(schema, MENTIONS[::2]))
    half["scores"]["word"]["micro"]["f1"] = 0.1 + 0.2 - 0.1  # 0.20000000000000004
    before = copied(half)
    before["scores"]["word"]["micro"]["f1"] = 0.3
    assert judge_gates(half, rules(floors={"micro.f1": 0.2})).exit_code == 0
    half["scores"]["word"]["micro"]["f1"] = 0.3 - 0.1  # 0.19999999999999998
    assert judge_gates(half, rules(floors={"micro.f1": 0.2}, max_drop={"micro.f1": 0.1}), before).exit_code == 0
    half["scores"]["word"]["micro"]["f1"] = 0.2 - 1e-9
    found = judge_gates(half, rules(floors={"micro.f1": 0.2}, max_drop={"micro.f1": 0.1}), before)
    assert list(verdicts(found).values()) == ["passed", "failed", "failed"]


def test_a_drop_is_held_against_the_baseline(schema: Schema) -> None:
    before = result(schema, MENTIONS[::4])
    after = result(schema, MENTIONS[::2], name="new")
    drop = score_at(before, "micro.f1")[0] - score_at(after, "micro.f1")[0]
    for limit, verdict in ((drop + 1e-6, "passed"), (drop - 1e-6, "failed"), (0, "failed")):
        found = judge_gates(after, rules(max_drop={"micro.f1": limit}), before)
        assert verdicts(found) == {"comparable": "passed", "drop micro.f1": verdict}
    assert judge_gates(before, rules(max_drop={"micro.f1": 0}), after).exit_code == 0  # a gain
    assert judge_gates(before, rules(max_drop={"micro.f1": 0}), before).exit_code == 0
    found = judge_gates(after, rules(max_drop={"micro.f1": 0.01}), before)
    assert f"({-drop:+.4f}), at most 0.01 lower is allowed" in found.gates[-1].message


def test_without_a_baseline_that_can_be_compared_with_nothing_passes(schema: Schema) -> None:
    plain = result(schema)
    demands = rules(floors={"micro.f1": 0.9}, max_drop={"micro.f1": 0.5}, significance=0.05)
    alone = judge_gates(plain, demands)
    assert verdicts(alone) == {
        "floor micro.f1": "passed", "drop micro.f1": "undecided", "significance": "undecided"
    }  # fmt: skip
    assert alone.exit_code == 3 and alone.gates[-1].message == "no baseline was given"
    other = result(schema, dataset=replace(NAME, content_digest="f" * 64))
    apart = judge_gates(plain, demands, other)
    assert apart.exit_code == 3 and set(verdicts(apart).values()) == {"passed", "undecided"}
    assert "digest: ffffffffffff and 0123456789ab" in apart.gates[-1].message
    # Also where no gate asks for the baseline that was given.
    assert judge_gates(plain, rules(floors={"micro.f1": 0.9}), other).exit_code == 3
    unfinished = result(schema, without={"d00"})
    assert judge_gates(plain, rules(floors={"micro.f1": 0.9}), unfinished).exit_code == 3


def test_significance_fails_a_drop_however_small_and_no_gain(schema: Schema) -> None:
    better, worse = result(schema, MENTIONS[::4]), result(schema, MENTIONS[::2])
    demand = rules(significance=0.05)
    found = judge_gates(worse, demand, better)
    assert found.exit_code == 1 and "p = 0.00" in found.gates[-1].message and found.gates[-1].value < 0.05
    assert judge_gates(better, demand, worse).exit_code == 0
    one_less = result(schema, [*MENTIONS[::4], ("d00", 1)])
    assert judge_gates(one_less, demand, better).exit_code == 0  # p = 1
    assert judge_gates(one_less, rules(max_drop={"micro.f1": 0}), better).exit_code == 1


def test_so_few_documents_that_no_drop_could_be_significant_decide_nothing(schema: Schema) -> None:
    for number, level, code in ((5, 0.05, 3), (6, 0.05, 1), (1, 0.5, 3)):
        documents = composed(number)
        every_second = [(d.id, 0) for d in documents]
        pair = result(schema, every_second, documents=documents), result(schema, documents=documents)
        found = judge_gates(pair[0], rules(significance=level), pair[1])
        assert found.exit_code == code, number
    assert "so few documents" in judge_gates(
        result(schema, documents=composed(5)), rules(significance=0.05), result(schema, documents=composed(5))
    ).gates[-1].message  # fmt: skip


def test_little_support_no_number_and_no_such_score_are_no_pass(schema: Schema) -> None:
    plain = result(schema)
    assert plain["scores"]["word"]["labels"]["ORG"]["gold"] == 10
    for name, least, told in (
        ("ORG.f1", 11, "ORG.f1 has 10 gold mentions, 11 are needed to decide"),
        ("DATE.f1", 1, "there is no number DATE.f1 in the result"),
        ("NONE.recall", 1, "there is no number NONE.recall in the result"),
        ("relations.strict.micro.f1", 1, "there is no number relations.strict.micro.f1 in the result"),
        ("seen_mentions.seen.recall", 1, "there is no number seen_mentions.seen.recall in the result"),
        ("collections.sport.word.f1", 1, "there is no number collections.sport.word.f1 in the result"),
    ):
        for demand in (rules(floors={name: 0}, min_support=least), rules(max_drop={name: 1}, min_support=least)):
            found = judge_gates(plain, demand, plain)
            assert found.exit_code == 3 and (found.gates[-1].verdict, found.gates[-1].message) == ("undecided", told)
    assert judge_gates(plain, rules(floors={"ORG.f1": 1, "macro.f1": 1}, min_support=10)).exit_code == 0


def test_an_empty_result_never_passes(schema: Schema) -> None:
    lenient = rules(floors={"coverage.characters": 0}, max_drop={"coverage.characters": 1})
    silent = result(schema, MENTIONS)
    found = judge_gates(silent, lenient, silent)
    assert found.exit_code == 3 and found.gates[1].message == "there are no predictions"
    blank = [replace(document, entities=()) for document in DOCUMENTS]
    no_gold = result(schema, (), {"d00"}, documents=blank)
    assert judge_gates(no_gold, lenient, no_gold).gates[1].message == "there are no gold mentions"
    nothing = result(schema, documents=blank)
    told = "there are no gold mentions and no predictions"
    assert judge_gates(nothing, lenient, nothing).gates[1].message == told
    no_documents = copied(result(schema)) | {"documents": {}}
    assert judge_gates(no_documents, lenient, no_documents).exit_code == 3
    # F1 is 0 here, and a floor of 0 is reached.
    zero = judge_gates(silent, rules(floors={"micro.f1": 0}))
    assert zero.gates[-1].verdict == "passed" and zero.exit_code == 3


def test_an_incomplete_result_never_passes_and_hides_no_failure(schema: Schema) -> None:
    half = result(schema, without={"d01"})
    found = judge_gates(half, rules(floors={"micro.f1": 0.1}))
    assert found.exit_code == 3 and found.gates[0].message == "1 of 16 documents have no prediction: d01"
    both = judge_gates(half, rules(floors={"micro.f1": 0.99, "NONE.f1": 0}))
    assert both.exit_code == 1
    assert list(gate_lines(both)) == [
        "undecided: complete: 1 of 16 documents have no prediction: d01",
        "failed: floor micro.f1: micro.f1 is 0.9630, at least 0.99 is asked for",
        "undecided: floor NONE.f1: there is no number NONE.f1 in the result",
        "verdict: failed (1 passed, 1 failed, 2 undecided)",
    ]


def test_informational_gates_are_told_and_do_not_count(schema: Schema) -> None:
    plain = result(schema, MENTIONS[::2])
    demand = rules(floors={"micro.f1": 0.9, "micro.recall": 0.5}, max_drop={"micro.f1": 0}, informational=["micro.f1"])
    found = judge_gates(plain, demand)
    assert (found.verdict, found.exit_code) == ("passed", 0)
    assert [gate.informational for gate in found.gates] == [False, False, True, False, True]
    lines = list(gate_lines(found))
    assert lines[0].startswith("informational, failed: floor micro.f1: ")
    assert lines[1:] == [
        "informational, undecided: drop micro.f1: no baseline was given",
        "verdict: passed (3 passed, 0 failed, 0 undecided)",
    ]


def test_no_gate_is_no_pass(schema: Schema) -> None:
    for judgement in (judge_gates(result(schema), GateRules()), Judgement(())):
        assert (judgement.verdict, judgement.exit_code, judgement.gates) == ("undecided", 3, ())
    told = Gate("floor x", "", 1.0, Verdict.PASSED, "", informational=True)
    assert Judgement((told,)).exit_code == 3


gates = st.builds(
    Gate, st.just("g"), st.just(""), st.none(), st.sampled_from(Verdict), st.just(""), informational=st.booleans()
)


@given(st.lists(gates))
def test_the_verdict_over_all_is_the_worst_of_those_that_count(drawn: list[Gate]) -> None:
    counting = [gate.verdict for gate in drawn if not gate.informational]
    code = 1 if "failed" in counting else 3 if "undecided" in counting or not counting else 0
    judgement = Judgement(tuple(drawn))
    assert judgement.exit_code == code == judgement.as_json()["exit_code"]
    assert sum(judgement.counts.values()) == len(counting)


@settings(max_examples=30)
@given(st.sets(st.sampled_from(MENTIONS)), st.floats(0, 1), st.floats(0, 1))
def test_a_verdict_follows_from_the_numbers_alone(schema: Schema, missed: Any, floor: float, limit: float) -> None:
    before, after = result(schema, MENTIONS[::3]), result(schema, missed)
    now, then = (scored["scores"]["word"]["micro"]["recall"] for scored in (after, before))
    found = verdicts(
        judge_gates(after, rules(floors={"micro.recall": floor}, max_drop={"micro.recall": limit}), before)
    )
    assert found["floor micro.recall"] == ("passed" if now >= floor - 1e-12 else "failed")
    assert found["drop micro.recall"] == ("passed" if then - now <= limit + 1e-12 else "failed")


def test_every_kind_of_score_is_found_with_its_support(schema: Schema) -> None:
    plain = result(schema, MENTIONS[::2])
    for name, keys, support in (
        ("micro.f1", ("scores", "word", "micro", "f1"), 42),
        ("macro.f1", ("scores", "word", "macro", "f1"), None),
        ("PER.recall", ("scores", "word", "labels", "PER", "recall"), 16),
        ("scores.clitic.labels.GPE.f1", ("scores", "clitic", "labels", "GPE", "f1"), 16),
        ("seqeval.strict.micro.f1", ("seqeval", "strict", "micro", "f1"), 42),
        ("partial_credit.type.f1", ("partial_credit", "type", "f1"), 42),
        ("nesting.flat.recall", ("nesting", "flat", "recall"), 42),
        ("lengths.1.recall", ("lengths", "1", "recall"), 16),
        ("collections.news.char.f1", ("collections", "news", "char", "f1"), 42),
        ("coverage.characters", ("coverage", "characters"), None),
    ):
        found: Any = plain
        for key in keys:
            found = found[key]
        assert score_at(plain, name) == (found, support) and found > 0, name


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("PRE.f1", "a gate names PRE.f1, but scores.word has no label PRE. Did you mean PER?"),
        ("TITLE.f1", "scores.word has no label TITLE. There are: PER, NORP"),
        ("seqeval.strict.labels.TITLE.f1", "seqeval.strict has no label TITLE"),
        ("relations.strict.labels.PER.f1", "relations.strict has no label PER"),
        ("scores.char.labels.XYZ.f1", "scores.char has no label XYZ. There are: PER, NORP, TITLE"),
    ],
)
def test_a_label_that_is_not_scored_is_told_before_anything_is_scored(schema: Schema, name: str, told: str) -> None:
    with pytest.raises(ConfigError) as refused:
        check_gates(rules(floors={"micro.f1": 0.5}, max_drop={name: 0.5}), schema, WORD_VIEW, "g.yaml")
    assert str(refused.value).startswith("g.yaml: a gate names ") and told in str(refused.value)


def test_labels_that_are_scored_are_let_through_and_no_gates_are_an_error(schema: Schema) -> None:
    names = ("PER.f1", "scores.char.labels.TITLE.f1", "relations.given.labels.HEAD_OF.f1", "coverage.characters")
    check_gates(rules(floors=dict.fromkeys(names, 0.5)), schema, WORD_VIEW, "g")
    check_gates(rules(floors={"TITLE.f1": 0.5}), schema, ("scores", "char"), "g")
    check_gates(rules(floors={"HEAD_OF.f1": 0.5}), schema, ("relations", "given"), "g")
    with pytest.raises(ConfigError, match="there are no gates in it"):
        check_gates(rules(min_support=3), schema, WORD_VIEW, "g")


GOLDEN = """\
Gates
┏━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━┳━━━━━━━━━━━━━━━━━━┓
┃ gate            ┃ demand                 ┃  found ┃ verdict          ┃
┡━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━╇━━━━━━━━━━━━━━━━━━┩
│ complete        │ all predicted and read │        │ passed           │
│ not empty       │ gold and predictions   │        │ passed           │
│ floor micro.f1  │ at least 0.7           │ 0.6667 │ failed           │
│ drop PER.recall │ at most 0.01 lower     │ 0.3125 │ undecided (info) │
└─────────────────┴────────────────────────┴────────┴──────────────────┘"""


def test_the_table_as_it_is_printed(schema: Schema) -> None:
    demand = rules(floors={"micro.f1": 0.7}, max_drop={"PER.recall": 0.01}, informational=["PER.recall"])
    console = Console(width=80, color_system=None)
    with console.capture() as taken:
        console.print(gate_table(judge_gates(result(schema, MENTIONS[::2]), demand)))
    assert "\n".join(line.rstrip() for line in taken.get().splitlines()) == GOLDEN


def written(path: Path, content: Any) -> Path:
    path.write_text(json.dumps(content), "utf-8")  # JSON is YAML
    return path


def test_score_ends_with_the_exit_code_of_the_gates(project: Path, tmp_path: Path) -> None:
    def score(model: str, gates: Any, *more: object) -> Any:
        path = written(tmp_path / "gates.yaml", gates)
        return tawsim("score", model, "--project", project, "--out", "out", "--gates", path, *more, cwd=tmp_path)

    def verdict() -> str:
        return str(json.loads((tmp_path / "out" / "gates.json").read_text("utf-8"))["verdict"])

    passed = score("baseline:crf", {"floors": {"micro.f1": 0.01}})
    assert passed.returncode == 0, passed.stderr
    assert (
        verdict() == "passed" and passed.stderr.splitlines()[-1] == "verdict: passed (3 passed, 0 failed, 0 undecided)"
    )
    assert "│ floor micro.f1 │" in passed.stdout
    crf = json.loads((tmp_path / "out" / "result.json").read_text("utf-8"))
    failed = score("baseline:crf", {"floors": {"micro.f1": 1.0}}, "--format", "json")
    assert failed.returncode == 1 and verdict() == "failed" and json.loads(failed.stdout) == crf
    assert failed.stderr.splitlines()[-1] == "verdict: failed (2 passed, 1 failed, 0 undecided)"
    same = stored(tmp_path / "same.json", crf)
    assert score("baseline:crf", {"max_drop": {"micro.f1": 0}}, "--baseline", same).returncode == 0
    other = stored(tmp_path / "other.json", {**crf, "dataset": {**crf["dataset"], "content_digest": "0" * 64}})
    apart = score("baseline:crf", {"floors": {"micro.f1": 0.01}}, "--baseline", other)
    assert apart.returncode == 3 and verdict() == "undecided" and "content_digest: " in apart.stderr
    broken = stored(tmp_path / "broken.json", "{")
    assert score("baseline:crf", {"floors": {"micro.f1": 0.01}}, "--baseline", broken).returncode == 3


def test_a_mistake_in_the_gates_is_told_before_the_model_runs(project: Path, tmp_path: Path) -> None:
    for content, told in (
        ({"floors": {"micro.f2": 0.5}}, "no result has a score 'micro.f2'"),
        ({"gates": {"floors": {"PRE.f1": 0.5}}}, "Did you mean PER?"),
        ({"floors": {}}, "there are no gates in it"),
    ):
        path = written(tmp_path / "gates.yaml", content)
        done = tawsim("score", "baseline:crf", "--project", project, "--out", "out", "--gates", path, cwd=tmp_path)
        assert done.returncode == 2 and done.stderr.startswith("error: ") and told in done.stderr, done.stderr
    assert not (tmp_path / "out").exists()


def test_without_gates_nothing_is_judged_and_an_old_verdict_goes(project: Path, tmp_path: Path) -> None:
    scored = ("score", "baseline:gazetteer", "--project", project, "--out", "out")
    gates = written(tmp_path / "gates.yaml", {"floors": {"micro.f1": 1.0}})
    assert tawsim(*scored, "--gates", gates, cwd=tmp_path).returncode == 1
    assert (tmp_path / "out" / "gates.json").is_file()
    plain = tawsim(*scored, "--baseline", "out", cwd=tmp_path)
    assert plain.returncode == 0 and "against baseline:gazetteer: +0.0000" in plain.stderr
    assert "verdict" not in plain.stderr and not (tmp_path / "out" / "gates.json").exists()
    other = json.loads((tmp_path / "out" / "result.json").read_text("utf-8"))
    other["policies"]["keep"] = "innermost"
    apart = tawsim(*scored, "--baseline", stored(tmp_path / "other.json", other), cwd=tmp_path)
    assert apart.returncode == 3 and "not comparable with the baseline: policies: " in apart.stderr
