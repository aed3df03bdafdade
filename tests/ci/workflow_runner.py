"""Runs a job of a workflow file, composite actions of this repository included, as GitHub's runner would.

What a runner gives is given: files behind GITHUB_OUTPUT and GITHUB_STEP_SUMMARY, a step's `if`, `env` and `with`, the
outputs of steps, the exit code that ends a job. An action of somebody else (`owner/name@ref`) must be one of
`provided`, whose work is done on this machine already. What is not known here is an error.
"""

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>\d+)|(?P<sign>\|\||&&|==|!=|!|\(|\))|(?P<name>[\w.-]+))"
)
# A condition without one of these holds only where no step before it failed.
_STATUS = re.compile(r"\b(success|failure|always|cancelled)\(\)")
_SHELLS = {"bash": ["bash", "--noprofile", "--norc", "-eo", "pipefail"]}
_STEP_KEYS = {"name", "id", "if", "uses", "with", "run", "env", "shell", "working-directory"}


@dataclass
class Ran:
    """A step that was run: its exit code and what it printed."""

    name: str
    code: int
    printed: str


@dataclass
class Job:
    """A job that was run: every step, the outputs by the id of a step, and the text of the step summary."""

    steps: list[Ran] = field(default_factory=list)
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)
    summary: str = ""

    @property
    def codes(self) -> list[int]:
        """The exit codes that are not 0, in order."""
        return [step.code for step in self.steps if step.code]

    @property
    def printed(self) -> str:
        """All that was printed."""
        return "".join(step.printed for step in self.steps)


