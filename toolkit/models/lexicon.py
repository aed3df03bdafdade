"""The mentions of a training set, to be found again in other texts behind the particles that Arabic writes onto words.

Lookup is by `comparison_key`, so spelling variants meet; offsets are always those of the text as it is.
"""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from toolkit.document import Document, Entity
from toolkit.normalise import comparison_key
from toolkit.schema import Schema
from toolkit.tokens import Span as Extent
from toolkit.tokens import covered, sentences, words

LAM = "ل"
TATWEEL = "\u0640"
# A word has at most this many particles before a mention (ول, فب), and what is left has at least two letters.
MOST_PROCLITICS = 2
LEAST_LETTERS = 2


class Reading(NamedTuple):
    """A word read from `offset` on, proclitics left out; `key` is its comparison key."""

    offset: int
    key: str


class Match(NamedTuple):
    """A mention of the lexicon found in a text: words `[first, last)`, code points `[start, end)`."""

    first: int
    last: int
    start: int
    end: int
    label: str


def readings(word: str, proclitics: Sequence[str]) -> list[Reading]:
    """A word as it is, then without one and without two proclitics.

    After ل the article loses its alef, and before a further ل all of it: للاتحاد is read as لاتحاد and as الاتحاد.
    """
    found = [Reading(0, comparison_key(word))]
    offsets = [0]
    for _ in range(MOST_PROCLITICS):
        further = []
        for offset in offsets:
            for proclitic in proclitics:
                if not word.startswith(proclitic, offset):
                    continue
                rest = _behind(word, offset + len(proclitic))
                key = comparison_key(word[rest:])
                if len(key) >= LEAST_LETTERS:
                    further.append(rest)
                    found.append(Reading(rest, key))
                    if proclitic == LAM and key.startswith(LAM):
                        found += (Reading(rest, restored) for restored in _with_article(key))
        offsets = further
    return found


def _behind(word: str, offset: int) -> int:
    """The offset moved behind the vowel signs and tatweel of the letter before it."""
    while offset < len(word) and _is_on_letter(word[offset]):
        offset += 1
    return offset


def _is_on_letter(char: str) -> bool:
    return char == TATWEEL or unicodedata.combining(char) > 0


def _with_article(key: str) -> tuple[str, str]:
    return "ا" + key, "ال" + key


@dataclass(frozen=True)
class Lexicon:
    """Mentions by comparison key (words joined by a blank) with the label they most often have in training."""

    labels: Mapping[str, str]
    proclitics: tuple[str, ...]

    @cached_property
    def by_first_word(self) -> Mapping[str, list[tuple[str, ...]]]:
        """The keys that begin with a word, the longest first."""
        found: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        for key in sorted(self.labels):
            parts = tuple(key.split(" "))
            found[parts[0]].append(parts)
        for keys in found.values():
            keys.sort(key=len, reverse=True)
        return dict(found)

    def proclitic_length(self, word: str, also: Collection[str] = ()) -> int:
        """How many code points of `word` are proclitics before a known name; 0 where none is known.

        Known are the first words of the lexicon, and behind a proclitic the comparison keys of `also`.
        """
        for offset, key in readings(word, self.proclitics):
            if key in self.by_first_word or (offset and key in also):
                return offset
        return 0

    def find(self, text: str) -> Iterator[Match]:
        """Every mention of the lexicon in the text, none across a sentence end; they nest and overlap."""
        spans = words(text)
        keys = [comparison_key(text[start:end]) for start, end in spans]
        for sentence in sentences(text):
            first, last = covered(spans, *sentence)
            for place in range(first, last):
                yield from self._from(text, spans, keys, place, last)

    def _from(self, text: str, spans: Sequence[Extent], keys: Sequence[str], place: int, stop: int) -> Iterator[Match]:
        start, end = spans[place]
        seen: set[tuple[str, ...]] = set()
        for reading in readings(text[start:end], self.proclitics):
            for parts in self.by_first_word.get(reading.key, ()):
                last = place + len(parts)
                if last <= stop and parts not in seen and tuple(keys[place + 1 : last]) == parts[1:]:
                    seen.add(parts)
                    label = self.labels[" ".join(parts)]
                    yield Match(place, last, start + reading.offset, spans[last - 1][1], label)


def learn(documents: Iterable[Document], schema: Schema, *, least_documents: int = 1) -> Lexicon:
    """The lexicon of the mentions of `documents` that occur in at least `least_documents` of them.

    Where a mention has several labels the most frequent wins, then the one that the schema declares first.
    """
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    homes: dict[str, set[str]] = defaultdict(set)
    behind_lam: list[tuple[str, str, str]] = []
    for document in documents:
        for entity in document.entities:
            key = " ".join(comparison_key(document.text[a:b]) for a, b in _words_of(document, entity))
            if _stands_behind_lam(document.text, entity, schema.proclitics):
                behind_lam.append((key, entity.label, document.id))
            elif key:
                counts[key][entity.label] += 1
                homes[key].add(document.id)
    for key, label, home in behind_lam:
        known = [form for form in (key, *_with_article(key)) if form in counts]
        form = known[0] if known else _with_article(key)[0]
        counts[form][label] += 1
        homes[form].add(home)
    order = {label: place for place, label in enumerate(schema.entities)}
    chosen = {
        key: min(labels, key=lambda label: (-labels[label], order.get(label, len(order)), label))
        for key, labels in counts.items()
        if len(homes[key]) >= least_documents
    }
    return Lexicon(dict(sorted(chosen.items())), schema.proclitics)


def _words_of(document: Document, entity: Entity) -> list[Extent]:
    mention = document.mention(entity)
    return [(entity.start + start, entity.start + end) for start, end in words(mention)]


def _stands_behind_lam(text: str, entity: Entity, proclitics: Sequence[str]) -> bool:
    """Whether the mention is what ل left of a word with the article, or a name that itself begins with ل."""
    place = entity.start - 1
    while place > 0 and _is_on_letter(text[place]):
        place -= 1
    return LAM in proclitics and place >= 0 and text[place] == LAM and text.startswith(LAM, entity.start)
