"""A dataset folder made a version on the Hub: one commit, one tag, read back. A plan first, then what it says.

Whatever is cut off, refused or done by somebody else in between, doing it again goes on from what the Hub holds: the
repository is looked at before every attempt, a commit names its parent, and a tag is never moved.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any

from toolkit.errors import DataError, UsageError
from toolkit.files import read_json
from toolkit.release.changes.editions import check_release, read_edition
from toolkit.release.hub.faults import MissingError, Say, UnansweredError, persistently
from toolkit.release.hub.repository import Blob, Content, Head, Repository
from toolkit.release.hub.source import dataset_folder, newest_version
from toolkit.release.hub.staging import Staged
from toolkit.release.hub.upload_plan import (
    Change,
    LocalFile,
    Plan,
    State,
    is_repacked,
    is_whole,
    local_files,
    plan_steps,
    strangers,
)
from toolkit.release.tables.manifest import MANIFEST


@dataclass(frozen=True)
class Publication:
    """A staged dataset and the repository that is to have it. With `private` a new repository is; see `plan`."""

    staged: Staged
    repository: Repository
    say: Say
    private: bool = False
    as_pull_request: bool = False
    trees: dict[str, Mapping[str, Blob]] = field(default_factory=dict, repr=False)

    @cached_property
    def files(self) -> dict[str, LocalFile]:
        """The files to publish by path."""
        return local_files(self.staged.folder, self.staged.paths)

    @property
    def version(self) -> str:
        return str(self.staged.manifest["version"])

    @property
    def title(self) -> str:
        """The title of the commit and of the pull request, by which they are found again."""
        return f"Release v{self.version}"

    def plan(self) -> Plan:
        """What is to be done, from what the Hub holds now.

        DataError where the version exists with other content, is smaller than the changes ask for, or a file of
        somebody else would be read as part of it. UsageError where the repository is not as asked.
        """
        try:
            head = persistently(self.repository.head, self.say)
        except MissingError:
            return self._from_nothing()
        if self.private and not head.private:
            raise UsageError("is public, and --private makes only a new one private", where=self.repository.name)
        tags = persistently(self.repository.tags, self.say)
        plan = Plan(self.repository.name, self.version, _visibility(head), State.PLANNED, head.commit)
        if (tagged := tags.get(plan.tag)) is not None:
            return self._released(plan, tagged)
        there, before = self._tree(head.commit), self._manifest(head.commit)
        steps = plan_steps(self.files, there, before)
        if (commit := self._committed(head)) is not None:
            if self.as_pull_request:
                fix = f"Publish without --pr, which tags it {plan.tag}."
                raise UsageError("main has this release already", where=plan.repo, fix=fix)
            return replace(plan, state=State.COMMITTED, commit=commit, steps=steps)
        self._check_place(before, [*strangers(self.files, steps, there, plan.repo)])
        self._check_version(tags)
        return self._in_pull_request(plan, steps) if self.as_pull_request else replace(plan, steps=steps)

    def publish(self, plan: Plan) -> Plan:
        """Does what the plan says, and what of it remains; how far the release is then.

        UnansweredError where the Hub stays away: running again goes on from there.
        """
        if plan.state is State.PLANNED:
            plan = self._commit(plan)
        if plan.state is State.COMMITTED:
            plan = replace(plan, commit=self._tag(plan), state=State.RELEASED)
        return plan

    def _from_nothing(self) -> Plan:
        if self.as_pull_request:
            raise UsageError("is not on the Hub, so there is nothing to ask for", where=self.repository.name)
        visibility = "private" if self.private else "public"
        return Plan(
            self.repository.name, self.version, visibility, State.PLANNED, None, plan_steps(self.files, {}, None)
        )

    def _released(self, plan: Plan, commit: str) -> Plan:
        if not self._holds(commit):
            what = f"version {self.version} is published already with other content"
            fix = "A version is never changed: raise it in configs/dataset.yaml."
            raise DataError(what, where=plan.repo, fix=fix)
        steps = plan_steps(self.files, self._tree(commit), None)
        return replace(plan, state=State.RELEASED, commit=commit, steps=steps)

    def _holds(self, commit: str) -> bool:
        """Whether a commit is this release, be it written by other versions of the tools."""
        there = self._tree(commit)
        if strangers(self.files, (), there, self.repository.name):
            return False
        return is_whole(self.files, there) or is_repacked(self.staged.manifest, self._manifest(commit))

    def _committed(self, head: Head) -> str | None:
        """The commit on main that is this release: an earlier run's that was cut off, or another publisher's."""
        if self._holds(head.commit):
            return head.commit
        candidates = persistently(partial(self.repository.titled, self.title), self.say)
        return next((commit for commit in candidates if self._holds(commit)), None)

    def _tree(self, commit: str) -> Mapping[str, Blob]:
        """The files of a commit, asked for once."""
        if commit not in self.trees:
            self.trees[commit] = persistently(partial(self.repository.tree, commit), self.say)
        return self.trees[commit]

    def _manifest(self, commit: str) -> Mapping[str, Any] | None:
        """The manifest of a commit; None where it has none that can be read."""
        if MANIFEST not in self._tree(commit):
            return None
        path = persistently(partial(self.repository.file, commit, MANIFEST), self.say)
        try:
            found = read_json(path)
        except DataError:
            return None
        return found if isinstance(found, dict) else None

    def _check_place(self, before: Mapping[str, Any] | None, foreign: list[str]) -> None:
        if before is not None and before.get("version") == self.version:
            what = f"main holds version {self.version} already, with other content and not tagged"
            raise DataError(what, where=self.repository.name, fix="Raise the version in configs/dataset.yaml.")
        if foreign:
            what = f"has files that no release wrote and that would be read with it: {', '.join(foreign)}"
            raise DataError(what, where=self.repository.name, fix="Move them away there, and publish again.")

    def _check_version(self, tags: Mapping[str, str]) -> None:
        """The version against the newest one on the Hub, if that is a dataset of this toolkit."""
        newest = newest_version(tags)
        if newest is None:
            return
        name = f"{self.repository.name}@{tags[newest]}"
        try:
            folder = dataset_folder(name, self.say)
        except MissingError:
            self.say(f"{newest} has no manifest, so the version was not compared with it")
            return
        check_release(self.staged.folder, read_edition(folder, f"{self.repository.name}@{newest}"))

    def _in_pull_request(self, plan: Plan, steps: tuple[Any, ...]) -> Plan:
        """The plan to open a pull request, or to bring the one that is open up to date."""
        number = persistently(partial(self.repository.pull_request, self.title), self.say)
        if number is None:
            return replace(plan, steps=steps)
        head = persistently(partial(self.repository.head, f"refs/pr/{number}"), self.say)
        there = self._tree(head.commit)
        steps = plan_steps(self.files, there, self._manifest(head.commit))
        is_open = is_whole(self.files, there) and not any(step.change is Change.DELETED for step in steps)
        state = State.OPEN if is_open else State.PLANNED
        commit = head.commit if is_open else None
        return replace(plan, state=state, parent=head.commit, steps=steps, pull_request=number, commit=commit)

    def _commit(self, plan: Plan) -> Plan:
        """The plan with its commit, made once: after every doubtful answer the Hub is asked what it holds."""
        if plan.parent is None:
            persistently(partial(self.repository.create, private=self.private), self.say)
            plan = self.plan()

        def attempt() -> Plan:
            nonlocal plan
            if plan.state is not State.PLANNED:
                return plan
            try:
                return self._send(plan)
            except UnansweredError as error:
                if not error.final:
                    plan = self.plan()
                    if plan.state is not State.PLANNED:
                        return plan
                raise

        made = persistently(attempt, self.say)
        self._check_commit(str(made.commit))
        return made

    def _check_commit(self, commit: str) -> None:
        """DataError where a commit lacks files that were sent: the Hub leaves out what a .gitignore names."""
        if not self._holds(commit):
            there = self._tree(commit)
            lacking = [name for name, file in self.files.items() if not file.is_same(there.get(name))]
            what = f"the commit {commit} does not hold {', '.join(lacking)}, so it was not tagged"
            raise DataError(what, where=self.repository.name, fix="If a .gitignore there names them, take it away.")

    def _send(self, plan: Plan) -> Plan:
        content = Content(
            self.title,
            f"Content digest {self.staged.manifest['content_digest']}",
            {step.path: self.files[step.path].path for step in plan.of(Change.NEW, Change.CHANGED)},
            [step.path for step in plan.of(Change.DELETED)],
        )
        parent = str(plan.parent)
        if not self.as_pull_request:
            return replace(plan, state=State.COMMITTED, commit=self.repository.commit(content, parent))
        if plan.pull_request is not None:
            commit = self.repository.commit(content, parent, f"refs/pr/{plan.pull_request}")
            return replace(plan, state=State.OPEN, commit=commit)
        number, commit = self.repository.open_pull_request(content, parent)
        return replace(plan, state=State.OPEN, commit=commit, pull_request=number)

    def _tag(self, plan: Plan) -> str:
        """The commit that the tag leads to: ours, or the same release by another publisher."""
        commit = str(plan.commit)

        def attempt() -> str:
            try:
                self.repository.tag(plan.tag, commit)
            except UnansweredError:
                there = self.repository.tags().get(plan.tag)
                if there is None:
                    raise
                if there != commit and not self._holds(there):
                    what = f"tag {plan.tag} was given to another commit in between"
                    raise DataError(what, where=plan.repo, fix="Raise the version in configs/dataset.yaml.") from None
                return there
            return commit

        return persistently(attempt, self.say)


def _visibility(head: Head) -> str:
    return ("private" if head.private else "public") + (", gated" if head.gated else "")
