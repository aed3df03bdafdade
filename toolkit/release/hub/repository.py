"""A dataset repository of the Hub, read and written. The only module that calls the Hub's API.

Every call is made once and says in one of our errors what went wrong; whether to ask again is for the caller to know.
"""

import logging
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolkit.errors import ConfigError
from toolkit.release.hub.faults import in_words
from toolkit.version import __version__

MAIN = "main"


@dataclass(frozen=True, slots=True)
class Blob:
    """A file of a commit. `oid` is its git id; `sha256` that of its content, known of LFS files only."""

    size: int
    oid: str
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Head:
    """The commit that a branch or tag leads to, and who may see the repository."""

    commit: str
    private: bool
    gated: bool


@dataclass(frozen=True, slots=True)
class Content:
    """What a commit changes: files of this machine by their path in the repository, and paths to delete."""

    title: str
    description: str
    files: Mapping[str, Path]
    deleted: Iterable[str]


class Repository:
    """The dataset repository NAMESPACE/NAME. The token is the one huggingface_hub finds; it is never printed."""

    def __init__(self, name: str) -> None:
        from huggingface_hub import HfApi
        from huggingface_hub.utils.tqdm import disable_progress_bars

        # The library's own warnings tell addresses with signatures in them.
        logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
        if not sys.stderr.isatty():
            disable_progress_bars()
        self.name = name
        self._api: Any = HfApi(library_name="tawsim", library_version=__version__)
        self._this = {"repo_id": name, "repo_type": "dataset"}

    def check_token(self) -> None:
        """ConfigError where there is no token to write with."""
        from huggingface_hub import get_token

        with in_words(self.name):
            if get_token() is None:
                fix = "Run `hf auth login`, or set HF_TOKEN; in CI see Trusted Publishers."
                raise ConfigError("there is no token for the Hub", where=self.name, fix=fix)

    def head(self, revision: str = MAIN) -> Head:
        """Where a branch, tag or commit id leads. MissingError where there is none."""
        with in_words(self.name):
            info = self._api.dataset_info(self.name, revision=revision)
        return Head(str(info.sha), bool(info.private), bool(info.gated))

    def tags(self) -> dict[str, str]:
        """The commit id of each tag."""
        with in_words(self.name):
            return {ref.name: ref.target_commit for ref in self._api.list_repo_refs(**self._this).tags}

    def tree(self, commit: str) -> dict[str, Blob]:
        """The files of a commit by path."""
        from huggingface_hub.hf_api import RepoFile

        with in_words(self.name):
            entries = list(self._api.list_repo_tree(**self._this, revision=commit, recursive=True))
        return {
            entry.path: Blob(entry.size, entry.blob_id, entry.lfs.sha256 if entry.lfs else None)
            for entry in entries
            if isinstance(entry, RepoFile)
        }

    def titled(self, title: str, branch: str = MAIN) -> list[str]:
        """The ids of a branch's commits with this title, the newest first."""
        with in_words(self.name):
            commits = self._api.list_repo_commits(**self._this, revision=branch)
        return [commit.commit_id for commit in commits if commit.title == title]

    def pull_request(self, title: str) -> int | None:
        """The number of the newest open pull request of this title."""
        with in_words(self.name):
            found = self._api.get_repo_discussions(
                **self._this, discussion_type="pull_request", discussion_status="open"
            )
            return max((one.num for one in found if one.title == title), default=None)

    def file(self, commit: str, path: str) -> Path:
        """A file of a commit, in the cache. MissingError where the commit does not have it."""
        with in_words(self.name):
            return Path(self._api.hf_hub_download(self.name, path, repo_type="dataset", revision=commit))

    def snapshot(self, commit: str, paths: Iterable[str], *, again: bool = False) -> Path:
        """The folder with these files of a commit, in the cache; `again` fetches what is there already too."""
        with in_words(self.name):
            found = self._api.snapshot_download(
                self.name, repo_type="dataset", revision=commit, allow_patterns=list(paths), force_download=again
            )
        return Path(found)

    def create(self, *, private: bool) -> None:
        """Makes the repository; one that is there already is left as it is."""
        with in_words(self.name):
            self._api.create_repo(**self._this, private=private, exist_ok=True)

    def commit(self, content: Content, parent: str, branch: str = MAIN) -> str:
        """One commit on `parent`, which must be the branch's head: ConflictError otherwise. Its id."""
        with in_words(self.name):
            return str(self._create_commit(content, parent, revision=branch).oid)

    def open_pull_request(self, content: Content, parent: str) -> tuple[int, str]:
        """A pull request of one commit on `parent`: its number, and the id of the commit."""
        with in_words(self.name):
            made = self._create_commit(content, parent, create_pr=True)
            return int(made.pr_num), str(made.oid)

    def _create_commit(self, content: Content, parent: str, **where: Any) -> Any:
        from huggingface_hub import CommitOperationAdd, CommitOperationDelete

        operations: list[Any] = [CommitOperationAdd(path, file) for path, file in content.files.items()]
        operations += [CommitOperationDelete(path, is_folder=False) for path in content.deleted]
        return self._api.create_commit(
            **self._this,
            operations=operations,
            commit_message=content.title,
            commit_description=content.description,
            parent_commit=parent,
            **where,
        )

    def tag(self, name: str, commit: str) -> None:
        """Tags a commit. ConflictError where there is a tag of this name."""
        with in_words(self.name):
            self._api.create_tag(**self._this, tag=name, revision=commit)
