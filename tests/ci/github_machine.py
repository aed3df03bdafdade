"""A machine of GitHub's: a checkout of this repository, and a Python of its own on which workflows are run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from workflow_runner import Job, Runner

from toolkit.files import read_json

PROVIDED = ("actions/checkout", "actions/setup-python", "actions/upload-artifact")
OUT = "results/score"


@dataclass(frozen=True)
class Machine:
    """The folder of the checkout, the programs of its Python, and a folder for what a run leaves."""

    checkout: Path
    programs: Path
    temporary: Path
    environment: Mapping[str, str]
    id_tokens: Mapping[str, str] = field(default_factory=dict)

    def run(self, name: str, begin_with: str | None = None, **what: Any) -> Job:
        """Runs the workflow NAME.yml, whose only job has its name, or what is left of it from a step on."""
        given = {"event": "workflow_dispatch", "inputs": {}, "variables": {}} | what
        given |= {"provided": PROVIDED, "environment": self.environment, "id_tokens": self.id_tokens}
        runner = Runner(self.checkout, self.temporary, **given)
        return runner.run(self.checkout / ".github" / "workflows" / f"{name}.yml", name, begin_with)

    def score(self, **inputs: str) -> Job:
        """What is left of the workflow that scores, once the checkout is installed and built."""
        return self.run("score", begin_with="score", inputs=inputs)

    def gates(self, content: dict[str, object]) -> str:
        """A file with gates, as the workflow names it."""
        (self.checkout / "gates-of-a-test.yaml").write_text(yaml.safe_dump(content), "utf-8")
        return "gates-of-a-test.yaml"

    def result(self) -> Any:
        """The result.json of the last run."""
        return read_json(self.checkout / OUT / "result.json")
