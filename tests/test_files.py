"""Files: written whole or not at all, equal bytes for equal content, and one clear line for what goes wrong."""

import contextlib
import hashlib
import json
import random
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.errors import DataError, FileError, IncompleteError
from toolkit.files import (
    canonical_json,
    file_sha256,
    folder_written_whole,
    is_safe_id,
    list_files,
    parse_json,
    read_bytes,
    read_json,
    read_text,
    sha256,
    to_json,
    write_bytes,
    write_text,
)

MARKER = "manifest.json"
BIG = b"x" * 200_000

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


def tree(folder):
    """Everything in a folder, hidden files too: path and bytes (None for a folder)."""
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


@contextlib.contextmanager
def raises_one_line(kind, code):
    """What is raised inside is of this kind, has this exit code and is one line."""
    with pytest.raises(kind) as caught:
        yield caught
    assert caught.value.exit_code == code
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "name", ["a", "0", "000_30a4", "خبر-12", "خبر_اول", "a.b.c", "A-", "2024-06-19.v2", "新聞", "a" * 200, "خ" * 100]
)
def test_an_id_that_can_be_a_file_name(name, tmp_path):
    assert is_safe_id(name)
    assert write_text(tmp_path / f"{name}.json", "x")
    assert tree(tmp_path) == {f"{name}.json": b"x"}


@pytest.mark.parametrize(
    "name",
    [
        *["", ".", "..", "../x", "a/b", "a\\b", "/a", "a..b", ".hidden", "-rf", "_a", "a b", " a", "a\n", "a\0", "a:b"],
        *["خبر؟", "\u200fخبر", "خ\u064eبر", "~", "a*", None, 5, b"a", ["a"], "a" * 201, "خ" * 101],
    ],
)
def test_an_id_that_cannot(name):
    assert not is_safe_id(name)


def test_json_is_readable_sorted_and_ends_its_line():
    assert to_json({"ب": [1, {}], "a": "خبر", "A": None}) == (
        '{\n  "A": null,\n  "a": "خبر",\n  "ب": [\n    1,\n    {}\n  ]\n}\n'
    )


def shuffled(value, chance):
    """The same content with every object's keys in another order."""
    if isinstance(value, dict):
        keys = sorted(value)
        chance.shuffle(keys)
        return {key: shuffled(value[key], chance) for key in keys}
    return [shuffled(item, chance) for item in value] if isinstance(value, list) else value


@given(value=JSON, seed=st.integers())
def test_equal_content_gives_equal_bytes(value, seed):
    other = shuffled(value, random.Random(seed))
    assert to_json(other) == to_json(value)
    assert canonical_json(other) == canonical_json(value)
    assert parse_json(to_json(value).encode(), "x") == value == parse_json(canonical_json(value), "x")
    assert json.loads(canonical_json(value)) == value


@pytest.mark.parametrize("value", [float("nan"), [float("inf")], {"a": -float("inf")}])
def test_json_has_no_infinity(value):
    with raises_one_line(DataError, 1):
        to_json(value)


@pytest.mark.parametrize("value", ["\ud83d", {"\udc00": 1}, [2**64]])
def test_what_utf8_json_cannot_hold_has_no_canonical_form(value):
    with raises_one_line(DataError, 1):
        canonical_json(value)


@given(value=st.dictionaries(st.text(max_size=4), JSON, min_size=1, max_size=3), data=st.data())
def test_cut_off_json_names_its_place(value, data):
    whole = to_json(value).encode().rstrip()
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    with raises_one_line(DataError, 1) as caught:
        parse_json(cut, "export.json")
    try:
        lines = cut.decode().count("\n") + 1
    except UnicodeDecodeError as error:
        assert str(caught.value).startswith(f"export.json: byte {error.start} is not UTF-8")
    else:
        places = [f"export.json: not valid JSON at line {line} column " for line in range(1, lines + 1)]
        assert str(caught.value).startswith(tuple(places))


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b"", "line 1 column 1"),
        (b'{"a": 1,\n "b": ', "line 2 column"),
        (b"[\n1,\n2\n3]", "line 4 column 1"),
        (b'{"a": tru}', "line 1 column"),
        (b"[" * 100_000, "line 1 column"),
    ],
)
def test_broken_json_names_line_and_column(data, place, tmp_path):
    path = tmp_path / "task.json"
    path.write_bytes(data)
    with raises_one_line(DataError, 1) as caught:
        read_json(path)
    assert str(caught.value).startswith(f"{path}: not valid JSON at {place}")


