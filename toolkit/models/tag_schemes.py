"""The label scheme of a model, read from its labels: IOB1, IOB2, IO, IOE, BIOES, BILOU, BMES, or no prefixes at all."""

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

from toolkit.errors import UsageError

_PREFIXED = re.compile(r"([BIMELSUW])[-_](.+)")
# What the letters of all schemes mean: M is inside, L the last word, U and W a mention of one word.
_KINDS = {"B": "B", "I": "I", "M": "I", "E": "E", "L": "E", "S": "S", "U": "S", "W": "S"}
# [CLS], <pad>: what some checkpoints have a class for, and no word is.
_SPECIAL = re.compile(r"\[.*\]|<.*>")
_NAMELESS = re.compile(r"LABEL_\d+")


class Tag(NamedTuple):
    """What a class of the model stands for: begin, inside, end, single or outside in one letter, and its label."""

    kind: str
    label: str


OUTSIDE = Tag("O", "")


class TagScheme(NamedTuple):
    """The tags of a model by class number. `name` has the letters in use; `begins` says that there is a B or S."""

    name: str
    tags: tuple[Tag, ...]
    begins: bool


def read_scheme(labels: Sequence[str], outside: Collection[str] = ()) -> TagScheme:
    """The scheme of `labels`, the names of the classes in order. `outside` names further classes that are no label.

    Names without prefixes are read as inside: neighbours of one label are one mention, as is all that they can tell.
    UsageError where the names are those that a checkpoint has when nobody named its classes, or only some have a
    prefix.
    """
    if all(_NAMELESS.fullmatch(label) for label in labels):
        raise UsageError(
            f"its labels are {', '.join(labels[:3])}{'…' if len(labels) > 3 else ''}, which say nothing",
            fix="Name them in order: --option labels=O,B-PER,I-PER,… (or in its config.json, id2label).",
        )
    named = [label for label in labels if not _is_outside(label, outside)]
    split = {label: match for label in named if (match := _PREFIXED.fullmatch(label))}
    is_prefixed = any(match[1] in "BIS" for match in split.values())
    if is_prefixed and len(split) < len(set(named)):
        bare = ", ".join(sorted(set(named) - split.keys()))
        fix = f"If they stand for no mention: --option outside={bare.replace(' ', '')}."
        raise UsageError(f"some of its labels begin with B- or I- and some do not: {bare}", fix=fix)
    if not named:
        raise UsageError("it has no label but outside")
    tags = []
    for label in labels:
        match = split.get(label) if is_prefixed else None
        if _is_outside(label, outside):
            tags.append(OUTSIDE)
        else:
            tags.append(Tag(_KINDS[match[1]], match[2]) if match else Tag("I", label))
    letters = "".join(sorted({match[1] for match in split.values()})) if is_prefixed else ""
    return TagScheme(letters or "no prefixes", tuple(tags), any(tag.kind in "BS" for tag in tags))


def _is_outside(label: str, outside: Collection[str]) -> bool:
    bare = match[2] if (match := _PREFIXED.fullmatch(label)) else label
    return label in outside or bare.upper() == "O" or bool(_SPECIAL.fullmatch(bare))


def to_iob(tags: Sequence[Tag]) -> list[str]:
    """Tags as O, B-LABEL and I-LABEL. What an end or a single closed is not continued; all else stays as it is."""
    found: list[str] = []
    closed = ""
    for kind, label in tags:
        begins = kind in "BS" or (kind != "O" and label == closed)
        found.append("O" if kind == "O" else f"{'B' if begins else 'I'}-{label}")
        closed = label if kind in "ES" else ""
    return found
