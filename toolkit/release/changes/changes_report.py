"""A difference for readers: JSON, Markdown, and text of 80 columns; grouped by kind, counted, with every place.

Mentions are quoted only where both sides may pass on the text, so what is written here can be published.
"""

import json
import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from toolkit.markdown import markdown_table
from toolkit.release.changes.change_kinds import Change, Facts, Kind, in_words
from toolkit.release.changes.edition import Edition
from toolkit.release.changes.versions import Asked, asked_by, parse_version

SCHEMA_VERSION = 1
_WIDTH = 80
_SHOWN = 20
_LONGEST_QUOTE = 30
_TOTALS = ("documents", "mentions", "relations")
# Facts that name a thing, told before what else is known of it.
_NAMES = ("part", "config", "setting", "label", "column", "page")


def as_json(old: Edition, new: Edition, changes: Sequence[Change]) -> dict[str, Any]:
    """Both sides, counts by kind and label, every change, the version asked for, and whether scores are comparable."""
    asked = asked_by(changes)
    return {
        "schema_version": SCHEMA_VERSION,
        "old": old.as_json(),
        "new": new.as_json(),
        "counts": {kind: len(found) for kind, found in _by_kind(changes)},
        "by_label": {kind: counts for kind, found in _by_kind(changes) if (counts := _by_label(found))},
        "changes": [change.as_json() for change in changes],
        "version": {
            "bump": asked.bump,
            "smallest": asked.smallest(old.version),
            "declared": new.version,
            "reasons": {bump.value: told for bump, told in asked.reasons.items()},
        },
        "scores": {"comparable": not asked.not_comparable, "reasons": asked.not_comparable},
    }


def text(old: Edition, new: Edition, changes: Sequence[Change]) -> str:
    """For a terminal. Of each kind the first places only; JSON has them all."""
    lines = [f"{_named(old)} → {_named(new)}", *_totals(old, new)]
    for kind, found in _by_kind(changes):
        lines += ["", f"{in_words(kind, len(found))}{_labels_told(found)}"]
        lines += [line for change in found[:_SHOWN] for line in _wrapped(_line(change), "  ")]
        if len(found) > _SHOWN:
            lines.append(f"  … and {len(found) - _SHOWN} more; --format json has them all")
    lines += ["", *(line for told in verdict(old, new, changes) for line in _wrapped(told))]
    return "\n".join(lines) + "\n"


def markdown(old: Edition, new: Edition, changes: Sequence[Change]) -> str:
    """For a pull request or a release note."""
    head = ("", old.version, new.version)
    was, now = old.as_json(), new.as_json()
    parts = [
        f"# {old.settings.get('title', old.name)}: {old.version} → {new.version}",
        "\n".join(f"- {line}" for line in verdict(old, new, changes)),
        markdown_table(head, [(key, was[key], now[key]) for key in _TOTALS], numbers=True),
    ]
    for kind, found in _by_kind(changes):
        rows = [(_document(change), _side(change.old), _side(change.new)) for change in found[:_SHOWN]]
        parts.append(f"## {in_words(kind, len(found))}{_labels_told(found)}")
        parts.append(markdown_table(("where", "old", "new"), rows))
        if len(found) > _SHOWN:
            parts.append(f"And {len(found) - _SHOWN} more; `tawsim diff --format json` has them all.")
    return "\n\n".join(parts) + "\n"


def verdict(old: Edition, new: Edition, changes: Sequence[Change]) -> Iterator[str]:
    """The version that the changes ask for and why, and whether scores stay comparable."""
    asked = asked_by(changes)
    if asked.bump is None:
        yield f"Nothing changed that asks for another version than {old.version}."
    else:
        smallest = asked.smallest(old.version)
        enough = parse_version(new.version) >= parse_version(smallest)
        stands = "will do" if enough else f"is too small: set version: {smallest} in configs/dataset.yaml"
        yield f"The changes ask for {smallest} ({asked.bump}) or larger; the declared {new.version} {stands}."
    yield from reasons(asked)


def reasons(asked: Asked) -> Iterator[str]:
    """A line for each bump that something asks for, and one about scores."""
    for bump, told in asked.reasons.items():
        yield f"{bump}: {'; '.join(told)}."
    if asked.not_comparable:
        yield f"Scores are not comparable with those of before: {'; '.join(asked.not_comparable)}."
    else:
        yield "Scores on the test split stay comparable."


def counts_by_kind(changes: Sequence[Change]) -> Iterator[str]:
    """`3 mentions added (PER 2, GPE 1)`, kind by kind: counts and labels, no place and no word of a text."""
    for kind, found in _by_kind(changes):
        yield f"{in_words(kind, len(found))}{_labels_told(found)}"


def _by_kind(changes: Sequence[Change]) -> Iterator[tuple[Kind, list[Change]]]:
    for kind, found in groupby(changes, key=lambda change: change.kind):
        yield kind, list(found)


def _by_label(changes: Sequence[Change]) -> dict[str, int]:
    """Counts by label of mentions or relations; `PER → ORG` where it changed. By number, then by name."""
    counts = Counter(
        " → ".join(dict.fromkeys(side["label"] for side in (change.old, change.new) if side))
        for change in changes
        if change.kind.startswith(("mention-", "relation-"))
    )
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _labels_told(changes: Sequence[Change]) -> str:
    told = ", ".join(f"{label} {n}" for label, n in _by_label(changes).items())
    return f" ({told})" if told else ""


def _named(edition: Edition) -> str:
    return f"{edition.name} ({edition.version}, {edition.digest[:12]})"


def _totals(old: Edition, new: Edition) -> Iterator[str]:
    was, now = old.as_json(), new.as_json()
    yield ", ".join(f"{key} {was[key]} → {now[key]}" for key in _TOTALS)


def _line(change: Change) -> str:
    sides = [_side(side) for side in (change.old, change.new) if side is not None]
    return ": ".join(part for part in (_document(change), " → ".join(dict.fromkeys(sides))) if part)


def _document(change: Change) -> str:
    return f"{change.document} ({' → '.join(change.splits)})" if change.document else ""


def _side(facts: Facts | None) -> str:
    """One side in words: `12-20 PER «…»`, `WORKS_FOR 1-5 PER → 9-12 ORG`, `license: cc-by-4.0`."""
    if facts is None:
        return ""
    if "start" in facts:
        quote = f" «{_cut(facts['text'])}»" if "text" in facts else ""
        return f"{facts['start']}-{facts['end']} {facts['label']}{quote}"
    if "head" in facts and isinstance(facts["head"], Mapping):
        return f"{facts['label']} {_side(facts['head'])} → {_side(facts['tail'])}"
    if "tags" in facts:
        return f"{len(facts['tags'])} tags"
    names = [str(facts[key]) for key in _NAMES if key in facts]
    rest = [f"{key} {_value(facts[key])}" for key in facts if key not in (*_NAMES, "sha256", "value")]
    rest += [_value(facts["value"])] if "value" in facts else []
    return ": ".join(part for part in (" ".join(names), ", ".join(rest)) if part)


def _value(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _cut(words: str) -> str:
    told = " ".join(words.split())
    return told if len(told) <= _LONGEST_QUOTE else f"{told[: _LONGEST_QUOTE - 1]}…"


def _wrapped(line: str, indent: str = "") -> list[str]:
    return textwrap.wrap(line, _WIDTH, initial_indent=indent, subsequent_indent=f"{indent}  ", break_on_hyphens=False)
