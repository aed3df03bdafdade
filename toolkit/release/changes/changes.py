"""The difference between two datasets, entity by entity and relation by relation. It needs no text."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from toolkit.corpus.article import Article
from toolkit.release.changes.change_kinds import Change, Facts, Kind
from toolkit.release.changes.edition import Edition
from toolkit.release.changes.gold_changes import Naming, gold_changes
from toolkit.release.changes.label_changes import label_changes, naming_of
from toolkit.release.changes.package_changes import column_changes, page_changes, setting_changes

_META = ("collection", "event", "source", "language", "annotators", "gold_rule", "withheld")
_ORDER = list(Kind)


def changes_between(old: Edition, new: Edition) -> tuple[Change, ...]:
    """Every change from `old` to `new`, by kind, document and place. Swapping the sides mirrors each of them.

    Ids of mentions and relations are no identity: the same gold under other ids is one change of its document.
    """
    naming = naming_of(old, new)
    one, other = ({article.id: article for article in edition.articles} for edition in (old, new))
    found = [change for name in sorted(one.keys() | other.keys()) for change in _of_document(name, one, other, naming)]
    found += label_changes(old.schema, new.schema, naming)
    found += column_changes(old.columns, new.columns)
    found += setting_changes(old, new)
    found += page_changes(old, new, alone=not found)
    return tuple(sorted(found, key=lambda change: _ORDER.index(change.kind)))


def _of_document(name: str, old: Mapping[str, Article], new: Mapping[str, Article], naming: Naming) -> Iterator[Change]:
    was, now = old.get(name), new.get(name)
    if was is not None and now is not None:
        if was != now:
            yield from _between(was, now, naming)
    elif was is not None:
        yield Change(Kind.DOCUMENT_REMOVED, _size(was), None, name, (was.split,), was.meta.withheld)
    elif now is not None:
        yield Change(Kind.DOCUMENT_ADDED, None, _size(now), name, (now.split,), now.meta.withheld)


def _between(old: Article, new: Article, naming: Naming) -> Iterator[Change]:
    splits = tuple(sorted({old.split, new.split}))

    def change(kind: Kind, was: Facts | None, now: Facts | None) -> Change:
        return Change(kind, was, now, old.id, splits, old.meta.withheld or new.meta.withheld)

    found = gold_changes(old, new, naming)
    if old.sha256 != new.sha256:
        sides = ({"sha256": article.sha256, "length": article.length} for article in (old, new))
        found.append(change(Kind.DOCUMENT_TEXT_CHANGED, *sides))
    if (old.text is None) != (new.text is None):
        kind = Kind.DOCUMENT_TEXT_ADDED if old.text is None else Kind.DOCUMENT_TEXT_REMOVED
        found.append(change(kind, {"text": old.text is not None}, {"text": new.text is not None}))
    if old.split != new.split:
        found.append(change(Kind.DOCUMENT_MOVED, {"split": old.split}, {"split": new.split}))
    if old.meta != new.meta:
        keys = [key for key in _META if getattr(old.meta, key) != getattr(new.meta, key)]
        found.append(change(Kind.DOCUMENT_METADATA_CHANGED, _meta(old, keys), _meta(new, keys)))
    if not found and _under_common_names(old, naming) != _under_common_names(new, naming):
        found.append(change(Kind.DOCUMENT_REWRITTEN, _size(old), _size(new)))
    yield from found


def _under_common_names(article: Article, naming: Naming) -> Article:
    entities = tuple(replace(entity, label=naming.entity(entity.label)) for entity in article.entities)
    relations = tuple(replace(relation, label=naming.relation(relation.label)) for relation in article.relations)
    return replace(article, entities=entities, relations=relations)


def _size(article: Article) -> dict[str, Any]:
    counts = {"mentions": len(article.entities), "relations": len(article.relations)}
    return {"split": article.split, "length": article.length, **counts}


def _meta(article: Article, keys: list[str]) -> dict[str, Any]:
    found = {key: getattr(article.meta, key) for key in keys}
    return {key: list(value) if isinstance(value, tuple) else value for key, value in found.items()}
