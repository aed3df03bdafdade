"""Annotation files read back: what cannot be read, or contradicts itself, is a finding with its place."""

from dataclasses import replace

import pytest
from corpus_texts import adding, annotated, region, write_copy, write_task

from toolkit.annotation import Prediction, Region
from toolkit.corpus.standoff import find_article, read_article, strip
from toolkit.corpus.store import annotation_files, files_of, read_stored
from toolkit.errors import DataError, FileError
from toolkit.files import sha256, to_json
from toolkit.findings import Severity
from toolkit.native import to_native

VISIT = annotated("زارت {PER#p سلمى الحداد} {GPE#g ريفاد} 😀 صباحا.", "p VISITED g", event="visit")
WIRE = annotated("وصل {PER#p رامي عوسج} إلى {GPE#g لمارة}.", article="wire-01")


def read(folder, *tasks, articles=()):
    """What `read_stored` says of tasks written to files, or of (name, content) pairs."""
    files = []
    for task in tasks:
        if isinstance(task, tuple):
            path = folder / task[0]
            path.write_bytes(task[1] if isinstance(task[1], bytes) else task[1].encode())
        else:
            path = write_task(folder, task)
        files.append(("news", path))
    return read_stored(files, articles, folder)


def brief(findings):
    assert all(finding.severity is Severity.ERROR for finding in findings)
    return [(finding.path, finding.code) for finding in findings]


def test_a_task_comes_back_as_it_was_written(tmp_path):
    stored, findings = read(tmp_path, VISIT)
    assert findings == []
    assert [(item.path, item.collection) for item in stored] == [("visit-01.json", "news")]
    assert to_native(stored[0].task) == to_native(VISIT)


NATIVE = to_json(to_native(VISIT))


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (NATIVE[:200], "json", ["line", "column"]),
        (NATIVE[:-3], "json", ["line"]),
        ("", "json", ["line 1"]),
        (NATIVE.encode().replace("سلمى".encode(), b"\xd8\xb3\xff"), "json", ["not UTF-8"]),
        ("[]", "shape", ["annotation file"]),
        ('"text"', "shape", ["annotation file"]),
        ("null", "shape", ["annotation file"]),
        (NATIVE.replace('"annotations": [', '"annotations": [5,'), "shape", ["annotations", "objects"]),
        (NATIVE.replace('"completed_by": "draft-1"', '"completed_by": 7'), "shape", ["completed_by", "a number"]),
        (NATIVE.replace('"start": 5', '"start": "5"'), "offset-type", ["'5'", "whole numbers"]),
        (NATIVE.replace('"start": 5', '"start": 5.5'), "offset-type", ["5.5"]),
        (NATIVE.replace('"start": 5', '"start": true'), "offset-type", ["True"]),
        (NATIVE.replace(f'"length": {VISIT.length}', '"length": "30"'), "shape", ["length", "a string"]),
        (NATIVE.replace('"right"', '"up"'), "shape", ["'up'", "right, left or bi"]),
    ],
)
def test_a_file_that_is_no_annotation_file_is_one_finding_and_the_others_are_read(content, code, words, tmp_path):
    assert content != NATIVE
    stored, findings = read(tmp_path, ("visit-01.json", content), WIRE)
    assert [item.task.article_id for item in stored] == ["wire-01"]
    assert brief(findings) == [("visit-01.json", code)]
    assert all(word in findings[0].message for word in words), findings[0].message
    assert "\n" not in str(findings[0])


@pytest.mark.parametrize(
    ("name", "article_id", "words"),
    [
        ("visit-02", "visit-01", "is not the file's name"),
        ("visit-01", "../visit-01", "cannot be a file name"),
        ("visit-01", "a/visit-01", "cannot be a file name"),
        ("visit-01", "/etc/passwd", "cannot be a file name"),
        ("visit-01", "..", "cannot be a file name"),
        ("visit-01", "", "cannot be a file name"),
        ("visit-01", ".visit-01", "cannot be a file name"),
        ("visit-01", "visit-01\n", "cannot be a file name"),
        ("visit-01", "visit\u0000", "cannot be a file name"),
        ("visit-01", "Visit-01", "is not the file's name"),
    ],
)
def test_an_id_that_is_not_the_name_of_its_file(name, article_id, words, tmp_path):
    content = to_json(to_native(replace(VISIT, article_id=article_id)))
    stored, findings = read(tmp_path, (f"{name}.json", content), articles=[tmp_path])
    assert stored == []
    assert brief(findings) == [(f"{name}.json", "article-id")]
    assert words in findings[0].message
    assert repr(article_id) in findings[0].message


def test_an_id_with_a_path_never_opens_the_file_that_it_leads_to(tmp_path):
    (tmp_path / "secret.txt").write_text(WIRE.text, encoding="utf-8")
    inner = tmp_path / "articles"
    inner.mkdir()
    content = to_json(to_native(strip(replace(WIRE, article_id="../secret"))))
    stored, findings = read(tmp_path, ("secret.json", content), articles=[inner])
    assert stored == []
    assert brief(findings) == [("secret.json", "article-id")]


