"""The people behind an export become stable names."""

import re
from collections.abc import Mapping
from typing import Any

from toolkit.project import LabelStudioSettings

NOBODY = "annotator-unknown"
_GIVEN = re.compile(r"annotator-(\d+)|annotator-unknown|person-\d+")


class Annotators:
    """Gives every `completed_by` a stable name: the account's in the settings, else a numbered one.

    An unknown account 7 is `annotator-7`. Who is known by an address or a name alone is `person-1`, `person-2` … in
    order of appearance. Neither address nor name is kept beyond this object. `nobody` is who made what names nobody.
    """

    def __init__(self, settings: LabelStudioSettings, nobody: str | None = None) -> None:
        self._settings = settings
        self._nobody = nobody
        self._people: dict[str, str] = {}
        self._unknown: set[str] = set()

    def name(self, completed_by: Any) -> str:
        """The stable name of an account id, a user object, a stable name written by an earlier import, or nobody."""
        if isinstance(completed_by, Mapping):
            account = completed_by.get("id", completed_by.get("pk"))
            if account is None:
                account = completed_by.get("email") or completed_by.get("username")
            return self.name(account)
        if isinstance(completed_by, str) and completed_by.strip().isdecimal():
            completed_by = int(completed_by)
        if isinstance(completed_by, int) and not isinstance(completed_by, bool):
            return self._settings.accounts.get(completed_by) or self._numbered(f"annotator-{completed_by}")
        if not isinstance(completed_by, str) or not completed_by.strip():
            return self._nobody or self._numbered(NOBODY)
        if completed_by in self._settings.annotators:
            return completed_by
        if given := _GIVEN.fullmatch(completed_by):
            return self.name(int(given[1])) if given[1] else self._numbered(completed_by)
        return self._person(completed_by.strip().lower())

    def _numbered(self, name: str) -> str:
        self._unknown.add(name)
        return name

    def _person(self, key: str) -> str:
        if key not in self._people:
            self._people[key] = self._numbered(f"person-{len(self._people) + 1}")
        return self._people[key]

    @property
    def unknown(self) -> tuple[str, ...]:
        """The names given so far that configs/labelstudio.yaml does not declare."""
        return tuple(sorted(self._unknown))
