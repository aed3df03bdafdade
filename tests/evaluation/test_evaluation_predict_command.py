"""`tawsim predict` as a process: killed and started again, sharded and merged, with models that misbehave."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
import yaml
from fuzzed_documents import WORDS
from marked_text import marked
from odd_models import is_hard
from typer.testing import CliRunner

from toolkit.annotation import Annotation, Region, Task
from toolkit.cli import app
from toolkit.document import Document
from toolkit.files import sha256, to_json
from toolkit.native import to_native
from toolkit.release.tables.reading import read_dataset

HERE = Path(__file__).resolve().parent
SIZE = 320
ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="memory is limited by what /proc tells of it")


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Path:
    """A dataset folder with 320 composed texts in its test split."""
    root, random = tmp_path_factory.mktemp("predicted-project"), Random(7)
    shutil.copytree(repository / "configs", root / "configs")
    settings = yaml.safe_load((root / "configs" / "dataset.yaml").read_text("utf-8"))
    settings["collections"] = {"news": {"description": "Composed.", "source": "composed", "license": "CC-BY-4.0"}}
    (root / "configs" / "dataset.yaml").write_text(yaml.safe_dump(settings, allow_unicode=True), "utf-8")
    folder = root / "annotations" / "news"
    folder.mkdir(parents=True)
    documents = [composed(random, number) for number in range(SIZE)]
    for document in documents:
        (folder / f"{document.id}.json").write_text(to_json(to_native(task(document))), "utf-8")
    (root / "annotations" / "splits.json").write_text(
        to_json(dict.fromkeys([d.id for d in documents], "test")), "utf-8"
    )
    for name in ("annotations/GUIDELINES.md", "annotations/CHANGELOG.md", "DATASHEET.md"):
        (root / name).write_text("# Of the test\n", "utf-8")
    done = CliRunner().invoke(app, ["build", "--project", str(root), "--out", str(root / "build")])
    assert done.exit_code == 0, done.output
    return root / "build"


def composed(random: Random, number: int) -> Document:
    words = " ".join(random.choice(WORDS) for _ in range(random.randint(3, 40)))
    return marked(f"d{number:03}", f"قال {{PER وسام{number}}} {words}.")


def task(document: Document) -> Task:
    regions = tuple(Region(e.id, e.start, e.end, (e.label,), document.mention(e)) for e in document.entities)
    annotation = Annotation(f"{document.id}-a", "draft-1", regions)
    return Task(document.id, document.text, sha256(document.text.encode()), len(document.text), {}, (annotation,))


@dataclass(frozen=True)
class Place:
    """A folder to run in, with a dataset."""

    folder: Path
    build: Path

    def command(self, *arguments: object) -> tuple[Sequence[str], dict[str, str]]:
        environment = os.environ | {"PYTHONPATH": str(HERE.parent.parent), "NO_COLOR": "1"}
        return [
            sys.executable,
            str(HERE / "odd_models.py"),
            *map(str, arguments),
            "--data",
            str(self.build),
        ], environment

    def run(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        command, environment = self.command(*arguments)
        return subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, errors="replace", check=False
        )

    def start(self, *arguments: object) -> subprocess.Popen[bytes]:
        command, environment = self.command(*arguments)
        return subprocess.Popen(
            command, cwd=self.folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def kept(self) -> int:
        """The bytes in the journals."""
        return sum(path.stat().st_size for path in (self.folder / ".tawsim" / "predictions").glob("*.jsonl"))


@pytest.fixture
def place(build: Path, tmp_path: Path) -> Place:
    return Place(tmp_path, build)


@pytest.fixture(scope="module")
def uninterrupted(build: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What the slow model says of all documents in one go."""
    place = Place(tmp_path_factory.mktemp("uninterrupted"), build)
    done = place.run("predict", "odd:slow", "--out", "p.jsonl")
    assert (done.returncode, done.stdout) == (0, "p.jsonl\n"), done.stderr
    assert f"predicted {SIZE}, failed 0, resumed 0" in done.stderr
    return (place.folder / "p.jsonl").read_bytes()


