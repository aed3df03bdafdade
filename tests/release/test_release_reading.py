"""Dataset folders read back, and every way in which one can be broken, each told in one line."""

import json
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from recount import parquet_rows
from small_corpus import build_project, write_project

from toolkit.corpus.assemble import assemble
from toolkit.errors import DataError, UsageError
from toolkit.files import file_sha256, to_json
from toolkit.project import SPLITS
from toolkit.release.tables.reading import read_dataset


@pytest.fixture
def copy(small, tmp_path):
    """A copy of the small dataset to break."""
    return shutil.copytree(small.folder, tmp_path / "dataset")


def rewrite(path, change):
    """Writes a Parquet file again with its rows changed, as it was written before."""
    table = pq.ParquetFile(path).read()
    rows = table.to_pylist()
    change(rows)
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)


def edit_manifest(folder, change):
    manifest = json.loads((folder / "manifest.json").read_bytes())
    (folder / "manifest.json").write_text(to_json(change(manifest)), encoding="utf-8")


def accept_files(folder):
    """Makes the manifest say of every file what it is now."""

    def listed(manifest):
        for name, entry in manifest["files"].items():
            entry["sha256"] = file_sha256(folder / name)
        return manifest

    edit_manifest(folder, listed)


def test_articles_come_back_as_they_were_assembled(built):
    dataset = read_dataset(built.folder)
    assert dataset.schema == built.project.schema
    assert dataset.schema.tags == built.project.schema.tags
    texts = {row["id"]: row["text"] for row in parquet_rows(built.folder, "documents")}
    assembled = {article.id: article for article in assemble(built.project, []).articles}
    assert [article.id for article in dataset.articles] == sorted(assembled)
    for article in dataset.articles:
        expected = assembled[article.id]
        if expected.text is None and article.id in texts:
            expected = expected.with_text(texts[article.id], expected.sha256)
        assert article == expected


def test_documents_of_a_split_have_text_mentions_and_relations(full):
    dataset = read_dataset(full.folder)
    rows = {row["id"]: row for row in parquet_rows(full.folder, "documents")}
    found = [(split, document) for split in SPLITS for document in dataset.documents(split)]
    assert {document.id for _, document in found} == set(rows)
    for split, document in found:
        row = rows[document.id]
        assert (row["split"], row["text"]) == (split, document.text)
        assert [document.mention(entity) for entity in document.entities] == [e["text"] for e in row["entities"]]
        assert [(r.head, r.label, r.tail) for r in document.relations] == [
            (r["head"], r["label"], r["tail"]) for r in row["relations"]
        ]


def test_documents_are_only_those_with_text(small, full):
    withheld = {"wire-01", "wire-02"}
    here = {document.id for document in read_dataset(small.folder).documents("test")}
    assert {document.id for document in read_dataset(full.folder).documents("test")} - here == withheld


def test_an_unknown_split_lists_those_there_are(small):
    with pytest.raises(UsageError, match=r"no split 'dev'\. There are: train, validation, test\."):
        read_dataset(small.folder).documents("dev")


def test_a_dataset_without_any_text_is_read_too(tmp_path, repository):
    built = build_project(write_project(tmp_path / "project", repository, news=()), tmp_path / "dataset")
    dataset = read_dataset(built.folder)
    dataset.verify()
    assert [article.text for article in dataset.articles] == [None, None]
    assert dataset.documents("test") == []


def test_many_files_are_read_in_the_order_of_ids(tmp_path, repository, small):
    project = write_project(tmp_path / "project", repository, dataset={"shard_rows": 1})
    built = build_project(project, tmp_path / "dataset")
    assert read_dataset(built.folder).articles == read_dataset(small.folder).articles


@pytest.mark.parametrize("name", ["year=2024", "مجلد جديد", "[a] *b?", "#1%20"])
def test_the_folder_may_have_any_name(name, small, tmp_path):
    folder = shutil.copytree(small.folder, tmp_path / name / "dataset")
    dataset = read_dataset(folder)
    dataset.verify()
    assert dataset.articles == read_dataset(small.folder).articles


def test_what_was_built_verifies(built):
    read_dataset(built.folder).verify()


