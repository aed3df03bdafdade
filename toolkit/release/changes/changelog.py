"""CHANGELOG.md of the dataset: a version's section has a computed region, and the maintainer's own words around it."""

import re
from collections.abc import Sequence

from toolkit.errors import DataError
from toolkit.release.changes.change_kinds import Change
from toolkit.release.changes.changes_report import counts_by_kind, reasons
from toolkit.release.changes.edition import Edition
from toolkit.release.changes.versions import asked_by
from toolkit.release.pages.datasheet import rendered

_TITLE = "# Changelog of the dataset\n"
_OPEN, _CLOSE = "<!-- computed: changes -->\n", "<!-- end computed -->"
_VERSION_HEADING = re.compile(r"^## ", re.MULTILINE)


def with_section(text: str, old: Edition, new: Edition, changes: Sequence[Change], where: str) -> str:
    """The changelog with the section of the new version computed anew. Doing it twice changes nothing.

    A section that is not there is put before the others. What people wrote in it stays, byte for byte. DataError where
    the markers of its computed region do not pair up.
    """
    text = text or _TITLE
    heading = re.search(rf"^## {re.escape(new.version)}(?![\w.]).*\n?", text, re.MULTILINE)
    if heading is None:
        first = _VERSION_HEADING.search(text)
        place = first.start() if first else len(text)
        before, after = text[:place].rstrip("\n"), text[place:]
        section, rest = f"## {new.version}\n", f"\n{after}" if after else ""
        return f"{before}\n\n{_with_region(section, old, changes, where)}{rest}"
    following = _VERSION_HEADING.search(text, heading.end())
    end = following.start() if following else len(text)
    return text[: heading.start()] + _with_region(text[heading.start() : end], old, changes, where) + text[end:]


def _with_region(section: str, old: Edition, changes: Sequence[Change], where: str) -> str:
    opened, closed = section.count(_OPEN), section.count(_CLOSE)
    if (opened, closed) not in ((0, 0), (1, 1)):
        what = "the markers of a computed region do not pair up"
        raise DataError(what, where=where, fix=f"Restore {_OPEN.strip()} and {_CLOSE}, once in a section.")
    if not opened:
        written = section.rstrip("\n")
        section = f"{written}\n\n{_OPEN}{_CLOSE}\n{section[len(written) + 1 :]}"
    return rendered(section, {"changes": lambda: _computed(old, changes)})


def _computed(old: Edition, changes: Sequence[Change]) -> str:
    lines = [*(f"{told}." for told in counts_by_kind(changes)), *reasons(asked_by(changes))]
    return "\n".join([f"Compared with {old.version}:", "", *(f"- {line}" for line in lines)])
