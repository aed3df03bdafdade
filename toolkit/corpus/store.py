"""The annotation files: annotations/<collection>/<article_id>.json, read with every problem reported at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from toolkit.annotation import Task
from toolkit.corpus.standoff import find_article, join, read_article
from toolkit.errors import DataError
from toolkit.files import is_safe_id, list_files, read_json, sha256
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
    """Files and folders named by hand, as (collection, path); the collection is the folder's name."""
    found = []
    for path in paths:
        files = list_files(path, "**/*.json") if path.is_dir() else [path]
        found += [(file.resolve().parent.name, file) for file in files if file.name != "splits.json"]
    return found


def read_stored(
    files: Sequence[tuple[str, Path]], article_folders: Sequence[Path], base: Path
) -> tuple[list[Stored], list[Finding]]:
    """Reads annotation files and joins withheld texts from the folders; paths are told relative to `base`.

    An unreadable file, a wrong shape, an id that is not the file's name, and an id that two files have are errors. A
    withheld article without a copy at hand keeps `text=None`; one whose copy has other bytes does too, with an error.
    """
    stored: list[Stored] = []
    findings: list[Finding] = []
    places: dict[str, str] = {}
    for collection, file in files:
        path = str(file.relative_to(base)) if file.is_relative_to(base) else str(file)
        try:
            native = read_json(file)
        except DataError as error:
            findings.append(Finding("json", Severity.ERROR, path, error.what))
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
        found = sha256(task.text.encode("utf-8", "surrogatepass"))
        if (found, len(task.text)) == (task.sha256, task.length):
            return task, []
        what = (
            f"the text has sha256 {found[:12]} and {len(task.text)} code points, "
            f"data says {task.sha256[:12]} and {task.length}"
        )
        return task, [Finding("text-hash", Severity.ERROR, path, what)]
    copy = find_article(task.article_id, folders)
    if copy is None:
        return task, []
    try:
        text, found = read_article(copy)
        if found != task.sha256:
            what = (
                f"{copy} is another version of the article (sha256 {found[:12]}, annotated was {task.sha256[:12]}); "
                "`tawsim hydrate` re-anchors what it can prove"
            )
            return task, [Finding("article-changed", Severity.ERROR, path, what)]
        return join(task, text), []
    except DataError as error:
        return task, [Finding("mention-digest", Severity.ERROR, path, str(error))]
