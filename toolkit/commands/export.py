"""`tawsim export`."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.commands.options import ArticlesOption, DataOption, ProjectOption
from toolkit.commands.printing import Format, say

if TYPE_CHECKING:
    from toolkit.corpus.article import Article
    from toolkit.exports.losses import Export
    from toolkit.release.tables.reading import Dataset


def command(
    name: Annotated[str, typer.Argument(metavar="FORMAT", help="conll, brat, spacy, gliner, bigbio or labelstudio.")],
    data: DataOption = None,
    splits: Annotated[
        list[str] | None, typer.Option("--split", help="May be given several times. Default: every split.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="PATH",
            help="Of one --split the file (for brat a folder), else a folder. Default: exports/…",
        ),
    ] = None,
    articles: ArticlesOption = None,
    how: Annotated[
        Format, typer.Option("--format", help="What stdout gets: the paths as text, or JSON.")
    ] = Format.TEXT,
    project: ProjectOption = None,
) -> None:
    """Write a dataset in the format of another tool, and tell everything that it could not carry.

    brat, bigbio and labelstudio carry everything. conll, spacy and gliner count in words and have no relations: each
    mention that they change or leave out is counted by reason, and listed in FILE.losses.json beside it.
    An article without its text is left out, and the exit code is 3; --articles joins your own copies.

    \b
    Examples:
      tawsim export conll
      tawsim export brat --split test --out brat
      tawsim export spacy --data build --out corpus --format json
      tawsim export bigbio --articles ../articles
    """
    from toolkit.exports.formats import find_format
    from toolkit.exports.writing import rows_of, write_exports
    from toolkit.project import article_folders, find_project
    from toolkit.release.hub.source import dataset_folder
    from toolkit.release.tables.reading import read_dataset

    form = find_format(name)
    here = find_project(project, or_here=data is not None)
    dataset = read_dataset(dataset_folder(data or here.root / "build", say))
    found, without = _articles(dataset, splits or [], article_folders(articles or []))
    exports = {split: form.render(inside, dataset.schema) for split, inside in found.items()}
    by_split = len(set(splits or [])) != 1
    default = here.root / "exports" / form.name
    if not by_split:
        default = default / f"{next(iter(exports))}{form.suffix}"
    paths = write_exports(form, exports, out or default, by_split=by_split)
    if any(article.meta.withheld for inside in found.values() for article in inside):
        say("texts of collections that withhold them are in the export, from your own copies: do not pass it on")
    _say_losses(exports)
    if without:
        say(f"left out, because no proven copy of their text is at hand: {', '.join(without)}")
        say("name the folder of the texts with --articles, or TAWSIM_ARTICLES")
    if how is Format.JSON:
        losses = [row for export in exports.values() for row in rows_of(export.losses)]
        told = {"format": form.name, "written": list(map(str, paths)), "without_text": without, "losses": losses}
        print(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        for path in paths:
            print(path)
    if without:
        raise typer.Exit(3)


def _articles(
    dataset: "Dataset", splits: Sequence[str], folders: Sequence[Path]
) -> "tuple[Mapping[str, list[Article]], list[str]]":
    """The articles with text of each split asked for, and the ids of those without.

    UsageError where there is no such split; IncompleteError where no article of a split has its text.
    """
    from toolkit.corpus.hydration import hydrate
    from toolkit.errors import IncompleteError
    from toolkit.project import SPLITS

    for split in splits:
        dataset.documents(split)  # refuses a split that there is not
    asked = [s for s in SPLITS if (s in splits if splits else any(a.split == s for a in dataset.articles))]
    found: dict[str, list[Article]] = {}
    without: list[str] = []
    for split in asked:
        inside = [hydrate(a, folders).article for a in dataset.articles if a.split == split]
        without += [article.id for article in inside if article.text is None]
        if present := [article for article in inside if article.text is not None]:
            found[split] = present
    empty = [split for split in asked if split not in found]
    if not found or (splits and empty):
        what = f"no article of the split {', '.join(empty)} has its text, so nothing was written"
        raise IncompleteError(what, where=str(dataset.folder), fix="Name the folder of the texts with --articles DIR.")
    return found, without


def _say_losses(exports: "Mapping[str, Export]") -> None:
    """The losses of all splits, counted by what became of them and why, the most frequent first."""
    losses = [loss for export in exports.values() for loss in export.losses]
    counts = Counter((loss.change, loss.kind, loss.reason) for loss in losses)
    for (change, kind, reason), count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        noun = {"entity": "mention", "relation": "relation"}[kind] + ("s" if count != 1 else "")
        say(f"{count} {noun} {change}: {reason}")
    if not losses:
        say("every mention and relation of these articles is in the export as it is in the dataset")
