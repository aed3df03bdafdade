"""Stand-off datasets with the reader's own copies in them, against what a build with the articles at hand gives."""

import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from recount import parquet_rows
from small_corpus import WIRE, WIRE_QUIET, build_project, write_copies, write_project

from toolkit.corpus.hydration import Outcome
from toolkit.errors import DataError
from toolkit.files import file_sha256, to_json
from toolkit.native import mention_digest
from toolkit.release.building.hydrate import hydrate_dataset
from toolkit.release.tables.reading import read_dataset


def outcomes(results):
    return {result.article.id: result.outcome for result in results}


def texts(folder):
    return {row["id"]: row["text"] for row in parquet_rows(folder, "documents")}


@pytest.mark.parametrize(
    ("standoff", "complete", "copies"), [("small", "full", "wire_folder"), ("own", "own_full", "articles")]
)
def test_hydrating_gives_the_files_of_a_build_with_the_articles(standoff, complete, copies, request, tmp_path):
    source, expected = request.getfixturevalue(standoff), request.getfixturevalue(complete)
    results = hydrate_dataset(source.folder, [request.getfixturevalue(copies)], tmp_path / "full")
    withheld = {i for i, entry in source.manifest["documents"].items() if entry["withheld"]}
    assert {i for i, outcome in outcomes(results).items() if outcome is Outcome.EXACT} == withheld
    assert {i for i, outcome in outcomes(results).items() if outcome is Outcome.PRESENT} == set(
        outcomes(results)
    ) - withheld
    dataset = read_dataset(tmp_path / "full")
    dataset.verify()
    assert dataset.manifest["content_digest"] == expected.manifest["content_digest"]
    files = [path.relative_to(expected.folder) for path in expected.folder.rglob("*") if path.is_file()]
    for path in files:
        assert file_sha256(tmp_path / "full" / path) == file_sha256(expected.folder / path), path
    assert len([path for path in (tmp_path / "full").rglob("*") if path.is_file()]) == len(files)


def test_the_source_may_be_written_over(small, full, wire_folder, tmp_path):
    folder = shutil.copytree(small.folder, tmp_path / "dataset")
    hydrate_dataset(folder, [wire_folder], folder)
    assert read_dataset(folder).manifest["content_digest"] == full.manifest["content_digest"]


def test_a_missing_copy_is_reported_and_the_article_stays_in_standoff(small, tmp_path):
    results = hydrate_dataset(small.folder, [write_copies(tmp_path / "copies", [WIRE])], tmp_path / "out")
    assert outcomes(results)["wire-01"] is Outcome.EXACT
    assert outcomes(results)["wire-02"] is Outcome.MISSING
    assert set(texts(tmp_path / "out")) == set(texts(small.folder)) | {"wire-01"}
    assert {row["id"] for row in parquet_rows(tmp_path / "out", "standoff")} == set(small.manifest["documents"])


