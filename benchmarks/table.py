"""Comparisons as one Markdown table and as JSON."""

from collections.abc import Sequence
from dataclasses import asdict
from statistics import median
from typing import Any

from benchmarks.measure import Comparison

_FIELDS = ("cpu", "wall", "peak", "process_cpu")
_RATIOS = ("cpu", "wall", "process_cpu")
_NAMES = {"cpu": "CPU", "wall": "wall", "process_cpu": "process CPU"}
_HEAD = (
    *("work", "program", "CPU s", "wall s", "peak MiB", "process CPU s"),
    *(f"{_NAMES[field]} ratio" for field in _RATIOS),
    "budget",
)


def to_markdown(comparisons: Sequence[Comparison], about: str) -> str:
    """The table, every number a median (lowest–highest), and under it what a budget covers beyond the measured."""
    rows: list[Sequence[str]] = [_HEAD, ["---"] * len(_HEAD)]
    for each in comparisons:
        ratios = [_spread(each.ratios(field)) for field in _RATIOS]
        budget = f"{_NAMES[each.held]} ≤ {each.budget:g}: {each.verdict}"
        ends = ([*ratios, budget], ["1"] * len(ratios) + [""])
        for name, runs, end in zip(each.names, zip(*each.rounds, strict=True), ends, strict=True):
            cells = [_spread([getattr(one, field) for one in runs]) for field in _FIELDS]
            rows.append([each.work, name, *cells, *end])
    lines = [f"| {' | '.join(row)} |" for row in rows]
    beyond = [f"- {each.work}: the budget also covers {each.beyond}." for each in comparisons if each.beyond]
    return "\n".join(["# Benchmarks", "", about, "", *lines, "", *beyond]).rstrip() + "\n"


def to_object(comparisons: Sequence[Comparison], about: str) -> dict[str, Any]:
    """The same with every run, for results.json."""
    rows = [
        {**asdict(each), "verdict": each.verdict, "ratios": {field: each.ratios(field) for field in _FIELDS}}
        for each in comparisons
    ]
    return {"about": about, "comparisons": rows}


def _spread(values: Sequence[float]) -> str:
    shown = (median(values), min(values), max(values))
    middle, low, high = (f"{value:.0f}" if value >= 100 else f"{value:.3g}" for value in shown)
    return f"{middle} ({low}–{high})"
