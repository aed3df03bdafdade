"""Where a word begins that has particles written onto it: to tell a boundary that differs by them from any other."""

import re
from collections.abc import Sequence
from functools import lru_cache

# A word has at most so many particles (ول, فب).
MOST_PROCLITICS = 2
# The vowel signs and the tatweel that a particle may carry: وَ, لـ.
_ON_LETTER = "[\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc]"
# A name in quotes or brackets stands behind its particle: لـ«…».
_OPENING = r"[\"'«»‹›“”„‟‘’‚‛(\[{]"
_LOOK_BACK = 32


def with_proclitics(text: str, start: int, proclitics: Sequence[str]) -> int:
    """The code point where the declared proclitics begin that stand right before `start`, else `start` itself.

    They are the beginning of a word and all of it up to `start`, at most two, with an opening quote or bracket behind
    them at most: so for ريفاد in وبريفاد the start of وب, for لمارة in جولمارة its own. Two spans of equal end differ
    by proclitics alone where this is equal.
    """
    if not proclitics or start == 0 or text[start - 1].isspace():
        return start
    found = _lead(tuple(proclitics)).search(text, max(0, start - _LOOK_BACK), start)
    return found.start() if found else start


@lru_cache
def _lead(proclitics: tuple[str, ...]) -> re.Pattern[str]:
    particle = "|".join(map(re.escape, proclitics))
    before = rf"(?<![^\W\d_])(?<!{_ON_LETTER})"
    return re.compile(rf"{before}(?:(?:{particle}){_ON_LETTER}*){{1,{MOST_PROCLITICS}}}{_OPENING}*\Z")
