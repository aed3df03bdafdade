"""`tawsim publish`."""

from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.commands.options import ArticlesOption, ProjectOption
from toolkit.commands.printing import Format, print_findings, say

if TYPE_CHECKING:
    from toolkit.release.hub.publishing import Publication
    from toolkit.release.hub.staging import Staged
    from toolkit.release.hub.upload_plan import Plan


def command(
    repo: Annotated[
        str | None,
        typer.Option(
            "--repo", metavar="NS/NAME", help="The dataset repository. Default: repo of configs/dataset.yaml."
        ),
    ] = None,
    data: Annotated[str | None, typer.Option("--data", metavar="DIR", help="Dataset folder. Default: build.")] = None,
    pull_request: Annotated[
        bool, typer.Option("--pr", help="Open a pull request, or bring the open one up to date; no tag.")
    ] = False,
    private: Annotated[bool, typer.Option("--private", help="Make a new repository a private one.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the plan and send nothing.")] = False,
    articles: ArticlesOption = None,
    how: Annotated[Format, typer.Option("--format", help="text or json.")] = Format.TEXT,
    project: ProjectOption = None,
) -> None:
    """Publish the dataset folder as a version on the Hub: one commit, one tag, loaded back and compared.

    Texts of withheld articles stay here, and everything that would be sent is searched for them. Running it again goes
    on where it was cut off, and changes nothing where the version is published. A version is never changed. The token
    is that of `hf auth login` or HF_TOKEN.

    \b
    Examples:
      tawsim publish --dry-run
      tawsim publish --repo NS/NAME --private
      tawsim publish --pr
    """
    from pathlib import Path

    from toolkit.errors import UsageError
    from toolkit.project import article_folders, find_project
    from toolkit.release.hub.publishing import Publication
    from toolkit.release.hub.repository import Repository
    from toolkit.release.hub.staging import check_findings, staged
    from toolkit.release.tables.reading import read_dataset

    folder = Path(data) if data else find_project(project).root / "build"
    name = repo or read_dataset(folder).manifest["settings"].get("repo")
    if not name:
        raise UsageError("no repository is named", fix="Add --repo NS/NAME, or set repo in configs/dataset.yaml.")
    with staged(folder, name, article_folders(articles or [])) as found:
        if found.findings:
            print_findings(found.findings, how)
        check_findings(found)
        repository = Repository(name)
        if not dry_run:
            repository.check_token()
        publication = Publication(found, repository, say, private=private, as_pull_request=pull_request)
        plan = publication.plan()
        _tell(plan, found)
        if not dry_run:
            plan = _carry_out(publication, plan)
    _print(plan, how)


def _tell(plan: "Plan", found: "Staged") -> None:
    """The plan, for people."""
    from toolkit.release.hub.upload_plan import Change

    parent = f"on {plan.parent[:12]}" if plan.parent else "which is to be made"
    say(f"{plan.repo} ({plan.visibility}), {parent}: {plan.tag} is {plan.state}")
    for step in plan.of(Change.NEW, Change.CHANGED, Change.DELETED, Change.SAME):
        say(f"  {step.change:<8} {step.size:>12,}  {step.path}")
    if found.left_out:
        say(f"the text of {len(found.left_out)} withheld articles is in the folder and is not sent")
    if found.unseen:
        say(
            f"{len(found.unseen)} withheld articles are not at hand: only hashes and structure were checked, not that "
            "no words of theirs are sent; name their folder with --articles or TAWSIM_ARTICLES"
        )


def _carry_out(publication: "Publication", plan: "Plan") -> "Plan":
    """Does what is planned, and loads a released version back."""
    from toolkit.release.hub.read_back import read_back
    from toolkit.release.hub.upload_plan import State

    before = plan.state
    plan = publication.publish(plan)
    if plan.state is State.RELEASED:
        read_back(publication.repository, str(plan.commit), publication.staged.folder, say)
        say("loaded back: every config and split, content digest " + publication.staged.manifest["content_digest"][:12])
    if before is plan.state:
        say(f"nothing was changed: {plan.tag} is {plan.state} already")
    return plan


def _print(plan: "Plan", how: Format) -> None:
    if how is Format.JSON:
        import json

        print(json.dumps(plan.as_json(), ensure_ascii=False, indent=2))
    elif plan.pull_request is not None:
        print(f"{plan.repo}: pull request {plan.pull_request}")
    elif plan.commit is not None:
        print(f"{plan.repo}@{plan.tag} {plan.commit}")
