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
      tawsim leaderboard results --out results
    """
    from toolkit.commands.printing import print_table, say
    from toolkit.errors import FileError
    from toolkit.evaluation.comparing.leaderboard import leaderboard
    from toolkit.evaluation.comparing.stored import read_result
    from toolkit.evaluation.reports.leaderboard_report import explanation, leaderboard_markdown, leaderboard_tables
    from toolkit.files import friendly, to_json, write_text

    with friendly(folder):
        files = sorted(folder.rglob("result.json")) if folder.is_dir() else []
    if not files:
        raise FileError("no result.json in it", where=str(folder), fix="`tawsim score MODEL` writes one.")
    found = leaderboard({file.parent.relative_to(folder).as_posix(): read_result(file) for file in files})
    if out is not None:
        write_text(out / "leaderboard.json", to_json(found))
        write_text(out / "leaderboard.md", leaderboard_markdown(found))
    if how is Format.JSON:
        print(to_json(found), end="")
    else:
        for table in leaderboard_tables(found):
            print_table(table)
        say(explanation(found))
        if out is not None:
            print(out / "leaderboard.json", out / "leaderboard.md", sep="\n")
    for place, why in found["left_out"].items():
        say(f"left out: {place}: {why}")
    if not found["boards"]:
        raise typer.Exit(3)
