"""What `--review` of push and pull does: open articles go to a review project, and come back as ground truth."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolkit.annotation import Task
    from toolkit.findings import Finding
    from toolkit.labelstudio.client import Client
    from toolkit.labelstudio.sync.pull import Here, Pulled
    from toolkit.labelstudio.sync.review_push import ReviewPlan
    from toolkit.labelstudio.sync.state import SyncState
    from toolkit.project import Project


def exclude(option: str, others: Mapping[str, object]) -> None:
    """UsageError where an option is given together with others that mean something else."""
    from toolkit.errors import UsageError

    if given := [name for name, value in others.items() if value]:
        raise UsageError(
            f"{option} goes without {' and '.join(given)}", fix=f"Run the command twice, or drop {option}."
        )


def push_review(
    project: "Project", ours: "Sequence[Task]", number: int | None, timeout: float, *, recreate: bool, dry_run: bool
) -> "list[Finding]":
    """Prints what is to be reviewed and, but for a dry run, sends it. Every finding. `ours` passed the checks."""
    from toolkit.commands.printing import print_findings, say
    from toolkit.corpus.review import check_rules, open_articles
    from toolkit.labelstudio.sync.review import Review
    from toolkit.labelstudio.sync.review_push import apply_review, plan_review

    rules = project.gold_rules
    check_rules(rules, str(project.root / "configs" / "dataset.yaml"))
    opened, problems = open_articles(ours, rules, project.schema)
    say(f"open: {len(opened)} of {len(ours)} articles")
    if not opened:
        print_findings(problems)
        print("nothing to review")
        return problems
    reviews = [Review(item.task, item.agreed) for item in opened]
    with _review_server(project, number, timeout, only_look=dry_run) as (client, state):
        plan = plan_review(client, project, reviews, state, number=number, recreate=recreate, say=say)
        problems = [*problems, *plan.findings]
        print_findings(problems)
        _print_plan(plan)
        if dry_run or plan.push.is_refused:
            return problems
        done, sent = apply_review(client, plan, state, say)
    print_findings(done.findings)
    print(
        f"project {done.project}: created {done.created}, changed {done.changed}, "
        f"versions sent {sent}, removed {len(plan.stale)}"
    )
    return [*problems, *done.findings]


def _print_plan(plan: "ReviewPlan") -> None:
    from toolkit.commands.printing import say
    from toolkit.commands.server import print_plan

    print_plan(plan.push, 0, 0)
    if plan.waiting:
        say(f"  versions to send: {len(plan.waiting)}")
    if plan.stale:
        say(f"  versions out of date, to remove: {len(plan.stale)}")


def pull_review(project: "Project", here: "Here", number: int | None, timeout: float, *, dry_run: bool) -> "Pulled":
    """Takes what reviewers submitted into our files. UsageError where the server has no review project."""
    from toolkit.errors import UsageError
    from toolkit.labelstudio.sync.locating import locate
    from toolkit.labelstudio.sync.review import review_title
    from toolkit.labelstudio.sync.review_pull import pull_reviews

    title = review_title(project.labelstudio.title)
    with _review_server(project, number, timeout, only_look=dry_run) as (client, state):
        remote = locate(client, title, state, number)
        if remote is None:
            fix = "Run `tawsim push --review`."
            raise UsageError(f"there is no project {title!r} on the server", where=client.url, fix=fix)
        state.at(int(remote["id"]))
        return pull_reviews(client, remote, state, here, dry_run=dry_run)


@contextmanager
def _review_server(
    project: "Project", number: int | None, timeout: float, *, only_look: bool
) -> "Iterator[tuple[Client, SyncState]]":
    """The server with the state of its review project. UsageError where `number` is the annotators' project."""
    from toolkit.commands.server import open_server
    from toolkit.errors import UsageError
    from toolkit.labelstudio.sync.review import PURPOSE
    from toolkit.labelstudio.sync.state import read_state, state_file

    with open_server(project, timeout, purpose=PURPOSE, only_look=only_look) as (client, state):
        if number is not None and read_state(state_file(project, client.url)).project == number:
            what = f"project {number} is the annotators'; reviews have a project of their own"
            raise UsageError(what, where=client.url, fix="Leave --server-project out, or name the review project.")
        yield client, state
