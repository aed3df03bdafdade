"""The action that scores a model, through this repository's own workflow file, step by step."""

import json
import shutil
from pathlib import Path

import pytest
from github_machine import OUT, Machine
from workflow_runner import evaluate, fill

pytestmark = pytest.mark.xdist_group("workflows")


@pytest.fixture
def baseline(made: Machine, machine: Machine) -> Path:
    """The result of the CRF, kept in the checkout as a committed file is."""
    if not (made.checkout / "crf.json").exists():
        job = machine.score(model="baseline:crf")
        assert job.codes == [], job.printed
        shutil.copy(made.checkout / OUT / "result.json", made.checkout / "crf.json")
    return made.checkout / "crf.json"


def test_it_passes_with_the_gates_of_the_repository_and_tells_its_outputs(machine: Machine) -> None:
    job = machine.score(model="baseline:crf")
    assert job.codes == [], job.printed
    result = machine.result()
    told = job.outputs["score"]
    assert (told["verdict"], told["status"]) == ("passed", "complete")
    assert float(told["f1"]) == result["scores"]["word"]["micro"]["f1"]
    for name in ("result", "report", "comment"):
        assert (machine.checkout / told[name]).stat().st_size > 100
    assert f"{float(told['f1']):.4f}" in job.summary


def test_a_floor_that_is_not_reached_fails_the_job_with_1(machine: Machine) -> None:
    gates = machine.gates({"floors": {"micro.f1": 0.99}})
    job = machine.score(model="baseline:gazetteer", gates=gates)
    assert job.codes == [1], job.printed
    assert job.outputs["score"]["verdict"] == "failed"
    assert "::error" in job.printed and "micro.f1" in job.summary
    assert (machine.checkout / job.outputs["score"]["report"]).is_file()


def test_a_drop_below_the_baseline_fails_the_job_with_1(machine: Machine, baseline: Path) -> None:
    gates = machine.gates({"max_drop": {"micro.f1": 0.01}})
    job = machine.score(model="baseline:gazetteer", gates=gates, baseline=baseline.name)
    assert job.codes == [1] and job.outputs["score"]["verdict"] == "failed", job.printed
    job = machine.score(model="baseline:crf", gates=gates, baseline=baseline.name)
    assert job.codes == [] and job.outputs["score"]["verdict"] == "passed", job.printed


def test_a_baseline_that_cannot_be_compared_ends_with_3(machine: Machine, baseline: Path) -> None:
    other = json.loads(baseline.read_bytes())
    other["dataset"]["content_digest"] = "0" * 64
    (machine.checkout / "other.json").write_text(json.dumps(other), "utf-8")
    gates = machine.gates({"max_drop": {"micro.f1": 0.5}})
    job = machine.score(model="baseline:crf", gates=gates, baseline="other.json")
    assert job.codes == [3] and job.outputs["score"]["verdict"] == "undecided", job.printed
    assert "content_digest" in job.printed


def test_a_model_that_is_none_ends_with_2_and_leaves_nothing_of_an_earlier_run(machine: Machine) -> None:
    machine.score(model="baseline:gazetteer", gates=machine.gates({"floors": {"micro.f1": 0.01}}))
    job = machine.score(model="basline:crf")
    assert job.codes == [2] and job.outputs["score"] == dict.fromkeys(job.outputs["score"], "") | {"verdict": "none"}
    assert "Did you mean baseline:crf?" in job.printed and "Traceback" not in job.printed


def test_inputs_reach_the_command_as_they_are(machine: Machine) -> None:
    """Nothing of an input is read by the shell."""
    job = machine.score(model="$(touch stolen); `touch stolen` 'x'")
    assert job.codes == [2] and not (machine.checkout / "stolen").exists()


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("inputs.model || 'baseline:crf'", "baseline:crf"),
        ("!cancelled() && github.event_name == 'pull_request'", False),
        ("(inputs.model == '' || failure()) && success()", True),
        ("steps.score.outputs.comment != ''", False),
        ("'it''s'", "it's"),
    ],
)
def test_the_runner_reads_expressions_as_github_does(expression: str, value: object) -> None:
    contexts = {"inputs": {"model": ""}, "github": {"event_name": "push"}, "steps": {}}
    assert evaluate(expression, contexts) == value
    assert (
        fill("<${{ " + expression + " }}>", contexts) == f"<{str(value).lower() if value in (True, False) else value}>"
    )


def test_the_runner_refuses_what_it_does_not_know() -> None:
    for wrong in ("secrets.key", "inputs.a ? 1", "always() always()"):
        with pytest.raises(AssertionError):
            evaluate(wrong, {"inputs": {}})
