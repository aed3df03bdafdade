"""Where a dataset is: a folder, or `NS/NAME@vX.Y.Z` on the Hub. A version is first resolved to the id of its commit.

What is read is that commit, whole and checked, or nothing: never another one that the cache happens to hold.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.corpus.article import Article
from toolkit.corpus.hydration import hydrate
from toolkit.document import Document
from toolkit.errors import DataError, IncompleteError, UsageError
from toolkit.files import friendly
from toolkit.project import SPLITS, article_folders
from toolkit.release.hub.faults import MissingError, Say, UnansweredError, persistently
from toolkit.release.tables.manifest import MANIFEST
from toolkit.release.tables.reading import Dataset, read_dataset

if TYPE_CHECKING:
    from toolkit.release.hub.repository import Repository

_ON_HUB = re.compile(r"(?P<repo>[\w.-]+/[\w.-]+)@(?P<revision>.+)")
_REPO = re.compile(r"[\w.-]+/[\w.-]+")
_TAG = re.compile(r"v(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_BY_ID = "Named by the id of its commit, a whole copy in the cache is enough."
_HOW = "Name a version, as in NS/NAME@v1.0.0, or the 40 digits of a commit id."


@dataclass(frozen=True, slots=True)
class HubName:
    """A dataset of the Hub at a version tag or a commit id."""

    repo: str
    revision: str

    @property
    def is_commit(self) -> bool:
        """Whether the revision is a commit id, which nothing can move."""
        return bool(_COMMIT.fullmatch(self.revision))


def _silent(_: str) -> None:
    """For who does not want to be told."""


def hub_name(name: str) -> HubName | None:
    """The name of a dataset on the Hub; None where it is that of a folder.

    UsageError where the revision is missing, or one that moves: a branch is another dataset tomorrow.
    """
    with friendly(Path(name)):
        if Path(name).exists():
            return None
    found = _ON_HUB.fullmatch(name)
    if not found:
        if _REPO.fullmatch(name):
            raise UsageError("there is no such folder, and for a dataset of the Hub no version", where=name, fix=_HOW)
        return None
    named = HubName(found["repo"], found["revision"])
    if not named.is_commit and not _TAG.fullmatch(named.revision):
        raise UsageError(f"{named.revision!r} is no version", where=name, fix=_HOW)
    return named


def newest_version(tags: Iterable[str]) -> str | None:
    """The highest of the tags that are versions, vX.Y.Z."""
    versions = [tag for tag in tags if _TAG.fullmatch(tag)]
    return max(versions, key=lambda tag: [int(part) for part in tag[1:].split(".")], default=None)


def dataset_folder(name: str | Path, say: Say = _silent) -> Path:
    """The folder of a dataset: the one named, or a checked copy of `NS/NAME@vX.Y.Z` (or @ a commit id) from the Hub.

    UsageError where there is no such repository or version, ConfigError where it may not be read, DataError where its
    files are not those of its manifest. IncompleteError where the Hub is away and it is not known, or not in the cache
    whole, which commit is meant.
    """
    named = hub_name(str(name))
    if named is None:
        return Path(name)
    from toolkit.release.hub.repository import Repository

    repository = Repository(named.repo)
    try:
        commit = named.revision if named.is_commit else persistently(partial(_resolve, repository, named), say)
        return _fetch(repository, commit, say)
    except UnansweredError as error:
        what = f"{error.what}; nothing else was taken in its place"
        raise IncompleteError(what, where=str(name), fix="" if named.is_commit else _BY_ID) from error


def commit_of(folder: Path) -> str | None:
    """The id of the commit that a folder of the Hub's cache holds, as `dataset_folder` gives it; None of any other."""
    is_snapshot = folder.parent.name == "snapshots" and re.fullmatch("[0-9a-f]{40}", folder.name)
    return folder.name if is_snapshot else None


def _resolve(repository: "Repository", named: HubName) -> str:
    """The commit id that the tag leads to now. A branch of the same name is none."""
    tags = repository.tags()
    if named.revision not in tags:
        known = ", ".join(sorted(tag for tag in tags if _TAG.fullmatch(tag))) or "none"
        raise MissingError(f"has no version {named.revision}", where=named.repo, fix=f"There are: {known}.")
    return tags[named.revision]


def _fetch(repository: "Repository", commit: str, say: Say) -> Path:
    """The folder with the files of a commit's manifest, each with the sha256 that it tells."""
    where = f"{repository.name}@{commit}"
    try:
        manifest = persistently(partial(repository.file, commit, MANIFEST), say)
    except MissingError as error:
        raise MissingError(f"{error.what}, or is no dataset of this toolkit", where=where, fix=error.fix) from error
    paths = [MANIFEST, *read_dataset(manifest.parent).manifest["files"]]
    for again in (False, True):
        folder = persistently(partial(repository.snapshot, commit, paths, again=again), say)
        try:
            read_dataset(folder).verify()
        except DataError as error:
            damage = error
        else:
            return folder
    raise DataError(f"{damage.what}, also after it was fetched again", where=damage.where) from damage


def load_documents(
    name: str | Path, *, articles: str | Path | Sequence[str | Path] | None = None, split: str | None = None
) -> list[Document]:
    """The documents of a dataset that have their text, all splits or one, in the order of splits and ids.

    `articles` are folders with the reader's copies of withheld articles; then each of them must be proven: DataError
    names those that are not. What else goes wrong is told as by `dataset_folder`.
    """
    dataset = read_dataset(dataset_folder(name))
    given = [articles] if isinstance(articles, str | Path) else list(articles or ())
    found = {article.id: article for article in dataset.articles}
    if given:
        found |= _joined(dataset, article_folders([Path(folder) for folder in given]))
    here = {article.split for article in dataset.articles}
    wanted = [split] if split else [one for one in SPLITS if one in here]
    rows = [found[article.id] for one in wanted for article in dataset.split(one)]
    return [article.document() for article in rows if article.text is not None]


def _joined(dataset: Dataset, folders: Sequence[Path]) -> dict[str, Article]:
    results = [hydrate(article, folders) for article in dataset.articles]
    lacking = [f"{result.article.id} ({result.outcome})" for result in results if result.article.text is None]
    if lacking:
        what = f"not joined with their text: {', '.join(lacking)}"
        fix = "`tawsim hydrate` tells why; without `articles` they are left out."
        raise DataError(what, where=str(dataset.folder), fix=fix)
    return {result.article.id: result.article for result in results}
