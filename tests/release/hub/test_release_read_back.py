"""A version is loaded back through `load_dataset`, and whatever that makes of it that was not sent is noticed."""

import pytest
from hub_repositories import Blob

READ_BACK = """
import sys
from pathlib import Path
from toolkit.errors import ToolkitError
from toolkit.release.hub.repository import Repository
from toolkit.release.hub.read_back import read_back
try:
    read_back(Repository("lab/news"), sys.argv[1], Path(sys.argv[2]), print)
except ToolkitError as error:
    sys.exit(f"{error.exit_code} {error}")
"""


@pytest.fixture
def put(hub, tiny):
    """Puts the tiny dataset on the Hub, one file of it changed, and gives the commit."""

    def made(name=None, change=bytes):
        repo = hub.repo("lab/news")
        tree = {}
        for path in (path for path in tiny.folder.rglob("*") if path.is_file()):
            place = path.relative_to(tiny.folder).as_posix()
            data = path.read_bytes()
            if place == name:
                assert change(data) != data
                data = change(data)
            tree[place] = Blob(data, place.endswith(".parquet"))
            repo.objects[tree[place].sha256] = data
        return repo.add(repo.head.id, tree, "m", "", "ada").id

    return made


def test_what_was_sent_is_loaded_back(put, python, tiny):
    done = python(READ_BACK, put(), tiny.folder)
    assert done.returncode == 0, done.stderr


def replacing(old, new):
    return lambda data: data.replace(old, new, 1)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        # The note's silent hazards: no error of load_dataset tells the first two.
        (replacing(b"'1': B-PER\n          '2': I-PER", b"'1': I-PER\n          '2': B-PER"), "gives other rows"),
        (
            replacing(b"  - name: text\n    dtype: string\n", b"  - name: words\n    dtype: string\n"),
            "load_dataset fails",
        ),
        (replacing(b"num_examples: 1\n", b"num_examples: 7\n"), "load_dataset fails"),
        (replacing(b"path: ner/train-*.parquet", b"path: ner/test-*.parquet"), "config ner"),
    ],
)
def test_a_card_that_makes_something_else_of_it_is_noticed(change, says, put, python, tiny):
    done = python(READ_BACK, put("README.md", change), tiny.folder)
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith("1 lab/news@") and says in last


def test_other_rows_are_noticed(put, python, tiny, full):
    other = next(full.folder.glob("documents/train-*.parquet")).read_bytes()
    done = python(READ_BACK, put("documents/train-00000-of-00001.parquet", lambda _: other), tiny.folder)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("1 lab/news@")


def test_a_commit_that_is_not_there_is_no_other_one(put, python, tiny):
    put()
    done = python(READ_BACK, "0123456789" * 4, tiny.folder)
    assert done.returncode == 1
    assert done.stderr.startswith("3 lab/news@0123") and "could not be loaded back" in done.stderr