def test_killed_at_ten_random_moments_it_ends_with_the_same_bytes(place: Place, uninterrupted: bytes) -> None:
    random, sizes = Random(3), []
    for _ in range(10):
        before = place.kept()
        process = place.start("predict", "odd:slow", "--out", "p.jsonl")
        while place.kept() == before and process.poll() is None:
            time.sleep(0.001)
        time.sleep(random.uniform(0, 0.1))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert process.returncode == -signal.SIGKILL and not (place.folder / "p.jsonl").exists()
        sizes.append(place.kept())
    assert sizes == sorted(set(sizes)), "every start goes on from the one before"
    done = place.run("predict", "odd:slow", "--out", "p.jsonl")
    assert done.returncode == 0 and 100 < resumed(done) < SIZE
    assert f"predicted {SIZE - resumed(done)}, failed 0" in done.stderr
    assert (place.folder / "p.jsonl").read_bytes() == uninterrupted


def resumed(done: subprocess.CompletedProcess[str]) -> int:
    """How many documents an earlier run had done, as the command tells it."""
    return int(done.stderr.split("resumed ")[1])


def test_an_interrupt_says_that_the_finished_part_is_kept(place: Place) -> None:
    process = place.start("predict", "odd:slow", "--out", "p.jsonl")
    while not place.kept() and process.poll() is None:
        time.sleep(0.001)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate()
    assert process.returncode == 130
    assert told.decode().splitlines()[0] == "what was predicted is kept; the same command goes on from there"
    assert resumed(place.run("predict", "odd:slow")) > 0


def test_two_at_once_and_three_shards_end_with_the_same_bytes(place: Place, uninterrupted: bytes) -> None:
    both = [place.start("predict", "odd:slow", "--out", name) for name in ("a.jsonl", "b.jsonl")]
    shards = [place.start("predict", "odd:slow", "--shard", f"{n}/3") for n in (1, 2, 3)]
    for process in (*both, *shards):
        _, told = process.communicate()
        assert process.returncode == 0, told
    for name in ("a.jsonl", "b.jsonl"):
        assert (place.folder / name).read_bytes() == uninterrupted
    folder = place.folder / "results" / "odd-slow"
    files = [folder / f"predictions-0000{n}-of-00003.jsonl" for n in (3, 1, 2)]
    done = place.run("predict", "--merge", *files, "--out", "merged.jsonl")
    assert (done.returncode, done.stdout) == (0, "merged.jsonl\n") and "missing 0" in done.stderr
    assert (place.folder / "merged.jsonl").read_bytes() == uninterrupted

    done = place.run("predict", *files[:2], "--merge", "--out", "part.jsonl")
    absent = [json.loads(line)["id"] for line in files[2].read_text("utf-8").splitlines()]
    assert done.returncode == 3 and f"no prediction: {', '.join(sorted(absent))}" in done.stderr
    assert len((place.folder / "part.jsonl").read_bytes().splitlines()) == SIZE - len(absent)

    other = files[0].read_bytes().replace(b'"label":"GPE"', b'"label":"ORG"', 1)
    (place.folder / "other.jsonl").write_bytes(other)
    done = place.run("predict", "--merge", *files, "other.jsonl", "--out", "refused.jsonl")
    assert done.returncode == 3 and "predicted differently by two files: d" in done.stderr
    assert done.stderr.count("\n") == 1 and not (place.folder / "refused.jsonl").exists()


def hard(build: Path) -> list[str]:
    found = [document.id for document in read_dataset(build).documents("test") if is_hard(document.text)]
    assert 10 < len(found) < 80
    return found


