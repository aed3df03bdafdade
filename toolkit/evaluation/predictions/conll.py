"""Predictions as CoNLL: a word and its IOB2 tag a line, a blank line after each sentence of the config `ner`.

The first column is the word, the last the tag. Documents begin with `# id = ID` or `-DOCSTART-`; without either they
follow one another in the order of the dataset. The words must be those of the documents: there are no offsets to go by.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple, NoReturn

from toolkit.document import Document
from toolkit.errors import DataError
from toolkit.evaluation.predictions.prediction import Prediction, label_problem
from toolkit.evaluation.predictions.sentences import Sentences
from toolkit.files import read_text
from toolkit.findings import Finding, Severity
from toolkit.models.iob import segments
from toolkit.models.predictor import Span

# The id of a document, or of one of its rows in the config ner, as in `news-01#3`.
_ID = re.compile(r"#\s*(?:newdoc )?id\s*=\s*(?P<id>[^\s#]+)(?:#\d+)?\s*")
_COMMENT = re.compile(r"#\s*\w[\w .]*=.*")
_DOCSTART = "-DOCSTART-"


class _Row(NamedTuple):
    line: int
    word: str
    tag: str


@dataclass(slots=True)
class _Block:
    """The sentences of a document as the file has them, from `line` on."""

    line: int
    id: str | None = None
    is_marked: bool = False
    sentences: list[list[_Row]] = field(default_factory=lambda: [[]])


def read_conll(path: Path, documents: Sequence[Document]) -> tuple[dict[str, Prediction], list[Finding]]:
    """Predictions by document id, with their tags and the spans that conlleval reads from them; and what was left out.

    DataError names the line of the first tag that is none, and of the first word that is not the document's, with what
    was found and expected. A document that the file does not have is not predicted.
    """
    blocks = _blocks(path)
    if not any(block.sentences for block in blocks):
        raise DataError("no line of it is a prediction: expected a word and a tag a line", where=str(path))
    found: dict[str, Prediction] = {}
    findings = []
    for block, document in _assigned(path, blocks, documents):
        if document is None:
            message = f"document {block.id} is not among the {len(documents)} scored; it was left out"
            findings.append(Finding("unknown-document", Severity.WARNING, f"{path}:{block.line}", message))
        elif document.id in found:
            raise DataError(f"document {document.id} stands a second time", where=f"{path}:{block.line}")
        else:
            found[document.id] = _aligned(path, block, document)
    return found, findings


def _blocks(path: Path) -> list[_Block]:
    blocks = [_Block(1)]
    for number, line in enumerate(read_text(path).removeprefix("\ufeff").split("\n"), 1):
        columns = line.split()
        named = _ID.fullmatch(line.strip())
        if columns[:1] == [_DOCSTART]:
            blocks.append(_Block(number, is_marked=True))
        elif named and named["id"] != blocks[-1].id:
            if blocks[-1].id is not None or any(blocks[-1].sentences):
                blocks.append(_Block(number))
            blocks[-1].id, blocks[-1].is_marked = named["id"], True
        elif not columns or named or _COMMENT.fullmatch(line.strip()):
            blocks[-1].sentences.append([])
        else:
            blocks[-1].sentences[-1].append(_row(path, number, columns))
    for block in blocks:
        block.sentences = [sentence for sentence in block.sentences if sentence]
    return [block for block in blocks if block.is_marked or block.sentences]


def _row(path: Path, number: int, columns: list[str]) -> _Row:
    word, tag = columns[0], columns[-1]
    if len(columns) < 2:
        raise DataError(f"found one column, {word!r}, expected a word and a tag", where=f"{path}:{number}")
    if tag != "O" and (tag[:2] not in ("B-", "I-") or label_problem(tag[2:])):
        problem = label_problem(tag[2:]) if tag[:2] in ("B-", "I-") else None
        what = f"found the tag {tag!r}, expected O, B-LABEL or I-LABEL"
        raise DataError(f"{what}: {problem}" if problem else what, where=f"{path}:{number}", fix="Write IOB2 tags.")
    return _Row(number, word, tag)


def _assigned(
    path: Path, blocks: Sequence[_Block], documents: Sequence[Document]
) -> Iterator[tuple[_Block, Document | None]]:
    """Each block with its document; None where its id is of no document."""
    named = [block for block in blocks if block.id is not None]
    if named and len(named) < len(blocks):
        stray = next(block for block in blocks if block.id is None)
        raise DataError("these sentences have no `# id = ID`, others do", where=f"{path}:{stray.line}")
    if named:
        known = {document.id: document for document in documents}
        yield from ((block, known.get(block.id or "")) for block in blocks)
        return
    if not blocks[0].is_marked and len(blocks) == 1:
        blocks = _cut(blocks[0], documents)
    if len(blocks) > len(documents):
        what = f"the {len(documents)} documents end before this line, found more"
        raise DataError(what, where=f"{path}:{blocks[len(documents)].line}")
    yield from zip(blocks, documents, strict=False)


def _cut(block: _Block, documents: Sequence[Document]) -> list[_Block]:
    """Sentences without any mark of documents, as many to a document as it has, the rest in a last block."""
    blocks, rest = [], block.sentences
    for document in documents:
        size = len(Sentences.of(document).rows)
        if size and not rest:
            break
        blocks.append(_Block(rest[0][0].line if rest else block.line, document.id, True, rest[:size]))
        rest = rest[size:]
    return [*blocks, _Block(rest[0][0].line, None, True, rest)] if rest else blocks


def _aligned(path: Path, block: _Block, document: Document) -> Prediction:
    sentences = Sentences.of(document)
    line = block.line
    tags: list[tuple[str, ...]] = []
    spans: list[Span] = []
    for expected, found in zip_longest(sentences.rows, block.sentences, fillvalue=None):
        places = sentences.words[slice(*expected)] if expected else []
        for place, row in zip_longest(places, found or []):
            word = document.text[slice(*place)] if place else None
            line = row.line if row else line + 1
            if row is None or row.word != word:
                _misaligned(path, line, document, row and row.word, word)
        tags.append(tuple(row.tag for row in found or []))
        spans += [Span(places[s.first][0], places[s.last - 1][1], s.label) for s in segments(tags[-1])]
    return Prediction(document.id, tuple(spans), tags=tuple(tags))


def _misaligned(path: Path, line: int, document: Document, found: str | None, word: str | None) -> NoReturn:
    has = "the end of the sentence" if found is None else f"the word {found!r}"
    wants = "the end of the sentence" if word is None else f"the word {word!r}"
    raise DataError(
        f"document {document.id}: found {has}, expected {wants}",
        where=f"{path}:{line}",
        fix="Tag the tokens of the config ner, row by row, in their order.",
    )
