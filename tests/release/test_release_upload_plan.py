"""The plan of a release from what is here and what the repository holds: pure, so every case is a line."""

import hashlib
import subprocess

import pytest

from toolkit.release.hub.repository import Blob
from toolkit.release.hub.upload_plan import Change, LocalFile, is_repacked, is_whole, local_files, plan_steps, strangers


@pytest.fixture
def files(tmp_path):
    for name, text in (("README.md", "card"), ("ner/test-00000-of-00001.parquet", "PAR1"), ("manifest.json", "{}")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return local_files(tmp_path, ["README.md", "manifest.json", "ner/test-00000-of-00001.parquet"])


def same(file, *, lfs=False):
    return Blob(file.size, "pointer" if lfs else file.oid, file.sha256 if lfs else None)


def changes(steps):
    return {step.path: step.change for step in steps}


def test_a_file_has_the_ids_that_git_and_lfs_give_it(files, tmp_path):
    for name, file in files.items():
        asked = subprocess.run(["git", "hash-object", tmp_path / name], capture_output=True, text=True, check=True)
        assert file.oid == asked.stdout.strip()
        assert file.sha256 == hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()
        assert file.size == (tmp_path / name).stat().st_size


def test_a_file_is_compared_by_the_id_that_the_repository_tells_of_it():
    file = LocalFile(None, 4, "sha", "oid")
    assert file.is_same(Blob(4, "oid", None)) and file.is_same(Blob(4, "pointer", "sha"))
    assert not file.is_same(None) and not file.is_same(Blob(4, "other", None))
    assert not file.is_same(Blob(4, "oid", "other"))  # of an LFS file the oid is that of its pointer


def test_paths_are_new_changed_same_or_deleted(files):
    there = {
        "README.md": Blob(9, "other", None),
        "manifest.json": same(files["manifest.json"]),
        "ner/train-00000-of-00001.parquet": Blob(7, "p", "x"),
        "LOGO.png": Blob(1, "l", None),
    }
    before = {"files": {"README.md": {}, "ner/train-00000-of-00001.parquet": {}, "gone/already.parquet": {}}}
    assert changes(plan_steps(files, there, before)) == {
        "README.md": Change.CHANGED,
        "manifest.json": Change.SAME,
        "ner/test-00000-of-00001.parquet": Change.NEW,
        "ner/train-00000-of-00001.parquet": Change.DELETED,
    }


@pytest.mark.parametrize("before", [None, {}, {"files": None}, {"files": ["LOGO.png"]}, {"files": {"README.md": {}}}])
def test_without_a_manifest_that_lists_it_nothing_is_deleted(before, files):
    there = {"LOGO.png": Blob(1, "l", None), "ner/old.parquet": Blob(1, "p", "x")}
    assert Change.DELETED not in changes(plan_steps(files, there, before)).values()


def test_strangers_are_what_load_dataset_would_read_or_obey(files):
    there = {
        name: Blob(1, "x", None)
        for name in (
            *("ner/other.parquet", ".huggingface.yaml", "news.py", "LOGO.png", "other.py", "extra/a.parquet"),
            *("ner/test-00000-of-00001.parquet", "ner/mine.parquet"),
        )
    }
    steps = plan_steps(files, there, {"files": {"ner/mine.parquet": {}}})
    assert strangers(files, steps, there, "lab/news") == [".huggingface.yaml", "ner/other.parquet", "news.py"]


def test_a_tree_is_whole_with_every_file_and_whatever_else(files):
    there = {name: same(file, lfs=name.endswith(".parquet")) for name, file in files.items()}
    assert is_whole(files, there | {"LOGO.png": Blob(1, "l", None)})
    for name in files:
        assert not is_whole(files, {other: blob for other, blob in there.items() if other != name})


def test_other_tools_write_the_same_release_and_other_words_do_not():
    ours = {
        "version": "1.0.0",
        "content_digest": "c",
        "tools": {"pyarrow": "26"},
        "files": {"DATASHEET.md": {"sha256": "d"}, "CHANGELOG.md": {"sha256": "e"}, "README.md": {"sha256": "f"}},
    }
    theirs = {**ours, "tools": {"pyarrow": "27"}, "files": {**ours["files"], "README.md": {"sha256": "g"}}}
    assert is_repacked(ours, theirs)
    assert not is_repacked(ours, ours)  # the same tools give the same bytes: a difference is somebody's
    assert not is_repacked(ours, None)
    for other in ({"version": "1.0.1"}, {"content_digest": "x"}, {"files": {}}, {"files": None}):
        assert not is_repacked(ours, {**theirs, **other})
