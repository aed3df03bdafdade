"""Small composed exports: builders for tasks, annotations and results in Label Studio's native shape."""

import json
from pathlib import Path

from toolkit.labelstudio.reading.importing import Imported, import_exports
from toolkit.project import Annotator, LabelStudioSettings, Tags
from toolkit.schema import EntityType, RelationType, Schema

SCHEMA = Schema(
    entities={name: EntityType() for name in ("PER", "ORG", "GPE")},
    relations={"VISITED": RelationType(), "MET_WITH": RelationType(symmetric=True)},
)
PERSON = Annotator(kind="person", description="composed for a test")
SETTINGS = LabelStudioSettings(
    title="test", annotators={"sara": PERSON, "omar": PERSON}, accounts={1: "sara", 2: "omar"}
)
TEXT = "زار الوزير مدينة القاهرة ثم عاد الوزير إلى طنجة مساء"


def at(text: str, mention: str, nth: int = 0) -> tuple[int, int]:
    """The offsets of the nth occurrence of a mention."""
    start = -1
    for _ in range(nth + 1):
        start = text.index(mention, start + 1)
    return start, start + len(mention)


def region(id_, span, labels=("GPE",), **more):
    """A labelled region; `text` in `more` is what the browser showed."""
    value = {"start": span[0], "end": span[1], "labels": list(labels)}
    if "text" in more:
        value["text"] = more.pop("text")
    return {"id": id_, "from_name": "label", "to_name": "text", "type": "labels", "value": value, **more}


def relation(head, tail, **more):
    return {"type": "relation", "from_id": head, "to_id": tail, **more}


def annotation(*result, **more):
    return {"unique_id": "annotation-1", "completed_by": 1, "result": list(result), **more}


def task(*annotations, text=TEXT, **more):
    data = {"text": text, "article_id": "visit", **more.pop("data", {})}
    return {"id": 1, "data": data, "annotations": list(annotations), **more}


def write(folder: Path, content, name: str = "export.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


def read(folder: Path, *tasks, schema=SCHEMA, settings=SETTINGS, tags: Tags | None = None) -> Imported:
    """Imports tasks through a file."""
    return import_exports([write(folder, list(tasks))], schema, settings, tags)


def only(imported: Imported):
    """The one task of an import that held nothing back."""
    assert imported.held_back == 0, [str(finding) for finding in imported.findings]
    (found,) = imported.tasks
    return found


def codes(imported: Imported, severity: str | None = None) -> list[str]:
    return [f.code for f in imported.findings if severity in (None, f.severity.value)]


def refused(imported: Imported, code: str):
    """The error of that code, of an import that let nothing through."""
    assert imported.tasks == ()
    assert imported.held_back == imported.read
    (found,) = [f for f in imported.findings if f.code == code]
    assert found.severity.value == "error"
    return found
