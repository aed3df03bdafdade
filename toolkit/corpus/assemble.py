"""From annotation files to the articles of a dataset: validated, gold chosen, grouped, and each in its split."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from toolkit.corpus.article import Article, articles_of
from toolkit.corpus.near_duplicates import Copy, find_copies, groups
from toolkit.corpus.splits import Assignment, assign, read_pinned
from toolkit.corpus.store import Stored, annotation_files, read_stored
from toolkit.corpus.validate import validate
from toolkit.findings import Finding, has_errors
from toolkit.project import Project


@dataclass(frozen=True, slots=True)
class Assembled:
    """The articles by id, how they were put into splits, copied paragraphs between them, and every finding."""

    articles: tuple[Article, ...]
    assignment: Assignment
    copies: tuple[Copy, ...]
    findings: tuple[Finding, ...]


def check(
    project: Project, files: Sequence[tuple[str, Path]], folders: Sequence[Path]
) -> tuple[list[Stored], list[Finding]]:
    """The annotation files with every finding about them. A file that cannot be read is a finding too."""
    withheld = {name for name, found in project.dataset.collections.items() if found.text == "withheld"}
    stored, findings = read_stored(files, folders, project.root, withheld)
    return stored, findings + validate(stored, project.schema, project.labelstudio.annotators, project.gold_rules)


def assemble(project: Project, folders: Sequence[Path]) -> Assembled:
    """The project's own articles. With errors among the findings there are none: nothing is built from them."""
    files = annotation_files(project.annotations, list(project.dataset.collections))
    stored, findings = check(project, files, folders)
    if has_errors(findings):
        return Assembled((), Assignment({}, (), (), ()), (), tuple(findings))
    return assemble_stored(project, stored, findings)


def assemble_stored(project: Project, stored: Sequence[Stored], findings: Sequence[Finding]) -> Assembled:
    """Articles from tasks that were read, and passed the checks; those that the split rule holds back are left out."""
    settings = project.dataset
    articles, notes = articles_of(list(stored), settings.collections, project.schema, project.gold_rules)
    texts = {article.id: article.text for article in articles if article.text is not None}
    copies = find_copies(texts, settings.near_duplicates)
    fixed = {a.id: split for a in articles if (split := settings.collections[a.meta.collection].split)}
    assignment = assign(
        groups({article.id: article.meta.event for article in articles}, copies),
        read_pinned(project.pinned_splits),
        fixed,
        settings.splits,
        str(project.pinned_splits.relative_to(project.root)),
    )
    placed = tuple(
        replace(article, split=assignment.splits[article.id])
        for article in sorted(articles, key=lambda article: article.id)
        if article.id in assignment.splits
    )
    return Assembled(placed, assignment, tuple(copies), (*findings, *notes, *assignment.findings))
