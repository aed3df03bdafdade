"""`tawsim agreement` as a person types it: two annotators on the sample, its pages, and what it refuses."""

import json
from pathlib import Path

import pytest
import yaml
from command_line import Tawsim

WITHHELD = "002_6a8588874f53bb72"
KEYS = {"schema_version", "tokenizer", "method", "articles", "annotators", "all", "pairs", "disagreements", "findings"}


def declare(project: Path, *names: str) -> None:
    path = project / "configs" / "labelstudio.yaml"
    settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    settings["annotators"] |= {name: {"kind": "person", "description": "Reads."} for name in names}
    path.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")


def annotate_again(project: Path, article: str, name: str = "lina", without: int = 1) -> None:
    """A second annotation of an article, without the last of its regions that no relation needs."""
    (path,) = (project / "annotations").glob(f"*/{article}.json")
    native = json.loads(path.read_text(encoding="utf-8"))
    first = native["annotations"][0]
    joined = {row[end] for row in first["result"] if row["type"] == "relation" for end in ("from_id", "to_id")}
    free = [row for row in first["result"] if row["type"] == "labels" and row["id"] not in joined]
    kept = [row for row in first["result"] if row not in free[len(free) - without :]]
    native["annotations"].append({**first, "completed_by": name, "unique_id": f"{article}-{name}", "result": kept})
    path.write_text(json.dumps(native, ensure_ascii=False), encoding="utf-8")


@pytest.fixture
def doubled(project: Path) -> Path:
    """The project with a second annotator on all three articles, each time one mention short."""
    declare(project, "lina", "omar")
    for article in ("floods-01", "floods-02", WITHHELD):
        annotate_again(project, article)
    return project


def test_one_annotator_is_nothing_to_compare(tawsim: Tawsim) -> None:
    ran = tawsim("agreement")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.splitlines() == [
        "no article of 3 has submitted annotations by two annotators, so there is no agreement to tell"
    ]


def test_tables_and_every_disagreement(doubled: Path, tawsim: Tawsim) -> None:
    ran = tawsim("agreement")
    assert ran.code == 0, ran.err
    assert "draft-1 / lina" in ran.out
    missed = [line for line in ran.out.splitlines() if line.startswith("missed annotations/")]
    assert len(missed) == 3
    assert all(line.endswith("; lina: nothing") for line in missed)
    assert "Kappa and alpha cover 2 of 3 articles" in ran.err


def test_json_and_the_three_files(doubled: Path, tawsim: Tawsim) -> None:
    ran = tawsim("agreement", "--format", "json", "--out", "results/agreement")
    assert ran.code == 0, ran.err
    folder = doubled / "results" / "agreement"
    found = json.loads(ran.out)
    assert set(found) == KEYS
    assert json.loads((folder / "agreement.json").read_text(encoding="utf-8")) == found
    assert found["articles"] == {"compared": 3, "with_text": 2}
    exact = found["pairs"][0]["spans"]["exact"]
    assert exact["marked"] - 2 * exact["matched"] == 3
    low, high = exact["interval"]
    assert low < exact["f1"] < high
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert set(before) == {"agreement.json", "agreement.md", "agreement.html"}
    assert tawsim("agreement", "--out", "results/agreement").code == 0
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_withheld_texts_are_quoted_with_a_warning_only(doubled: Path, tawsim: Tawsim, articles: Path) -> None:
    ran = tawsim("agreement", "--articles", articles, "--out", "out")
    assert ran.code == 0, ran.err
    assert "quotes 1 articles whose text may not be passed on" in ran.err
    assert "Kappa and alpha" not in ran.err
    assert "may not be passed on" not in tawsim("agreement", "--out", "out").err


def test_paths_and_annotators_choose(doubled: Path, tawsim: Tawsim) -> None:
    annotate_again(doubled, "floods-01", "omar", without=2)
    ran = tawsim("agreement", "annotations/sample/floods-01.json", "--annotators", "lina, omar", "--format", "json")
    assert ran.code == 0, ran.err
    found = json.loads(ran.out)
    assert [pair["annotators"] for pair in found["pairs"]] == [["lina", "omar"]]
    assert found["disagreements"]["counts"]["missed"] == 1
    three = json.loads(tawsim("agreement", "annotations/sample", "--format", "json").out)
    assert len(three["pairs"]) == 3


@pytest.mark.parametrize(
    ("given", "message"),
    [("lina,nobody", "no annotation here is by nobody. There are: draft-1, lina."), ("lina", "needs two names")],
)
def test_names_that_cannot_be_compared(given: str, message: str, doubled: Path, tawsim: Tawsim) -> None:
    ran = tawsim("agreement", "--annotators", given)
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err


def test_an_article_with_an_error_is_left_out_and_told(doubled: Path, tawsim: Tawsim) -> None:
    path = doubled / "annotations" / "sample" / "floods-01.json"
    native = json.loads(path.read_text(encoding="utf-8"))
    native["annotations"][1]["result"][0]["value"]["end"] = 100_000
    path.write_text(json.dumps(native, ensure_ascii=False), encoding="utf-8")
    ran = tawsim("agreement", "--format", "json")
    assert ran.code == 1
    assert "error[offset-range] annotations/sample/floods-01.json" in ran.err
    assert "1 files have errors and were left out" in ran.err
    found = json.loads(ran.out)
    assert found["articles"]["compared"] == 2
    assert [row["code"] for row in found["findings"]] == ["offset-range"]


def test_the_majority_is_gold_where_the_rules_say_so(doubled: Path, tawsim: Tawsim) -> None:
    assert (
        "2 annotations, and none of the rules of gold decides (ground_truth, single); mark one"
        in tawsim("validate").out
    )
    path = doubled / "configs" / "dataset.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("gold: [ground_truth, single]", "gold: [single, majority]"), encoding="utf-8")
    assert tawsim("build").code == 0
    manifest = json.loads((doubled / "build" / "manifest.json").read_text(encoding="utf-8"))
    assert {entry["gold_rule"] for entry in manifest["documents"].values()} == {"majority of 2"}
    assert manifest["settings"]["gold"] == ["single", "majority"]
    assert tawsim("datasheet").code == 0
    sheet = (doubled / "DATASHEET.md").read_text(encoding="utf-8")
    assert "Articles with annotations by two or more annotators: 3 of 3." in sheet
    assert "| draft-1 / lina | 3 |" in sheet


def test_an_adjudicator_that_nobody_declared_is_a_configuration_error(project: Path, tawsim: Tawsim) -> None:
    path = project / "configs" / "dataset.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("[ground_truth, single]", "[{adjudicator: lina}]"), encoding="utf-8")
    for command in ("validate", "build", "agreement"):
        ran = tawsim(command)
        assert ran.code == 2
        assert "gold.0.adjudicator: 'lina' is not among the annotators (draft-1)" in ran.err
    declare(project, "lina")
    ran = tawsim("validate")
    assert (ran.code, ran.out.count("1 annotation, and none of the rules of gold decides (adjudicator: lina)")) == (
        1,
        3,
    )
