"""Label Studio export files as raw tasks, each with its place. Other export formats are refused by name.

A place is `file.json#task=17` (the task's own id) where every task of the file has one of its own,
`file.json#position=3` where not (counted from 1), `file.jsonl#line=3`, and the bare path where a file is one task.
"""

import codecs
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson

from toolkit.errors import DataError, UsageError
from toolkit.files import list_files, parse_json, read_bytes
from toolkit.findings import Finding
from toolkit.labelstudio.reading.cleaning import id_of

# Enough of a file to see what it is.
_HEAD = 65_536
_NATIVE_KEYS = {"data", "annotations", "completions", "predictions", "result"}
_TABLE_COLUMNS = {b"annotation_id", b"annotator", b"lead_time", b"created_at", b"updated_at"}
_CONLL_LINE = re.compile(rb"\S+ -X- _ \S+\s*")
_AS_JSON = "Export the project as JSON (not JSON_MIN) and import that."


@dataclass(frozen=True, slots=True)
class RawTask:
    """A task as it stands in the file: any JSON value, and where it stands.

    A file of another tool may say where each region stands, and brings what was found while it was turned into a task.
    """

    place: str
    native: Any
    findings: tuple[Finding, ...] = ()
    places: Mapping[str, str] = field(default_factory=dict)

    def located(self, finding: Finding) -> Finding:
        """The finding at the place of its region, where that is known and the finding says no other."""
        place = self.places.get(finding.region or "") if finding.path == self.place else None
        return replace(finding, path=place) if place else finding


def export_files(paths: Sequence[Path]) -> list[Path]:
    """The files handed in; a folder stands for its `.json` and `.jsonl` files. UsageError where it has none."""
    files: list[Path] = []
    for path in paths:
        if not path.is_dir():
            files.append(path)
            continue
        inside = sorted([*list_files(path, "*.json"), *list_files(path, "*.jsonl")])
        if not inside:
            raise UsageError("the folder holds no .json and no .jsonl file", where=str(path), fix="Name the export.")
        files += inside
    return files


def read_export(path: Path) -> Iterator[RawTask]:
    """The tasks of a native export: a JSON list, a snapshot, a wrapper around it, one task, or JSONL.

    UsageError names the format of an export that is not native. DataError where the file is cut off, empty or holds
    no task.
    """
    data = read_bytes(path).removeprefix(codecs.BOM_UTF8)
    if not data.strip():
        raise DataError("the file is empty", where=str(path), fix="Export or copy it again.")
    _refuse_foreign_text(data, path)
    if data[:_HEAD].lstrip().startswith(b"{") and _has_lines(data.strip()):
        tasks = _lines(data, path)
    else:
        tasks = _placed(parse_json(data, str(path)), path)
    if not tasks:
        raise DataError("holds no tasks: the list is empty", where=str(path), fix="Check the filters of the export.")
    if not any(isinstance(task.native, Mapping) and _NATIVE_KEYS & task.native.keys() for task in tasks):
        _refuse_foreign_json(tasks[0].native, path)
    yield from tasks


def _refuse_foreign_text(data: bytes, path: Path) -> None:
    """UsageError for what is no JSON at all: CoNLL, CSV, TSV, a web page, an archive."""
    head = data[:_HEAD].lstrip()
    first = head.split(b"\n", 1)[0].strip()
    columns = {column.strip(b'"') for column in re.split(rb"[,\t]", first)}
    what = ""
    if first.startswith(b"-DOCSTART-") or _CONLL_LINE.fullmatch(first):
        what = "is a CoNLL2003 export, which has lost relations, nested mentions and every offset"
    elif head.startswith(b"<"):
        what = "is XML or HTML, not an export"
    elif head.startswith(b"PK\x03\x04"):
        what = "is a zip archive, not an export"
    elif head.startswith((b"[", b"{")):
        return
    elif path.suffix.lower() in (".csv", ".tsv") or columns & _TABLE_COLUMNS:
        kind = "TSV" if b"\t" in first or path.suffix.lower() == ".tsv" else "CSV"
        what = f"is a {kind} export, which has lost relations, region ids and skipped annotations"
    if what:
        raise UsageError(what, where=str(path), fix=_AS_JSON)


def _refuse_foreign_json(sample: Any, path: Path) -> None:
    if isinstance(sample, Mapping):
        what = "is a JSON_MIN export (objects without data and annotations), which has lost relations and region ids"
    else:
        what = "is JSON, yet neither a task nor a list of tasks"
    raise UsageError(what, where=str(path), fix=_AS_JSON)


def _has_lines(data: bytes) -> bool:
    """Whether the first of several lines is JSON in itself, as in JSONL and never in one pretty object."""
    first, _, rest = data.partition(b"\n")
    try:
        orjson.loads(first)
    except orjson.JSONDecodeError:
        return False
    return bool(rest)


def _lines(data: bytes, path: Path) -> list[RawTask]:
    tasks = []
    for number, line in enumerate(data.split(b"\n"), 1):
        if line.strip():
            place = f"{path}#line={number}"
            try:
                tasks.append(RawTask(place, parse_json(line, place)))
            except DataError:
                parse_json(b"\n" * (number - 1) + line, place)  # says it again, now with the line of the file
                raise
    return tasks


def _placed(content: Any, path: Path) -> list[RawTask]:
    natives = list(_unwrapped(content))
    if isinstance(content, Mapping) and len(natives) == 1 and natives[0] is content:
        return [RawTask(str(path), content)]
    ids = [id_of(native.get("id")) if isinstance(native, Mapping) else "" for native in natives]
    named = all(ids) and len(set(ids)) == len(ids)
    places = [f"#task={id_}" for id_ in ids] if named else [f"#position={i}" for i in range(1, len(ids) + 1)]
    return [RawTask(f"{path}{place}", native) for place, native in zip(places, natives, strict=True)]


def _unwrapped(content: Any) -> Iterator[Any]:
    """The tasks inside a list, inside {tasks: [...]} and inside {projects: [{tasks: [...]}]}."""
    if isinstance(content, list):
        for item in content:
            yield from _unwrapped(item)
    elif isinstance(content, Mapping) and "data" not in content and isinstance(content.get("tasks"), list):
        yield from _unwrapped(content["tasks"])
    elif isinstance(content, Mapping) and "data" not in content and isinstance(content.get("projects"), list):
        yield from _unwrapped(content["projects"])
    else:
        yield content
