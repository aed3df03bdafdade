"""write_dataset: all or nothing, what packaging may change, and that no withheld text slips in."""

import gc
import re
from dataclasses import replace

import pyarrow.parquet as pq
import pytest
import yaml
from small_corpus import WITHHELD, compose

from toolkit.corpus.assemble import assemble
from toolkit.errors import DataError, FileError, IncompleteError
from toolkit.files import file_sha256
from toolkit.release.building.writing import Release, write_dataset
from toolkit.release.tables.reading import read_dataset


@pytest.fixture(scope="session")
def articles(small_project):
    return assemble(small_project, []).articles


@pytest.fixture(scope="session")
def release(small_project):
    return Release(small_project.dataset, small_project.schema, small_project.labelstudio.annotators, {})


def hashes(folder):
    return {p.relative_to(folder).as_posix(): file_sha256(p) for p in sorted(folder.rglob("*")) if p.is_file()}


def strings(value):
    """Every string in a value, and every list of strings as one line."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings(item)
    elif isinstance(value, list):
        yield " ".join(item for item in value if isinstance(item, str))
        for item in value:
            yield from strings(item)


def all_that_is_in(folder):
    """Every byte of a folder, and what the Parquet files hold once they are decompressed, as one text."""
    parts = []
    for path in folder.rglob("*"):
        if path.is_file():
            parts.append(path.read_bytes().decode("utf-8", "replace"))
            if path.suffix == ".parquet":
                table = pq.ParquetFile(path).read()
                parts += strings(table.to_pylist())
                parts += [item.decode("utf-8", "replace") for item in (table.schema.metadata or {}).values()]
    return " ".join("\n".join(parts).split())


def runs(text, length):
    """Every run of words, without the marks of sentences that a tokenizer would set apart."""
    words = re.findall(r"[^\W\d_]+", text)
    return [" ".join(words[i : i + length]) for i in range(len(words) - length + 1)]


def test_no_three_words_of_a_withheld_text_are_in_the_folder(small, full):
    found, control = all_that_is_in(small.folder), all_that_is_in(full.folder)
    for task in WITHHELD:
        assert runs(task.text, 3)
        for run in runs(task.text, 3):
            assert run not in found
        assert any(run in control for run in runs(task.text, 3))
        for region in task.annotations[0].regions:
            assert " " not in region.text or region.text not in found
            assert region.text in control


def test_the_withheld_articles_of_the_repository_leave_no_word(own):
    withheld = {i for i, entry in own.manifest["documents"].items() if entry["withheld"]}
    schema = own.project.schema
    known = re.compile("|".join([r"[0-9a-f]{12}", r"[0-9a-f]{64}", r"[er]\d+", *schema.entities, *schema.relations]))
    assert withheld
    for path in sorted(own.folder.glob("*/*.parquet")):
        for row in pq.ParquetFile(path).read().to_pylist():
            if withheld & {row["id"], row.get("document_id")}:
                assert path.parent.name == "standoff"
                lists = row["entities"] + row["relations"]
                for value in (value for item in lists for value in item.values() if isinstance(value, str)):
                    assert known.fullmatch(value), value


def test_without_the_text_the_licence_is_that_of_the_dataset(small):
    front = yaml.safe_load((small.folder / "README.md").read_text("utf-8").split("---\n")[1])
    assert front["license"] == "cc-by-4.0"
    assert "license_name" not in front
    assert "Do not publish" not in (small.folder / "README.md").read_text("utf-8")


def test_with_the_text_the_card_says_do_not_publish_and_the_licence_is_other(full):
    page = (full.folder / "README.md").read_text("utf-8")
    front = yaml.safe_load(page.split("---\n")[1])
    assert front["license"] == "other"
    assert front["license_name"] == "contains-text-that-may-not-be-passed-on"
    assert "**Do not publish this copy.** It holds the text of 2 articles" in page


def test_equal_articles_in_any_order_give_equal_bytes(articles, release, tmp_path):
    write_dataset(articles, release, tmp_path / "one")
    write_dataset(articles[::-1], release, tmp_path / "two")
    assert hashes(tmp_path / "one") == hashes(tmp_path / "two") != {}


@pytest.mark.parametrize(
    "packaging",
    [
        {"compression": "snappy"},
        {"compression": "none"},
        {"compression": "gzip", "row_group_rows": 1},
        {"row_group_rows": 2},
    ],
)
def test_compression_and_row_groups_change_files_but_not_the_content_digest(
    packaging, small, articles, release, tmp_path
):
    manifest = write_dataset(articles, release, tmp_path / "other", **packaging)
    name = "ner/train-00000-of-00001.parquet"
    assert manifest["content_digest"] == small.manifest["content_digest"]
    assert manifest["files"][name] != small.manifest["files"][name]
    found = pq.ParquetFile(tmp_path / "other" / name).metadata
    assert found.row_group(0).column(0).has_column_index
    assert found.row_group(0).num_rows <= packaging.get("row_group_rows", 1000)
    assert found.row_group(0).column(0).compression == packaging.get("compression", "zstd").upper().replace(
        "NONE", "UNCOMPRESSED"
    )
    dataset = read_dataset(tmp_path / "other")
    dataset.verify()
    assert dataset.articles == read_dataset(small.folder).articles


def test_shards_change_files_but_not_the_content_digest(small, articles, release, tmp_path):
    settings = release.dataset.model_copy(update={"shard_rows": 1})
    manifest = write_dataset(articles, replace(release, dataset=settings), tmp_path / "other")
    assert manifest["content_digest"] == small.manifest["content_digest"]
    assert set(manifest["files"]) > {"ner/train-00000-of-00011.parquet", "ner/train-00010-of-00011.parquet"}
    read_dataset(tmp_path / "other").verify()


def test_a_new_build_takes_the_place_of_the_old_one(articles, release, tmp_path):
    write_dataset(articles, release, tmp_path / "dataset")
    (tmp_path / "dataset" / "documents" / "stale.parquet").write_bytes(b"")
    few = [article for article in articles if article.split == "train"]
    write_dataset(few, release, tmp_path / "dataset")
    read_dataset(tmp_path / "dataset").verify()
    assert {path.name for path in tmp_path.iterdir()} == {"dataset"}
    assert {path.name for path in (tmp_path / "dataset").glob("*/*")} == {"train-00000-of-00001.parquet"}


def broken_releases(release, articles):
    """Releases that fail at the first Parquet file, at a later one, and after all of them."""
    harbour = next(article for article in articles if article.id == "harbour")
    unknown = replace(harbour, entities=(replace(harbour.entities[0], label="UNKNOWN"), *harbour.entities[1:]))
    rest = [article for article in articles if article is not harbour]
    return {
        "text": (release, [replace(harbour, text=harbour.text + "\ud83d"), *rest], UnicodeEncodeError),
        "label": (release, [unknown, *rest], KeyError),
        "page": (replace(release, pages={"DATASHEET.md": "\ud83d"}), articles, DataError),
    }


@pytest.mark.parametrize("case", ["text", "label", "page"])
def test_an_exception_inside_leaves_the_old_folder(case, articles, release, tmp_path):
    out = tmp_path / "dataset"
    write_dataset(articles[:3], release, out)
    before = hashes(out)
    broken, given, error = broken_releases(release, articles)[case]
    with pytest.raises(error):
        write_dataset(given, broken, out)
    assert hashes(out) == before
    assert [path.name for path in tmp_path.iterdir()] == ["dataset"]


def test_an_exception_inside_leaves_no_new_folder(articles, release, tmp_path):
    broken, given, error = broken_releases(release, articles)["page"]
    with pytest.raises(error):
        write_dataset(given, broken, tmp_path / "dataset")
    assert not list(tmp_path.iterdir())


def test_a_full_disk_is_one_line_and_leaves_the_old_folder(small_disk, articles, release):
    out = small_disk / "dataset"
    out.mkdir()
    (out / "manifest.json").write_text("{}", encoding="utf-8")
    with pytest.raises(IncompleteError, match="no space left on the disk; nothing was changed") as caught:
        write_dataset(articles, release, out)
    assert "\n" not in str(caught.value)
    del caught  # its traceback holds the half-written file open, and the disk could not be unmounted
    gc.collect()
    assert [path.relative_to(small_disk).as_posix() for path in small_disk.rglob("*")] == [
        "dataset",
        "dataset/manifest.json",
    ]


def test_a_foreign_folder_is_refused_and_left_alone(articles, release, tmp_path):
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "diary.txt").write_text("عزيز", encoding="utf-8")
    (tmp_path / "file").write_text("عزيز", encoding="utf-8")
    for name in ("precious", "file"):
        with pytest.raises(FileError, match=r"was not written by this command \(no manifest.json in it\)"):
            write_dataset(articles, release, tmp_path / name)
    assert [path.name for path in (tmp_path / "precious").iterdir()] == ["diary.txt"]
    assert {path.name for path in tmp_path.iterdir()} == {"precious", "file"}


def test_an_empty_folder_is_taken(articles, release, tmp_path):
    (tmp_path / "empty").mkdir()
    write_dataset(articles, release, tmp_path / "empty")
    read_dataset(tmp_path / "empty").verify()


def test_no_article_at_all_is_an_error_and_writes_nothing(release, tmp_path):
    with pytest.raises(DataError, match=r"there is no article to build from\. Run `tawsim validate`"):
        write_dataset([], release, tmp_path / "dataset")
    assert not list(tmp_path.iterdir())


def test_a_text_of_many_words_has_all_its_rows(articles, release, tmp_path, load):
    lines = "\n".join(f"سطر رقم {number} عن {{GPE ريفاد}}." for number in range(2500))
    task = compose("long", lines)
    sample = next(article for article in articles if article.id == "calm")
    long = replace(sample, id="long", text=task.text, sha256=task.sha256, length=task.length)
    manifest = write_dataset([long], release, tmp_path / "dataset")
    assert manifest["configs"]["ner"] == {"validation": 2500}
    rows = load(tmp_path / "dataset", "ner", split="validation")
    assert rows["id"][:] == [f"long#{number}" for number in range(2500)]
    assert pq.ParquetFile(tmp_path / "dataset" / "ner" / "validation-00000-of-00001.parquet").num_row_groups == 3
