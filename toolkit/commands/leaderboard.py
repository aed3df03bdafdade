"""`tawsim leaderboard`."""

from pathlib import Path
from typing import Annotated

import typer

from toolkit.commands.printing import Format


def command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder with result.json files in it.")] = Path(
        "results"
    ),
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Write leaderboard.json, .md and .html there."),
    ] = None,
    how: Annotated[Format, typer.Option("--format", help="text or json.")] = Format.TEXT,
) -> None:
    """Rank the results in a folder, one table for each set of comparable ones, with intervals and groups.

    Models in one group do not differ significantly from the best of it. Incomplete results are left out, and told.
    Exits with 3 where no result can be ranked.

    \b
    Examples:
      tawsim leaderboard
      tawsim leaderboard results --out results/leaderboard
    """
    from toolkit.commands.printing import print_table, say
    from toolkit.errors import FileError, IncompleteError
    from toolkit.evaluation.comparing.leaderboard import leaderboard
    from toolkit.evaluation.comparing.stored import read_result
    from toolkit.evaluation.reports.leaderboard_report import (
        explanation,
        leaderboard_html,
        leaderboard_markdown,
        leaderboard_tables,
    )
    from toolkit.files import friendly, to_json, write_text

    with friendly(folder):
        files = sorted(folder.rglob("result.json")) if folder.is_dir() else []
    if not files:
        raise FileError("no result.json in it", where=str(folder), fix="`tawsim score MODEL` writes one.")
    read, unread = {}, {}
    for file in files:
        place = file.parent.relative_to(folder).as_posix()
        try:
            read[place] = read_result(file)
        except IncompleteError as error:
            unread[place] = error.what
    found = leaderboard(read, unread)
    if out is not None:
        write_text(out / "leaderboard.json", to_json(found))
        write_text(out / "leaderboard.md", leaderboard_markdown(found))
        write_text(out / "leaderboard.html", leaderboard_html(found))
    if how is Format.JSON:
        print(to_json(found), end="")
    else:
        for table in leaderboard_tables(found):
            print_table(table)
        if out is not None:
            print(*(out / f"leaderboard.{kind}" for kind in ("json", "md", "html")), sep="\n")
        say(explanation(found))
    for place, why in found["left_out"].items():
        say(f"left out: {place}: {why}")
    if not found["boards"]:
        raise typer.Exit(3)
