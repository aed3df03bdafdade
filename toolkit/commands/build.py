"""`tawsim build`."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from toolkit.commands.options import ArticlesOption, ProjectOption


def command(
    exports: Annotated[
        list[Path] | None,
        typer.Option("--from", metavar="FILE", help="Build from Label Studio exports instead of annotations/."),
    ] = None,
    articles: ArticlesOption = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="The dataset folder to write. Default: build, in the project."),
    ] = None,
    pin: Annotated[bool, typer.Option("--pin", help="Pin new documents to their splits in splits.json.")] = False,
    collection: Annotated[
        str | None,
        typer.Option("--collection", metavar="NAME", help="With --from: the collection that the exports belong to."),
    ] = None,
    previous: Annotated[
        str | None,
        typer.Option("--previous", metavar="DATASET", help="The last release: a folder, or NS/NAME@vX.Y.Z."),
    ] = None,
    project: ProjectOption = None,
) -> None:
    """Make the dataset folder: Parquet in four configs, card, datasheet and manifest. Same input, same bytes.

    Articles whose text is not at hand are in the stand-off config only. With an error among the findings no folder is
    written; with --previous neither where the version in configs/dataset.yaml is smaller than the changes since then
    ask for, or that release has it with other content.

    \b
    Examples:
      tawsim build
      tawsim build --articles ../articles --out build
      tawsim build --from export.json --out build
      tawsim build --previous NS/NAME@v1.0.0
    """
    from toolkit.commands.printing import print_findings, say, summary
    from toolkit.corpus.assemble import assemble
    from toolkit.corpus.splits import write_pinned
    from toolkit.findings import Severity, has_errors
    from toolkit.project import article_folders, find_project
    from toolkit.release.building.build import assemble_exports, build
    from toolkit.release.changes.editions import check_release, read_edition
    from toolkit.release.hub.source import dataset_folder

    here = find_project(project)
    release = read_edition(dataset_folder(previous, say), previous) if previous else None
    folders = article_folders(articles or [])
    made = assemble_exports(here, exports, collection) if exports else assemble(here, folders)
    print_findings([finding for finding in made.findings if finding.severity is Severity.ERROR])
    if not made.articles:
        say(f"nothing was built: {summary(made.findings)}")
        raise typer.Exit(1)
    if made.findings:
        say(f"{summary(made.findings)}; `tawsim validate` shows all with their places")
    if pin and write_pinned(here.pinned_splits, made.assignment.splits):
        say(f"pinned {len(made.assignment.new)} new documents in {here.pinned_splits}")
    elif made.assignment.new and not exports:
        say(f"{len(made.assignment.new)} documents are not pinned to their split yet; `tawsim build --pin` does it")
    folder = out or here.root / "build"
    manifest = build(here, made, folder, accept=partial(check_release, previous=release) if release else None)
    without = [article.id for article in made.articles if article.text is None]
    if without:
        say(
            f"{len(without)} of {len(made.articles)} articles are in standoff only, because their text is not at hand; "
            "name its folder with --articles or TAWSIM_ARTICLES"
        )
    for config, rows in manifest["configs"].items():
        say(f"{config:<10} " + "  ".join(f"{split} {n}" for split, n in rows.items()))
    say(f"version {manifest['version']}, content digest {manifest['content_digest'][:12]}")
    print(folder)
    if has_errors(made.findings):
        raise typer.Exit(1)
