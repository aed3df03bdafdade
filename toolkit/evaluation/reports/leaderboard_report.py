"""A leaderboard for readers: tables for the terminal, leaderboard.md and .html, all from that of leaderboard.json."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from toolkit.markdown import decimal, markdown_table
from toolkit.page import render

if TYPE_CHECKING:
    from rich.table import Table

Json = Mapping[str, Any]
_RANKS = ("model", "rank", "group", "F1", "95 % interval")
_OTHERS = ("precision", "recall", "macro F1", "char F1")
_BAR = "F1 and its interval"


def board_title(board: Json) -> str:
    """What the rows of a board were scored on, in words."""
    dataset = board["dataset"]
    mapped = f", label map {board['label_map']}" if board["label_map"] else ""
    return f"{dataset['name']} {dataset['version']}, split {dataset['split']}{mapped}, {board['headline']}"


def support(board: Json) -> str:
    """What the scores of a board rest on."""
    what = "relations" if board["headline"].startswith("relations") else "mentions"
    return f"{board['documents']} documents, {board['gold']} gold {what}"


def explanation(found: Json) -> str:
    """What rank and group mean."""
    return (
        "Ranked by micro F1 of the headline. Models of one group do not differ significantly from the best of it "
        f"(paired randomization by document, p above {found['level']:g} after Holm). Intervals and groups do not cover "
        "what training again would change."
    )


def leaderboard_tables(found: Json) -> "Iterator[Table]":
    """A table for each board, for a terminal of 80 columns."""
    from rich.table import Table
    from rich.text import Text

    for board in found["boards"]:
        shown = Table(title=board_title(board), title_justify="left", caption=support(board), caption_justify="left")
        model, *numbers = _RANKS
        shown.add_column(model, overflow="fold")
        for name in numbers:
            shown.add_column(name, justify="right", no_wrap=True)
        for row in _rows(board):
            shown.add_row(*map(Text, row[: len(_RANKS)]))
        yield shown


def leaderboard_markdown(found: Json) -> str:
    """leaderboard.md."""
    parts = ["# Leaderboard", explanation(found)]
    for board in found["boards"]:
        parts += [f"## {board_title(board)}", f"{support(board).capitalize()}."]
        parts += [markdown_table((*_RANKS, *_OTHERS), _rows(board), numbers=True), f"```\n{board['signature']}\n```"]
    if found["left_out"]:
        parts += ["## Left out", markdown_table(("result", "why"), found["left_out"].items())]
    return "\n\n".join(parts) + "\n"


def leaderboard_html(found: Json) -> str:
    """leaderboard.html: one file that needs no network, a bar with its interval beside each row."""
    boards = [
        {
            "title": board_title(board),
            "support": support(board),
            "head": (*_RANKS, _BAR, *_OTHERS),
            "rows": [(list(row), shown) for row, shown in zip(_rows(board), board["rows"], strict=True)],
            "signature": board["signature"],
        }
        for board in found["boards"]
    ]
    return render(
        "toolkit.evaluation.reports",
        "leaderboard.html.j2",
        explanation=explanation(found),
        boards=boards,
        ranks=len(_RANKS),
        left_out=(("result", "why"), list(found["left_out"].items())),
    )


def _rows(board: Json) -> Iterator[Sequence[str]]:
    """The rows of a board, best first; models of one name are told apart by where their results lie."""
    names = Counter(row["model"] for row in board["rows"])
    for row in board["rows"]:
        name = row["model"] if names[row["model"]] == 1 else f"{row['model']} ({row['place']})"
        interval = row["interval"]
        told = f"{interval[0]:.4f}–{interval[1]:.4f}" if interval else "–"
        numbers = (decimal(row[key]) for key in ("precision", "recall", "macro_f1", "char_f1"))
        yield (name, str(row["rank"]), str(row["group"]), decimal(row["f1"]), told, *numbers)
