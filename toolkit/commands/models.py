"""`tawsim models`."""

from typing import Annotated

import typer

from toolkit.commands.printing import Format


def command(
    how: Annotated[Format, typer.Option("--format", help="text or json.")] = Format.TEXT,
) -> None:
    """List what can be scored: kinds of models, whether their library is installed, and the line that installs it.

    Kinds that installed packages add by the entry-point group tawsim.models are listed too.

    \b
    Examples:
      tawsim models
      tawsim models --format json
    """
    import json
    from dataclasses import asdict

    from rich.markup import escape
    from rich.table import Table

    from toolkit.commands.printing import print_table
    from toolkit.models.registry import available

    rows = available()
    if how is Format.JSON:
        print(json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=2))
        return
    table = Table("model", "what it is", "ready")
    for row in rows:
        table.add_row(row.model, row.what, "yes" if row.is_installed else escape(row.install))
    print_table(table)
