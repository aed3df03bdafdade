"""What the CRF sees of a word: its form, its parts, its kind, its neighbours, and whether the lexicon knows it."""

import unicodedata
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from toolkit.models.lexicon import Match, readings
from toolkit.normalise import comparison_key

# Part of the key that a trained model is kept under: raise it with every change to what a word is described by.
VERSION = "1"
WINDOW = 2
AFFIX = 4
AFFIX_OF_UNKNOWN = 3


class _Word(NamedTuple):
    """Features that the neighbours are told too, and those that stay with the word."""

    told: list[str]
    own: list[str]


def sentence_features(
    words: Sequence[str], proclitics: Sequence[str], hits: Sequence[str], hidden: Collection[int] = ()
) -> list[list[str]]:
    """The feature strings of each word of a sentence; `hits` is what `lexicon_hits` found for each.

    Words at the places `hidden` are described as words are that training never saw: by shape and short affixes.
    """
    described = [_describe(word, proclitics, hits[i], i in hidden) for i, word in enumerate(words)]
    rows = []
    for place, word in enumerate(described):
        row = ["bias", *word.told, *word.own]
        for step in (*range(-WINDOW, 0), *range(1, WINDOW + 1)):
            other = place + step
            told = described[other].told if 0 <= other < len(words) else ["edge"]
            row += [f"{step}:{feature}" for feature in told]
        rows.append(row)
    return rows


def lexicon_hits(matches: Iterable[Match], length: int) -> list[str]:
    """For each of `length` words the tag that the longest match over it gives it; empty where there is none."""
    hits = [""] * length
    sizes = [0] * length
    for match in matches:
        size = match.last - match.first
        for place in range(match.first, match.last):
            if size > sizes[place]:
                sizes[place] = size
                hits[place] = f"{'B' if place == match.first else 'I'}-{match.label}"
    return hits


def _describe(word: str, proclitics: Sequence[str], hit: str, is_hidden: bool) -> _Word:
    key = comparison_key(word)
    told = [f"shape={_shape(word)}"]
    own = []
    for size in range(1, min(AFFIX_OF_UNKNOWN if is_hidden else AFFIX, len(key) - 1) + 1):
        own += [f"prefix={key[:size]}", f"suffix={key[-size:]}"]
    if not is_hidden:
        told += [f"key={key}", f"bare={readings(word, proclitics)[-1].key}"]
        own.append(f"word={word}")
        if hit:
            told.append(f"hit={hit}")
    return _Word(told, own)


def _shape(word: str) -> str:
    """The kinds of characters in the word, each run once; a number with its length, as in ``d4`` for a year."""
    runs: list[str] = []
    for char in word:
        kind = _kind(char)
        if kind and runs[-1:] != [kind]:
            runs.append(kind)
    return f"d{min(len(word), 5)}" if runs == ["d"] else "".join(runs)


def _kind(char: str) -> str:
    category = unicodedata.category(char)
    match category[0]:
        case "M":
            return ""
        case "N":
            return "d"
        case "L":
            return {"Lu": "X", "Ll": "x"}.get(category, "a")
        case _:
            return "p"
