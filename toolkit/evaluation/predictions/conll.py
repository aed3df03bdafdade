"""Predictions as CoNLL: a word and its IOB2 tag a line, a blank line after each sentence of the config `ner`.

The first column is the word, the last the tag. Documents begin with `# id = ID` or `-DOCSTART-`; without either they
follow one another in the order of the dataset. The words must be those of the documents: there are no offsets to go by.
"""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import NoReturn

from toolkit.conll import Block, Row, blocks
from toolkit.document import Document
from toolkit.errors import DataError
from toolkit.evaluation.predictions.prediction import Prediction, label_problem
from toolkit.evaluation.predictions.sentences import Sentences
from toolkit.files import read_text
from toolkit.findings import Finding, Severity
from toolkit.models.iob import segments
from toolkit.models.predictor import Span


def read_conll(path: Path, documents: Sequence[Document]) -> tuple[dict[str, Prediction], list[Finding]]:
    """Predictions by document id, with their tags and the spans that conlleval reads from them; and what was left out.

    DataError names the line of the first tag that is none, and of the first word that is not the document's, with what
    was found and expected. A document that the file does not have is not predicted.
    """
    parts = blocks(read_text(path).removeprefix("\ufeff").split("\n"))
    for row in (row for block in parts for sentence in block.sentences for row in sentence):
        _check(path, row)
    if not any(block.sentences for block in parts):
        raise DataError("no line of it is a prediction: expected a word and a tag a line", where=str(path))
    found: dict[str, Prediction] = {}
    findings = []
    for block, document in _assigned(path, parts, documents):
        if document is None:
            message = f"document {block.id} is not among the {len(documents)} scored; it was left out"
            findings.append(Finding("unknown-document", Severity.WARNING, f"{path}:{block.line}", message))
        elif document.id in found:
            raise DataError(f"document {document.id} stands a second time", where=f"{path}:{block.line}")
        else:
            found[document.id] = _aligned(path, block, document)
    return found, findings


def _check(path: Path, row: Row) -> None:
    """DataError where a line is not a word and an IOB2 tag."""
    tag = row.tag
    if len(row.columns) < 2:
        raise DataError(f"found one column, {row.word!r}, expected a word and a tag", where=f"{path}:{row.line}")
    if tag != "O" and (tag[:2] not in ("B-", "I-") or label_problem(tag[2:])):
        problem = label_problem(tag[2:]) if tag[:2] in ("B-", "I-") else None
        what = f"found the tag {tag!r}, expected O, B-LABEL or I-LABEL"
        raise DataError(f"{what}: {problem}" if problem else what, where=f"{path}:{row.line}", fix="Write IOB2 tags.")


def _assigned(
    path: Path, parts: Sequence[Block], documents: Sequence[Document]
) -> Iterator[tuple[Block, Document | None]]:
    """Each block with its document; None where its id is of no document."""
    named = [block for block in parts if block.id is not None]
    if named and len(named) < len(parts):
        stray = next(block for block in parts if block.id is None)
        raise DataError("these sentences have no `# id = ID`, others do", where=f"{path}:{stray.line}")
    if named:
        known = {document.id: document for document in documents}
        yield from ((block, known.get(block.id or "")) for block in parts)
        return
    if not parts[0].is_marked and len(parts) == 1:
        parts = _cut(parts[0], documents)
    if len(parts) > len(documents):
        what = f"the {len(documents)} documents end before this line, found more"
        raise DataError(what, where=f"{path}:{parts[len(documents)].line}")
    yield from zip(parts, documents, strict=False)


def _cut(block: Block, documents: Sequence[Document]) -> list[Block]:
    """Sentences without any mark of documents, as many to a document as it has, the rest in a last block."""
    parts, rest = [], block.sentences
    for document in documents:
        size = len(Sentences.of(document).rows)
        if size and not rest:
            break
        parts.append(Block(rest[0][0].line if rest else block.line, document.id, True, rest[:size]))
        rest = rest[size:]
    return [*parts, Block(rest[0][0].line, None, True, rest)] if rest else parts


def _aligned(path: Path, block: Block, document: Document) -> Prediction:
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