@pytest.mark.parametrize(
    ("model", "error"),
    [
        ("odd:raising", "ValueError: this text is too hard"),
        pytest.param("odd:hungry", "the model needs more memory than there is", marks=ON_LINUX),
        ("odd:leaving", "the model ended its program with code 0"),
    ],
)
def test_documents_that_a_model_fails_on_are_told_and_asked_again(place: Place, model: str, error: str) -> None:
    expected = hard(place.build)
    for known in (0, SIZE - len(expected)):
        done = place.run("predict", model, "--out", "p.jsonl")
        assert done.returncode == 3 and "Traceback" not in done.stderr
        told = [line for line in done.stderr.splitlines() if not line.startswith("predicting: ")]
        assert told[:10] == [f"failed: {name}: {error}" for name in expected[:10]]
        predicted = SIZE - len(expected) - known
        assert told[11:] == [f"predicted {predicted}, failed {len(expected)}, resumed {known}"]
        records = [json.loads(line) for line in (place.folder / "p.jsonl").read_bytes().splitlines()]
        assert [record["id"] for record in records if "error" in record] == expected


def test_too_few_rows_fail_every_document(place: Place) -> None:
    done = place.run("predict", "odd:few", "--limit", 3)
    assert done.returncode == 3
    assert done.stderr.splitlines()[0] == "failed: d000: the model gave 0 rows for 1 texts"
    assert "predicted 0, failed 3, resumed 0" in done.stderr


def test_score_finds_what_was_predicted(place: Place) -> None:
    place.run("predict", "odd:slow", "--out", "p.jsonl")
    before = place.kept()
    scored = place.run("score", "odd:slow", "--format", "json")
    assert json.loads(scored.stdout)["model"]["name"] == "slow" and place.kept() == before
    again = place.folder / "results" / "odd-slow" / "predictions.jsonl"
    assert again.read_bytes() == (place.folder / "p.jsonl").read_bytes()


def test_a_model_that_prints_does_not_spoil_what_a_program_reads(place: Place) -> None:
    done = place.run("predict", "odd:loud", "--limit", 3)
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 1)
    assert Path(done.stdout.strip()).name == "predictions.jsonl" and "of a child" in done.stderr
    scored = place.run("score", "odd:loud", "--format", "json")
    assert json.loads(scored.stdout)["model"]["name"] == "loud" and "{garbage" in scored.stderr


def test_fresh_asks_again_and_limit_takes_the_first(place: Place) -> None:
    for extra, told in (
        ([], "predicted 5, failed 0, resumed 0"),
        ([], "predicted 0, failed 0, resumed 5"),
        (["--fresh"], "predicted 5, failed 0, resumed 0"),
    ):
        done = place.run("predict", "odd:slow", "--limit", 5, "--out", "p.jsonl", *extra)
        assert (done.returncode, done.stderr.strip()) == (0, told)
    ids = [json.loads(line)["id"] for line in (place.folder / "p.jsonl").read_bytes().splitlines()]
    assert ids == [f"d{number:03}" for number in range(5)]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["odd:slow", "odd:few"], "2 models are named"),
        (["--merge", "a.jsonl"], "--merge needs a file to write"),
        (["--merge", "a.jsonl", "--out", "b.jsonl", "--fresh"], "--merge joins files, it runs no model"),
        (["--merge", "a.jsonl", "--out", "b.jsonl"], "a.jsonl: no such file"),
        (["a.jsonl"], "no such predictions file"),
        ([str(HERE / "odd_models.py")], "is a predictions file already"),
        (["odd:slow", "--shard", "4/3"], "the shard is '4/3'. Write i/n"),
        (["odd:slow", "--shard", "1/999"], f"{SIZE} documents cannot be divided in 999 shards"),
        (["odd:slow", "--limit", "0"], "--limit"),
        (["odd:slow", "--option", "x"], "'x' is no option"),
        (["http:http://127.0.0.1:9/", "--option", "x=1"], "the model has no option 'x'"),
        (["odd:slow", "--split", "other"], "no split 'other'"),
    ],
)
def test_what_cannot_be_asked_is_refused(build: Path, arguments: list[str], told: str) -> None:
    done = CliRunner().invoke(app, ["predict", *arguments, "--data", str(build)])
    assert told in f"{done.output}{done.exception}"
    assert getattr(done.exception, "exit_code", done.exit_code) == 2
