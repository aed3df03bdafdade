"""Keys to compare Arabic strings spelled differently. Stored text is never normalised: offsets would move."""

import re

# Combining marks and tatweel vanish; hamza seats, final ya and ta marbuta fold. على and علي become equal: keys only.
_NOTHING = dict.fromkeys([*range(0x0610, 0x061B), *range(0x064B, 0x0660), 0x0670, *range(0x06D6, 0x06DD), 0x0640])
_FOLDED = {ord(a): b for a, b in zip("أإآٱىیةک", "ااااييهك", strict=True)}
_TABLE = _NOTHING | _FOLDED
_WORD = re.compile(r"\w+")


def comparison_key(text: str) -> str:
    """The text with marks and tatweel removed, alef, ya and ta marbuta variants folded, case folded."""
    return text.translate(_TABLE).casefold()


def comparison_words(text: str) -> list[str]:
    """The words (`\\\\w+`) of the comparison key."""
    return _WORD.findall(comparison_key(text))
