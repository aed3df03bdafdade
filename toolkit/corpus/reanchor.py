"""Mentions found again in another copy of an article: boilerplate cut, blanks changed, a heading added.

Nothing is guessed. A mention is placed only where its digest matches, the place is the only one that the mentions
around it allow, and nothing but blanks changed between it and one of them (or an end of the text): a name that was cut
may stand elsewhere too. Every other mention is refused with a reason. Places are looked for in the copy with every run
of blanks made one, since digests are blind to blanks.
"""

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from toolkit.document import Entity
from toolkit.native import mention_digest
from toolkit.tokens import Span

# Blanks beyond one a run that the annotated text may have in a mention, and around what a copy has in addition.
_IN_MENTION = 3
_AROUND_ADDITION = 8
_SOLID = re.compile(r"\S+")


class Refusal(StrEnum):
    """Why a mention was not placed."""

    ABSENT = "not in this copy"
    AMBIGUOUS = "in this copy, but the mentions around it do not prove at which place"
    DISORDER = "in this copy at another place of the article"


@dataclass(frozen=True, slots=True)
class Anchored:
    """The span of each placed entity id in the copy, and the reason for each refused one."""

    spans: dict[str, Span]
    refused: dict[str, Refusal]


class _Mention(NamedTuple):
    """A span of the annotated text; sorts by start, of two with one start the outer one first."""

    start: int
    minus_end: int
    digest: str


class _Neighbour(NamedTuple):
    """A placed mention, or an end of the text: its start and minus its end in the copy, and how far it moved."""

    key: tuple[int, int]
    drift: int | None


def reanchor(entities: Sequence[Entity], digests: Sequence[str], text: str, length: int | None = None) -> Anchored:
    """Places mentions, known by offsets in the annotated text and by digest, in the text of another copy.

    `length` is that of the annotated text; with it the end of the text tells about the last mentions too.
    """
    keys = [_Mention(e.start, -e.end, digest) for e, digest in zip(entities, digests, strict=True)]
    mentions = sorted(set(keys))  # entities on one span have one place
    solid = [match.span() for match in _SOLID.finditer(text)]
    copy = " ".join(text[start:end] for start, end in solid)
    origin = [place for start, end in solid for place in (*range(start, end), end)]
    found = _occurrences(mentions, copy)
    chosen, disordered = _proven(mentions, found, copy, length)
    if len(chosen) < len(mentions):
        found = _without_parts(found, mentions)
        chosen, disordered = _proven(mentions, found, copy, length)
    spans: dict[str, Span] = {}
    refused: dict[str, Refusal] = {}
    for entity, mention in zip(entities, keys, strict=True):
        place = bisect_left(mentions, mention)
        if place in chosen:
            spans[entity.id] = origin[chosen[place][0]], origin[chosen[place][1] - 1] + 1
        elif place in disordered:
            refused[entity.id] = Refusal.DISORDER
        else:
            refused[entity.id] = Refusal.AMBIGUOUS if mention.digest in found else Refusal.ABSENT
    return Anchored(spans, refused)


def _occurrences(mentions: Sequence[_Mention], copy: str) -> dict[str, list[Span]]:
    """Every span of the copy that has a mention's digest, in text order."""
    found: defaultdict[str, list[Span]] = defaultdict(list)
    for extra in range(_IN_MENTION + 1):
        wanted: defaultdict[int, set[str]] = defaultdict(set)
        for mention in mentions:
            if mention.digest not in found:
                wanted[-mention.minus_end - mention.start - extra].add(mention.digest)
        for size, digests in wanted.items():
            for start in range(len(copy) - size + 1 if size > 0 else 0):
                if copy[start] != " " and copy[start + size - 1] != " ":
                    digest = mention_digest(copy[start : start + size])
                    if digest in digests:
                        found[digest].append((start, start + size))
    return dict(found)


def _without_parts(found: Mapping[str, list[Span]], mentions: Sequence[_Mention]) -> dict[str, list[Span]]:
    """The spans without those inside a longer mention's where no annotated one has a mention at that place in it."""
    nested = set()
    for place, (start, minus_end, digest) in enumerate(mentions):
        for inner in mentions[place + 1 :]:
            if inner.start >= -minus_end:
                break
            nested.add((digest, inner.start - start, inner.digest))
    outer = sorted((start, end, digest) for digest, spans in found.items() for start, end in spans)
    longest = max((end - start for start, end, _ in outer), default=0)

    def is_part(digest: str, span: Span) -> bool:
        near = outer[bisect_left(outer, (span[1] - longest, 0, "")) : bisect_left(outer, (span[0] + 1, 0, ""))]
        return any(
            held != digest and end >= span[1] and (held, span[0] - start, digest) not in nested
            for start, end, held in near
        )

    return {digest: [span for span in spans if not is_part(digest, span)] for digest, spans in found.items()}


def _proven(
    mentions: Sequence[_Mention], found: Mapping[str, list[Span]], copy: str, length: int | None
) -> tuple[dict[int, Span], set[int]]:
    """The span of each mention that can be proven, by position, and the positions that are out of order."""
    ends = _Neighbour((-1, 0), 0), _Neighbour((len(copy), 0), None if length is None else len(copy) - length)
    chosen, disordered = _place(mentions, found, ends)
    while alone := _alone(mentions, chosen, copy, length):
        chosen = {place: span for place, span in chosen.items() if place not in alone}
    return chosen, disordered


