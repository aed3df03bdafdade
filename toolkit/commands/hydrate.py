"""`tawsim hydrate`."""

from pathlib import Path
from typing import Annotated

import typer

from toolkit.commands.options import ArticlesOption


def command(
    dataset: Annotated[
        str,
        typer.Argument(
            metavar="DIR|NS/NAME@vX.Y.Z", help="A dataset folder with stand-off articles, or a version on the Hub."
        ),
    ],
    articles: ArticlesOption = None,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The dataset folder to write.")] = Path("full"),
) -> None:
    """Join a stand-off dataset with your own copies of the articles.

    A copy with the annotated bytes is joined as it is. One that differs (boilerplate cut, blanks changed) is
    re-anchored mention by mention; where one cannot be proven the article stays without text, and the reason is told.

    \b
    Examples:
      tawsim hydrate build --articles ../articles --out full
      tawsim hydrate NS/NAME@v1.2.0 --articles ../articles --out full
    """
    from toolkit.commands.printing import say
    from toolkit.corpus.hydration import Outcome
    from toolkit.errors import UsageError
    from toolkit.project import article_folders
    from toolkit.release.building.hydrate import hydrate_dataset
    from toolkit.release.hub.source import dataset_folder

    folders = article_folders(articles or [])
    if not folders:
        raise UsageError("no folder with articles is named", fix="Add --articles DIR, or set TAWSIM_ARTICLES.")
    results = hydrate_dataset(dataset_folder(dataset, say), folders, out)
    for result in results:
        if result.outcome not in (Outcome.PRESENT, Outcome.EXACT):
            say(f"{result.article.id}: {result.outcome}, {result.placed} of {result.mentions} mentions proven")
            for entity, reason in result.reasons.items():
                say(f"  {entity}: {reason}")
    counts = {outcome: sum(r.outcome is outcome for r in results) for outcome in Outcome}
    say(", ".join(f"{n} {outcome}" for outcome, n in counts.items() if n))
    print(out)
    if counts[Outcome.REFUSED] or counts[Outcome.MISSING]:
        raise typer.Exit(1)
