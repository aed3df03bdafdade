"""Mentions found again in another copy of an article: boilerplate cut, blanks changed, a heading added.

Nothing is guessed. A mention is placed only where its digest matches and the place is the only one that the mentions
around it allow; every other mention is refused with a reason.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from toolkit.document import Entity
from toolkit.native import mention_digest
from toolkit.tokens import Span

# A mention may be this much longer or shorter in the copy, through blanks alone: the digest is blind to them.
_SLACK = 3


class Refusal(StrEnum):
    """Why a mention was not placed."""

    ABSENT = "not in this copy"
    AMBIGUOUS = "in this copy more than once, and the mentions around it do not tell which one it is"
    DISORDER = "in this copy at another place of the article"


@dataclass(frozen=True, slots=True)
class Anchored:
    """The span of each placed entity id in the copy, and the reason for each refused one."""

    spans: dict[str, Span]
    refused: dict[str, Refusal]


def reanchor(entities: Sequence[Entity], digests: Sequence[str], text: str) -> Anchored:
    """Places mentions, known by offsets in the annotated text and by digest, in the text of another copy."""
    order = sorted(zip(entities, digests, strict=True), key=lambda pair: (pair[0].start, -pair[0].end))
    mentions = [entity for entity, _ in order]
    candidates = _candidates(order, text)
    chosen: list[Span | None] = [spans[0] if len(spans) == 1 else None for spans in candidates]
    disordered = _out_of_order(mentions, chosen)
    for place in disordered:
        chosen[place] = None
    open_places = [i for i, spans in enumerate(candidates) if len(spans) > 1]
    while placed := _settle(mentions, candidates, chosen, open_places):
        open_places = [i for i in open_places if i not in placed]
    spans = {mention.id: span for mention, span in zip(mentions, chosen, strict=True) if span is not None}
    refused: dict[str, Refusal] = {}
    for place, (mention, found) in enumerate(zip(mentions, candidates, strict=True)):
        if mention.id not in spans:
            reason = Refusal.AMBIGUOUS if found else Refusal.ABSENT
            refused[mention.id] = Refusal.DISORDER if place in disordered else reason
    return Anchored(spans, refused)


def _candidates(order: Sequence[tuple[Entity, str]], text: str) -> list[list[Span]]:
    """For each mention, every span of the copy with its digest, of its length, else of nearly its length."""
    wanted: defaultdict[int, set[str]] = defaultdict(set)
    for entity, digest in order:
        wanted[entity.end - entity.start].add(digest)
    found: dict[tuple[int, str], list[Span]] = {}
    for length, digests in wanted.items():
        for near in sorted(range(-_SLACK, _SLACK + 1), key=abs):
            missing = {digest for digest in digests if (length, digest) not in found}
            if missing and length + near > 0:
                for digest, spans in _scan(text, length + near, missing).items():
                    found[length, digest] = spans
    return [found.get((entity.end - entity.start, digest), []) for entity, digest in order]


def _scan(text: str, length: int, digests: set[str]) -> dict[str, list[Span]]:
    spans: defaultdict[str, list[Span]] = defaultdict(list)
    for start in range(len(text) - length + 1):
        if not text[start].isspace() and not text[start + length - 1].isspace():
            digest = mention_digest(text[start : start + length])
            if digest in digests:
                spans[digest].append((start, start + length))
    return spans


def _out_of_order(mentions: Sequence[Entity], chosen: Sequence[Span | None]) -> set[int]:
    """The certain mentions to leave out so that the rest comes in the order of the annotated text: fewest possible."""
    places = [i for i, span in enumerate(chosen) if span is not None]
    tails: list[tuple[int, int]] = []
    tail_places: list[int] = []
    before: dict[int, int | None] = {}
    for place in places:
        span = chosen[place]
        assert span is not None
        key = (span[0], -span[1])
        at = bisect_left(tails, key)
        before[place] = tail_places[at - 1] if at else None
        tails[at:] = [key] if at == len(tails) else [key, *tails[at + 1 :]]
        tail_places[at:] = [place] if at == len(tail_places) else [place, *tail_places[at + 1 :]]
    kept: set[int] = set()
    current: int | None = tail_places[-1] if tail_places else None
    while current is not None:
        kept.add(current)
        current = before[current]
    return set(places) - kept


def _settle(
    mentions: Sequence[Entity], candidates: Sequence[list[Span]], chosen: list[Span | None], open_places: Sequence[int]
) -> set[int]:
    """Places what the certain mentions around it leave no choice for; the positions that were placed."""
    certain = [(i, span[0]) for i, span in enumerate(chosen) if span is not None]
    placed: dict[int, Span] = {}
    for place in open_places:
        at = bisect_left(certain, (place, 0))
        left, right = certain[at - 1 : at], certain[at : at + 1]
        inside = [
            span
            for span in candidates[place]
            if all(span[0] >= start for _, start in left) and all(span[0] <= start for _, start in right)
        ]
        if left and right:  # what was cut or added between the two bounds how far a mention between them can move
            low, high = sorted(start - mentions[i].start for i, start in (*left, *right))
            inside = [span for span in inside if low <= span[0] - mentions[place].start <= high]
        if len(inside) == 1:
            placed[place] = inside[0]
    claims = Counter(placed.values())
    placed = {place: span for place, span in placed.items() if claims[span] == 1}  # of two claims neither is proven
    for place, span in placed.items():
        chosen[place] = span
    return set(placed)