def test_one_id_in_two_collections_names_both_files(make_project):
    project = make_project([VISIT], [replace(VISIT)])
    files = annotation_files(project.annotations, ["wire", "news"])
    stored, findings = read_stored(files, [], project.root)
    assert [item.path for item in stored] == ["annotations/news/visit-01.json"]
    assert brief(findings) == [("annotations/wire/visit-01.json", "article-id")]
    assert "annotations/news/visit-01.json" in findings[0].message


@pytest.mark.parametrize(
    "changes",
    [
        {"sha256": sha256(b"another")},
        {"sha256": VISIT.sha256.upper()},
        {"length": VISIT.length + 1},
        {"length": len(VISIT.text.encode("utf-16-le")) // 2},
        {"length": -1},
        {"text": VISIT.text + "\n"},
        {"text": VISIT.text.replace(" ", "\u00a0", 1)},
    ],
)
def test_a_text_that_disagrees_with_its_hash_or_length(changes, tmp_path):
    stored, findings = read(tmp_path, replace(VISIT, **changes))
    assert brief(findings) == [("visit-01.json", "text-hash")]
    assert str(len(stored[0].task.text)) in findings[0].message
    assert stored[0].task.text == changes.get("text", VISIT.text)


class TestWithheld:
    """Articles whose text is joined from a folder."""

    def test_the_text_and_the_mentions_are_joined(self, tmp_path):
        copies = write_copy(tmp_path / "articles", WIRE).parent
        stored, findings = read(tmp_path, strip(WIRE), articles=[tmp_path / "articles"])
        assert findings == []
        assert to_native(stored[0].task) == to_native(WIRE)
        assert [r.text for r in stored[0].task.annotations[0].regions] == ["رامي عوسج", "لمارة"]
        assert find_article("wire-01", [tmp_path, copies]) == copies / "wire-01.txt"

    def test_without_a_copy_it_stays_without_text(self, tmp_path):
        (tmp_path / "articles").mkdir()
        (tmp_path / "articles" / "wire-01.txt").mkdir()
        for folders in ([], [tmp_path], [tmp_path / "articles"]):
            stored, findings = read(tmp_path, strip(WIRE), articles=folders)
            assert findings == []
            assert stored[0].task == strip(WIRE)

    def test_the_first_folder_with_a_copy_counts(self, tmp_path):
        write_copy(tmp_path / "one", replace(WIRE, text="نص آخر"))
        write_copy(tmp_path / "two", WIRE)
        assert read(tmp_path, strip(WIRE), articles=[tmp_path / "two", tmp_path / "one"])[1] == []
        findings = read(tmp_path, strip(WIRE), articles=[tmp_path / "one", tmp_path / "two"])[1]
        assert brief(findings) == [("wire-01.json", "article-changed")]

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            WIRE.text.encode() + b"\n",
            b"\xef\xbb\xbf" + WIRE.text.encode(),
            WIRE.text.replace(" ", "\u00a0").encode(),
            WIRE.text.encode("utf-16"),
            WIRE.text.encode("cp1256"),
        ],
        ids=["empty", "newline", "byte order mark", "blanks", "utf-16", "cp1256"],
    )
    def test_an_article_whose_bytes_changed(self, data, tmp_path):
        copy = write_copy(tmp_path / "articles", WIRE)
        copy.write_bytes(data)
        stored, findings = read(tmp_path, strip(WIRE), articles=[copy.parent])
        assert brief(findings) == [("wire-01.json", "article-changed")]
        assert str(copy) in findings[0].message
        assert stored[0].task.text is None

    def test_crlf_of_the_same_lines_is_another_version(self, tmp_path):
        task = annotated("سطر\n{PER سلمى}", article="wire-01")
        copy = write_copy(tmp_path / "articles", task)
        assert read(tmp_path, strip(task), articles=[copy.parent])[1] == []
        copy.write_bytes(copy.read_bytes().replace(b"\n", b"\r\n"))
        assert brief(read(tmp_path, strip(task), articles=[copy.parent])[1]) == [("wire-01.json", "article-changed")]

    def test_every_mention_whose_digest_disagrees_is_told_with_its_place(self, tmp_path):
        first = WIRE.annotations[0]
        moved = tuple(replace(r, start=r.start + 1, end=r.end + 1) for r in strip(WIRE).annotations[0].regions)
        model = Prediction("model-1", None, (replace(moved[0], id="z"),))
        task = replace(strip(WIRE), annotations=(replace(first, regions=moved),), predictions=(model,))
        copy = write_copy(tmp_path / "articles", WIRE)
        stored, findings = read(tmp_path, task, articles=[copy.parent])
        assert [(f.code, f.annotation, f.region, f.start, f.end) for f in findings] == [
            ("mention-digest", "wire-01-1", "p", 5, 14),
            ("mention-digest", "wire-01-1", "g", 19, 24),
            ("mention-digest", "prediction model-1", "z", 5, 14),
        ]
        assert stored[0].task.text is None
        assert read(tmp_path, task)[1] == []

    def test_a_mention_without_a_digest_is_not_proven(self, tmp_path):
        task = adding(strip(WIRE), Region("x", 0, 3, ("DATE",)))
        copy = write_copy(tmp_path / "articles", WIRE)
        for folders in ([], [copy.parent]):
            findings = read(tmp_path, task, articles=folders)[1]
            assert [(f.code, f.region) for f in findings] == [("mention-digest", "x")]

    def test_a_stored_mention_of_a_withheld_text_is_told(self, tmp_path):
        task = adding(strip(WIRE), replace(region(WIRE, "وصل", "DATE"), digest="0" * 12))
        findings = read(tmp_path, task)[1]
        assert [(f.code, f.region, f.start, f.end) for f in findings] == [("mention-stored", "x", 0, 3)]

    def test_a_length_that_is_not_that_of_the_article(self, tmp_path):
        copy = write_copy(tmp_path / "articles", WIRE)
        task = replace(strip(WIRE), length=WIRE.length + 5)
        assert brief(read(tmp_path, task, articles=[copy.parent])[1]) == [("wire-01.json", "text-hash")]


