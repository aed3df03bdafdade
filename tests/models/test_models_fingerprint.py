"""What a model on disk is known by, and what is said of one that cannot be loaded."""

import shutil
from pathlib import Path

import pytest

from toolkit.errors import DataError, FileError, UsageError
from toolkit.models.fingerprint import fingerprint
from toolkit.models.loading import loading


@pytest.fixture
def model(tmp_path: Path) -> Path:
    (tmp_path / "model" / "ner").mkdir(parents=True)
    (tmp_path / "model" / "config.cfg").write_text("a")
    (tmp_path / "model" / "ner" / "weights").write_bytes(b"\0\1")
    return tmp_path / "model"


def test_the_same_files_are_the_same_model_wherever_they_lie(model: Path, tmp_path: Path) -> None:
    shutil.copytree(model, tmp_path / "copy")
    assert fingerprint(model) == fingerprint(tmp_path / "copy")
    assert fingerprint(model / "config.cfg") == fingerprint(tmp_path / "copy" / "config.cfg")


def test_what_is_no_part_of_a_model_changes_nothing(model: Path) -> None:
    before = fingerprint(model)
    for name in (".git/HEAD", "ner/.lock", "__pycache__/x.pyc"):
        (model / name).parent.mkdir(exist_ok=True)
        (model / name).write_text(name)
    assert fingerprint(model) == before


@pytest.mark.parametrize("change", ["ner/weights", "ner/more", "config.cfg"])
def test_another_byte_or_file_is_another_model(model: Path, change: str) -> None:
    before = fingerprint(model)
    (model / change).write_text("b")
    assert fingerprint(model) != before and len(before) == 16


def test_a_moved_file_is_another_model(model: Path) -> None:
    before = fingerprint(model)
    (model / "ner" / "weights").rename(model / "weights")
    assert fingerprint(model) != before


def test_where_there_is_nothing_there_is_no_model(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent"):
        with pytest.raises(FileError, match="holds no file of a model"):
            fingerprint(path)


def test_what_a_library_raises_is_one_short_line() -> None:
    with pytest.raises(UsageError) as caught, loading("kind:x", "is no model", "Name another."):
        raise RuntimeError("first\nsecond " + "long " * 200)
    line = str(caught.value)
    assert line.startswith("kind:x: is no model: RuntimeError: first second long") and line.endswith("…. Name another.")
    assert len(line) < 300


@pytest.mark.parametrize("error", [DataError("ours"), ImportError("absent"), MemoryError()])
def test_errors_that_are_told_elsewhere_pass(error: Exception) -> None:
    with pytest.raises(type(error)) as caught, loading("kind:x", "is no model"):
        raise error
    assert caught.value is error
