"""What Tawsim writes is accepted by a real Label Studio server, and what the server exports is read without loss."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from uuid import UUID
from xml.etree import ElementTree

import pytest
from studio_server import RefusedError, Studio

from toolkit.annotation import Annotation, Attribute, Link, Prediction, Region, Task
from toolkit.files import sha256, to_json
from toolkit.labelstudio.reading.importing import Imported, import_exports
from toolkit.labelstudio.reading.template import labelling_config
from toolkit.native import to_native
from toolkit.project import Annotator, LabelStudioSettings, Tags
from toolkit.schema import Schema

pytestmark = [pytest.mark.labelstudio, pytest.mark.xdist_group("labelstudio")]

VISIT = (
    "وصل 😀 كَرِيم بن سَالِم إلى مديـنـة مرسى الريحان\u200f   وطنجة 🇲🇦 مساءً.\r\n"
    "والتقى رئيس جامعة مرسى الريحان ليلى منصور،\r\n\r\nثم\tعادا \u200bبحرًا (قرب بحيرة الفيروز)."
)
FAIR = "افتُتح معرض الربيع في ١٢ آذار (مارس) 2031، وفيه \\n سيارات «نسيم 3» & «نسيم 4» <جديدة>."
FRESH = " نصّ من طنجة لم يوسَم بعد.\n"
EXTRA_TAGS = """
  <Choices name="form" toName="text" perRegion="true"><Choice value="NAM"/><Choice value="NOM"/></Choices>
  <TextArea name="note" toName="text" perRegion="true"/>
  <Choices name="topic" toName="text"><Choice value="سياسة"/><Choice value="اقتصاد"/></Choices>
