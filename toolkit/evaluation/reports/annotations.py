"""Failed gates as the workflow commands that GitHub shows beside a run."""

from toolkit.evaluation.comparing.gates import Judgement

# GitHub shows so many annotations of a step and drops the rest without a word.
_MOST = 10


def annotations(judgement: Judgement) -> list[str]:
    """The lines that make GitHub show failed gates beside the run, ten at most; the tenth tells of those left out."""
    failed = [gate for gate in judgement.gates if gate.verdict == "failed" and not gate.informational]
    lines = [f"::error title={_property(f'gate {gate.name}')}::{_data(gate.message)}" for gate in failed]
    if len(lines) > _MOST:
        left = len(lines) - _MOST + 1
        lines[_MOST - 1 :] = [f"::error title=gates::{left} more gates failed, see the report"]
    return lines


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