def flip_a_byte(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


TAMPERED = {
    "ner/train-00000-of-00001.parquet": flip_a_byte,
    "standoff/test-00000-of-00001.parquet": lambda path: rewrite(path, lambda rows: rows[0].update(length=9999)),
    "documents/test-00000-of-00001.parquet": lambda path: path.unlink(),
    "relations/train-00000-of-00001.parquet": lambda path: path.write_bytes(path.read_bytes()[:100]),
    "README.md": lambda path: path.write_text(path.read_text("utf-8") + "\n", encoding="utf-8"),
    "CHANGELOG.md": lambda path: path.write_text("", encoding="utf-8"),
    "ner/train-00001-of-00001.parquet": lambda path: shutil.copy(path.parent / "train-00000-of-00001.parquet", path),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_verify_names_the_file_that_was_tampered_with(name, copy):
    TAMPERED[name](copy / name)
    with pytest.raises(DataError) as caught:
        read_dataset(copy).verify()
    line = f"{copy / name}: is not the file that was built. Run `tawsim build` again."
    assert str(caught.value) == line


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("documents/train-00000-of-00001.parquet", lambda rows: rows[0].update(text=rows[0]["text"].replace("ر", "ز"))),
        ("standoff/test-00000-of-00001.parquet", lambda rows: rows[0]["entities"][0].update(label="LOC")),
        ("standoff/train-00000-of-00001.parquet", lambda rows: rows[0]["relations"].pop()),
        ("standoff/train-00000-of-00001.parquet", lambda rows: rows[0].update(split="test")),
        ("standoff/train-00000-of-00001.parquet", lambda rows: rows.pop()),
    ],
    ids=["text", "label", "relation", "split", "article"],
)
def test_rows_that_disagree_with_the_content_digest_are_refused(name, change, copy):
    rewrite(copy / name, change)
    accept_files(copy)
    with pytest.raises(
        DataError, match=r"^\S+: the rows are not those of the manifest's content digest\. Run `tawsim build`"
    ):
        read_dataset(copy).verify()


def test_a_row_that_the_manifest_does_not_know_is_refused(copy):
    rewrite(copy / "standoff" / "train-00000-of-00001.parquet", lambda rows: rows[0].update(id="stranger"))
    with pytest.raises(DataError, match="rows and manifest do not belong together: 'stranger' is not in both"):
        _ = read_dataset(copy).articles


@pytest.mark.parametrize("content", [b"", b"PAR1", b"not parquet at all"])
def test_a_broken_parquet_file_is_one_clear_line(content, copy):
    path = copy / "documents" / "train-00000-of-00001.parquet"
    path.write_bytes(content)
    with pytest.raises(DataError, match="not a Parquet file that can be read") as caught:
        _ = read_dataset(copy).articles
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_a_lost_parquet_file_is_one_clear_line(copy):
    (copy / "standoff" / "test-00000-of-00001.parquet").unlink()
    with pytest.raises(DataError) as caught:
        _ = read_dataset(copy).articles
    assert "test-00000-of-00001.parquet" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_no_dataset_is_a_usage_error(tmp_path):
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(UsageError, match="there is no dataset here"):
            read_dataset(folder)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "not valid JSON at line 1"),
        (b"[]", "is not a manifest of this toolkit"),
        (b"{}", "is not a manifest of this toolkit"),
        (b'{"labels": {"entities": {}}}', "is not a manifest of this toolkit"),
    ],
)
def test_a_broken_manifest_is_one_clear_line(content, message, copy):
    (copy / "manifest.json").write_bytes(content)
    with pytest.raises(DataError, match=message) as caught:
        read_dataset(copy)
    assert str(caught.value).startswith(str(copy / "manifest.json"))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m: {**m, "schema_version": 2}, "is a manifest of version 2; this toolkit reads version 1"),
        (lambda m: {key: value for key, value in m.items() if key != "files"}, "is not a manifest of this toolkit"),
        (lambda m: {**m, "labels": []}, "has labels that are no label schema"),
        (
            lambda m: {**m, "labels": {**m["labels"], "entities": [{"ar": "شخص"}]}},
            "has labels that are no label schema",
        ),
        (lambda m: {**m, "labels": {**m["labels"], "unknown": 1}}, "has labels that are no label schema"),
    ],
)
def test_a_manifest_of_something_else_is_refused(change, message, copy):
    edit_manifest(copy, change)
    with pytest.raises(DataError, match=message) as caught:
        read_dataset(copy)
    assert "\n" not in str(caught.value)