def test_json_with_a_byte_that_is_not_utf8(tmp_path):
    path = tmp_path / "task.json"
    path.write_bytes('{"text": "خبر'.encode()[:-1] + b'"}')
    with raises_one_line(DataError, 1) as caught:
        read_json(path)
    assert str(caught.value).startswith(f"{path}: byte 14 is not UTF-8")


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b'[NaN, Infinity, -Infinity, "NaN"]', [None, None, None, "NaN"]),
        (b'["\\ud83d"]', ["\ud83d"]),
        (b'["\\ud83d\\ude00\\u062e"]', ["😀خ"]),
        (b"[1e3, 12, -0.5]", [1000.0, 12, -0.5]),
    ],
)
def test_json_as_other_programs_write_it(data, value):
    assert parse_json(data, "x") == value


@given(data=st.binary(max_size=40))
def test_hashes_are_sha256(data, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "hashed"
    path.write_bytes(data)
    assert sha256(data) == file_sha256(path) == hashlib.sha256(data).hexdigest()


def test_text_is_read_as_it_stands(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes("\ufeffأول\r\nثان\rثالث\n".encode())
    assert read_text(path) == "\ufeffأول\r\nثان\rثالث\n"


@pytest.mark.parametrize(("data", "byte"), [(b"\xff\xfe", 0), ("خبر".encode() + b"\xe9!", 6), ("خ".encode()[:1], 0)])
def test_a_byte_that_is_not_utf8_is_named(data, byte, tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(data)
    with raises_one_line(DataError, 1) as caught:
        read_text(path)
    assert str(caught.value) == f"{path}: byte {byte} is not UTF-8. Save the file as UTF-8 and try again."


@pytest.mark.parametrize("read", [read_bytes, read_text, read_json, file_sha256])
def test_what_cannot_be_read_is_told_in_one_line(read, as_nobody):
    with raises_one_line(FileError, 2) as caught:
        read(as_nobody / "gone")
    assert str(caught.value) == f"{as_nobody / 'gone'}: no such file or directory. Check the path."
    with raises_one_line(FileError, 2) as caught:
        read(as_nobody)
    assert "is a directory" in str(caught.value)
    (as_nobody / "closed").touch(mode=0)
    with raises_one_line(FileError, 2) as caught:
        read(as_nobody / "closed")
    assert str(caught.value) == f"{as_nobody / 'closed'}: permission denied. Check the permissions."


def test_files_are_listed_by_name(tmp_path):
    for name in ("b.json", "a.json", "a.txt", "ا.json"):
        (tmp_path / name).touch()
    (tmp_path / "c.json").mkdir()
    assert [path.name for path in list_files(tmp_path, "*.json")] == ["a.json", "b.json", "ا.json"]


def test_a_folder_that_cannot_be_listed(as_nobody):
    (as_nobody / "closed").mkdir(mode=0o300)
    with raises_one_line(FileError, 2):
        list_files(as_nobody / "closed", "*")
    with raises_one_line(FileError, 2):
        list_files(as_nobody / "gone", "*")


def test_writing_says_whether_anything_changed(tmp_path):
    path = tmp_path / "new" / "folder" / "a.json"
    assert write_text(path, "خبر\r\n") is True
    before = path.stat()
    assert write_text(path, "خبر\r\n") is False
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == (before.st_mtime_ns, before.st_ino)
    assert write_bytes(path, "خبز\r\n".encode()) is True
    assert tree(tmp_path / "new") == {"folder": None, "folder/a.json": "خبز\r\n".encode()}
    assert path.stat().st_mode & 0o777 == 0o644


@given(first=st.binary(max_size=20), second=st.binary(max_size=20))
def test_what_was_written_last_is_there(first, second, tmp_path_factory):
    path = tmp_path_factory.mktemp("w") / "a"
    assert write_bytes(path, first)
    assert write_bytes(path, second) is (first != second)
    assert path.read_bytes() == second


def test_a_text_that_utf8_cannot_hold_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.txt"
    write_text(path, "قديم")
    with raises_one_line(DataError, 1) as caught:
        write_text(path, "جديد\ud83d")
    assert "character 4 is half a surrogate pair" in str(caught.value)
    assert tree(tmp_path) == {"a.txt": "قديم".encode()}


def test_a_folder_or_a_file_in_the_way(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    for path in (tmp_path / "folder", tmp_path / "file" / "a.txt"):
        with raises_one_line(FileError, 2):
            write_bytes(path, b"new")
    assert tree(tmp_path) == {"folder": None, "file": b""}


def test_a_folder_without_the_right_to_write(as_nobody):
    folder = as_nobody / "closed"
    folder.mkdir()
    (folder / "a.txt").write_bytes(b"old")
    folder.chmod(0o555)
    for path in (folder / "a.txt", folder / "b.txt", folder / "deeper" / "b.txt"):
        with raises_one_line(FileError, 2) as caught:
            write_bytes(path, b"new")
        assert "permission denied. Check the permissions." in str(caught.value)
    assert tree(folder) == {"a.txt": b"old"}


def test_a_full_disk_leaves_the_old_file(small_disk):
    write_bytes(small_disk / "a.txt", b"old")
    for path in (small_disk / "a.txt", small_disk / "b.txt"):
        with raises_one_line(IncompleteError, 3) as caught:
            write_bytes(path, BIG)
        assert str(caught.value).startswith(f"{path}: no space left on the disk")
    assert tree(small_disk) == {"a.txt": b"old"}


def test_a_disk_that_is_read_only(small_disk):
    write_bytes(small_disk / "a.txt", b"old")
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with raises_one_line(FileError, 2) as caught:
        write_bytes(small_disk / "a.txt", b"new")
    assert "read-only file system. Choose a folder that can be written to." in str(caught.value)
    assert write_bytes(small_disk / "a.txt", b"old") is False
    assert tree(small_disk) == {"a.txt": b"old"}


def fill(target, content):
    with folder_written_whole(target, marker=MARKER) as folder:
        for name, data in content.items():
            write_bytes(folder / name, data)


NEW = {MARKER: b"{}", "ner/test.parquet": b"new"}
AS_TREE = {MARKER: b"{}", "ner": None, "ner/test.parquet": b"new"}


def test_a_folder_takes_the_place_of_the_one_that_we_wrote(tmp_path):
    target = tmp_path / "deep" / "build"
    fill(target, {MARKER: b"{}", "old": b"old"})
    fill(target, NEW)
    assert tree(target) == AS_TREE
    assert list((tmp_path / "deep").iterdir()) == [target]
    assert target.stat().st_mode & 0o777 == 0o755


def test_an_empty_folder_may_be_filled(tmp_path):
    (tmp_path / "build").mkdir()
    fill(tmp_path / "build", NEW)
    assert tree(tmp_path) == {"build": None, **{f"build/{name}": data for name, data in AS_TREE.items()}}


@pytest.mark.parametrize("foreign", ["folder", "file"])
def test_what_we_did_not_write_is_not_touched(foreign, tmp_path):
    target = tmp_path / "build"
    write_bytes(target if foreign == "file" else target / "thesis.txt", b"years of work")
    before = tree(tmp_path)
    with raises_one_line(FileError, 2) as caught:
        fill(target, NEW)
    assert str(caught.value) == (
        f"{target}: is there already and was not written by this command (no {MARKER} in it). "
        "Choose another --out, or move it away."
    )
    assert tree(tmp_path) == before


@pytest.mark.parametrize("error", [RuntimeError("x"), KeyboardInterrupt(), DataError("x"), SystemExit(1)])
@pytest.mark.parametrize("is_there", [True, False])
def test_an_exception_leaves_the_folder_as_it_was(error, is_there, tmp_path):
    if is_there:
        fill(tmp_path / "build", NEW)
    before = tree(tmp_path)
    with pytest.raises(type(error)), folder_written_whole(tmp_path / "build", marker=MARKER) as folder:
        write_bytes(folder / MARKER, b"half")
        raise error
    assert tree(tmp_path) == before


def test_a_new_folder_that_vanishes_leaves_the_old_one(tmp_path):
    fill(tmp_path / "build", NEW)
    before = tree(tmp_path)
    with raises_one_line(FileError, 2), folder_written_whole(tmp_path / "build", marker=MARKER) as folder:
        folder.rmdir()
    assert tree(tmp_path) == before


def test_a_folder_on_a_full_disk(small_disk):
    target = small_disk / "build"
    for before in ({}, NEW):
        if before:
            fill(target, before)
        content = tree(small_disk)
        with raises_one_line(IncompleteError, 3) as caught:
            fill(target, {MARKER: b"{}", "small": b"x", "big": BIG})
        assert "no space left on the disk" in str(caught.value)
        with raises_one_line(IncompleteError, 3), folder_written_whole(target, marker=MARKER) as folder:
            (folder / "big").write_bytes(BIG)
        assert tree(small_disk) == content


def test_a_folder_where_nothing_may_be_written(as_nobody):
    parent = as_nobody / "closed"
    (parent / "build").mkdir(parents=True)
    (parent / "build" / MARKER).write_bytes(b"{}")
    for mode in (0o555, 0):
        parent.chmod(mode)
        with raises_one_line(FileError, 2):
            fill(parent / "build", NEW)
        with raises_one_line(FileError, 2):
            fill(parent / "other", NEW)
    parent.chmod(0o755)
    assert tree(parent) == {"build": None, f"build/{MARKER}": b"{}"}
