"""What changed in the label schema: labels added, removed, renamed, reordered, redefined; the tags of `ner`."""

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any, Literal

from toolkit.corpus.article import Article
from toolkit.release.changes.change_kinds import Change, Kind
from toolkit.release.changes.edition import Edition
from toolkit.release.changes.gold_changes import Naming
from toolkit.schema import EntityType, RelationType, Schema

Part = Literal["entities", "relations"]
_PARTS: tuple[Part, Part] = ("entities", "relations")


def naming_of(old: Edition, new: Edition) -> Naming:
    """The labels that were renamed: one that went and one that came, most of whose places are the other's.

    Without any place in common they are the same where they are defined alike, and no other pair is.
    """
    theirs = {article.id: article for article in new.articles}
    pairs = [(a, b) for a in old.articles if (b := theirs.get(a.id)) is not None and a.sha256 == b.sha256]
    names = {part: _renamed(part, old.schema, new.schema, pairs) for part in _PARTS}
    # The same name whichever side is called the old one.
    common = {part: {n: " = ".join(sorted(p)) for p in found.items() for n in p} for part, found in names.items()}
    relations = common["relations"]
    one, other = (
        {relations.get(name, name): kind.symmetric for name, kind in schema.relations.items()}
        for schema in (old.schema, new.schema)
    )
    symmetric = frozenset(name for name in one if one[name] and other.get(name))
    return Naming(common["entities"], relations, symmetric)


def label_changes(old: Schema, new: Schema, naming: Naming) -> list[Change]:
    """Everything in which two schemas differ."""
    found = [
        *_part_changes("entities", old.entities, new.entities, naming.entities, naming),
        *_part_changes("relations", old.relations, new.relations, naming.relations, naming),
    ]
    one, other = (schema.model_dump(mode="json", exclude={"entities", "relations"}) for schema in (old, new))
    for key in one:
        if _named(key, one[key], naming) != _named(key, other[key], naming):
            before, after = ({"setting": key, "value": value[key]} for value in (one, other))
            found.append(Change(Kind.LABELLING_CHANGED, before, after))
    if _common_tags(old, naming) != _common_tags(new, naming):
        found.append(Change(Kind.TAGS_CHANGED, {"tags": list(old.tags)}, {"tags": list(new.tags)}))
    return found


def moved_tags(old: Sequence[str], new: Sequence[str]) -> int:
    """How many ids of `ner_tags` stand for another tag now, or for none."""
    return sum(place >= len(new) or tag != new[place] for place, tag in enumerate(old))


def _renamed(part: Part, old: Schema, new: Schema, articles: Sequence[tuple[Article, Article]]) -> dict[str, str]:
    """Old name: new name."""
    before: Mapping[str, EntityType | RelationType] = getattr(old, part)
    after: Mapping[str, EntityType | RelationType] = getattr(new, part)
    gone, come = ([n for n in one if n not in other] for one, other in ((before, after), (after, before)))
    if not gone or not come:
        return {}
    uses: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    both: Counter[tuple[str, str]] = Counter()
    for pair in articles:
        places = [list(_places(article, part, labels)) for article, labels in zip(pair, (gone, come), strict=True)]
        for side, use in zip(places, uses, strict=True):
            use.update(label for _, label in side)
        by_place: dict[Hashable, list[str]] = {}
        for place, label in places[1]:
            by_place.setdefault(place, []).append(label)
        both.update((label, now) for place, label in places[0] for now in by_place.get(place, ()))
    found = {was: now for (was, now), n in both.items() if 2 * n > uses[0][was] and 2 * n > uses[1][now]}
    unused = [[n for n in names if not use[n]] for names, use in zip((gone, come), uses, strict=True)]
    alike = [(was, now) for was in unused[0] for now in unused[1] if _meaning(before[was]) == _meaning(after[now])]
    times = Counter(name for pair in alike for name in pair)
    return found | {was: now for was, now in alike if times[was] == times[now] == 1}


def _places(article: Article, part: Part, labels: Sequence[str]) -> Iterator[tuple[Hashable, str]]:
    """Where the mentions, or relations, of these labels are, whatever they are called."""
    if part == "entities":
        yield from (((e.start, e.end), e.label) for e in article.entities if e.label in labels)
        return
    extents = {e.id: (e.start, e.end) for e in article.entities}
    yield from (((extents[r.head], extents[r.tail]), r.label) for r in article.relations if r.label in labels)


def _meaning(kind: EntityType | RelationType) -> Any:
    return kind.model_dump(exclude={"hotkey"})


def _part_changes(
    part: Part,
    old: Mapping[str, EntityType | RelationType],
    new: Mapping[str, EntityType | RelationType],
    common: Mapping[str, str],
    naming: Naming,
) -> Iterator[Change]:
    one, other = ({common.get(name, name): name for name in side} for side in (old, new))

    def facts(label: str, **more: Any) -> dict[str, Any]:
        return {"part": part, "label": label, **more}

    yield from (Change(Kind.LABEL_REMOVED, facts(label), None) for name, label in one.items() if name not in other)
    yield from (Change(Kind.LABEL_ADDED, None, facts(label)) for name, label in other.items() if name not in one)
    both = [name for name in one if name in other]
    for name in both:
        was, now = one[name], other[name]
        if was != now:
            yield Change(Kind.LABEL_RENAMED, facts(was), facts(now))
        earlier, later = old[was].model_dump(mode="json"), new[now].model_dump(mode="json")
        keys = [key for key in earlier if _named(key, earlier[key], naming) != _named(key, later[key], naming)]
        if keys:
            shown = facts(was, **{key: earlier[key] for key in keys}), facts(now, **{key: later[key] for key in keys})
            yield Change(Kind.LABEL_REDEFINED, *shown)
    if both != [name for name in other if name in one]:
        orders = ([side[name] for name in side if name in both] for side in (one, other))
        before, after = ({"part": part, "labels": order} for order in orders)
        yield Change(Kind.LABELS_REORDERED, before, after)


def _named(key: str, value: Any, naming: Naming) -> Any:
    """A value of the schema in which labels that were renamed have their common name."""
    if key in ("head", "tail"):
        return sorted(map(naming.entity, value))
    return value | {"drop": sorted(map(naming.entity, value["drop"]))} if key == "flat_layer" else value


def _common_tags(schema: Schema, naming: Naming) -> list[str]:
    return [f"{prefix}{sign}{naming.entity(label)}" for prefix, sign, label in (t.partition("-") for t in schema.tags)]
