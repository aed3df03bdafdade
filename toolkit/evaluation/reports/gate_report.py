"""Gates for a terminal: a table of them, what did not pass and why, and the one line of the verdict."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.evaluation.comparing.gates import Judgement, Verdict
from toolkit.markdown import decimal

if TYPE_CHECKING:
    from rich.table import Table


def gate_table(judgement: Judgement) -> "Table":
    """Every gate with what was demanded and found, for a terminal of 80 columns."""
    from rich.table import Table
    from rich.text import Text

    shown = Table(title="Gates", title_justify="left")
    for name in ("gate", "demand", "found", "verdict"):
        shown.add_column(name, justify="right" if name == "found" else "left", overflow="fold")
    for gate in judgement.gates:
        found = "" if gate.value is None else decimal(gate.value)
        told = f"{gate.verdict} (info)" if gate.informational else str(gate.verdict)
        shown.add_row(*map(Text, (gate.name, gate.demand, found, told)))
    return shown


def gate_lines(judgement: Judgement) -> Iterator[str]:
    """What did not pass, a line each, informational gates too; the verdict over all in the last."""
    for gate in judgement.gates:
        if gate.verdict is not Verdict.PASSED:
            told = "informational, " if gate.informational else ""
            yield f"{told}{gate.verdict}: {gate.name}: {gate.message}"
    counts = ", ".join(f"{judgement.counts[verdict]} {verdict}" for verdict in Verdict)
    yield f"verdict: {judgement.verdict} ({counts})"
