"""The annotation files: annotations/<collection>/<article_id>.json, read with every problem reported at once."""

import stat
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from toolkit.annotation import Region, Task
from toolkit.corpus.standoff import find_article, is_disproved, join, placed_regions, read_article
from toolkit.errors import DataError, FileError
from toolkit.files import friendly, is_safe_id, list_files, read_json, sha256
from toolkit.findings import Finding, Severity
from toolkit.native import Reader


@dataclass(frozen=True, slots=True)
class Stored:
    """An annotation file that could be read: its place, its collection, its task (text joined where it was at hand)."""

    path: str
    collection: str
    task: Task


def annotation_files(root: Path, collections: Sequence[str]) -> list[tuple[str, Path]]:
    """The annotation files of the collections, as (collection, path), sorted. FileError where a folder is not there."""
    return [(name, path) for name in sorted(collections) for path in list_files(root / name, "*.json")]


def files_of(paths: Sequence[Path]) -> list[tuple[str, Path]]:
    """Files and folders named by hand, each file once, as (collection, path); the collection is the folder's name.

    FileError where one is not there.
    """
    found: dict[Path, tuple[str, Path]] = {}
    for path in paths:
        with friendly(path):
            is_folder = stat.S_ISDIR(path.stat().st_mode)
        for file in list_files(path, "**/*.json") if is_folder else [path]:
            place = file.resolve()
            if file.name != "splits.json":
                found.setdefault(place, (place.parent.name, file))
    return list(found.values())


def read_stored(
    files: Sequence[tuple[str, Path]],
    article_folders: Sequence[Path],
    base: Path,
    withheld: Collection[str] = (),
) -> tuple[list[Stored], list[Finding]]:
    """Reads annotation files and joins withheld texts from the folders; paths are told relative to `base`.

    An unreadable file, a wrong shape, an id that is not the file's name, and an id that two files have are errors, and
    so is a text in a file of a collection named in `withheld`. A withheld article without a copy at hand keeps
    `text=None`; one whose copy has other bytes, or proves a mention wrong, does too, with an error. FileError where a
    folder of articles may not be entered.
    """
    stored: list[Stored] = []
    findings: list[Finding] = []
    places: dict[str, str] = {}
    for collection, file in files:
        path = str(file.relative_to(base)) if file.is_relative_to(base) else str(file)
        try:
            native = read_json(file)
        except (DataError, FileError) as error:
            code = "json" if isinstance(error, DataError) else "unreadable"
            findings.append(Finding(code, Severity.ERROR, path, error.what))
            continue
        reader = Reader(path)
        task = reader.task(native)
        findings += reader.findings
        if task is None:
            continue
        problem = _identity_problem(task.article_id, file, places)
        if problem:
            findings.append(Finding("article-id", Severity.ERROR, path, problem))
            continue
        places[task.article_id] = path
        if task.text is not None and collection in withheld:
            what = "the article's text is stored, though its collection withholds it; `tawsim import` takes it out"
            findings.append(Finding("text-stored", Severity.ERROR, path, what))
        task, text_findings = _with_text(task, path, article_folders)
        findings += text_findings
        stored.append(Stored(path, collection, task))
    return stored, findings


def _identity_problem(article_id: str, file: Path, places: dict[str, str]) -> str | None:
    if not is_safe_id(article_id):
        return f"the article id {article_id!r} cannot be a file name; use letters, digits, - and _"
    if article_id != file.stem:
        return f"the article id {article_id!r} is not the file's name"
    if article_id in places:
        return f"the article id {article_id!r} is that of {places[article_id]} too"
    return None


def _with_text(task: Task, path: str, folders: Sequence[Path]) -> tuple[Task, list[Finding]]:
    if task.text is not None:
        return task, _hash_findings(task, task.text, path)
    findings = _withheld_findings(task, path)
    copy = find_article(task.article_id, folders)
    if copy is None:
        return task, findings
    try:
        text, found = read_article(copy)
    except (DataError, FileError) as error:
        code = "article-changed" if isinstance(error, DataError) else "unreadable"
        return task, [*findings, Finding(code, Severity.ERROR, path, f"{copy}: {error.what}")]
    if found != task.sha256:
        what = (
            f"{copy} is another version of the article (sha256 {found[:12]}, annotated was {task.sha256[:12]}); "
            "`tawsim hydrate` re-anchors what it can prove"
        )
        return task, [*findings, Finding("article-changed", Severity.ERROR, path, what)]
    findings += _hash_findings(task, text, path)
    for annotation, region in placed_regions(task):
        if is_disproved(region, text):
            what = "the mention at its place is not the one that was annotated: its digest is another"
            findings.append(_of_region("mention-digest", what, path, annotation, region))
    return (task if findings else join(task, text)), findings


def _hash_findings(task: Task, text: str, path: str) -> list[Finding]:
    found = sha256(text.encode("utf-8", "surrogatepass"))
    if (found, len(text)) == (task.sha256, task.length):
        return []
    what = (
        f"the text has sha256 {found[:12]} and {len(text)} code points, data says {task.sha256[:12]} and {task.length}"
    )
    return [Finding("text-hash", Severity.ERROR, path, what)]


def _withheld_findings(task: Task, path: str) -> list[Finding]:
    """What a file without the text must not have, and must have."""
    findings = []
    for annotation, region in placed_regions(task):
        if region.text is not None:
            what = "the mention is stored, though the article's text is withheld"
            findings.append(_of_region("mention-stored", what, path, annotation, region))
        elif region.digest is None:
            findings.append(
                _of_region("mention-digest", "has no digest to prove its mention", path, annotation, region)
            )
    return findings


def _of_region(code: str, what: str, path: str, annotation: str, region: Region) -> Finding:
    return Finding(code, Severity.ERROR, path, what, annotation, region.id, region.start, region.end)
