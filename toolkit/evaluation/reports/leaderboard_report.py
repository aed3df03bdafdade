"""A leaderboard for readers: tables for the terminal, leaderboard.md, all from the object of leaderboard.json."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from toolkit.markdown import decimal, markdown_table

if TYPE_CHECKING:
    from rich.table import Table

Json = Mapping[str, Any]
HEADER = ("model", "rank", "group", "F1", "95 % interval", "precision", "recall", "macro F1", "char F1")


def board_title(board: Json) -> str:
    """What the rows of a board were scored on, in words."""
    dataset = board["dataset"]
    return f"{dataset['name']} {dataset['version']}, split {dataset['split']}, {board['headline']} view"


def board_rows(board: Json) -> Iterator[tuple[str, ...]]:
    """The rows of a board, best first."""
    for row in board["rows"]:
        interval = row["interval"]
        told = f"{interval[0]:.4f}–{interval[1]:.4f}" if interval else "–"
        numbers = (decimal(row[name]) for name in ("precision", "recall", "macro_f1", "char_f1"))
        yield (row["model"], str(row["rank"]), str(row["group"]), decimal(row["f1"]), told, *numbers)


def explanation(found: Json) -> str:
    """What rank and group mean."""
    return (
        "Ranked by micro F1 of the headline. Models of one group do not differ significantly from the best of it "
        f"(paired randomization by document, p above {found['level']:g} after Holm)."
    )


def leaderboard_tables(found: Json) -> "Iterator[Table]":
    """A table for each board."""
    from rich.table import Table

    for board in found["boards"]:
        shown = Table(title=board_title(board), title_justify="left")
        for place, name in enumerate(HEADER):
            shown.add_column(name, justify="left" if place == 0 else "right")
        for row in board_rows(board):
            shown.add_row(*row)
        yield shown


def leaderboard_markdown(found: Json) -> str:
    """leaderboard.md."""
    parts = ["# Leaderboard", explanation(found)]
    for board in found["boards"]:
        parts += [f"## {board_title(board)}", markdown_table(HEADER, board_rows(board), numbers=True)]
        parts.append(f"```\n{board['signature']}\n```")
    if found["left_out"]:
        rows = found["left_out"].items()
        parts += ["## Left out", markdown_table(("result", "why"), rows)]
    return "\n\n".join(parts) + "\n"