def test_the_first_folder_that_has_a_copy_wins(small, wire_folder, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    results = hydrate_dataset(small.folder, [empty, wire_folder], tmp_path / "out")
    assert {outcomes(results)[name] for name in ("wire-01", "wire-02")} == {Outcome.EXACT}


def test_a_copy_with_other_blanks_and_a_heading_is_re_anchored(small, tmp_path):
    copy = "عنوان أضافه الناشر\n\n" + WIRE.text.replace(" ", "\u00a0 ", 3).replace("\n", "\r\n")
    folder = write_copies(tmp_path / "copies", [WIRE_QUIET])
    (folder / "wire-01.txt").write_bytes(copy.encode())
    results = {r.article.id: r for r in hydrate_dataset(small.folder, [folder], tmp_path / "out")}
    moved = results["wire-01"]
    assert (moved.outcome, moved.placed, moved.mentions, moved.reasons) == (Outcome.REANCHORED, 6, 6, {})
    (row,) = [row for row in parquet_rows(tmp_path / "out", "documents") if row["id"] == "wire-01"]
    assert row["text"] == copy
    original = [region.text for region in sorted(WIRE.annotations[0].regions, key=lambda r: (r.start, -r.end))]
    assert [" ".join(entity["text"].split()) for entity in row["entities"]] == original
    dataset = read_dataset(tmp_path / "out")
    dataset.verify()
    assert dataset.manifest["documents"]["wire-01"]["sha256"] == file_sha256(folder / "wire-01.txt")
    assert dataset.manifest["content_digest"] != small.manifest["content_digest"]
    (standoff,) = [row for row in parquet_rows(tmp_path / "out", "standoff") if row["id"] == "wire-01"]
    assert [entity["digest"] for entity in standoff["entities"]] == [mention_digest(mention) for mention in original]


def test_a_copy_without_a_mention_is_refused_and_keeps_no_text(small, tmp_path):
    folder = write_copies(tmp_path / "copies", [WIRE_QUIET])
    (folder / "wire-01.txt").write_text(WIRE.text.replace("قيروسيا", "جيروسيا"), encoding="utf-8")
    results = {r.article.id: r for r in hydrate_dataset(small.folder, [folder], tmp_path / "out")}
    refused = results["wire-01"]
    assert (refused.outcome, refused.placed, refused.mentions) == (Outcome.REFUSED, 5, 6)
    assert refused.reasons == {"e2": "not in this copy"}
    assert "wire-01" not in texts(tmp_path / "out")
    assert read_dataset(tmp_path / "out").manifest["documents"]["wire-01"]["text"] is False
    (before,) = [row for row in parquet_rows(small.folder, "standoff") if row["id"] == "wire-01"]
    (after,) = [row for row in parquet_rows(tmp_path / "out", "standoff") if row["id"] == "wire-01"]
    assert before == after


def test_a_copy_that_is_not_utf8_is_refused(small, tmp_path):
    folder = write_copies(tmp_path / "copies", [WIRE_QUIET])
    (folder / "wire-01.txt").write_bytes(WIRE.text.encode("utf-16"))
    results = {r.article.id: r for r in hydrate_dataset(small.folder, [folder], tmp_path / "out")}
    assert results["wire-01"].outcome is Outcome.REFUSED
    assert "is not UTF-8" in results["wire-01"].reasons["text"]


def test_a_dataset_without_any_text_is_hydrated(tmp_path, repository, wire_folder, load):
    project = write_project(tmp_path / "project", repository, news=())
    built = build_project(project, tmp_path / "dataset")
    hydrate_dataset(built.folder, [wire_folder], tmp_path / "out")
    expected = build_project(project, tmp_path / "expected", [wire_folder])
    assert read_dataset(tmp_path / "out").manifest == expected.manifest
    assert len(load(tmp_path / "out")["test"]) == 2


def test_articles_that_were_held_back_stay_named(small, wire_folder, tmp_path):
    folder = shutil.copytree(small.folder, tmp_path / "dataset")
    manifest = {**small.manifest, "held_back": ["tie-1", "tie-2"]}
    (folder / "manifest.json").write_text(to_json(manifest), encoding="utf-8")
    hydrate_dataset(folder, [wire_folder], tmp_path / "out")
    assert read_dataset(tmp_path / "out").manifest["held_back"] == ["tie-1", "tie-2"]


def test_a_copy_with_the_right_hash_but_another_mention_stops_with_one_line(small, wire_folder, tmp_path):
    folder = shutil.copytree(small.folder, tmp_path / "dataset")
    path = folder / "standoff" / "test-00000-of-00001.parquet"
    table = pq.ParquetFile(path).read()
    rows = table.to_pylist()
    wire = next(row for row in rows if row["id"] == "wire-01")
    wire["entities"][0]["start"] += 1
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)
    with pytest.raises(DataError, match=r"^wire-01: mention e1 at \d+-\d+ is not the annotated one"):
        hydrate_dataset(folder, [wire_folder], tmp_path / "out")
    assert not (tmp_path / "out").exists()