class Runner:
    """Runs steps in `checkout`; `inputs` are those of a dispatched workflow, `variables` those of the repository.

    `event` is what `github.event_name` is, `ref` the name of the branch or tag. `id_tokens` is the environment that
    tells a job which may have them where to ask.
    """

    def __init__(
        self,
        checkout: Path,
        temporary: Path,
        *,
        event: str,
        ref: str = "main",
        inputs: Mapping[str, str],
        variables: Mapping[str, str],
        provided: Sequence[str],
        environment: Mapping[str, str],
        id_tokens: Mapping[str, str],
    ) -> None:
        self._checkout, self._temporary, self._provided = checkout, temporary, provided
        self._event, self._ref, self._inputs, self._variables = event, ref, inputs, variables
        self._environment, self._id_tokens = dict(environment) | {"RUNNER_TEMP": str(temporary)}, id_tokens
        self._summary = temporary / "summary.md"
        self._summary.touch()

    def run(self, workflow: Path, job: str, begin_with: str | None = None) -> Job:
        """Runs a job of a workflow file, or what is left of it from the step of this id on."""
        # YAML 1.1 reads the key `on` as true.
        description = yaml.safe_load(workflow.read_text("utf-8"))
        triggers = description[True]
        assert self._event in triggers, f"{workflow.name} does not run on {self._event}"
        declared = (triggers[self._event] or {}).get("inputs", {})
        github = {"event_name": self._event, "ref_name": self._ref}
        contexts = {"inputs": _filled(declared, self._inputs), "github": github, "vars": dict(self._variables)}
        ran = Job()
        steps, own = description["jobs"][job]["steps"], description["jobs"][job].get("env", {})
        environment = self._environment | {key: fill(str(value), contexts) for key, value in own.items()}
        if description["jobs"][job].get("permissions", {}).get("id-token") == "write":
            environment |= self._id_tokens
        begin = next(place for place, step in enumerate(steps) if begin_with in (None, step.get("id")))
        self._steps(steps[begin:], contexts, ran, environment)
        ran.summary = self._summary.read_text("utf-8")
        return ran

    def _steps(
        self, steps: Sequence[Mapping[str, Any]], contexts: Mapping[str, Any], ran: Job, environment: Mapping[str, str]
    ) -> bool:
        """Runs steps one after the other; whether one of them failed."""
        outputs: dict[str, dict[str, dict[str, str]]] = {}
        has_failed = False
        for number, step in enumerate(steps):
            assert step.keys() <= _STEP_KEYS, f"unknown keys: {step.keys() - _STEP_KEYS}"
            here = {**contexts, "steps": outputs, "failed": has_failed}
            condition = _EXPRESSION.sub(r"\1", str(step.get("if", "success()")))
            if not _STATUS.search(condition):
                condition = f"success() && ({condition})"
            if not evaluate(condition, here):
                continue
            own = {**environment, **{key: fill(str(value), here) for key, value in step.get("env", {}).items()}}
            found: dict[str, str] = {}
            if "uses" in step:
                has_failed |= self._action(step, here, ran, own, found)
            else:
                has_failed |= self._script(step, here, ran, own, found, f"step {number}")
            if "id" in step:
                outputs[step["id"]] = {"outputs": found}
                ran.outputs[step["id"]] = found
        return has_failed

    def _action(
        self, step: Mapping[str, Any], here: Mapping[str, Any], ran: Job, own: Mapping[str, str], found: dict[str, str]
    ) -> bool:
        name = step["uses"]
        if not name.startswith("./"):
            assert name.partition("@")[0] in self._provided, f"{name} is not provided"
            return False
        folder = self._checkout / name
        action = yaml.safe_load((folder / "action.yml").read_text("utf-8"))
        assert action["runs"]["using"] == "composite"
        given = {key: fill(str(value), here) for key, value in step.get("with", {}).items()}
        contexts = {"inputs": _filled(action["inputs"], given), "github": here["github"]}
        inner = Job(ran.steps)
        has_failed = self._steps(
            action["runs"]["steps"], contexts, inner, {**own, "GITHUB_ACTION_PATH": str(folder.resolve())}
        )
        steps = {"steps": {key: {"outputs": value} for key, value in inner.outputs.items()}}
        found |= {key: fill(str(output["value"]), {**contexts, **steps}) for key, output in action["outputs"].items()}
        return has_failed

    def _script(
        self,
        step: Mapping[str, Any],
        here: Mapping[str, Any],
        ran: Job,
        own: Mapping[str, str],
        found: dict[str, str],
        name: str,
    ) -> bool:
        script, output = self._temporary / "script.sh", self._temporary / "output"
        script.write_text(fill(step["run"], here), "utf-8")
        output.write_text("")
        given = {"GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(self._summary), "GITHUB_ACTIONS": "true"}
        done = subprocess.run(
            [*_SHELLS[step.get("shell", "bash")], str(script)],
            cwd=self._checkout / step.get("working-directory", "."),
            env={**os.environ, **own, **given},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        ran.steps.append(Ran(step.get("name", name), done.returncode, done.stdout))
        found |= dict(line.split("=", 1) for line in output.read_text("utf-8").splitlines())
        return done.returncode != 0


def _filled(declared: Mapping[str, Mapping[str, Any]], given: Mapping[str, str]) -> dict[str, str]:
    """Inputs with their defaults. One that is not declared, or required and not given, is an error."""
    assert given.keys() <= declared.keys(), f"not declared: {given.keys() - declared.keys()}"
    lacking = [key for key, what in declared.items() if what.get("required") and not given.get(key)]
    assert not lacking, f"required: {lacking}"
    return {key: given.get(key, str(what.get("default", ""))) for key, what in declared.items()}


def fill(text: str, contexts: Mapping[str, Any]) -> str:
    """A text with its `${{ expressions }}` replaced by their values."""
    return _EXPRESSION.sub(lambda match: _shown(evaluate(match[1], contexts)), text)


def _shown(value: Any) -> str:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


def evaluate(expression: str, contexts: Mapping[str, Any]) -> Any:
    """The value of an expression of GitHub's language, as far as it is used here. What a context lacks is empty."""
    tokens = []
    place = 0
    expression = expression.strip()
    while place < len(expression):
        match = _TOKEN.match(expression, place)
        assert match, f"not understood: {expression[place:]}"
        tokens.append(match)
        place = match.end()
    value, rest = _or(tokens, contexts)
    assert not rest, f"not understood: {expression}"
    return value


def _or(tokens: list[Any], contexts: Mapping[str, Any]) -> tuple[Any, list[Any]]:
    value, tokens = _and(tokens, contexts)
    while tokens and tokens[0]["sign"] == "||":
        other, tokens = _and(tokens[1:], contexts)
        value = value or other
    return value, tokens


def _and(tokens: list[Any], contexts: Mapping[str, Any]) -> tuple[Any, list[Any]]:
    value, tokens = _equal(tokens, contexts)
    while tokens and tokens[0]["sign"] == "&&":
        other, tokens = _equal(tokens[1:], contexts)
        value = value and other
    return value, tokens


def _equal(tokens: list[Any], contexts: Mapping[str, Any]) -> tuple[Any, list[Any]]:
    value, tokens = _one(tokens, contexts)
    while tokens and tokens[0]["sign"] in ("==", "!="):
        sign = tokens[0]["sign"]
        other, tokens = _one(tokens[1:], contexts)
        value = (value == other) is (sign == "==")
    return value, tokens


def _one(tokens: list[Any], contexts: Mapping[str, Any]) -> tuple[Any, list[Any]]:
    first, *rest = tokens
    if first["sign"] == "!":
        value, rest = _one(rest, contexts)
        return not value, rest
    if first["sign"] == "(":
        value, rest = _or(rest, contexts)
        assert rest and rest[0]["sign"] == ")"
        return value, rest[1:]
    if first["text"]:
        return first["text"][1:-1].replace("''", "'"), rest
    if first["number"]:
        return int(first["number"]), rest
    name = first["name"]
    if [token["sign"] for token in rest[:2]] == ["(", ")"]:
        states = {"always": True, "cancelled": False}
        states |= {"success": not contexts.get("failed"), "failure": bool(contexts.get("failed"))}
        return states[name], rest[2:]
    value: Any = contexts
    head = name.partition(".")[0]
    assert head in contexts, f"no context {head}"
    for key in name.split("."):
        value = value.get(key, "") if isinstance(value, Mapping) else ""
    return value, rest
