"""The files that `import` is given, each read by its kind as raw tasks: native exports, brat, CoNLL."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from toolkit.files import list_files
from toolkit.findings import Finding, Severity
from toolkit.labelstudio.reading.brat import read_brat
from toolkit.labelstudio.reading.conll import SUFFIXES, is_conll, read_conll
from toolkit.labelstudio.reading.export import RawTask, export_files, read_export


def read_corpora(paths: Sequence[Path], annotator: str | None = None) -> Iterator[RawTask]:
    """The tasks of files and folders; `annotator` is who made those of brat and CoNLL files.

    A folder stands for the brat documents in it and below and its CoNLL files, else for its exports. UsageError for
    a folder without any and for a file of another kind; DataError where one is cut off or empty.
    """
    for path in paths:
        files, findings = _files(path)
        for raw in (raw for file in files for raw in _read(file, annotator)):
            yield replace(raw, findings=(*findings, *raw.findings))
            findings = []  # told once, with the first document


def _read(path: Path, annotator: str | None) -> Iterator[RawTask]:
    if path.suffix == ".ann":
        yield read_brat(path, annotator)
    elif path.suffix not in (".json", ".jsonl") and is_conll(path):
        yield from read_conll(path, annotator)
    else:
        yield from read_export(path)


def _files(path: Path) -> tuple[list[Path], list[Finding]]:
    """The files that a path stands for, and a warning for each text of a brat folder that has no .ann."""
    if not path.is_dir():
        return [path], []
    annotated = list_files(path, "**/*.ann")
    tables = [file for file in list_files(path, "*") if file.suffix in SUFFIXES]
    if not annotated and not tables:
        return export_files([path]), []
    known = {file.with_suffix("") for file in annotated}
    texts = [file for file in list_files(path, "**/*.txt") if annotated and file.with_suffix("") not in known]
    what = "has no .ann file beside it, so it is no brat document; it was not read"
    return [*annotated, *tables], [Finding("brat-text", Severity.WARNING, str(text), what) for text in texts]
