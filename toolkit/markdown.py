"""Markdown tables and the way scores are written, the same in every report."""

from collections.abc import Iterable, Sequence


def markdown_table(head: Sequence[str], rows: Iterable[Sequence[object]], *, numbers: bool = False) -> str:
    """A table. With `numbers` every column but the first is aligned to the right."""
    rule = "---|" + "---:|" * (len(head) - 1) if numbers else "---|" * len(head)
    body = [f"| {' | '.join(cell(value) for value in row)} |" for row in rows]
    return "\n".join([f"| {' | '.join(head)} |", f"|{rule}", *body])


def cell(value: object) -> str:
    """A value as one cell of a Markdown table: in one line, and no bar in it ends the cell."""
    return " ".join(str(value).split()).replace("|", r"\|")


def decimal(value: float | None, places: int = 4) -> str:
    """A score; a dash where it is not defined."""
    return "–" if value is None else f"{value:.{places}f}"
