"""YAML files with something wrong in them: every problem with its file, line and key, and never a traceback."""

import string
from collections.abc import Mapping

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from toolkit.configuration import Settings, check_folder, parse_settings, read_settings
from toolkit.errors import ConfigError, FileError


class Leaf(Settings):
    size: int
    names: tuple[str, ...] = ()


class Tree(Settings):
    title: str
    leaf: Leaf | None = None
    leaves: Mapping[str, Leaf] = {}
    rows: tuple[Leaf, ...] = ()
    optional: Mapping[str, str | None] | None = None


def refused(text, kind=Tree):
    with pytest.raises(ConfigError) as caught:
        parse_settings(text, kind, "tree.yaml")
    assert caught.value.exit_code == 2
    return str(caught.value).split("\n")


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        # unknown, at every depth, with what would be known there
        ("title: x\ncolour: y", ["tree.yaml:2: unknown key 'colour'; known here: leaf, leaves, optional, rows, title"]),
        ("title: x\nleaf:\n  size: 1\n  sise: 2", ["tree.yaml:4: unknown key 'leaf.sise'; known here: names, size"]),
        (
            "title: x\nleaves:\n  a: {size: 1}\n  b:\n    size: 1\n    sise: 2",
            ["tree.yaml:6: unknown key 'leaves.b.sise'; known here: names, size"],
        ),
        (
            "title: x\nrows:\n  - size: 1\n  - size: 2\n    sise: 3",
            ["tree.yaml:5: unknown key 'rows.1.sise'; known here: names, size"],
        ),
        # missing: the line of what should hold it
        ("leaf: {size: 1}", ["tree.yaml:1: key 'title' is missing"]),
        ("title: x\nleaves:\n  a:\n    names: []", ["tree.yaml:3: key 'leaves.a.size' is missing"]),
        ("", ["tree.yaml:1: key 'title' is missing"]),
        ("# nothing but a comment\n", ["tree.yaml:1: key 'title' is missing"]),
        # a second time, at every depth
        ("title: x\ntitle: y", ["tree.yaml:2: key 'title' stands here a second time"]),
        (
            "title: x\nrows:\n  - size: 1\n    size: 2\nleaf: {size: 1, size: 1}",
            ["tree.yaml:4: key 'size' stands here a second time", "tree.yaml:5: key 'size' stands here a second time"],
        ),
        # keys that YAML does not read as they are written
        (
            "title: x\noptional:\n  NO: a\n  off: b",
            [
                "tree.yaml:3: key 'NO' is no string in YAML; put it in quotes",
                "tree.yaml:4: key 'off' is no string in YAML; put it in quotes",
            ],
        ),
        # wrong types
        ("title: [x]", ["tree.yaml:1: title: Input should be a valid string"]),
        ("title: 2024", ["tree.yaml:1: title: Input should be a valid string"]),
        ("title: x\nleaf: {size: [1]}", ["tree.yaml:2: leaf.size: Input should be a valid integer"]),
        (
            "title: x\nleaf:\n  size: 1\n  names:\n    - a\n    - 5",
            ["tree.yaml:6: leaf.names.1: Input should be a valid string"],
        ),
        # all at once, in one go
        (
            "leaf:\n  sise: 1\nrows: 5",
            [
                "tree.yaml:1: key 'title' is missing",
                "tree.yaml:1: key 'leaf.size' is missing",
                "tree.yaml:2: unknown key 'leaf.sise'; known here: names, size",
                "tree.yaml:3: rows: Input should be a valid tuple",
            ],
        ),
    ],
)
def test_every_problem_names_file_line_and_key(text, problems):
    assert refused(text) == problems


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("title: x\nleaf: {size: 1\n", "tree.yaml:3:1: not valid YAML: expected ',' or '}'"),
        ("title: a: b", "tree.yaml:1:9: not valid YAML: mapping values are not allowed here"),
        ("title: x\n\tleaf: y", "tree.yaml:2:1: not valid YAML: found character '\\t'"),
        ("title: 'x", "tree.yaml:1:10: not valid YAML: found unexpected end of stream"),
        ("title: x\n---\ntitle: y", "tree.yaml:2:1: not valid YAML: but found another document"),
        ("title: *x", "tree.yaml:1:8: not valid YAML: found undefined alias 'x'"),
        ("title: x\nleaf: !leaf 1", "tree.yaml:2:7: not valid YAML: could not determine a constructor"),
        ("title: x\nleaf: 2024-13-45", "tree.yaml:2:7: not valid YAML: month must be in 1..12"),
        ("title: x\nleaf: {size: 0x_}", "tree.yaml:2:14: not valid YAML: invalid literal"),
        ("title: x\n? [a, b]\n: c", "tree.yaml:2:3: not valid YAML: found unhashable key"),
        ("title: x\nleaf: \x00", "tree.yaml:2: not valid YAML: unacceptable character #x0000"),
        ("[" * 3000, "tree.yaml: not valid here: nested too deeply"),
    ],
)
def test_a_syntax_error_names_its_place(text, place):
    (problem,) = refused(text)
    assert problem.startswith(place)


