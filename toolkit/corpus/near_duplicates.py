"""Copied paragraphs between articles, which a score over whole documents hides.

Two paragraphs are copies when the containment of their word n-grams, on normalised text, reaches a threshold:
|A ∩ B| / min(|A|, |B|) (Broder 1997, "On the resemblance and containment of documents").
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from toolkit.normalise import comparison_words
from toolkit.project import NearDuplicates


@dataclass(frozen=True, slots=True)
class Copy:
    """Paragraph `line` (from 0) of one document and `other_line` of another share `containment` of their n-grams."""

    document: str
    line: int
    other: str
    other_line: int
    containment: float


def find_copies(texts: Mapping[str, str], rule: NearDuplicates) -> list[Copy]:
    """Every pair of near-duplicate paragraphs of two different documents, in order of ids and lines."""
    sizes: dict[tuple[str, int], int] = {}
    holders: defaultdict[tuple[str, ...], list[tuple[str, int]]] = defaultdict(list)
    for document in sorted(texts):
        for line, paragraph in enumerate(texts[document].split("\n")):
            words = comparison_words(paragraph)
            if len(words) >= max(rule.min_words, rule.ngram):
                grams = {tuple(words[i : i + rule.ngram]) for i in range(len(words) - rule.ngram + 1)}
                sizes[document, line] = len(grams)
                for gram in grams:
                    holders[gram].append((document, line))
    shared: Counter[tuple[tuple[str, int], tuple[str, int]]] = Counter()
    for places in holders.values():
        for i, place in enumerate(places):
            shared.update((place, other) for other in places[i + 1 :] if other[0] != place[0])
    copies = []
    for (one, two), count in shared.items():
        containment = count / min(sizes[one], sizes[two])
        if containment >= rule.containment:
            copies.append(Copy(*one, *two, containment))
    return sorted(copies, key=lambda copy: (copy.document, copy.other, copy.line, copy.other_line))


def groups(members: Mapping[str, str | None], copies: list[Copy]) -> dict[str, str]:
    """The group of each document: documents of one event, or tied by copied paragraphs, are one group.

    `members` maps a document to its event, or None. A group is named after its first event, else its first document.
    """
    parent = {document: document for document in members}

    def root(document: str) -> str:
        while parent[document] != document:
            parent[document] = parent[parent[document]]
            document = parent[document]
        return document

    first_of_event: dict[str, str] = {}
    ties = [(copy.document, copy.other) for copy in copies]
    ties += [(first_of_event.setdefault(event, document), document) for document, event in members.items() if event]
    for one, two in ties:
        parent[max(root(one), root(two))] = min(root(one), root(two))
    names: dict[str, str] = {}
    for document, event in sorted(members.items()):
        name = f"event:{event}" if event else f"document:{document}"
        names[root(document)] = min(
            names.get(root(document), name), name, key=lambda n: (not n.startswith("event:"), n)
        )
    return {document: names[root(document)] for document in members}
