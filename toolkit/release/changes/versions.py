"""The version that a difference asks for, whether scores stay comparable, and whether a declared version will do.

MAJOR: a label or column removed, renamed or reordered; a document removed, its text changed or gone, or moved to
another split. MINOR: documents, labels or columns added, or a change to the gold of the test split, or to how it is
scored. PATCH: other gold corrections, metadata, documentation.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from toolkit.errors import ConfigError, DataError
from toolkit.release.changes.change_kinds import Change, Kind, in_words
from toolkit.release.changes.label_changes import moved_tags

Version = tuple[int, int, int]
CONFIGURED = "configs/dataset.yaml"
TEST = "test"


class Bump(StrEnum):
    """The part of a version that has to grow, the largest first."""

    MAJOR = "MAJOR"
    MINOR = "MINOR"
    PATCH = "PATCH"


_MAJOR = {
    Kind.DOCUMENT_REMOVED,
    Kind.DOCUMENT_TEXT_CHANGED,
    Kind.DOCUMENT_MOVED,
    Kind.LABEL_REMOVED,
    Kind.LABEL_RENAMED,
    Kind.LABELS_REORDERED,
    Kind.CONFIG_REMOVED,
    Kind.COLUMN_REMOVED,
    Kind.COLUMN_RENAMED,
    Kind.COLUMN_RETYPED,
    Kind.COLUMNS_REORDERED,
}
_MINOR = {Kind.DOCUMENT_ADDED, Kind.LABEL_ADDED, Kind.CONFIG_ADDED, Kind.COLUMN_ADDED, Kind.TOKENIZER_CHANGED}
# What makes gold of a document: with one of these in the test split, scores are against other gold.
_GOLD = {kind for kind in Kind if kind.startswith(("mention-", "relation-"))} | {
    Kind.DOCUMENT_ADDED,
    Kind.DOCUMENT_REMOVED,
    Kind.DOCUMENT_TEXT_CHANGED,
    Kind.DOCUMENT_TEXT_ADDED,
    Kind.DOCUMENT_TEXT_REMOVED,
    Kind.DOCUMENT_MOVED,
}
# Macro averages are over all labels; the tags of ner, and what its words are, decide the word view.
_SCORED = {Kind.LABEL_ADDED, Kind.LABEL_REMOVED, Kind.LABEL_RENAMED, Kind.TOKENIZER_CHANGED}
_SCORED_SETTINGS = {"flat_layer", "proclitics"}


@dataclass(frozen=True, slots=True)
class Asked:
    """The bump that changes ask for, None where nothing changed, with the reasons for each; and why scores differ."""

    bump: Bump | None
    reasons: dict[Bump, list[str]]
    not_comparable: list[str]

    def smallest(self, version: str) -> str:
        """The smallest version that may follow `version`. ConfigError where that is not X.Y.Z."""
        major, minor, patch = parse_version(version)
        match self.bump:
            case Bump.MAJOR:
                return f"{major + 1}.0.0"
            case Bump.MINOR:
                return f"{major}.{minor + 1}.0"
            case Bump.PATCH:
                return f"{major}.{minor}.{patch + 1}"
        return version


def parse_version(version: str) -> Version:
    """The three numbers of X.Y.Z, the only form that `datasets` takes. ConfigError where it is none."""
    if not re.fullmatch(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}", version, re.ASCII):
        fix = "Write three plain numbers, as in 1.0.0."
        raise ConfigError(f"version {version!r} is not X.Y.Z", where=CONFIGURED, fix=fix)
    major, minor, patch = map(int, version.split("."))
    return major, minor, patch


def asked_by(changes: Iterable[Change]) -> Asked:
    """What the changes ask for, and which of them asked."""
    changes = list(changes)
    bumps = [(bump, change) for change in changes if (bump := bump_of(change)) is not None]
    reasons = {bump: _told([change for found, change in bumps if found is bump]) for bump in Bump}
    found = {bump: told for bump, told in reasons.items() if told}
    return Asked(next(iter(found), None), found, _told([change for change in changes if _moves_scores(change)]))


def bump_of(change: Change) -> Bump | None:
    """The part of the version that one change asks to grow.

    None where a withheld text is at hand on one side only: it is never published.
    """
    kind = change.kind
    if kind in (Kind.DOCUMENT_TEXT_ADDED, Kind.DOCUMENT_TEXT_REMOVED):
        if change.withheld:
            return None
        return Bump.MINOR if kind is Kind.DOCUMENT_TEXT_ADDED else Bump.MAJOR
    if kind is Kind.TAGS_CHANGED and change.old and change.new:
        return Bump.MAJOR if moved_tags(change.old["tags"], change.new["tags"]) else Bump.MINOR
    if kind in _MAJOR:
        return Bump.MAJOR
    return Bump.MINOR if kind in _MINOR or _moves_scores(change) else Bump.PATCH


def check_version(declared: str, old_version: str, old_digest: str, new_digest: str, changes: Sequence[Change]) -> None:
    """Refuses a version that may not follow `old_version`, with the reasons. The digests are those of the content.

    ConfigError where it is not X.Y.Z. DataError where it is too small, or exists already with other content.
    """
    asked = asked_by(changes)
    if parse_version(declared) == parse_version(old_version):
        if old_digest == new_digest and asked.bump is None:
            return
        what = f"version {declared} exists already with other content"
    elif parse_version(declared) >= parse_version(asked.smallest(old_version)):
        return
    else:
        what = f"version {declared} is too small after {old_version}"
    if asked.bump is None:  # other bytes that no change accounts for, or a version below the old one
        asked = Asked(Bump.PATCH, {}, [])
    else:
        what += f": {'; '.join(asked.reasons[asked.bump])} ({asked.bump})"
    raise DataError(what, where=CONFIGURED, fix=f"Set version: {asked.smallest(old_version)}, or a larger one.")


def _moves_scores(change: Change) -> bool:
    """Whether a score on the test split before the change and one after it tell different things."""
    if change.kind is Kind.LABEL_REDEFINED:
        return "symmetric" in (change.old or {})
    if change.kind is Kind.LABELLING_CHANGED:
        return (change.old or {})["setting"] in _SCORED_SETTINGS
    return change.kind in _SCORED or (change.kind in _GOLD and TEST in change.splits)


def _told(changes: Sequence[Change]) -> list[str]:
    """Counts by kind, in words; those of the test split apart, since they are what scores are against."""
    by_kind = groupby(changes, key=lambda change: (change.kind, change.kind in _GOLD and TEST in change.splits))
    counts: dict[tuple[Kind, bool], int] = {}
    for key, group in by_kind:
        counts[key] = counts.get(key, 0) + sum(1 for _ in group)
    return [in_words(kind, n) + (" in the test split" if is_test else "") for (kind, is_test), n in counts.items()]
