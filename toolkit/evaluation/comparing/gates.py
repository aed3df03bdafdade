"""Gates: whether a result is good enough, one verdict for each and one for all. What cannot be told is never a pass."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from toolkit.evaluation.comparing.comparison import headline_test
from toolkit.evaluation.comparing.stored import Json, differences, model_label
from toolkit.gate_rules import GateRules

_ROOTS = ("scores", "seqeval", "relations", "coverage", "partial_credit", "seen_mentions", "nesting", "lengths")


class Verdict(StrEnum):
    """Of a gate, and of all together. `undecided`: too little data, no such score, or results not comparable."""

    PASSED = "passed"
    FAILED = "failed"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate: what was demanded of which score, what was found, and the verdict. An informational one never fails."""

    name: str
    demand: str
    value: float | None
    verdict: Verdict
    message: str
    informational: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """Every gate, and the verdict over all that count: failed before undecided before passed."""

    gates: tuple[Gate, ...]

    @property
    def verdict(self) -> Verdict:
        """`undecided` where there is no gate that counts."""
        counting = {gate.verdict for gate in self.gates if not gate.informational}
        for verdict in (Verdict.FAILED, Verdict.UNDECIDED):
            if verdict in counting:
                return verdict
        return Verdict.PASSED if counting else Verdict.UNDECIDED

    @property
    def exit_code(self) -> int:
        """0 passed, 1 failed, 3 undecided."""
        return {Verdict.PASSED: 0, Verdict.FAILED: 1, Verdict.UNDECIDED: 3}[self.verdict]

    def as_json(self) -> dict[str, Any]:
        """The verdict and every gate, for a file."""
        return {"verdict": str(self.verdict), "gates": [asdict(gate) for gate in self.gates]}


def judge_gates(result: Json, rules: GateRules, baseline: Json | None = None) -> Judgement:
    """Every gate of `rules` on a result. Drops need the baseline: without one they are undecided."""
    return Judgement((_whole(result), *_floors(result, rules), *_drops(result, rules, baseline)))


def score_at(result: Json, name: str) -> tuple[float | None, int | None]:
    """The number of a path in result.json, or of its short form in the headline view, and its support if it has one.

    (None, None) where there is no such number.
    """
    parts = name.split(".")
    if parts[0] not in _ROOTS:
        # A label may hold dots; what follows the last is the metric.
        group, metric = ".".join(parts[:-1]), parts[-1]
        inner = [group] if group in ("micro", "macro") else ["labels", group]
        parts = ["scores", result["headline"], *inner, metric]
    found: Any = result
    support = None
    for key in _resolved(parts):
        if not isinstance(found, Mapping) or key not in found:
            return None, None
        found = found[key]
        if isinstance(found, Mapping):
            support = found.get("support", found.get("gold", support))
    is_number = isinstance(found, int | float) and not isinstance(found, bool)
    return (float(found), support if isinstance(support, int) else None) if is_number else (None, None)


def _resolved(parts: Sequence[str]) -> Sequence[str]:
    """The path with a label that holds dots as one part."""
    if "labels" not in parts[:-2]:
        return parts
    at = parts.index("labels") + 1
    return [*parts[:at], ".".join(parts[at:-1]), parts[-1]]


def _whole(result: Json) -> Gate:
    is_complete = result["status"] == "complete"
    reasons = "; ".join(result.get("reasons") or ()) or f"the result is {result['status']}"
    verdict = Verdict.PASSED if is_complete else Verdict.UNDECIDED
    return Gate("complete", "every document predicted", None, verdict, "complete" if is_complete else reasons)


def _floors(result: Json, rules: GateRules) -> Iterator[Gate]:
    for name, floor in rules.floors.items():
        value, support = score_at(result, name)
        demand = f"at least {floor:g}"
        doubt = _doubt(name, value, support, rules)
        if doubt or value is None:
            verdict, message = Verdict.UNDECIDED, doubt
        else:
            verdict = Verdict.PASSED if value >= floor else Verdict.FAILED
            message = f"{name} is {value:.4f}, {demand} is asked for"
        yield Gate(f"floor {name}", demand, value, verdict, message, name in rules.informational)


def _doubt(name: str, value: float | None, support: int | None, rules: GateRules) -> str:
    """Why a score can decide nothing; empty where it can."""
    if value is None:
        return f"there is no number {name} in the result"
    if support is not None and support < rules.min_support:
        return f"{name} has {support} gold mentions, {rules.min_support} are needed to decide"
    return ""


def _drops(result: Json, rules: GateRules, baseline: Json | None) -> Iterator[Gate]:
    if not rules.needs_baseline:
        return
    obstacle = "no baseline was given" if baseline is None else "; ".join(differences(baseline, result))
    if obstacle and baseline is not None:
        obstacle = f"not comparable with the baseline: {obstacle}"
    for name, limit in rules.max_drop.items():
        yield _drop(result, baseline, name, limit, rules, obstacle)
    if rules.significance is not None:
        yield _significance(result, baseline, rules, obstacle)


def _drop(result: Json, baseline: Json | None, name: str, limit: float, rules: GateRules, obstacle: str) -> Gate:
    demand = f"at most {limit:g} below the baseline"
    value, support = score_at(result, name)
    before = score_at(baseline, name)[0] if baseline is not None else None
    doubt = obstacle or _doubt(name, value, support, rules)
    if not doubt and before is None:
        doubt = f"there is no number {name} in the baseline"
    if doubt or value is None or before is None:
        verdict, message = Verdict.UNDECIDED, doubt
    else:
        # Rounding of the difference of two doubles must not decide at the limit itself.
        verdict = Verdict.FAILED if before - value > limit + 1e-12 else Verdict.PASSED
        message = f"{name} is {value:.4f}, the baseline's is {before:.4f} ({value - before:+.4f}), {demand} is allowed"
    return Gate(f"drop {name}", demand, value, verdict, message, name in rules.informational)


def _significance(result: Json, baseline: Json | None, rules: GateRules, obstacle: str) -> Gate:
    level = rules.significance or 0.0
    demand = f"no drop of the headline with p at most {level:g}"
    if baseline is None or obstacle:
        verdict, message, value = Verdict.UNDECIDED, obstacle, None
    else:
        test = headline_test(baseline, result)
        value = test.p
        if test.p is None:
            verdict, message = Verdict.UNDECIDED, "fewer than two documents: nothing can be tested"
        else:
            verdict = Verdict.FAILED if test.difference < 0 and test.p <= level else Verdict.PASSED
            against = f"{model_label(result)} against {model_label(baseline)}"
            message = f"{against}: {test.difference:+.4f}, p = {test.p:.4f} ({test.method} randomization)"
    return Gate("significance", demand, value, verdict, message, "significance" in rules.informational)
