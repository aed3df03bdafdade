"""Articles that a reviewer has to decide: who read what in them, and what all agree on already."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from toolkit.annotation import Annotation, Task
from toolkit.corpus.adjudicate import choose, one_each, own_work, shared
from toolkit.errors import ConfigError
from toolkit.findings import Finding, Severity
from toolkit.gold_rules import GoldRule
from toolkit.schema import Schema

# Rules that end the work on an article. Majority and first only stand in until somebody has looked.
_CLOSING = ("ground_truth", "adjudicator", "single")


@dataclass(frozen=True, slots=True)
class OpenArticle:
    """An article to review: of its annotations only those to weigh, one an annotator, and what all of them have."""

    task: Task
    agreed: Annotation


def open_articles(
    tasks: Sequence[Task], rules: Sequence[GoldRule], schema: Schema
) -> tuple[list[OpenArticle], list[Finding]]:
    """The articles with work by two or more annotators that no closing rule decides.

    One with several ground truths is left out with an error, since another would decide nothing. Needs annotations
    that passed `validate`.
    """
    closing = [rule for rule in rules if rule.kind in _CLOSING]
    opened: list[OpenArticle] = []
    findings: list[Finding] = []
    for task in tasks:
        versions = one_each(own_work(task))
        if len(versions) < 2 or choose(task, closing) is not None:
            continue
        marked = [a for a in task.annotations if a.ground_truth and not a.cancelled]
        if marked:
            named = ", ".join(f"{a.id} by {a.annotator}" for a in marked)
            what = f"{len(marked)} annotations are marked as ground truth ({named}); unmark all, or all but one"
            findings.append(Finding("ground-truth-several", Severity.ERROR, task.article_id, what))
            continue
        agreed = shared(versions, len(versions), "agreed", schema)
        opened.append(OpenArticle(replace(task, annotations=tuple(versions)), agreed))
    return opened, findings


def check_rules(rules: Sequence[GoldRule], where: str) -> None:
    """ConfigError where a review could not become gold: its mark is not asked for, or asked for too late."""
    kinds = [rule.kind for rule in rules]
    before = kinds[: kinds.index("ground_truth")] if "ground_truth" in kinds else None
    if before is None or "majority" in before or "first" in before:
        what = "a review ends in a ground truth, and the rules of `gold` would never get to it"
        raise ConfigError(what, where=where, fix="Put ground_truth before majority and first.")
