"""`tawsim export` through the command line: what it writes, tells and refuses, and its exit codes."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from toolkit.exports.formats import FORMATS
from toolkit.project import ARTICLES_VARIABLE, find_project

WITHHELD = "002_6a8588874f53bb72"


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture(scope="module")
def dataset(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of four articles: two in train, one in validation, and one in test that is without its text."""
    root = tmp_path_factory.mktemp("project")
    shutil.copytree(repository / "configs", root / "configs")
    for name in ("sample/floods-01", "sample/floods-02", "sample/museum-01", f"summits/{WITHHELD}"):
        target = root / "annotations" / f"{name}.json"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(repository / "annotations" / f"{name}.json", target)
    splits = {"floods-01": "train", "floods-02": "train", "museum-01": "validation", WITHHELD: "test"}
    (root / "annotations" / "splits.json").write_text(json.dumps(splits))
    environment = {key: value for key, value in os.environ.items() if key != ARTICLES_VARIABLE}
    command = [sys.executable, "-m", "toolkit", "build", "--project", str(root)]
    subprocess.run(command, check=True, capture_output=True, env=environment)
    return root / "build"


@pytest.fixture
def tawsim(tmp_path: Path) -> Run:
    """Runs `tawsim` in an empty folder, without the articles unless `articles` names their folder."""

    def run(*arguments: str | Path, articles: Path | None = None) -> Ran:
        environment = {key: value for key, value in os.environ.items() if key != ARTICLES_VARIABLE}
        if articles is not None:
            environment[ARTICLES_VARIABLE] = str(articles)
        command = [sys.executable, "-m", "toolkit", *map(str, arguments)]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert "Traceback" not in done.stderr, done.stderr
        return Ran(done.returncode, done.stdout, done.stderr)

    return run


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_is_written_for_each_split(name: str, dataset: Path, tawsim: Run, tmp_path: Path) -> None:
    if name == "spacy":
        pytest.importorskip("spacy")
    ran = tawsim("export", name, "--data", dataset, "--split", "validation", "--split", "train")
    assert ran.code == 0, ran.err
    suffix, folder = FORMATS[name].suffix, tmp_path / "exports" / name
    assert ran.out.splitlines() == [str(folder / f"{split}{suffix}") for split in ("train", "validation")]
    losses = {f"{split}{suffix}.losses.json" for split in ("train", "validation")} if FORMATS[name].loses else set()
    assert {path.name for path in folder.iterdir()} == {f"train{suffix}", f"validation{suffix}"} | losses
    again = tawsim("export", name, "--data", dataset, "--split", "train", "--split", "validation")
    assert again == ran