@pytest.mark.parametrize("text", ["- a\n- b", "x", "5", "[]"])
def test_a_file_that_is_no_mapping(text):
    (problem,) = refused(text)
    assert problem.startswith("tree.yaml:1: ")


def test_an_alias_of_itself_ends():
    assert refused("&a {title: x, leaf: *a}")[0].startswith("tree.yaml:1: ")


@given(st.text(st.sampled_from("ab:{}[]&*!|>-?#'\" \n,%@`~") | st.sampled_from(string.printable), max_size=30))
def test_any_text_is_read_or_refused(text):
    try:
        found = parse_settings(text, Tree, "tree.yaml")
    except ConfigError as error:
        assert all(line.startswith("tree.yaml") for line in str(error).split("\n"))
    else:
        assert found.title == yaml.safe_load(text)["title"]


def test_what_is_read_cannot_be_changed():
    found = parse_settings("title: عنوان\nrows: [{size: 1}]\nleaf: null", Tree, "tree.yaml")
    assert (found.title, found.rows[0].size, found.leaf) == ("عنوان", 1, None)
    with pytest.raises(ValueError, match="frozen"):
        found.title = "x"


def test_read_settings_reads_a_file(tmp_path):
    path = tmp_path / "tree.yaml"
    path.write_bytes("\ufefftitle: عنوان\r\nleaf: {size: 3}\r\n".encode())
    assert read_settings(path, Tree).leaf.size == 3


def test_a_file_that_is_not_there_or_not_utf8(tmp_path):
    with pytest.raises(ConfigError, match=r"tree\.yaml: is not there\. `tawsim --project DIR`"):
        read_settings(tmp_path / "tree.yaml", Tree)
    (tmp_path / "tree.yaml").write_bytes(b"title: \xe9")
    with pytest.raises(ConfigError, match=r"tree\.yaml: byte 7 is not UTF-8"):
        read_settings(tmp_path / "tree.yaml", Tree)


def test_a_folder_that_cannot_be_entered(as_nobody):
    closed = as_nobody / "closed"
    closed.mkdir()
    (closed / "tree.yaml").write_text("title: x")
    closed.chmod(0)
    for read in (lambda: read_settings(closed / "tree.yaml", Tree), lambda: check_folder(closed / "in", "a text")):
        with pytest.raises(FileError, match=r"permission denied\. Check the permissions\."):
            read()


def test_check_folder_says_what_is_looked_for(tmp_path):
    assert check_folder(tmp_path, "the text") == tmp_path
    with pytest.raises(FileError, match=r"gone: is no folder; the text is looked for there\. Check the path\."):
        check_folder(tmp_path / "gone", "the text")
