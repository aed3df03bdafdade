"""Withheld texts are found in any dress in the bytes of any file, with the place and without a word of them."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from small_corpus import WIRE, WIRE_QUIET, write_copies

from toolkit.files import sha256
from toolkit.findings import Severity
from toolkit.release.hub.leaks import RUN, find_leaks, withheld_texts
from toolkit.release.tables.reading import read_dataset

STORY = WIRE.text or ""
WORDS = ["استقبلته", "رئيسة", "مجلس", "القيروسي", "الأعلى"]


@pytest.fixture(scope="module")
def dataset(small):
    return read_dataset(small.folder)


@pytest.fixture
def look(dataset, tmp_path):
    """Findings in one file that holds these bytes, with the texts of the withheld articles at hand or not."""

    def found(name, data, *, texts=True):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        known = {"wire-01": STORY, "wire-02": WIRE_QUIET.text or ""} if texts else {}
        return find_leaks(tmp_path, [name], dataset, known)

    return found


def parquet(rows):
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(rows), sink, compression="zstd", row_group_size=1)
    return sink.getvalue().to_pybytes()


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (f"# عنوان\n\n{' '.join(WORDS)}\n".encode(), "line 3"),
        (f"{' '.join(WORDS[:2])}\n{' '.join(WORDS[2:])}\n".encode(), "line 2"),
        ("\n\n".join(WORDS).encode(), "line 9"),
        (json.dumps({"a": 1, "text": " ".join(WORDS)}).encode(), "line 1"),
        (json.dumps(WORDS, ensure_ascii=False, indent=2).encode(), "line 6"),
        ("اسْتَقْبَلَتْهُ رئيسه، «مجلس»: القيروسى الاعلي".encode(), "line 1"),
        (b"\xff\x00" + " ".join(WORDS).encode(), "line 1"),
    ],
)
def test_a_run_is_found_in_any_text_file_with_its_line(data, place, look):
    (finding,) = look("CHANGELOG.md", data)
    assert (finding.code, finding.severity, finding.path) == ("leak", Severity.ERROR, "CHANGELOG.md")
    assert finding.message == f"{place}: {RUN} words in a row of withheld article wire-01"


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        ([{"id": "a", "text": "لا شيء"}, {"id": "b", "text": STORY[5:]}], "row b, column text"),
        ([{"id": "a#0", "tokens": WORDS}], "row a#0, column tokens"),
        ([{"id": f"a#{n}", "tokens": [word]} for n, word in enumerate(WORDS)], "row a#4, column tokens"),
        ([{"id": "a", "meta": {"source": " ".join(WORDS)}}], "row a, column meta.source"),
        ([{"id": "a", "entities": [{"text": " ".join(WORDS)}]}], "row a, column entities.text"),
        ([{"words": " ".join(WORDS)}], "row 0, column words"),
    ],
)
def test_a_run_is_found_in_a_parquet_file_with_its_row_and_column(rows, place, look):
    found = look("documents/train-00000-of-00001.parquet", parquet(rows))
    assert [finding.message.partition(":")[0] for finding in found] == [place]


def test_four_words_and_other_orders_are_no_leak(look):
    assert look("README.md", " ".join(WORDS[:4]).encode()) == []
    assert look("README.md", " ".join(reversed(WORDS)).encode()) == []
    assert look("a/b.parquet", parquet([{"id": "a", "one": WORDS[0], "two": " ".join(WORDS[1:])}])) == []


def test_rows_of_numbers_are_nobodys(dataset, tmp_path):
    (tmp_path / "README.md").write_text("1 2 3 4 5 6", encoding="utf-8")
    assert find_leaks(tmp_path, ["README.md"], dataset, {"wire-01": "1 2 3 4 5 6 كلمة"}) == []


@pytest.mark.parametrize("config", ["documents", "ner", "relations"])
def test_a_row_of_a_withheld_article_is_found_without_any_text_at_hand(config, look):
    row = {"id": "wire-01"} if config == "documents" else {"id": "wire-01#0", "document_id": "wire-01"}
    (finding,) = look(f"{config}/test-00000-of-00001.parquet", parquet([row]), texts=False)
    assert finding.message == f"row {row['id']}: a row of withheld article wire-01"
    assert look("standoff/test-00000-of-00001.parquet", parquet([{"id": "wire-01"}]), texts=False) == []


def test_a_whole_text_is_found_by_its_hash_alone(look):
    rows = [{"id": "other", "text": STORY}]
    (finding,) = look("documents/train-00000-of-00001.parquet", parquet(rows), texts=False)
    assert finding.message == "row other, column text: the text of withheld article wire-01"
    assert look("documents/train-00000-of-00001.parquet", parquet([{"id": "o", "text": STORY[1:]}]), texts=False) == []


def test_nothing_is_found_in_what_is_built_without_the_texts(small, dataset):
    texts = {"wire-01": STORY, "wire-02": WIRE_QUIET.text or ""}
    files = [path.relative_to(small.folder).as_posix() for path in small.folder.rglob("*") if path.is_file()]
    assert find_leaks(small.folder, files, dataset, texts) == []


def test_everything_is_found_in_what_is_built_with_them(full):
    dataset = read_dataset(full.folder)
    texts = withheld_texts(dataset, [])
    assert texts == {"wire-01": STORY, "wire-02": WIRE_QUIET.text}
    found = find_leaks(full.folder, list(dataset.manifest["files"]), dataset, texts)
    assert {finding.path.partition("/")[0] for finding in found} >= {"documents", "ner", "relations"}
    assert {finding.path.partition("/")[0] for finding in found}.isdisjoint({"standoff", "DATASHEET.md"})


def test_texts_at_hand_are_all_files_of_the_folder_but_our_own(dataset, tmp_path):
    copies = write_copies(tmp_path / "copies", [WIRE])
    (copies / "harbour.txt").write_text("an article that has its text", encoding="utf-8")
    (copies / "not-annotated-yet.txt").write_text("نص لم يوسم بعد", encoding="utf-8")
    found = withheld_texts(dataset, [copies])
    assert set(found) == {"wire-01", "not-annotated-yet"}
    assert sha256(found["wire-01"].encode()) == WIRE.sha256


@pytest.mark.articles
def test_nothing_of_the_real_articles_is_in_the_dataset_of_this_repository(own, articles):
    dataset = read_dataset(own.folder)
    texts = withheld_texts(dataset, [articles])
    assert {article.id for article in dataset.articles if article.meta.withheld} <= texts.keys()
    files = [path.relative_to(own.folder).as_posix() for path in own.folder.rglob("*") if path.is_file()]
    assert find_leaks(own.folder, files, dataset, texts) == []
