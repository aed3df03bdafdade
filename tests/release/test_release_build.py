"""A project to a dataset folder: equal bytes wherever, whenever and in whatever process it is built."""

import hashlib
import os
import subprocess
import sys

import pytest
from small_corpus import NEWS, WITHHELD, build_project, write_project

from toolkit.project import ARTICLES_VARIABLE


def hashes(folder):
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_building_twice_in_two_folders_gives_equal_files(built, request, tmp_path):
    folders = {"full": "wire_folder", "own_full": "articles"}
    name = request.node.callspec.params["built"]
    texts = [request.getfixturevalue(folders[name])] if name in folders else []
    again = build_project(built.project, tmp_path / "elsewhere" / "again", texts)
    assert hashes(again.folder) == hashes(built.folder)
    assert len(hashes(again.folder)) >= 12


def test_other_processes_other_places_and_another_order_of_files_give_equal_files(small, repository, tmp_path):
    project = write_project(tmp_path / "another place", repository, news=NEWS[::-1], withheld=WITHHELD[::-1])
    museum = "annotations/news/museum.json"
    (project.root / museum).write_bytes((small.project.root / museum).read_bytes())
    environment = {key: value for key, value in os.environ.items() if key != ARTICLES_VARIABLE}
    for seed in ("0", "4242"):
        out = tmp_path / f"out-{seed}"
        subprocess.run(
            [sys.executable, "-m", "toolkit", "build", "--project", str(project.root), "--out", str(out)],
            env={**environment, "PYTHONHASHSEED": seed, "HF_HUB_OFFLINE": "1"},
            cwd=repository,
            check=True,
            capture_output=True,
        )
        assert hashes(out) == hashes(small.folder)


def test_nothing_of_the_place_or_the_day_is_in_the_files(small):
    for path in small.folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert str(small.project.root).encode() not in data
            assert str(small.folder).encode() not in data


def test_the_pages_of_the_project_are_copied_as_they_are(small):
    root = small.project.root
    assert (small.folder / "DATASHEET.md").read_bytes() == (root / "DATASHEET.md").read_bytes()
    assert (small.folder / "CHANGELOG.md").read_bytes() == (root / "annotations" / "CHANGELOG.md").read_bytes()


def test_a_project_without_pages_builds_without_them(repository, tmp_path):
    project = write_project(tmp_path / "project", repository)
    project.datasheet.unlink()
    project.dataset_changelog.unlink()
    built = build_project(project, tmp_path / "dataset")
    assert {path.name for path in built.folder.glob("*.md")} == {"README.md"}


@pytest.mark.parametrize("config", ["documents", "ner", "relations", "standoff"])
def test_files_are_named_as_the_hub_expects(config, small):
    names = {path.name for path in (small.folder / config).iterdir()}
    assert names <= {f"{split}-00000-of-00001.parquet" for split in ("train", "validation", "test")}
    assert len(names) >= 2
