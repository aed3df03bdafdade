"""What may not leave: texts of withheld articles, looked for in the very bytes that are about to be sent.

Where the articles are at hand, no five words in a row of theirs may be in any file, however they are spelled with marks
or folded letters. Where they are not, their hashes and the structure of the files are all that can be checked. Digests
of their five-word runs are not stored for that case: whoever knows four words could try the fifth against them, and so
on, until the text is read.
"""

import re
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from toolkit.corpus.standoff import read_article
from toolkit.files import list_files, read_bytes, sha256
from toolkit.findings import Finding, Severity
from toolkit.normalise import comparison_words
from toolkit.release.tables.reading import Dataset

RUN = 5
_RUN = f"{RUN} words in a row"
_STANDOFF = "standoff"
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")

# The article, the place in a file, and what of the article is there.
Leak = tuple[str, str, str]


def withheld_texts(dataset: Dataset, folders: Sequence[Path]) -> dict[str, str]:
    """The texts that may not leave and are at hand, by article id: of the dataset itself, and every file in `folders`.

    A file is left out where the dataset has the article with its text.
    """
    withheld = {article.id: article.text for article in dataset.articles if article.meta.withheld}
    found = {name: text for name, text in withheld.items() if text is not None}
    own = {article.id for article in dataset.articles} - withheld.keys()
    for path in (path for folder in folders for path in list_files(folder, "*.txt")):
        if path.stem not in own:
            found.setdefault(path.stem, read_article(path)[0])
    return found


def find_leaks(folder: Path, files: Iterable[str], dataset: Dataset, texts: Mapping[str, str]) -> list[Finding]:
    """Where the files of a folder hold a withheld text, or a row of a withheld article: an error each, without words.

    A place is told once for each article. A run of words that goes over several rows or lines is told where it ends.
    """
    withheld = {article.id: article.sha256 for article in dataset.articles if article.meta.withheld}
    known = {run: name for name, text in sorted(texts.items()) for run in _runs(comparison_words(text))}
    found: dict[tuple[str, ...], Finding] = {}
    for name in sorted(files):
        look = _in_rows if name.endswith(".parquet") else _in_lines
        for article, place, what in look(folder / name, withheld, _Reader(known)):
            message = f"{place}: {what} of withheld article {article}"
            found.setdefault((name, place, article), Finding("leak", Severity.ERROR, name, message))
    return list(found.values())


def _in_lines(path: Path, withheld: Mapping[str, str], reader: "_Reader") -> Iterator[Leak]:
    text = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), read_bytes(path).decode("utf-8", "replace"))
    for number, line in enumerate(text.split("\n"), 1):
        for article in reader.read("", line):
            yield article, f"line {number}", _RUN


def _in_rows(path: Path, withheld: Mapping[str, str], reader: "_Reader") -> Iterator[Leak]:
    import pyarrow.parquet as pq

    by_hash = {digest: name for name, digest in withheld.items()}
    is_standoff = path.parent.name == _STANDOFF
    rows = (row for batch in pq.ParquetFile(path).iter_batches() for row in batch.to_pylist())
    for number, row in enumerate(rows):
        place = f"row {row.get('id', number)}"
        document = str(row.get("document_id", row.get("id")))
        if document in withheld and not is_standoff:
            yield document, place, "a row"
        for column, value in _strings(row, ""):
            if (digest := sha256(value.encode("utf-8", "surrogatepass"))) in by_hash:
                yield by_hash[digest], f"{place}, column {column}", "the text"
            for article in reader.read(column, value):
                yield article, f"{place}, column {column}", _RUN


class _Reader:
    """Reads texts in pieces, each stream of them apart, and knows the runs of words that may not be in any."""

    def __init__(self, known: Mapping[tuple[str, ...], str]) -> None:
        self._known = known
        self._last: defaultdict[str, deque[str]] = defaultdict(lambda: deque(maxlen=RUN))

    def read(self, stream: str, text: str) -> Iterator[str]:
        """The article of every known run that ends in this text."""
        last = self._last[stream]
        for word in comparison_words(text):
            last.append(word)
            if (article := self._known.get(tuple(last))) is not None:
                yield article


def _runs(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Every five words in a row, one of which has a letter: rows of numbers are nobody's."""
    for start in range(len(words) - RUN + 1):
        run = tuple(words[start : start + RUN])
        if any(character.isalpha() for word in run for character in word):
            yield run


def _strings(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Every string in a row, with the column that it is in: `meta.source`, `entities.text`."""
    match value:
        case str():
            yield path, value
        case dict():
            for key, inner in value.items():
                yield from _strings(inner, f"{path}.{key}" if path else str(key))
        case list():
            for inner in value:
                yield from _strings(inner, path)
