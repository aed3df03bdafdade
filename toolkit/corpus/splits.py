"""Which split each document is in. Pinned documents never move; new ones follow their group, or a hash of it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from toolkit.errors import DataError
from toolkit.files import friendly, read_json, sha256, to_json, write_text
from toolkit.findings import Finding, Severity
from toolkit.project import SPLITS, SplitRule


@dataclass(frozen=True, slots=True)
class Assignment:
    """The split of each document, pinned ones that are gone included; the new ones; those held back; what to say."""

    splits: Mapping[str, str]
    new: tuple[str, ...]
    held_back: tuple[str, ...]
    findings: tuple[Finding, ...]


def read_pinned(path: Path) -> dict[str, str]:
    """The pinned splits, document id to split; empty where there is no file yet. DataError on any other content."""
    with friendly(path):
        if not path.exists():
            return {}
    pinned = read_json(path)
    if not isinstance(pinned, dict):
        raise DataError("must be an object of document id: split", where=str(path))
    for document, split in pinned.items():
        if split not in SPLITS:
            raise DataError(f"{document} is in {split!r}; splits are {', '.join(SPLITS)}", where=str(path))
    return pinned


def write_pinned(path: Path, splits: Mapping[str, str]) -> bool:
    """Writes the pinned splits, sorted; False where the file said this already."""
    return write_text(path, to_json(dict(splits)))


def assign(
    groups: Mapping[str, str],
    pinned: Mapping[str, str],
    fixed: Mapping[str, str],
    rule: SplitRule,
    path: str,
) -> Assignment:
    """A split for every document of `groups` (document: group).

    A pinned document stays. A new one takes the split that its collection fixes, else that of the pinned members of
    its group, else one drawn by a hash of the group. A new one whose group is pinned to two splits, or to another
    split than its collection's, is held back; pinned members of one group in two splits are warned of.
    """
    members: defaultdict[str, list[str]] = defaultdict(list)
    for document, group in groups.items():
        members[group].append(document)
    splits = dict(pinned)  # a pin outlives its document, which may come back
    held_back: list[str] = []
    findings: list[Finding] = []
    for group, documents in sorted(members.items()):
        taken = sorted({pinned[document] for document in documents if document in pinned})
        wanted = sorted({fixed[document] for document in documents if document in fixed and document not in pinned})
        ties = sorted({*taken, *wanted})
        if len(taken) > 1:
            names = ", ".join(f"{d} ({pinned[d]})" for d in sorted(documents) if d in pinned)
            what = f"{group} is in two splits, so the test split leaks: {names}"
            findings.append(Finding("split-leak", Severity.WARNING, path, what))
        for document in sorted(document for document in documents if document not in pinned):
            if len(ties) > 1:
                held_back.append(document)
                what = f"{document} would tie {' and '.join(ties)} together through {group}; it is held back"
                findings.append(Finding("split-tie", Severity.ERROR, path, what))
            else:
                splits[document] = ties[0] if ties else draw(group, rule)
    new = tuple(sorted(set(splits) - set(pinned)))
    return Assignment(splits, new, tuple(held_back), tuple(findings))


def draw(group: str, rule: SplitRule) -> str:
    """The split of a group by the hash of its name and the salt, in the shares of the rule."""
    point = int(sha256(f"{rule.salt}\n{group}".encode())[:12], 16) * 100 // 16**12
    if point < rule.ratios.train:
        return "train"
    return "validation" if point < rule.ratios.train + rule.ratios.validation else "test"
