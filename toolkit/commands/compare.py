"""`tawsim compare`."""

from pathlib import Path
from typing import Annotated

import typer

from toolkit.commands.printing import Format


def command(
    baseline: Annotated[Path, typer.Argument(metavar="BASELINE", help="A result.json, or the folder that holds it.")],
    others: Annotated[list[Path], typer.Argument(metavar="RESULT...", help="Results to compare with it.")],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Write comparison.json and comparison.md there.")
    ] = None,
    how: Annotated[Format, typer.Option("--format", help="text or json.")] = Format.TEXT,
) -> None:
    """Compare results with a baseline, paired by document: difference, interval, p-value, and what flipped.

    The p-value is that of approximate randomization, of every swap where fewer than 14 documents differ; several models
    are corrected for by Holm. No text and no model is needed. Exits with 3, naming the fields, where results are not
    comparable.

    \b
    Examples:
      tawsim compare results/baseline-gazetteer results/baseline-crf
      tawsim compare old/result.json new/result.json --out results/comparison
    """
    from toolkit.commands.printing import print_table
    from toolkit.evaluation.comparing.comparison import compare
    from toolkit.evaluation.comparing.stored import read_result
    from toolkit.evaluation.reports.comparison_report import comparison_lines, comparison_markdown, comparison_table
    from toolkit.files import to_json, write_text

    found = compare(read_result(baseline), [read_result(path) for path in others])
    if out is not None:
        write_text(out / "comparison.json", to_json(found))
        write_text(out / "comparison.md", comparison_markdown(found))
    if how is Format.JSON:
        print(to_json(found), end="")
        return
    print_table(comparison_table(found))
    for line in comparison_lines(found):
        print(line)
    if out is not None:
        print(out / "comparison.json", out / "comparison.md", sep="\n")