def test_annotation_files_are_sorted_and_only_json(make_project):
    project = make_project([VISIT, replace(VISIT, article_id="a-02")], [strip(WIRE)])
    (project.annotations / "news" / "notes.txt").write_text("", encoding="utf-8")
    (project.annotations / "news" / "deep").mkdir()
    write_task(project.annotations / "news" / "deep", VISIT)
    found = [(name, path.name) for name, path in annotation_files(project.annotations, ["wire", "news"])]
    assert found == [("news", "a-02.json"), ("news", "visit-01.json"), ("wire", "wire-01.json")]


def test_a_collection_whose_folder_is_not_there(make_project):
    project = make_project([VISIT])
    with pytest.raises(FileError, match=r"annotations/gone: no such file.*Check the path"):
        annotation_files(project.annotations, ["news", "gone"])


def test_files_named_by_hand_are_read_once_each(make_project, monkeypatch):
    project = make_project([VISIT], [strip(WIRE)], {"visit-01": "train"})
    monkeypatch.chdir(project.annotations / "news")
    visit = project.annotations / "news" / "visit-01.json"
    found = files_of([project.annotations, visit, visit.relative_to(visit.parent)])
    assert [(name, path.name) for name, path in found] == [("news", "visit-01.json"), ("wire", "wire-01.json")]
    assert files_of([visit.relative_to(visit.parent)]) == [("news", visit.relative_to(visit.parent))]
    stored, findings = read_stored(found, [], project.root)
    assert findings == []
    assert len(stored) == 2


def test_a_path_named_by_hand_that_is_not_there(tmp_path):
    with pytest.raises(FileError, match="no such file") as told:
        files_of([tmp_path / "gone.json"])
    assert told.value.where == str(tmp_path / "gone.json")


def test_paths_outside_the_base_are_told_in_full(tmp_path):
    path = write_task(tmp_path / "elsewhere", VISIT)
    (tmp_path / "here").mkdir()
    assert read_stored([("x", path)], [], tmp_path / "here")[0][0].path == str(path)


def test_a_file_that_may_not_be_read_is_a_finding(as_nobody):
    closed, wire = write_task(as_nobody, VISIT), strip(WIRE)
    closed.chmod(0)
    copy = write_copy(as_nobody / "articles", WIRE)
    copy.chmod(0)
    stored, findings = read(as_nobody, wire, articles=[copy.parent])
    more = read_stored([("news", closed), ("news", as_nobody / "wire-01.json")], [], as_nobody)
    assert brief(findings) == [("wire-01.json", "unreadable")]
    assert stored[0].task == wire
    assert brief(more[1]) == [("visit-01.json", "unreadable")]
    assert "permission denied" in more[1][0].message
    assert len(more[0]) == 1


def test_folders_that_may_not_be_read_are_one_clear_error(as_nobody):
    copies = write_copy(as_nobody / "articles", WIRE).parent
    news = write_task(as_nobody / "news", VISIT).parent
    copies.chmod(0o600)
    news.chmod(0o300)
    with pytest.raises(FileError, match="permission denied"):
        find_article("wire-01", [copies])
    with pytest.raises(FileError, match="permission denied"):
        annotation_files(as_nobody, ["news"])
    news.chmod(0o600)
    with pytest.raises(FileError, match="permission denied"):
        files_of([news / "visit-01.json"])


def test_an_article_is_read_with_its_bytes(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes("\ufeffسطر\r\nآخر\n".encode())
    text, digest = read_article(path)
    assert (text, digest) == ("\ufeffسطر\r\nآخر\n", sha256(path.read_bytes()))
    path.write_bytes(b"abc\xffd")
    with pytest.raises(DataError, match="byte 3 is not UTF-8"):
        read_article(path)
    with pytest.raises(FileError, match="no such file"):
        read_article(tmp_path / "gone.txt")
