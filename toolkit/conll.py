"""CoNLL files as documents, sentences and lines, whatever their tags mean: a word first, its tag last on a line.

Documents begin with `# id = ID`, `# newdoc id = ID` or `-DOCSTART-`; an empty line or a comment ends a sentence.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

# The id of a document, or of one of its sentences, as in `news-01#3`.
_ID = re.compile(r"#\s*(?:newdoc )?id\s*=\s*(?P<id>[^\s#]+)(?:#\d+)?\s*")
_COMMENT = re.compile(r"#\s*\w[\w .]*=.*")
_DOCSTART = "-DOCSTART-"


class Row(NamedTuple):
    """A line with its number, counted from 1, and its columns, of which there may be only one."""

    line: int
    columns: tuple[str, ...]

    @property
    def word(self) -> str:
        return self.columns[0]

    @property
    def tag(self) -> str:
        return self.columns[-1]


@dataclass(slots=True)
class Block:
    """The sentences of a document, from `line` on. `is_marked`: the file says that a document begins here."""

    line: int
    id: str | None = None
    is_marked: bool = False
    sentences: list[list[Row]] = field(default_factory=lambda: [[]])


def blocks(lines: Iterable[str]) -> list[Block]:
    """The documents of a file's lines; columns are parted by tabs where a line has one, else by blanks."""
    found = [Block(1)]
    for number, line in enumerate(lines, 1):
        columns = _columns(line)
        named = _ID.fullmatch(line.strip())
        if columns[:1] == (_DOCSTART,):
            found.append(Block(number, is_marked=True))
        elif named and named["id"] != found[-1].id:
            if found[-1].id is not None or any(found[-1].sentences):
                found.append(Block(number))
            found[-1].id, found[-1].is_marked = named["id"], True
        elif not columns or named or _COMMENT.fullmatch(line.strip()):
            found[-1].sentences.append([])
        else:
            found[-1].sentences[-1].append(Row(number, columns))
    for block in found:
        block.sentences = [sentence for sentence in block.sentences if sentence]
    return [block for block in found if block.is_marked or block.sentences]


def _columns(line: str) -> tuple[str, ...]:
    cells = (cell.strip() for cell in line.split("\t")) if "\t" in line else line.split()
    return tuple(cell for cell in cells if cell)
