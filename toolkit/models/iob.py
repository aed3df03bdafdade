"""IOB2 tags to labelled runs of words, by the one repair rule of the field: an I- that continues nothing begins one."""

from collections.abc import Sequence
from typing import NamedTuple


class Segment(NamedTuple):
    """Words `[first, last)` with one label. `is_opened` says that the first tag is a B-, as strict IOB2 asks for."""

    first: int
    last: int
    label: str
    is_opened: bool


def segments(tags: Sequence[str]) -> list[Segment]:
    """The segments that conlleval (and seqeval without a mode) sees; the opened ones are those of strict IOB2.

    `tags` are O, B-LABEL or I-LABEL.
    """
    found: list[Segment] = []
    first, label, is_opened = 0, "", False
    for place, tag in enumerate(tags):
        here = tag[2:]
        if label and (tag[0] != "I" or here != label):
            found.append(Segment(first, place, label, is_opened))
            label = ""
        if here and not label:
            first, label, is_opened = place, here, tag[0] == "B"
    if label:
        found.append(Segment(first, len(tags), label, is_opened))
    return found
