"""`tawsim import`, through the command line."""

import json
import subprocess
import sys

import pytest
from composed_exports import TEXT, annotation, at, region, relation, task, write
from demo_project import DATASET

LABELS = "entities:\n  PER: {}\n  GPE: {}\nrelations:\n  VISITED: {}\n"
STUDIO = "title: Demo\nannotators:\n  sara: {kind: person, description: d}\naccounts: {1: sara}\n"
CAIRO = region("t", at(TEXT, "القاهرة"))
CONFIG = """<View><Labels name="l" toName="t"><Label value="CITY"/></Labels><Text name="t" value="$body"/></View>"""


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "project"
    (folder / "configs").mkdir(parents=True)
    for name, text in (("labels", LABELS), ("dataset", DATASET), ("labelstudio", STUDIO)):
        (folder / "configs" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def run(project, *arguments):
    command = [sys.executable, "-m", "toolkit", "import", *map(str, arguments), "--project", str(project)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout, done.stderr


def test_an_export_joins_its_collection(project, tmp_path):
    export = write(tmp_path, [task(annotation(CAIRO))])
    for written in (1, 0):
        code, out, err = run(project, export, "--collection", "open")
        assert (code, out) == (0, "")
        assert err == (
            "tasks read: 1, held back: 0; regions moved to their place: 0; "
            f"annotation files written: {written}, unchanged: {1 - written}\n"
        )
    assert [path.relative_to(project).as_posix() for path in project.rglob("*.json")] == ["annotations/open/visit.json"]


def test_a_withheld_collection_gets_no_text_even_when_its_folder_is_named(project, tmp_path):
    export = write(tmp_path, [task(annotation(CAIRO))])
    assert run(project, export, "--out", project / "annotations" / "closed")[0] == 0
    written = (project / "annotations" / "closed" / "visit.json").read_text(encoding="utf-8")
    assert not any(word in written for word in TEXT.split())
    code, out, _ = run(project, export, "--collection", "open")
    assert code == 1
    assert "error[article-elsewhere]" in out


def test_errors_come_first_and_json_has_them_all(project, tmp_path):
    many = [region(f"r{i}", (i, i + 2), ["CITY"]) for i in range(30)]
    tasks = [task(annotation(*many, relation("r0", "gone"))), {**task(annotation(CAIRO, completed_by=5)), "id": 2}]
    tasks[1]["data"] = {**tasks[1]["data"], "article_id": "second"}
    export = write(tmp_path, tasks)
    code, out, err = run(project, export, "--out", tmp_path / "out")
    assert code == 1
    lines = out.splitlines()
    assert sum("error[label-unknown]" in line for line in lines) == 21
    assert "error[label-unknown] and 10 more like these; --format json lists all" in lines
    assert any("'CITY' (30)" in line and "--labels FILE" in line for line in lines)
    assert lines[-1].startswith("warning[annotator-unknown]")
    assert "tasks read: 2, held back: 1" in err
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["second.json"]
    code, out, _ = run(project, export, "--out", tmp_path / "out", "--format", "json")
    rows = json.loads(out)
    assert code == 1
    assert sum(row["code"] == "label-unknown" for row in rows) == 30
    assert set(rows[0]) == {"code", "severity", "path", "annotation", "region", "start", "end", "message"}


def test_labels_of_a_foreign_project_are_taken_from_its_configuration(project, tmp_path):
    span = {**region("t", at(TEXT, "القاهرة"), ["CITY"]), "from_name": "l", "to_name": "t"}
    raw = {"id": 1, "data": {"body": TEXT}, "annotations": [annotation(span)]}
    export, config = write(tmp_path, [raw]), tmp_path / "config.xml"
    config.write_text(CONFIG, encoding="utf-8")
    assert run(project, export, "--out", tmp_path / "out")[0] == 1
    code, out, _ = run(project, export, "--out", tmp_path / "out", "--labels", config)
    assert (code, out) == (0, "")
    config.write_text("<View>", encoding="utf-8")
    code, _, err = run(project, export, "--out", tmp_path / "out", "--labels", config)
    assert code == 2
    assert err.startswith(f"error: {config}:1:7: not valid XML")


@pytest.mark.parametrize(
    ("content", "code", "part"),
    [
        ('[{"id": 1, "text": "x", "label": []}]', 2, "is a JSON_MIN export"),
        ('[{"id": 1, "data"', 1, "not valid JSON at line 1 column"),
        ("[]", 1, "holds no tasks"),
        ("id,text,annotator\n", 2, "is a CSV export"),
        ("x -X- _ O\n", 2, "is a CoNLL2003 export"),
    ],
)
def test_what_is_no_native_export_is_one_line_and_writes_nothing(project, tmp_path, content, code, part):
    export = tmp_path / "export.json"
    export.write_text(content, encoding="utf-8")
    found, out, err = run(project, export, "--collection", "open")
    assert (found, out) == (code, "")
    assert part in err
    assert err.count("\n") == 1
    assert not (project / "annotations").exists()


def test_where_articles_go_has_to_be_said(project, tmp_path):
    export = write(tmp_path, [task()])
    code, _, err = run(project, export)
    assert (code, err) == (
        2,
        "error: it is not said where the articles go. Add --collection NAME (open, closed), or --out DIR.\n",
    )
    code, _, err = run(project, export, "--collection", "none")
    assert code == 2
    assert "There are: open, closed." in err
    code, _, err = run(project, tmp_path / "gone.json", "--collection", "open")
    assert code == 2
    assert "gone.json: no such file" in err


def test_an_article_id_with_a_path_in_it_writes_nothing_anywhere(project, tmp_path):
    export = write(tmp_path, [task(annotation(CAIRO), data={"article_id": "../../escaped"})])
    code, out, _ = run(project, export, "--collection", "open")
    assert code == 1
    assert "error[article-id]" in out
    assert not list(tmp_path.rglob("escaped*"))


def test_brat_and_conll_join_a_collection_in_a_declared_name(project, tmp_path):
    folder = tmp_path / "brat"
    folder.mkdir()
    (folder / "visit.txt").write_text(TEXT, encoding="utf-8")
    start, end = at(TEXT, "القاهرة")
    (folder / "visit.ann").write_text(
        f"T1\tGPE {start} {end}\tالقاهرة\n#1\tAnnotatorNotes T1\tcity\n", encoding="utf-8"
    )
    (tmp_path / "news.conll").write_text("كريم B-PER\nعاد O\n", encoding="utf-8")
    paths = (folder, tmp_path / "news.conll")
    for written in (2, 0):
        code, out, err = run(project, *paths, "--collection", "open", "--annotator", "sara")
        assert code == 0
        assert out.splitlines() == [
            f"note[brat-note] {folder / 'visit.ann'}:2, region #1: AnnotatorNotes of T1 is a comment on the region now"
        ]
        assert (
            f"tasks read: 2, held back: 0; regions moved to their place: 0; annotation files written: {written}" in err
        )
    names = {path.name for path in (project / "annotations" / "open").iterdir()}
    assert names == {"news.json", "visit.json"}
    code, out, err = run(project, *paths, "--collection", "open", "--annotator", "omar")
    assert (code, out) == (2, "")
    assert err == (
        "error: annotator 'omar' is not in configs/labelstudio.yaml. Declare the name there, or use one of: sara.\n"
    )
    code, out, _ = run(project, *paths, "--out", tmp_path / "out")
    assert code == 0
    assert "warning[annotator-unknown]" in out


def test_a_brat_document_of_a_withheld_collection_leaves_no_text_and_no_note(project, tmp_path):
    (tmp_path / "visit.txt").write_text(TEXT, encoding="utf-8")
    start, end = at(TEXT, "القاهرة")
    ann = f"T1\tGPE {start} {end}\tالقاهرة\n#1\tAnnotatorNotes T1\tمدينة القاهرة\n"
    (tmp_path / "visit.ann").write_text(ann, encoding="utf-8")
    code, out, _ = run(project, tmp_path / "visit.ann", "--collection", "closed", "--annotator", "sara")
    assert (code, "warning[quotation]" in out) == (0, True)
    written = (project / "annotations" / "closed" / "visit.json").read_text(encoding="utf-8")
    assert not any(word in written for word in TEXT.split())
