"""What changed in the gold of one document: its mentions, paired side by side, and the relations between them.

Ids are no identity: a mention is what it covers, a relation the two mentions that it joins. In one text mentions pair
by place (toolkit.alignment); where the text itself changed they pair by the digest of their words, in their order.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from toolkit.alignment import align, extent_first
from toolkit.corpus.article import Article
from toolkit.document import Entity, Relation
from toolkit.release.changes.change_kinds import Change, Facts, Kind

Thing = TypeVar("Thing")
# The mention of the old side and that of the new side; one of them may be missing.
MentionPair = tuple[Entity | None, Entity | None]


@dataclass(frozen=True, slots=True)
class Naming:
    """Renamed labels, old and new name alike, with the one name that both sides are compared under.

    `symmetric`: relation labels (under that name) that have no direction on either side.
    """

    entities: Mapping[str, str] = field(default_factory=dict)
    relations: Mapping[str, str] = field(default_factory=dict)
    symmetric: frozenset[str] = frozenset()

    def entity(self, label: str) -> str:
        return self.entities.get(label, label)

    def relation(self, label: str) -> str:
        return self.relations.get(label, label)


def gold_changes(old: Article, new: Article, naming: Naming) -> list[Change]:
    """Mentions and relations of one document that were added, removed or changed."""
    same_text = old.sha256 == new.sha256
    pairs = _pairs_by_place(old, new, naming) if same_text else _pairs_by_words(old, new, naming)
    splits = tuple(sorted({old.split, new.split}))
    withheld = old.meta.withheld or new.meta.withheld
    found = []
    for one, other in pairs:
        if kind := _mention_kind(one, other, naming, same_text=same_text):
            before, after = _mention(old, one, withheld), _mention(new, other, withheld)
            found.append(Change(kind, before, after, old.id, splits, withheld))
    for kind, was, now in _relation_pairs(old, new, pairs, naming):
        before, after = _relation(old, was, withheld), _relation(new, now, withheld)
        found.append(Change(kind, before, after, old.id, splits, withheld))
    return found


def take_pairs(
    first: list[Thing], second: list[Thing], key: Callable[[Thing], Hashable | None]
) -> list[tuple[Thing, Thing]]:
    """Pairs of equal key, in their order, which are taken out of both lists. What has the key None stays."""
    waiting: dict[Hashable, list[Thing]] = {}
    for other in reversed(second):
        if (name := key(other)) is not None:
            waiting.setdefault(name, []).append(other)
    pairs = [(one, waiting[name].pop()) for one in first if (name := key(one)) is not None and waiting.get(name)]
    for things, side in ((first, 0), (second, 1)):
        taken = {id(pair[side]) for pair in pairs}
        things[:] = [thing for thing in things if id(thing) not in taken]
    return pairs


def _pairs_by_place(old: Article, new: Article, naming: Naming) -> list[MentionPair]:
    """The pairs of two readings of one text. Two labels on one extent are a change of label, else of boundaries."""
    one, other = ({(e.start, e.end, naming.entity(e.label)): e for e in side.entities} for side in (old, new))
    found = align(one.keys(), other.keys(), extent_first)
    pairs: list[MentionPair] = [(one[span], other[span]) for span in found.exact]
    pairs += [(one[was], other[now]) for was, now in found.same_label]
    for was, now in found.other_label:  # of other extent too: nothing is left that makes them one mention
        pairs += [(one[was], other[now])] if was[:2] == now[:2] else [(one[was], None), (None, other[now])]
    pairs += [(one[span], None) for span in found.only_first] + [(None, other[span]) for span in found.only_second]
    return _in_order(pairs)


def _pairs_by_words(old: Article, new: Article, naming: Naming) -> list[MentionPair]:
    """The pairs of two texts: the same words and label first, then the same words."""
    left, right = (list(zip(side.entities, side.digests, strict=True)) for side in (old, new))
    pairs: list[MentionPair] = [
        (one, other)
        for key in (lambda found: (found[1], naming.entity(found[0].label)), lambda found: found[1])
        for (one, _), (other, _) in take_pairs(left, right, key)
    ]
    return _in_order([*pairs, *((one, None) for one, _ in left), *((None, other) for other, _ in right)])


def _in_order(pairs: Iterable[MentionPair]) -> list[MentionPair]:
    """By place, and the same order whichever side is called the old one."""
    return sorted(pairs, key=lambda pair: sorted((e.start, e.end, e.label) for e in pair if e is not None))


def _mention_kind(one: Entity | None, other: Entity | None, naming: Naming, *, same_text: bool) -> Kind | None:
    if one is None:
        return Kind.MENTION_ADDED
    if other is None:
        return Kind.MENTION_REMOVED
    if naming.entity(one.label) != naming.entity(other.label):
        return Kind.MENTION_RELABELLED
    return Kind.MENTION_REBOUNDED if same_text and (one.start, one.end) != (other.start, other.end) else None


def _relation_pairs(
    old: Article, new: Article, mentions: Sequence[MentionPair], naming: Naming
) -> Iterator[tuple[Kind, Relation | None, Relation | None]]:
    """What became of each relation that is not the same between the same mentions, those most alike first."""
    shared = {number for number, pair in enumerate(mentions) if None not in pair}

    def directed(joined: _Joined) -> Hashable:
        return undirected(joined) if joined.label in naming.symmetric else (joined.head, joined.tail, joined.label)

    def between(joined: _Joined) -> Hashable:
        return joined.head, joined.tail

    def undirected(joined: _Joined) -> Hashable:
        return *sorted((joined.head, joined.tail)), joined.label

    # Only where the other end moved between mentions that both sides have; else the relation went with its mention.
    def same_head(joined: _Joined) -> Hashable | None:
        return (joined.head, joined.label) if {joined.head, joined.tail} <= shared else None

    def same_tail(joined: _Joined) -> Hashable | None:
        return (joined.tail, joined.label) if {joined.head, joined.tail} <= shared else None

    left, right = _joined(old, mentions, 0, naming), _joined(new, mentions, 1, naming)
    take_pairs(left, right, directed)
    for kind, key in (
        (Kind.RELATION_RETYPED, between),
        (Kind.RELATION_REVERSED, undirected),
        (Kind.RELATION_REATTACHED, same_head),
        (Kind.RELATION_REATTACHED, same_tail),
    ):
        yield from ((kind, one.relation, other.relation) for one, other in take_pairs(left, right, key))
    yield from ((Kind.RELATION_REMOVED, one.relation, None) for one in left)
    yield from ((Kind.RELATION_ADDED, None, other.relation) for other in right)


@dataclass(frozen=True, slots=True)
class _Joined:
    """A relation, its label under the common name, and the numbers of the mention pairs that it joins."""

    relation: Relation
    label: str
    head: int
    tail: int


def _joined(article: Article, mentions: Sequence[MentionPair], side: int, naming: Naming) -> list[_Joined]:
    number = {mention.id: n for n, pair in enumerate(mentions) if (mention := pair[side]) is not None}
    return [_Joined(r, naming.relation(r.label), number[r.head], number[r.tail]) for r in article.relations]


def _mention(article: Article, entity: Entity | None, withheld: bool) -> Facts | None:
    """A mention's place. Its words only where everybody may read them."""
    if entity is None:
        return None
    facts: dict[str, Any] = {"start": entity.start, "end": entity.end, "label": entity.label}
    if article.text is not None and not withheld:
        facts["text"] = article.text[entity.start : entity.end]
    return facts


def _relation(article: Article, relation: Relation | None, withheld: bool) -> Facts | None:
    if relation is None:
        return None
    by_id = {entity.id: entity for entity in article.entities}
    head, tail = (_mention(article, by_id[end], withheld) for end in (relation.head, relation.tail))
    return {"label": relation.label, "head": head, "tail": tail}
