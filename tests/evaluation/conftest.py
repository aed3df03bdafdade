"""A small project with a built dataset, for the tests of commands that score."""

import shutil
from pathlib import Path

import pytest
import yaml
from marked_text import marked
from typer.testing import CliRunner

from toolkit.annotation import Annotation, Region, Task
from toolkit.cli import app
from toolkit.document import Document
from toolkit.files import sha256, to_json
from toolkit.native import to_native

TRAIN = [
    marked("t1", "وصل {PER سامي الحداد} إلى {GPE تونس} أمس.\nقال {PER سامي الحداد} إن الطقس جميل."),
    marked("t2", "وصلت {PER نورا الزين} إلى {GPE بغداد} أمس.\nعادت {PER نورا الزين} من {GPE تونس} مساء."),
]
TEST = [
    marked("e1", "وصل {PER سامي الحداد} و{PER نورا الزين} إلى {GPE بغداد}.\nانتهى الخبر."),
    marked("e2", "عاد {PER كريم العطار} ل{GPE تونس} أمس."),
]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Path:
    """A project of four composed texts, built."""
    root = tmp_path_factory.mktemp("scored-project")
    shutil.copytree(repository / "configs", root / "configs")
    settings = yaml.safe_load((root / "configs" / "dataset.yaml").read_text("utf-8"))
    settings["collections"] = {"news": {"description": "Composed.", "source": "composed", "license": "CC-BY-4.0"}}
    (root / "configs" / "dataset.yaml").write_text(yaml.safe_dump(settings, allow_unicode=True), "utf-8")
    folder = root / "annotations" / "news"
    folder.mkdir(parents=True)
    for document in (*TRAIN, *TEST):
        (folder / f"{document.id}.json").write_text(to_json(to_native(_task(document))), "utf-8")
    splits = {d.id: split for split, documents in (("train", TRAIN), ("test", TEST)) for d in documents}
    (root / "annotations" / "splits.json").write_text(to_json(splits), "utf-8")
    for name in ("annotations/GUIDELINES.md", "annotations/CHANGELOG.md", "DATASHEET.md"):
        (root / name).write_text("# Of the test\n", "utf-8")
    built = CliRunner().invoke(app, ["build", "--project", str(root), "--out", str(root / "build")])
    assert built.exit_code == 0, built.output
    return root


def _task(document: Document) -> Task:
    regions = tuple(Region(e.id, e.start, e.end, (e.label,), document.mention(e)) for e in document.entities)
    annotation = Annotation(f"{document.id}-a", "draft-1", regions)
    return Task(document.id, document.text, sha256(document.text.encode()), len(document.text), {}, (annotation,))
