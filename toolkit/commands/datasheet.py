"""`tawsim datasheet`."""

from typing import Annotated

import typer

from toolkit.commands.options import ProjectOption


def command(
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail where a region is stale or an answer is missing.")
    ] = False,
    project: ProjectOption = None,
) -> None:
    """Write the computed regions of DATASHEET.md; what was written by hand stays byte for byte.

    \b
    Examples:
      tawsim datasheet
      tawsim datasheet --check
    """
    from toolkit.commands.printing import print_findings, say, summary
    from toolkit.corpus.assemble import assemble
    from toolkit.files import read_text, write_text
    from toolkit.findings import has_errors
    from toolkit.project import find_project
    from toolkit.release.pages.datasheet import check_datasheet, rendered
    from toolkit.release.pages.datasheet_regions import regions

    here = find_project(project)
    made = assemble(here, [])
    if has_errors(made.findings):
        print_findings(made.findings)
        say("the annotations have errors, so nothing can be computed from them")
        raise typer.Exit(1)
    compute = regions(here, made)
    text = read_text(here.datasheet)
    if not check:
        new = rendered(text, compute)
        say("written" if write_text(here.datasheet, new) else "nothing to change")
        text = new
    findings = check_datasheet(text, compute, here.datasheet.name)
    print_findings(findings)
    if findings:
        say(summary(findings))
        raise typer.Exit(1)
    print(here.datasheet)
