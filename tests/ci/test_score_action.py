"""The action that scores a model, through this repository's own workflow file, step by step."""

import json
import os
import shutil
import subprocess
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from workflow_runner import Job, Runner, evaluate, fill

from toolkit.project import ARTICLES_VARIABLE

pytestmark = pytest.mark.xdist_group("score-action")
PROVIDED = ("actions/checkout", "actions/setup-python", "actions/upload-artifact")
OUT = "results/score"


@dataclass(frozen=True)
class Machine:
    """A runner's machine: a checkout, and a Python whose environment has our libraries and not yet ourselves."""

    checkout: Path
    programs: Path
    temporary: Path

    def run(self, *, begin_with: str | None = None, **inputs: str) -> Job:
        """Runs the job of the workflow with these inputs, or only what follows its installation and build."""
        path = f"{self.programs}{os.pathsep}{os.environ['PATH']}"
        runner = Runner(
            self.checkout,
            self.temporary,
            event="workflow_dispatch",
            inputs=inputs,
            provided=PROVIDED,
            environment={"PATH": path, ARTICLES_VARIABLE: ""},
        )
        return runner.run(self.checkout / ".github" / "workflows" / "score.yml", "score", begin_with)

    def score(self, **inputs: str) -> Job:
        """What is left of the job once the checkout is installed and built."""
        return self.run(begin_with="score", **inputs)

    def gates(self, content: dict[str, object]) -> str:
        """A file with gates, as the workflow names it."""
        (self.checkout / "gates-of-a-test.yaml").write_text(yaml.safe_dump(content), "utf-8")
        return "gates-of-a-test.yaml"

    def result(self) -> dict[str, object]:
        return json.loads((self.checkout / OUT / "result.json").read_bytes())


@pytest.fixture(scope="module")
def made(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Machine:
    root = tmp_path_factory.mktemp("runner")
    tracked = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=repository,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, tracked.stdout.split("\0")):
        if (repository / name).is_file():
            target = root / "checkout" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(repository / name, target)
    venv.create(root / "python", with_pip=True, symlinks=True)
    own = Path(sysconfig.get_path("purelib", vars={"base": str(root / "python"), "platbase": str(root / "python")}))
    # What pip would download again is there already; it installs the checkout itself.
    (own / "libraries.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    machine = Machine(root / "checkout", root / "python" / "bin", root)
    job = machine.run()
    assert job.codes == [], job.printed
    return machine


@pytest.fixture
def machine(made: Machine, tmp_path: Path) -> Machine:
    return Machine(made.checkout, made.programs, tmp_path)


@pytest.fixture(scope="module")
def baseline(made: Machine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The result of the CRF, kept in the checkout as a committed file is."""
    job = Machine(made.checkout, made.programs, tmp_path_factory.mktemp("baseline")).score(model="baseline:crf")
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


def test_inputs_reach_the_command_as_they_are(machine: Machine, tmp_path: Path) -> None:
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
