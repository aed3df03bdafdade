"""What changed around the gold: configs and their columns, settings, annotators, and the pages that people read."""

from collections.abc import Iterator, Mapping
from typing import Any

from toolkit.release.changes.change_kinds import Change, Kind
from toolkit.release.changes.edition import Columns, Edition

# The version is what a difference asks for, and cannot be a part of it.
_NOT_COMPARED = {"version"}


def column_changes(old: Columns, new: Columns) -> Iterator[Change]:
    """Configs added and removed; in the others columns added, removed, renamed, of another type or order.

    A column was renamed where one went and one of the same type came in its place.
    """
    yield from (Change(Kind.CONFIG_REMOVED, {"config": name}, None) for name in old if name not in new)
    yield from (Change(Kind.CONFIG_ADDED, None, {"config": name}) for name in new if name not in old)
    for config in old:
        if config in new:
            yield from _columns_of(config, old[config], new[config])


def _columns_of(config: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Change]:
    def facts(column: str, kind: str) -> dict[str, str]:
        return {"config": config, "column": column, "type": kind}

    renamed = {
        was[0]: now[0]
        for was, now in zip(old.items(), new.items(), strict=False)
        if was[0] not in new and now[0] not in old and was[1] == now[1]
    }
    for name, kind in old.items():
        if name in renamed:
            yield Change(Kind.COLUMN_RENAMED, facts(name, kind), facts(renamed[name], kind))
        elif name not in new:
            yield Change(Kind.COLUMN_REMOVED, facts(name, kind), None)
        elif new[name] != kind:
            yield Change(Kind.COLUMN_RETYPED, facts(name, kind), facts(name, new[name]))
    for name, kind in new.items():
        if name not in old and name not in renamed.values():
            yield Change(Kind.COLUMN_ADDED, None, facts(name, kind))
    before, after = ([name for name in one if name in other] for one, other in ((old, new), (new, old)))
    if before != after:
        yield Change(
            Kind.COLUMNS_REORDERED, {"config": config, "columns": before}, {"config": config, "columns": after}
        )


def setting_changes(old: Edition, new: Edition) -> Iterator[Change]:
    """Settings of the dataset and descriptions of annotators, key by key; a key that is not there counts as null."""
    if old.tokenizer != new.tokenizer:
        yield Change(Kind.TOKENIZER_CHANGED, {"tokenizer": old.tokenizer}, {"tokenizer": new.tokenizer})
    one, other = (dict(_leaves({**e.settings, "annotators": e.annotators})) for e in (old, new))
    for key in sorted(one.keys() | other.keys()):
        if key not in _NOT_COMPARED and one.get(key) != other.get(key):
            before, after = ({"setting": key, "value": side.get(key)} for side in (one, other))
            yield Change(Kind.SETTING_CHANGED, before, after)


def page_changes(old: Edition, new: Edition, *, alone: bool) -> Iterator[Change]:
    """Pages with other content. The card and the changelog follow from all else, so they count only where `alone`."""
    for name in sorted(old.pages.keys() | new.pages.keys()):
        if old.pages.get(name) != new.pages.get(name) and (alone or name != "CHANGELOG.md"):
            before, after = (_page(name, e.pages.get(name)) for e in (old, new))
            yield Change(Kind.PAGE_CHANGED, before, after)
    if alone and _card(old) != _card(new):
        yield Change(Kind.PAGE_CHANGED, {"page": "README.md"}, {"page": "README.md"})


def _page(name: str, digest: str | None) -> dict[str, str] | None:
    return {"page": name, "sha256": digest} if digest else None


def _card(edition: Edition) -> str:
    """The card as people read it: no front matter, which has sizes of files in it, and no version."""
    return edition.card.partition("\n---\n")[2].replace(edition.version, "X.Y.Z")


def _leaves(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, inner in value.items():
        if isinstance(inner, Mapping):
            yield from _leaves(inner, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", inner