def test_one_split_is_one_file_and_losses_are_counted_listed_and_written(
    dataset: Path, tawsim: Run, tmp_path: Path
) -> None:
    ran = tawsim("export", "conll", "--data", dataset, "--split", "train", "--out", "mine.conll", "--format", "json")
    assert ran.code == 0, ran.err
    told = json.loads(ran.out)
    assert told["written"] == ["mine.conll"] and told["format"] == "conll" and told["without_text"] == []
    assert set(told["losses"][0]) == {"document", "kind", "id", "start", "end", "label", "change", "reason"}
    assert json.loads((tmp_path / "mine.conll.losses.json").read_text("utf-8")) == told["losses"]
    relations = [row for row in told["losses"] if row["kind"] == "relation"]
    assert f"{len(relations)} relations left out: this export holds no relations\n" in ran.err
    counts = [int(line.split()[0]) for line in ran.err.splitlines()]
    assert sum(counts) == len(told["losses"]) and counts == sorted(counts, reverse=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.conll", "mine.conll.losses.json"]


def test_brat_is_a_folder_and_carries_everything(dataset: Path, tawsim: Run, tmp_path: Path) -> None:
    ran = tawsim("export", "brat", "--data", dataset, "--split", "train", "--out", "brat")
    assert (ran.code, ran.out) == (0, "brat\n")
    assert "every mention and relation" in ran.err
    names = {"annotation.conf", *(f"floods-0{n}.{end}" for n in (1, 2) for end in ("ann", "txt"))}
    assert {path.name for path in (tmp_path / "brat").iterdir()} == names


def test_a_folder_that_people_annotate_in_is_left_alone(dataset: Path, tawsim: Run, tmp_path: Path) -> None:
    arguments = ("export", "brat", "--data", dataset, "--split", "train", "--out", "brat")
    assert tawsim(*arguments).code == 0
    ann = tmp_path / "brat" / "floods-01.ann"
    work = ann.read_text("utf-8") + "#1\tAnnotatorNotes T1\tlook again\n"
    ann.write_text(work, "utf-8")
    ran = tawsim(*arguments)
    assert ran.code == 2
    assert ran.err == (
        "error: brat: holds other files, maybe somebody's annotations; it was left as it is. "
        "Choose another --out, or move it away.\n"
    )
    assert ann.read_text("utf-8") == work


def test_articles_without_text_are_named_and_the_export_is_incomplete(
    dataset: Path, tawsim: Run, tmp_path: Path
) -> None:
    ran = tawsim("export", "bigbio", "--data", dataset, "--format", "json")
    assert ran.code == 3
    assert json.loads(ran.out)["without_text"] == [WITHHELD]
    assert f"no proven copy of their text is at hand: {WITHHELD}" in ran.err
    assert sorted(path.name for path in (tmp_path / "exports" / "bigbio").iterdir()) == [
        "train.jsonl",
        "validation.jsonl",
    ]
    ran = tawsim("export", "bigbio", "--data", dataset, "--split", "test", "--split", "train", "--out", "other")
    assert (ran.code, ran.out) == (3, "")
    assert "no article of the split test has its text, so nothing was written" in ran.err
    assert "--articles" in ran.err and not (tmp_path / "other").exists()


@pytest.mark.articles
def test_with_the_articles_at_hand_it_is_complete_and_says_whose_copies_they_are(
    dataset: Path, tawsim: Run, tmp_path: Path, articles: Path
) -> None:
    for ran in (
        tawsim("export", "bigbio", "--data", dataset, "--articles", articles),
        tawsim("export", "bigbio", "--data", dataset, articles=articles),
    ):
        assert ran.code == 0, ran.err
        assert ran.err.count("from your own copies: do not pass it on") == 1
    assert (tmp_path / "exports" / "bigbio" / "test.jsonl").is_file()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("conl",), "error: no format 'conl'. Did you mean conll? There are: conll, brat, spacy, gliner, bigbio"),
        (("CoNLL",), "Did you mean conll?"),
        (("prodigy",), "error: no format 'prodigy'. There are: conll"),
        (("conll", "--data", "nowhere"), "error: nowhere: there is no dataset here. Run `tawsim build` first"),
        (("conll", "--data", "DATASET", "--split", "dev"), "no split 'dev'. There are: train, validation, test."),
        (
            ("conll", "--data", "DATASET", "--split", "train", "--out", "folder"),
            "folder: is a folder; this export is one",
        ),
        (("conll", "--data", "DATASET", "--out", "file"), "file: is a file; several splits need a folder"),
        (
            ("brat", "--data", "DATASET", "--split", "train", "--out", "file"),
            "file: is a file; this export is a folder",
        ),
        (("brat", "--data", "DATASET", "--split", "train", "--out", "folder"), "folder: holds other files"),
        (("conll", "--data", "DATASET", "--articles", "gone"), "gone"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_changes_nothing(
    arguments: tuple[str, ...], message: str, dataset: Path, tawsim: Run, tmp_path: Path
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "thesis.txt").write_text("years of work")
    (tmp_path / "file").write_text("mine")
    ran = tawsim("export", *(str(dataset) if argument == "DATASET" else argument for argument in arguments))
    assert (ran.code, ran.out) == (2, ""), ran.err
    assert message in ran.err and ran.err.count("\n") == 1, ran.err
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "folder", "thesis.txt"]


def test_what_was_exported_is_imported_and_built_into_the_same_dataset(
    dataset: Path, tawsim: Run, tmp_path: Path
) -> None:
    root = tmp_path / "project"
    shutil.copytree(dataset.parent / "configs", root / "configs")
    (root / "annotations" / "summits").mkdir(parents=True)
    shutil.copy(dataset.parent / "annotations" / "splits.json", root / "annotations")
    ran = tawsim("export", "brat", "--data", dataset, "--split", "train", "--split", "validation", "--out", "brat")
    assert ran.code == 0, ran.err
    (name, *_) = find_project(root).labelstudio.annotators
    ran = tawsim("import", "brat", "--collection", "sample", "--annotator", name, "--project", root)
    assert (ran.code, ran.out) == (0, ""), ran.err
    assert tawsim("build", "--project", root).code == 0
    for folder in (dataset, root / "build"):
        out = f"{folder.parent.name}-{folder.name}"
        assert tawsim("export", "bigbio", "--data", folder, "--split", "train", "--out", f"{out}.jsonl").code == 0
    first, second = sorted(tmp_path.glob("*.jsonl"))
    assert first.read_bytes() == second.read_bytes() != b""
