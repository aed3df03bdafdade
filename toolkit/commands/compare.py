"""`tawsim compare`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from toolkit.commands.printing import Format

if TYPE_CHECKING:
    pass

_NAMED = 10


def command(
    baseline: Annotated[Path, typer.Argument(metavar="BASELINE", help="A result.json, or the folder that holds it.")],
    others: Annotated[list[Path], typer.Argument(metavar="RESULT...", help="Results to compare with it.")],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Write comparison.json and comparison.md there.")
    ] = None,
    how: Annotated[Format, typer.Option("--format", help="text or json.")] = Format.TEXT,
) -> None:
    """Compare results with a baseline, paired by document: difference, interval, p-value, and what flipped.

    The p-value is that of approximate randomization, of all swaps below 14 documents; several models are corrected for
    by Holm. No text and no model is needed. Exits with 3, naming the fields, where results are not comparable.

    \b
    Examples:
      tawsim compare results/baseline-gazetteer results/baseline-crf
      tawsim compare old/result.json new/result.json --out results/comparison
    """
    from toolkit.commands.printing import print_table, say
    from toolkit.evaluation.comparing.comparison import compare
    from toolkit.evaluation.comparing.stored import read_result
    from toolkit.evaluation.reports.comparison_report import comparison_markdown, comparison_table
    from toolkit.files import to_json, write_text

    found = compare(read_result(baseline), [read_result(path) for path in others])
    if out is not None:
        write_text(out / "comparison.json", to_json(found))
        write_text(out / "comparison.md", comparison_markdown(found))
    if how is Format.JSON:
        print(to_json(found), end="")
        return
    print_table(comparison_table(found))
    for each in found["comparisons"]:
        for line in _account(each):
            say(line)
    if out is not None:
        print(out / "comparison.json", out / "comparison.md", sep="\n")


def _account(each: dict[str, Any]) -> "list[str]":
    mentions, documents = each["mentions"]["counts"], each["documents"]
    name = each["model"]["name"]
    lines = [
        f"{name}: documents won {documents['wins']}, tied {documents['ties']}, lost {documents['losses']}; "
        f"mentions found that were missed {mentions['fixed']}, missed that were found {mentions['broken']}, "
        f"newly made up {mentions['new_spurious']}, no longer made up {mentions['gone_spurious']}"
    ]
    worst = [
        f"{d['id']} {d['baseline']:.4f} → {d['other']:.4f}" for d in documents["flipped"] if d["other"] < d["baseline"]
    ]
    if worst:
        more = f" and {len(worst) - _NAMED} more" if len(worst) > _NAMED else ""
        lines.append(f"{name}: lost in {', '.join(worst[:_NAMED])}{more}")
    return lines
