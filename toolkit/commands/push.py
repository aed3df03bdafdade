"""`tawsim push`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.commands.options import ArticlesOption, ProjectOption
from toolkit.commands.server import ServerProjectOption, TimeoutOption, print_plan

if TYPE_CHECKING:
    from toolkit.annotation import Prediction, Task
    from toolkit.findings import Finding
    from toolkit.labelstudio.client import Client
    from toolkit.labelstudio.sync.plan import PushPlan
    from toolkit.labelstudio.sync.sending import AnnotationPlan
    from toolkit.labelstudio.sync.state import SyncState
    from toolkit.labelstudio.sync.wire import Suggestion
    from toolkit.project import Project


def command(
    texts: Annotated[
        list[Path] | None,
        typer.Argument(help="New articles, ID.txt, or folders of them, beside those that have annotation files."),
    ] = None,
    annotations: Annotated[bool, typer.Option("--annotations", help="Send our annotations too, for review.")] = False,
    predictions: Annotated[
        Path | None, typer.Option("--predictions", metavar="FILE", help="Send a model's predictions (JSONL, CoNLL).")
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            "--model", metavar="NAME", help="Name and version of that model. Default: the file's name and hash."
        ),
    ] = None,
    review: Annotated[
        bool, typer.Option("--review", help="Send open articles with all annotators' versions to a review project.")
    ] = False,
    recreate: Annotated[
        bool, typer.Option("--recreate", help="Send articles again whose task was deleted on the server.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the plan and send nothing.")] = False,
    articles: ArticlesOption = None,
    number: ServerProjectOption = None,
    timeout: TimeoutOption = 60,
    project: ProjectOption = None,
) -> None:
    """Send articles to the Label Studio server that LABEL_STUDIO_URL and LABEL_STUDIO_API_KEY name.

    Everything is checked first. Running it twice sends nothing twice. A text that changed under annotations, and a
    label that annotations on the server use and the schema no longer has, are reported and left alone; exit code 1.

    With --review, the articles that two or more people annotated and that no rule of `gold` in configs/dataset.yaml
    closes (majority and first do not) go to a project of their own, titled like this one and "review". A reviewer who
    opens one from the list of tasks finds what all agree on marked already, and each annotator's version in a tab;
    "Label All Tasks" shows no tabs. `tawsim pull --review` brings back what was submitted.

    \b
    Examples:
      tawsim push --dry-run
      tawsim push articles/
      tawsim push --annotations
      tawsim push --predictions results/baseline-crf/predictions.jsonl --model crf-1
      tawsim push --review
    """
    from toolkit.commands.printing import say
    from toolkit.commands.review import exclude, push_review
    from toolkit.commands.server import open_server
    from toolkit.findings import has_errors
    from toolkit.labelstudio.sync.push import plan_push
    from toolkit.project import article_folders, find_project

    if review:
        others = {"--annotations": annotations, "--predictions": predictions, "--model": model, "new texts": texts}
        exclude("--review", others)
    here = find_project(project)
    ours = _checked(here, texts or [], article_folders(articles or []))
    suggested = _suggested(predictions, model, ours, here) if predictions else {}
    if review:
        found = push_review(here, ours, number, timeout, recreate=recreate, dry_run=dry_run)
    else:
        with open_server(here, timeout, only_look=dry_run) as (client, state):
            plan = plan_push(client, here, ours, state, number=number, recreate=recreate, say=say)
            push = _Push(here, client, state, plan)
            found = push.carry_out(ours, suggested, annotations=annotations, dry_run=dry_run)
    if has_errors(found):
        raise typer.Exit(1)


@dataclass(frozen=True)
class _Push:
    """A planned push with all that it needs."""

    project: "Project"
    client: "Client"
    state: "SyncState"
    plan: "PushPlan"

    def carry_out(
        self, ours: "Sequence[Task]", suggested: "Mapping[str, Prediction]", *, annotations: bool, dry_run: bool
    ) -> "list[Finding]":
        """Prints the plan and, but for a dry run, does it. Every finding."""
        from toolkit.commands.printing import print_findings
        from toolkit.labelstudio.sync.sending import plan_annotations, plan_predictions

        marked = plan_annotations(self.client, self.project, self.plan) if annotations else None
        guesses = plan_predictions(self.client, self.plan, ours, suggested)
        problems = [*self.plan.findings, *(marked.findings if marked else ())]
        print_findings(problems)
        print_plan(self.plan, len(marked.waiting) if marked else 0, len(guesses))
        if dry_run or self.plan.is_refused:
            return problems
        found = self._send(marked, guesses)
        print_findings(found)
        return [*problems, *found]

    def _send(self, marked: "AnnotationPlan | None", guesses: "Sequence[Suggestion]") -> "list[Finding]":
        from toolkit.commands.printing import say
        from toolkit.labelstudio.sync.push import apply_push
        from toolkit.labelstudio.sync.sending import send_annotations, send_predictions

        done = apply_push(self.client, self.plan, self.state, say)
        sent = 0
        refused: list[Finding] = []
        if marked:
            sent, refused = send_annotations(self.client, self.project, done.project, marked, self.state, say)
        guessed = send_predictions(self.client, done.project, guesses, self.state, say) if guesses else 0
        print(
            f"project {done.project}: created {done.created}, changed {done.changed}, "
            f"annotations sent {sent}, predictions sent {guessed}"
        )
        return [*done.findings, *refused]


def _checked(project: "Project", texts: Sequence[Path], folders: Sequence[Path]) -> "list[Task]":
    """Our articles, those of the annotation files first. Exits with 1 where anything about them is wrong."""
    from toolkit.commands.server import collections_there
    from toolkit.corpus.assemble import check
    from toolkit.corpus.store import annotation_files

    stored, findings = check(project, annotation_files(project.annotations, collections_there(project)), folders)
    # Which annotation is gold is decided after people have worked on the server; it holds no push back.
    _stop_at_errors([finding for finding in findings if finding.code not in ("gold-undecided", "gold-none")])
    ours = [item.task for item in stored]
    return [*ours, *_new_articles(texts, {task.article_id for task in ours})]


def _suggested(
    path: Path, model: str | None, articles: "Sequence[Task]", project: "Project"
) -> "Mapping[str, Prediction]":
    """The predictions by article id. Exits with 1 where anything about them is wrong."""
    from toolkit.commands.printing import print_findings
    from toolkit.commands.suggestions import read_suggestions
    from toolkit.findings import Severity

    found, findings = read_suggestions(path, model, articles, project.schema, project.labelstudio.tags)
    _stop_at_errors(findings)
    print_findings([finding for finding in findings if finding.severity is not Severity.ERROR])
    return found


def _stop_at_errors(findings: "Sequence[Finding]") -> None:
    from toolkit.commands.printing import print_findings, say, summary
    from toolkit.findings import Severity, has_errors

    if has_errors(findings):
        print_findings([finding for finding in findings if finding.severity is Severity.ERROR])
        say(f"nothing was sent: {summary(findings)}")
        raise typer.Exit(1)


def _new_articles(paths: Sequence[Path], known: set[str]) -> "list[Task]":
    """The texts that have no annotation file yet, as tasks. UsageError where a name cannot be an article id."""
    from toolkit.annotation import Task
    from toolkit.corpus.standoff import read_article
    from toolkit.errors import UsageError
    from toolkit.files import is_safe_id, list_files

    found: dict[str, Task] = {}
    files = [file for given in paths for file in (list_files(given, "*.txt") if given.is_dir() else [given])]
    for path in files:
        name = path.stem
        if not is_safe_id(name):
            raise UsageError("the name cannot be an article id; use letters, digits, - and _", where=str(path))
        text, digest = read_article(path)
        if not text.strip():
            raise UsageError("the article is empty", where=str(path))
        if name in found and found[name].sha256 != digest:
            raise UsageError(f"two texts have the article id {name!r}", where=str(path))
        if name not in known:
            found[name] = Task(name, text, digest, len(text))
    return list(found.values())
