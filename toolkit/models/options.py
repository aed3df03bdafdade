"""The settings of a model as the command line gives them: KEY=VALUE, each read once by the adapter that knows it."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from toolkit.errors import UsageError


class Options:
    """Options by name. An adapter reads those that it knows and then calls `done`, which refuses all others."""

    def __init__(self, given: Mapping[str, str] | None = None) -> None:
        self._given = dict(given or {})
        self._known: dict[str, str] = {}

    @classmethod
    def parse(cls, pairs: Iterable[str]) -> "Options":
        """Options written as KEY=VALUE. UsageError where one is not, or a key stands twice."""
        given: dict[str, str] = {}
        for pair in pairs:
            key, sign, value = pair.partition("=")
            if not sign or not key:
                raise UsageError(f"{pair!r} is no option", fix="Write --option KEY=VALUE.")
            if key in given:
                raise UsageError(f"the option {key!r} is given twice", fix="Give it once.")
            given[key] = value
        return cls(given)

    def text(self, key: str, default: str = "", choices: Iterable[str] = ()) -> str:
        """The value of an option; UsageError where it is none of `choices`, if there are any."""
        value = self._known[key] = self._given.get(key, default)
        if (allowed := list(choices)) and value not in allowed:
            raise UsageError(f"the option {key} is {value!r}", fix=f"It can be {', '.join(allowed)}.")
        return value

    def integer(self, key: str, default: int, least: int = 1) -> int:
        """The value of an option as a whole number of at least `least`."""
        return int(self._number(key, default, least, int))

    def number(self, key: str, default: float, least: float = 0.0) -> float:
        """The value of an option as a number of at least `least`."""
        return self._number(key, default, least, float)

    def rest(self) -> dict[str, str]:
        """Every option that was given and not read yet, for a model that knows its own."""
        return {key: self.text(key) for key in self._given if key not in self._known}

    def done(self) -> dict[str, str]:
        """Every option that was read, with its value in effect. UsageError where one was given that nobody read."""
        for key in self._given:
            if key not in self._known:
                close = get_close_matches(key, self._known, n=1)
                hint = f"Did you mean {close[0]}? " if close else ""
                known = ", ".join(sorted(self._known)) or "none"
                raise UsageError(f"the model has no option {key!r}", fix=f"{hint}Its options: {known}.")
        return dict(self._known)

    def _number(self, key: str, default: float, least: float, kind: type[int] | type[float]) -> float:
        text = self.text(key, str(default))
        try:
            value = kind(text)
        except ValueError:
            value = kind(-1) if least >= 0 else kind(least - 1)
        if not least <= value < float("inf"):
            what = "a whole number" if kind is int else "a number"
            raise UsageError(f"the option {key} is {text!r}", fix=f"It is {what} of at least {least}.")
        return value
