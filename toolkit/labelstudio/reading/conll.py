"""CoNLL corpora as raw tasks: words joined by a blank, sentences by a line break, tags as mentions.

IOB1, IOB2, BIOES and BILOU are told apart by the tags themselves. Documents are those of `# id = ID` or `-DOCSTART-`,
else the file is one. What a tag opens or leaves open against its scheme is read all the same, with a warning.
"""

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import chain
from pathlib import Path

from toolkit.conll import Block, Row, blocks
from toolkit.errors import DataError
from toolkit.files import read_bytes, read_text
from toolkit.labelstudio.reading.export import RawTask
from toolkit.labelstudio.reading.foreign import Result, foreign_task, region
from toolkit.labelstudio.reading.journal import Journal, quoted

SUFFIXES = (".conll", ".iob", ".iob1", ".iob2", ".bio", ".bioes", ".bilou")
_HEAD = 65_536
_TAG = re.compile(r"O|(?P<mark>[BIESLU])-(?P<label>\S.*)")
# The middle columns of Label Studio's own CoNLL export, whose JSON has more: that is refused by `export`.
_OF_LABEL_STUDIO = ("-X-", "_")


class Scheme(StrEnum):
    """What B means: only where a mention touches one of its label (IOB1), or always; BIOES marks ends too."""

    IOB1 = "IOB1"
    IOB2 = "IOB2"
    BIOES = "BIOES"


@dataclass(frozen=True, slots=True)
class _Mention:
    """Words `[first, last)` of a sentence. `is_open`: no tag has said that it ends."""

    first: int
    last: int
    label: str
    is_open: bool


def is_conll(path: Path) -> bool:
    """Whether a file is a CoNLL corpus, by its ending or its first word; Label Studio's own export is none."""
    head = read_bytes(path)[:_HEAD].removeprefix(codecs.BOM_UTF8)
    if head.lstrip()[:1] in (b"{", b"[", b"<"):
        return False
    row = next(chain.from_iterable(_sentences(blocks(head.decode("utf-8", "replace").split("\n")))), None)
    if row is not None and row.columns[1:-1] == _OF_LABEL_STUDIO:
        return False
    is_tagged = row is not None and len(row.columns) > 1 and _TAG.fullmatch(row.tag) is not None
    return is_tagged or path.suffix.lower() in SUFFIXES


def read_conll(path: Path, annotator: str | None = None) -> list[RawTask]:
    """The documents of a CoNLL file; what is wrong in one of them is among its findings, with the line.

    DataError where the file holds no word.
    """
    parts = blocks(read_text(path).removeprefix("\ufeff").split("\n"))
    sentences = _sentences(parts)
    if not sentences:
        raise DataError("holds no word: expected a word and a tag a line", where=str(path))
    scheme = _scheme(sentences)
    names = [path.stem] if len(parts) == 1 else [f"{path.stem}-{number:03d}" for number in range(1, len(parts) + 1)]
    return [_task(path, part, part.id or name, scheme, annotator) for part, name in zip(parts, names, strict=True)]


def _sentences(parts: Sequence[Block]) -> list[list[Row]]:
    return [sentence for part in parts for sentence in part.sentences]


def _task(path: Path, part: Block, name: str, scheme: Scheme, annotator: str | None) -> RawTask:
    journal = Journal(f"{path}:{part.line}")
    results: list[Result] = []
    places: dict[str, str] = {}
    start = 0
    for sentence in part.sentences:
        starts = []
        for row in sentence:
            starts.append(start)
            start += len(row.word) + 1
        for mention in _mentions(path, sentence, scheme, journal):
            id_ = f"m{len(results) + 1}"
            end = starts[mention.last - 1] + len(sentence[mention.last - 1].word)
            results.append(region(id_, starts[mention.first], end, mention.label))
            places[id_] = f"{path}:{sentence[mention.first].line}"
    if others := max((len(row.columns) for sentence in part.sentences for row in sentence), default=0) - 2:
        journal.note("conll-columns", f"columns between word and tag that were not imported: {max(others, 0)}")
    text = "\n".join(" ".join(row.word for row in sentence) for sentence in part.sentences)
    return foreign_task(journal.path, name, text, results, annotator, journal.findings, places)


def _scheme(sentences: Sequence[Sequence[Row]]) -> Scheme:
    """The scheme of a file: only BIOES and BILOU mark ends, and only IOB2 has a B where nothing of its label ends."""
    scheme = Scheme.IOB1
    for sentence in sentences:
        before = "O"
        for row in sentence:
            if row.tag[:2] in ("E-", "S-", "L-", "U-"):
                return Scheme.BIOES
            if row.tag[:2] == "B-" and before[2:] != row.tag[2:]:
                scheme = Scheme.IOB2
            before = row.tag
    return scheme


def _mentions(path: Path, sentence: Sequence[Row], scheme: Scheme, journal: Journal) -> list[_Mention]:
    """The mentions of a sentence as conlleval reads them, in every scheme; lines against the scheme are told."""
    found: list[_Mention] = []
    for place, row in enumerate(sentence):
        here = journal.at(f"{path}:{row.line}")
        match = _TAG.fullmatch(row.tag)
        if len(row.columns) < 2 or match is None:
            what = f"found {quoted(' '.join(row.columns))}; expected a word, and O or B-LABEL, I-LABEL … at the end"
            here.error("conll-line", f"{what}. Correct the line")
            continue
        mark, label = match["mark"], match["label"]
        before = found[-1] if found and found[-1].last == place and found[-1].is_open else None
        continues = mark in ("I", "E", "L") and before is not None and before.label == label
        if before is not None and not continues and scheme is Scheme.BIOES:
            what = f"the mention of {before.label} before it is not closed by E- or L-; it was read to end there"
            here.warning("conll-scheme", what)
        if mark in ("I", "E", "L") and not continues and scheme is not Scheme.IOB1:
            here.warning("conll-scheme", f"{row.tag} continues nothing, against {scheme}; it was read as a beginning")
        is_open = mark in ("B", "I")
        if continues and before is not None:
            found[-1] = replace(before, last=place + 1, is_open=is_open)
        elif mark:
            found.append(_Mention(place, place + 1, label, is_open))
    if found and found[-1].is_open and found[-1].last == len(sentence) and scheme is Scheme.BIOES:
        what = f"the mention of {found[-1].label} is not closed by E- or L-; it was read to end here"
        journal.at(f"{path}:{sentence[-1].line}").warning("conll-scheme", what)
    return found