def _place(
    mentions: Sequence[_Mention], found: Mapping[str, list[Span]], ends: tuple[_Neighbour, _Neighbour]
) -> tuple[dict[int, Span], set[int]]:
    """The spans that are the only ones which the mentions around allow, and the positions that are out of order."""
    uses = Counter(mention.digest for mention in mentions)
    placed = {
        place: found[mention.digest][0]
        for place, mention in enumerate(mentions)
        if uses[mention.digest] == 1 and len(found.get(mention.digest, ())) == 1
    }
    chosen: dict[int, Span] = {}
    disordered: set[int] = set()
    while True:
        chosen |= placed
        out = _out_of_order(chosen)
        disordered |= out
        chosen = {place: span for place, span in sorted(chosen.items()) if place not in out}
        known = [(i, _Neighbour((start, -end), start - mentions[i].start)) for i, (start, end) in chosen.items()]
        placed = {}
        for (left, before), (right, after) in pairwise([(-1, ends[0]), *known, (len(mentions), ends[1])]):
            waiting = {place: mentions[place] for place in range(left + 1, right) if place not in disordered}
            placed |= _between(waiting, found, before, after)
        if not placed:
            return chosen, disordered


def _out_of_order(chosen: Mapping[int, Span]) -> set[int]:
    """The mentions that are not in every longest chain of spans in the order of the annotated text."""
    places = sorted(chosen)
    keys = [(chosen[place][0], -chosen[place][1]) for place in places]
    before = _chain_lengths(keys)
    after = _chain_lengths([(-start, -minus_end) for start, minus_end in reversed(keys)])[::-1]
    longest = max(before, default=0)
    in_one = [i for i in range(len(places)) if before[i] + after[i] == longest + 1]
    rivals = Counter(before[i] for i in in_one)
    return set(places) - {places[i] for i in in_one if rivals[before[i]] == 1}


def _chain_lengths(keys: Sequence[tuple[int, int]]) -> list[int]:
    """For each key, the length of the longest rising chain that ends with it."""
    tails: list[tuple[int, int]] = []
    lengths = []
    for key in keys:
        at = bisect_left(tails, key)
        tails[at : at + 1] = [key]
        lengths.append(at + 1)
    return lengths


def _between(
    waiting: Mapping[int, _Mention], found: Mapping[str, list[Span]], before: _Neighbour, after: _Neighbour
) -> dict[int, Span]:
    """Spans for the mentions between two neighbours, by position, where only one assignment is possible."""
    placed: dict[int, Span] = {}
    for digest in sorted({mention.digest for mention in waiting.values()} & found.keys()):
        inside = [span for span in found[digest] if before.key < (span[0], -span[1]) < after.key]
        moves = {
            place: [span for span in inside if _can_move(span[0] - mention.start, before, after)]
            for place, mention in waiting.items()
            if mention.digest == digest
        }
        if len(inside) == len(moves):
            in_order = dict(zip(moves, inside, strict=True))
            if all(span in moves[place] for place, span in in_order.items()):
                placed |= in_order
        elif len(inside) > len(moves):
            claims = Counter(span for spans in moves.values() for span in spans)
            placed |= {place: s[0] for place, s in moves.items() if len(s) == 1 and claims[s[0]] == 1}
    return placed


def _can_move(drift: int, before: _Neighbour, after: _Neighbour) -> bool:
    """Whether a mention can have moved so far: what was cut or added between its neighbours bounds it."""
    if before.drift is None or after.drift is None:
        return True
    slack = _AROUND_ADDITION if after.drift > before.drift else 0  # blanks that went pull the other way
    low, high = sorted((before.drift, after.drift))
    return low - slack <= drift <= high + slack


def _alone(mentions: Sequence[_Mention], chosen: Mapping[int, Span], copy: str, length: int | None) -> set[int]:
    """The placed mentions between which and the nearest on either side more than blanks changed."""
    anchors = [((0, 0), (0, 0))]
    anchors += [((mentions[place].start, -mentions[place].minus_end), span) for place, span in sorted(chosen.items())]
    if length is not None:
        anchors.append(((length, length), (len(copy), len(copy))))
    alone = set()
    for number, place in enumerate(sorted(chosen), 1):
        old, new = anchors[number]
        before = next(anchors[i] for i in range(number - 1, -1, -1) if anchors[i][0][1] <= old[0])
        after = next((anchors[i] for i in range(number + 1, len(anchors)) if anchors[i][0][0] >= old[1]), None)
        follows = _is_kept(old[0] - before[0][1], copy[before[1][1] : new[0]])
        if not follows and (after is None or not _is_kept(after[0][0] - old[1], copy[new[1] : after[1][0]])):
            alone.add(place)
    return alone


def _is_kept(length: int, between: str) -> bool:
    """Whether a stretch of the copy can be one of this length in the annotated text, where every other run of blanks
    may have one more.
    """
    return 0 <= length - len(between) <= between.count(" ") // 2 + 2
