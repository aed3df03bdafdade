"""Gates: whether a result is good enough, one verdict for each and one for all. What cannot be told is never a pass."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from toolkit.evaluation.comparing.comparison import headline_test
from toolkit.evaluation.comparing.gate_scores import score_at
from toolkit.evaluation.comparing.randomization import smallest_p
from toolkit.evaluation.comparing.stored import Json, block_at, counts_at, differences, headline_keys, model_label
from toolkit.gate_rules import SIGNIFICANCE, GateRules, drop_gate, floor_gate

# Rounding of doubles must not decide at the limit itself.
_ROUNDING = 1e-12


class Verdict(StrEnum):
    """Of a gate, and of all together. `undecided`: too little data, no such score, or results not comparable."""

    PASSED = "passed"
    FAILED = "failed"
    UNDECIDED = "undecided"


_EXIT_CODES = {Verdict.PASSED: 0, Verdict.FAILED: 1, Verdict.UNDECIDED: 3}


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
    """Every gate, and the verdict over all that count."""

    gates: tuple[Gate, ...]

    @property
    def verdict(self) -> Verdict:
        """Failed before undecided before passed, so that no run hides a failure; undecided where no gate counts."""
        counting = self.counts
        worst = (verdict for verdict in (Verdict.FAILED, Verdict.UNDECIDED) if counting[verdict])
        return next(worst, Verdict.PASSED if counting else Verdict.UNDECIDED)

    @property
    def counts(self) -> Counter[Verdict]:
        """How many gates have each verdict; informational ones are not counted."""
        return Counter(gate.verdict for gate in self.gates if not gate.informational)

    @property
    def exit_code(self) -> int:
        """0 passed, 1 failed, 3 undecided."""
        return _EXIT_CODES[self.verdict]

    def as_json(self) -> dict[str, Any]:
        """gates.json: the verdict, its exit code and every gate."""
        gates = [asdict(gate) | {"verdict": str(gate.verdict)} for gate in self.gates]
        return {"schema_version": 1, "verdict": str(self.verdict), "exit_code": self.exit_code, "gates": gates}


def judge_gates(result: Json, rules: GateRules, baseline: Json | None = None) -> Judgement:
    """Every gate of `rules` on a result, and that there is something to judge. Drops are undecided without a baseline.

    Without any rule there is no gate, and no pass.
    """
    if rules.is_empty:
        return Judgement(())
    obstacle = _obstacle(result, baseline)
    standing = [_is_complete(result), _is_not_empty(result)]
    if baseline is not None:
        verdict = Verdict.UNDECIDED if obstacle else Verdict.PASSED
        told = obstacle or f"the baseline is {model_label(baseline)}"
        standing.append(Gate("comparable", "same data and policies", None, verdict, told))
    drops = [_drop(result, baseline, name, limit, rules, obstacle) for name, limit in rules.max_drop.items()]
    if rules.significance is not None:
        drops.append(_significance(result, baseline, rules, obstacle))
    return Judgement((*standing, *_floors(result, rules), *drops))


def _obstacle(result: Json, baseline: Json | None) -> str:
    """Why a result cannot be held against a baseline; empty where it can."""
    if baseline is None:
        return "no baseline was given"
    found = differences(baseline, result)
    return f"not comparable with the baseline: {'; '.join(found)}" if found else ""


def _is_complete(result: Json) -> Gate:
    is_complete = result["status"] == "complete"
    reasons = "; ".join(result["reasons"]) or f"the result is {result['status']}"
    verdict = Verdict.PASSED if is_complete else Verdict.UNDECIDED
    return Gate("complete", "all predicted and read", None, verdict, "complete" if is_complete else reasons)


def _is_not_empty(result: Json) -> Gate:
    micro = (block_at(result, headline_keys(result)) or {})["micro"]
    found = {
        "documents": len(result["documents"]),
        "gold mentions": micro["gold"],
        "predictions": micro["pred"],
    }
    lacking = [name for name, number in found.items() if not number]
    told = f"there are no {' and no '.join(lacking)}" if lacking else ", ".join(f"{n} {k}" for k, n in found.items())
    return Gate("not empty", "gold and predictions", None, Verdict.UNDECIDED if lacking else Verdict.PASSED, told)


def _floors(result: Json, rules: GateRules) -> Iterator[Gate]:
    for name, floor in rules.floors.items():
        value, support = score_at(result, name)
        demand = f"at least {floor:g}"
        doubt = _doubt(name, value, support, rules)
        if doubt or value is None:
            verdict, message = Verdict.UNDECIDED, doubt
        else:
            verdict = Verdict.PASSED if value >= floor - _ROUNDING else Verdict.FAILED
            message = f"{name} is {_told(value, floor)}, {demand} is asked for"
        gate = floor_gate(name)
        yield Gate(gate, demand, value, verdict, message, rules.is_informational(gate))


def _doubt(name: str, value: float | None, support: int | None, rules: GateRules) -> str:
    """Why a score can decide nothing; empty where it can."""
    if value is None:
        return f"there is no number {name} in the result"
    if support is not None and support < rules.min_support:
        return f"{name} has {support} gold mentions, {rules.min_support} are needed to decide"
    return ""


def _told(value: float, limit: float) -> str:
    """Four places, or as many as it takes not to look like the limit that it is not."""
    return next((f"{value:.{n}f}" for n in range(4, 12) if round(value, n) != round(limit, n)), f"{value:.4f}")


def _drop(result: Json, baseline: Json | None, name: str, limit: float, rules: GateRules, obstacle: str) -> Gate:
    demand = f"at most {limit:g} lower"
    value, support = score_at(result, name)
    doubt, before = obstacle or _doubt(name, value, support, rules), None
    if baseline is not None and not doubt:
        before = score_at(baseline, name)[0]
        doubt = "" if before is not None else f"there is no number {name} in the baseline"
    if doubt or value is None or before is None:
        verdict, message = Verdict.UNDECIDED, doubt
    else:
        verdict = Verdict.FAILED if before - value > limit + _ROUNDING else Verdict.PASSED
        change = f"{_told(value, before - limit)}, the baseline's is {before:.4f} ({value - before:+.4f})"
        message = f"{name} is {change}, {demand} is allowed"
    gate = drop_gate(name)
    return Gate(gate, demand, value, verdict, message, rules.is_informational(gate))


def _significance(result: Json, baseline: Json | None, rules: GateRules, obstacle: str) -> Gate:
    """Undecided where so few documents could not show a drop even if all of them were worse."""
    level = rules.significance or 0.0
    test = None if baseline is None or obstacle else headline_test(baseline, result)
    least = smallest_p(int(counts_at(result, headline_keys(result))[:, 1:].any(axis=1).sum()))
    value = None
    if test is None or test.difference is None or test.p is None or baseline is None:
        verdict, message = Verdict.UNDECIDED, obstacle or "the headline cannot be tested"
    elif least > level:
        verdict, message = Verdict.UNDECIDED, f"so few documents can have no p below {least:.4f}"
    else:
        value = test.p
        verdict = Verdict.FAILED if test.difference < 0 and test.p <= level else Verdict.PASSED
        against = f"{model_label(result)} against {model_label(baseline)}"
        message = f"{against}: {test.difference:+.4f}, p = {test.p:.4f} ({test.method} randomization)"
    demand = f"no drop with p at most {level:g}"
    return Gate(SIGNIFICANCE, demand, value, verdict, message, rules.is_informational(SIGNIFICANCE))