</View>
"""
FORMATS = {"CSV": "a CSV export", "TSV": "a TSV export", "JSON_MIN": "a JSON_MIN", "CONLL2003": "a CoNLL2003 export"}


def span(text: str, id_: str, mention: str, *labels: str, nth: int = 0, **more) -> Region:
    start = -1
    for _ in range(nth + 1):
        start = text.index(mention, start + 1)
    return Region(id_, start, start + len(mention), labels, mention, **more)


def article(id_: str, text: str, *annotations: Annotation, **more) -> Task:
    return Task(id_, text, sha256(text.encode()), len(text), annotations=annotations, **more)


def uuid(number: int) -> str:
    return str(UUID(int=number, version=4))


def composed() -> list[Task]:
    """Articles with everything that an annotation can hold."""
    visit = (
        span(VISIT, "per", "كَرِيم بن سَالِم", "PER", extra={"meta": {"text": ["اسم مشكول"]}}),
        span(VISIT, "city", "مرسى الريحان", "GPE"),
        span(VISIT, "tangier", "طنجة", "GPE", "LOC"),
        span(VISIT, "title", "رئيس جامعة مرسى الريحان", "TITLE"),
        span(VISIT, "university", "جامعة مرسى الريحان", "ORG"),
        span(VISIT, "inner", "مرسى الريحان", "GPE", nth=1),
        span(VISIT, "crossing", "الريحان ليلى", "EVENT", nth=0),
        span(VISIT, "layla", "ليلى منصور", "PER"),
        span(VISIT, "lines", "منصور،\r\n\r\nثم\tعادا", "DOC"),
        span(VISIT, "blanks", "الريحان\u200f   وطنجة 🇲🇦 مساءً.\r\nوالتقى", "DATE"),
        span(VISIT, "bare", "بحرًا"),
        span(VISIT, "lake", "بحيرة الفيروز", "LOC", origin="prediction"),
    )
    links = (
        Link("per", "city", "right", ("VISITED",)),
        Link("city", "university", "left", ("LOCATED_IN", "ORG_OF")),
        Link("per", "layla", "bi", ("MET_WITH",)),
        Link("layla", "title", "right", ()),
        Link("tangier", "tangier", "left", ()),
        Link("lake", "inner", "bi", ("TIES_WITH", "CONFLICT_WITH")),
    )
    attributes = (
        Attribute("per", "per", "form", "text", "choices", {"choices": ["NAM"]}),
        Attribute("lines", "lines", "note", "text", "textarea", {"text": ["سطر أول", "سطر\r\nآخر"]}),
        Attribute("document", None, "topic", "text", "choices", {"choices": ["سياسة"]}),
    )
    fair = (span(FAIR, "event", "معرض الربيع", "EVENT"), span(FAIR, "car", "نسيم 3", "PRODUCT"))
    guess = Prediction("baseline-1", 0.25, fair, (), (Link("car", "event", "right", ("LOCATED_IN",)),))
    data = {"event": "زيارة", "date": "2031-03-12", "nested": {"n": [1, None, 2.5, "é"]}}
    return [
        article(
            "visit-1",
            VISIT,
            Annotation(uuid(1), "sara", visit, attributes, links, ground_truth=True),
            Annotation(uuid(2), "omar", visit[:2], (), (links[0],)),
            Annotation(uuid(3), "omar", (visit[7],), (), (), cancelled=True),
            data=data,
        ),
        article("fair-1", FAIR, Annotation(uuid(4), "omar", fair), predictions=(guess,)),
        article("skipped-1", "نصّ بلا أسماء.", Annotation(uuid(5), "sara", cancelled=True)),
        article("خبر-جديد", FRESH, predictions=(Prediction("baseline-1", None, (span(FRESH, "new", "طنجة", "GPE"),)),)),
    ]


@pytest.fixture(scope="module")
def config(schema: Schema) -> str:
    return labelling_config(schema, Tags())


@pytest.fixture(scope="module")
def settings(studio: Studio) -> LabelStudioSettings:
    person = Annotator(kind="person", description="composed for a test")
    accounts = {studio.lead: "sara", studio.user("omar"): "omar"}
    return LabelStudioSettings(title="test", annotators={"sara": person, "omar": person}, accounts=accounts)


def for_server(task: Task, settings: LabelStudioSettings) -> dict:
    """The task in native shape, with the server's user ids in place of the annotators' names."""
    users = {name: account for account, name in settings.accounts.items()}
    native = to_native(task)
    for annotation in native["annotations"]:
        annotation["completed_by"] = users[annotation["completed_by"]]
    return native


@pytest.fixture(scope="module")
def project(studio: Studio, config: str, settings: LabelStudioSettings) -> int:
    """A project with the composed tasks, whose annotations were sent one by one, as only that keeps their ids."""
    project = studio.project("round trip", config.removesuffix("</View>\n") + EXTRA_TAGS)
    natives = [for_server(task, settings) for task in composed()]
    ids = studio.import_tasks(project, [{**native, "annotations": []} for native in natives])
    for id_, native in zip(ids, natives, strict=True):
        for annotation in native["annotations"]:
            studio.call("POST", f"/api/tasks/{id_}/annotations/", annotation)
    return project


def imported(folder: Path, export: bytes, schema: Schema, settings: LabelStudioSettings) -> Imported:
    path = folder / "export.json"
    path.write_bytes(export)
    found = import_exports([path], schema, settings)
    assert found.held_back == 0, [str(finding) for finding in found.findings]
    return found


def by_id(tasks) -> dict[str, str]:
    return {task.article_id: to_json(to_native(task)) for task in tasks}


def test_the_server_takes_the_generated_configuration(studio: Studio, schema: Schema, config: str):
    studio.call("POST", "/api/projects/validate", {"label_config": config})
    with pytest.raises(RefusedError, match="not found in names"):
        broken = config.replace('toName="text"', 'toName="nothing"')
        studio.call("POST", "/api/projects/validate", {"label_config": broken})
    created = studio.json("POST", "/api/projects", {"title": "configuration", "label_config": config})
    parsed = studio.json("GET", f"/api/projects/{created['id']}")
    control = parsed["parsed_label_config"]["label"]
    assert control["labels"] == list(schema.entities)
    assert (control["type"], control["to_name"]) == ("Labels", ["text"])
    assert [source["value"] for source in control["inputs"]] == ["text"]
    for name, entity in schema.entities.items():
        shown = control["labels_attrs"][name]
        assert (shown["background"], shown["hotkey"]) == (entity.color, entity.hotkey)
        assert entity.ar in shown["hint"]
        assert entity.en in shown["hint"]
    relations = ElementTree.fromstring(parsed["label_config"]).iter("Relation")
    assert [relation.get("value") for relation in relations] == list(schema.relations)


def test_a_json_export_gives_back_what_went_in(studio, project, schema, settings, tmp_path):
    found = imported(tmp_path, studio.export(project), schema, settings)
    *annotated, fresh = composed()
    assert by_id(found.tasks) == by_id([*annotated, replace(fresh, predictions=())])
    # Of a prediction that no annotation was made beside, this export holds only the id, and the importer says so.
    assert [finding.code for finding in found.findings] == ["prediction-id"]


def test_a_snapshot_gives_back_predictions_too_and_nobody_s_address(studio, project, schema, settings, tmp_path):
    snapshot = studio.snapshot(project)
    assert b"omar@example.org" in snapshot
    found = imported(tmp_path, snapshot, schema, settings)
    files = by_id(found.tasks)
    assert files == by_id(composed())
    assert found.findings == ()
    assert not any("@example.org" in file for file in files.values())


def test_tasks_sent_whole_lose_the_ids_of_annotations_alone(studio, config, schema, settings, tmp_path):
    project = studio.project("sent whole", config)
    studio.import_tasks(project, [for_server(task, settings) for task in composed()])
    tasks = imported(tmp_path, studio.snapshot(project), schema, settings).tasks
    assert imported(tmp_path, studio.snapshot(project), schema, settings).tasks == tasks

    def without_ids(task: Task) -> dict:
        native = to_native(task)
        for annotation in native["annotations"]:
            assert UUID(annotation.pop("unique_id"))
        native["annotations"].sort(key=to_json)
        return native

    expected = {task.article_id: without_ids(task) for task in composed()}
    assert {task.article_id: without_ids(task) for task in tasks} == expected


@pytest.fixture
def project_folder(tmp_path: Path, repository: Path, settings: LabelStudioSettings) -> Path:
    """A project on disk with the repository's labels and the accounts of this server."""
    folder = tmp_path / "project"
    shutil.copytree(repository / "configs", folder / "configs")
    content = settings.model_dump(mode="json", include={"title", "annotators", "accounts"})
    (folder / "configs" / "labelstudio.yaml").write_text(json.dumps(content), encoding="utf-8")
    return folder


def run_import(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "toolkit", "import", *map(str, arguments), "--project", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)


def test_the_command_writes_what_was_sent(studio, project, project_folder, tmp_path):
    export = tmp_path / "snapshot.json"
    export.write_bytes(studio.snapshot(project))
    done = run_import(project_folder, export, "--collection", "sample")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    written = {path.stem: path.read_text("utf-8") for path in (project_folder / "annotations" / "sample").iterdir()}
    assert written == by_id(composed())


@pytest.mark.parametrize(("kind", "name"), FORMATS.items())
def test_other_exports_of_the_project_are_refused_by_name(studio, project, project_folder, tmp_path, kind, name):
    export = tmp_path / "export.json"
    export.write_bytes(studio.export(project, kind))
    done = run_import(project_folder, export, "--collection", "sample")
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{export}: is {name}" in done.stderr
    assert "Export the project as JSON" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (project_folder / "annotations").exists()
