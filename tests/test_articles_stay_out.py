"""The text of the withheld articles is nowhere in the repository, and no mention of theirs in the annotation files."""

import io
import json
import re
import subprocess

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from toolkit.annotation import Annotation, Region, Task
from toolkit.files import read_json, to_json
from toolkit.native import mention_digest, to_native
from toolkit.project import Project

RUN = 5
WORD = re.compile(r"\w+")
ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
ARABIC = re.compile("[\u0620-\u064a\u066e-\u06d3\u06fa-\u06ff\u0750-\u077f\u08a0-\u08c9\ufb50-\ufdff\ufe70-\ufefc]")


def runs(text):
    """Every five words in a row that hold an Arabic letter."""
    found = WORD.findall(text)
    rows = (" ".join(found[start : start + RUN]) for start in range(len(found) - RUN + 1))
    return {row for row in rows if ARABIC.search(row)}


def readings(data):
    """The texts that a file may hold: as it stands, with \\u escapes resolved, the values of a parquet file."""
    if data.startswith(b"PAR1"):
        yield json.dumps(pq.read_table(io.BytesIO(data)).to_pylist(), ensure_ascii=False, default=str)
    text = data.decode("utf-8", errors="replace")
    yield text
    if ESCAPE.search(text):
        yield ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)


def shared_runs(data, known):
    """The runs of `known` that a file's bytes hold."""
    return set().union(*(runs(text) & known for text in readings(data)))


def told_mentions(native):
    """Where an annotation file tells the article's words: data.text, a mention, an Arabic letter in a result."""
    items = [item for part in (*native["annotations"], *native["predictions"]) for item in part["result"]]
    telling = [
        f"{item['type']} {item.get('id')}"
        for item in items
        if "text" in item.get("value", {}) or ARABIC.search(json.dumps(item, ensure_ascii=False))
    ]
    return ["data.text", *telling] if "text" in native["data"] else telling


@pytest.fixture(scope="module")
def known_runs(articles):
    return set().union(*(runs(path.read_text(encoding="utf-8")) for path in articles.glob("*.txt")))


@pytest.fixture(scope="module")
def repository_files(repository):
    """Every file that git has or would take."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=repository, capture_output=True, check=False)
    if done.returncode != 0:
        pytest.skip("needs a git checkout: only git knows which files are the repository's")
    paths = [repository / name for name in done.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]


@pytest.mark.articles
def test_no_five_words_of_an_article_are_in_the_repository(known_runs, repository_files, repository):
    assert known_runs
    assert repository / "pyproject.toml" in repository_files
    # Only the place is told: the words must not get into a log either.
    found = {path.relative_to(repository).as_posix(): path.read_bytes() for path in repository_files}
    assert [name for name, data in found.items() if shared_runs(data, known_runs)] == []


STORY = "أعلنت سلمى رشوان، رئيسة ميناء مرجانة، وصول سفينة «سارنا» صباح أمس."
TAKEN = "رشوان، رئيسة ميناء مرجانة، وصول"


def parquet(values):
    sink = io.BytesIO()
    pq.write_table(pa.table({"rows": values}), sink, compression="zstd")
    return sink.getvalue()


@pytest.mark.parametrize(
    ("data", "is_found"),
    [
        (f"# {TAKEN}".encode(), True),
        (json.dumps({"text": TAKEN}).encode(), True),
        (TAKEN.replace(" ", "\n\n").encode(), True),
        (json.dumps(TAKEN.split(), ensure_ascii=False).encode(), True),
        (b"\x00\xff\x80" + TAKEN.encode() + b"\xfe", True),
        (parquet([[STORY]]), True),
        (parquet([TAKEN.replace("،", "").split()]), True),
        (parquet(["لا شيء منها هنا أبدا"]), False),
        (" ".join(TAKEN.split()[:4]).encode(), False),
        ("رشوان رئيسة ميناء سارنا مرجانة وصول".encode(), False),
        (b"", False),
        (b"\\u062e \\uzzzz", False),
    ],
)
def test_the_detector_finds_a_run_in_any_dress(data, is_found):
    assert bool(shared_runs(data, runs(STORY))) is is_found


def test_runs_without_an_arabic_letter_are_nobodys():
    assert runs("one two three four five 2024 ٢٠٢٤ six") == set()
    assert runs("one two three four خبر") == {"one two three four خبر"}


def test_the_annotation_files_of_withheld_articles_tell_no_mention(repository):
    project = Project(repository)
    withheld = [name for name, it in project.dataset.collections.items() if it.text == "withheld"]
    assert withheld
    for folder in (project.annotations / name for name in withheld):
        if folder.is_dir():
            files = sorted(folder.glob("*.json"))
            assert files, f"{folder.name} holds no annotation file"
            assert {path.name: told for path in files if (told := told_mentions(read_json(path)))} == {}


@pytest.mark.parametrize(
    ("region", "text", "told"),
    [
        (Region("r1", 0, 4, ("PER",), digest=mention_digest("سلمى")), None, []),
        (Region("r1", 0, 4, ("PER",), text="سلمى"), None, ["labels r1"]),
        (Region("r1", 0, 4, ("PER",), text="GPS"), None, ["labels r1"]),
        (Region("r1", 0, 4, ("PER",), extra={"meta": {"text": ["سلمى"]}}), None, ["labels r1"]),
        (Region("r1", 0, 4, ("PER",)), STORY, ["data.text"]),
    ],
)
def test_a_mention_in_an_annotation_file_would_be_noticed(region, text, told):
    task = Task("a", text, "0" * 64, 4, {}, (Annotation("u", "draft-1", (region,)),))
    assert told_mentions(json.loads(to_json(to_native(task)))) == told
