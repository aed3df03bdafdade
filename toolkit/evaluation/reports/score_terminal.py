"""A score as tables for a terminal of 80 columns."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from toolkit.evaluation.reports.score_report import report_title
from toolkit.evaluation.reports.sections import interval, is_given
from toolkit.markdown import decimal

if TYPE_CHECKING:
    from rich.table import Table

Json = Mapping[str, Any]
_AVERAGES = ("micro", "macro")


def tables(result: Json) -> "Iterator[Table]":
    """The word view with F1 of exact spans beside it by label; then a table for each criterion of relations."""
    if not is_given(result):
        word, char = (_flat(result["scores"][view]) for view in ("word", "char"))
        rows = {label: (*_row(word.get(label)), decimal(score["f1"])) for label, score in char.items()}
        yield _table(report_title(result), "label", rows, "char F1")
    for criterion, block in (result["relations"] or {}).items():
        if block:
            yield _table(f"Relations, {criterion}", "relation", {k: _row(v) for k, v in _flat(block).items()})


def _flat(block: Json) -> dict[str, Json]:
    """Scores by label, then the averages."""
    return {**block["labels"], **{average: block[average] for average in _AVERAGES}}


def _row(score: Json | None) -> tuple[str, ...]:
    if score is None:
        return ("",) * 5
    numbers = (decimal(score[name]) for name in ("precision", "recall", "f1"))
    return (*numbers, interval(score), str(score.get("gold", "")))


def _table(title: str, first: str, rows: Mapping[str, tuple[str, ...]], *more: str) -> "Table":
    from rich.table import Table
    from rich.text import Text

    shown = Table(title=Text(title), title_justify="left")
    shown.add_column(first)
    for name in ("P", "R", "F1", "95 %", "gold", *more):
        shown.add_column(name, justify="right")
    for name, row in rows.items():
        if name == _AVERAGES[0]:
            shown.add_section()
        shown.add_row(Text(name), *row)
    return shown
