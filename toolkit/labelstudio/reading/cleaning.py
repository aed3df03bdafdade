"""Values of an export made fit to be kept: no e-mail address in them, and nothing that UTF-8 JSON cannot hold."""

import math
import re
from collections.abc import Mapping
from typing import Any

from toolkit.labelstudio.reading.journal import Journal

_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+")
REMOVED = "[e-mail removed]"


def cleaned(value: Any, journal: Journal, where: str) -> Any:
    """A JSON value with every e-mail address replaced; one warning, without the address, names `where`.

    NaN, infinity, a whole number of more than 64 bits and half of a surrogate pair in it are errors.
    """
    if _holds(value, _is_unstorable):
        what = f"{where} holds what UTF-8 JSON cannot: NaN, infinity, a huge number or half of a surrogate pair"
        journal.error("value-encoding", what)
    elif _holds(value, lambda leaf: isinstance(leaf, str) and has_address(leaf)):
        journal.warning("address-removed", f"{where} held an e-mail address; it was removed")
        return _without_addresses(value)
    return value


def has_address(text: str) -> bool:
    """Whether an e-mail address is in a text."""
    return "@" in text and _ADDRESS.search(text) is not None


def is_utf8(text: str) -> bool:
    """Whether UTF-8 can hold a text: no half of a surrogate pair is in it."""
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)


def id_of(value: Any) -> str:
    """An id or a name: a string, a whole number as a string; empty for all else and for what holds an address."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) and is_utf8(value) and not has_address(value) else ""


def _is_unstorable(leaf: Any) -> bool:
    if isinstance(leaf, str):
        return not is_utf8(leaf)
    return (isinstance(leaf, float) and not math.isfinite(leaf)) or (isinstance(leaf, int) and leaf.bit_length() > 63)


def _holds(value: Any, test: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_holds(key, test) or _holds(item, test) for key, item in value.items())
    if isinstance(value, list):
        return any(_holds(item, test) for item in value)
    return bool(test(value))


def _without_addresses(value: Any) -> Any:
    if isinstance(value, str):
        return _ADDRESS.sub(REMOVED, value)
    if isinstance(value, Mapping):
        return {_without_addresses(key): _without_addresses(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_addresses(item) for item in value]
    return value
