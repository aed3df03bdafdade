"""The journal: what was written is there again, whatever a killed process left behind, and whoever else writes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from toolkit.document import Document
from toolkit.errors import FileError, IncompleteError
from toolkit.evaluation.predictions.journal import Journal
from toolkit.evaluation.predictions.prediction import Prediction
from toolkit.models.predictor import Pair, Span

DOCUMENTS = [Document(f"d{number}", f"نص رقم {number}") for number in range(6)]
SAID = [
    Prediction("d0", (Span(0, 2, "PER", 0.1), Span(3, 6, "ORG")), relations=(Pair(0, 1, "IN"),), seen=((0, 6),)),
    Prediction("d1", counts={"unlocated": 3}),
    Prediction("d2", (Span(0, 2, "مكان"),)),
]


def by_id(*predictions: Prediction) -> dict[str, Prediction]:
    return {prediction.id: prediction for prediction in predictions}


def test_what_was_appended_is_read(tmp_path: Path) -> None:
    path = tmp_path / "made" / "j.jsonl"
    journal = Journal(path, DOCUMENTS)
    assert journal.read() == {}
    journal.append(SAID[:2])
    journal.append(SAID[2:])
    assert journal.read() == Journal(path, DOCUMENTS).read() == by_id(*SAID)


def test_errors_are_asked_again(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j", DOCUMENTS)
    journal.append([SAID[0], Prediction("d3", error="timeout")])
    assert journal.read() == by_id(SAID[0])
    assert [json.loads(line)["id"] for line in journal.path.read_bytes().splitlines()] == ["d0", "d3"]


def test_a_text_that_changed_is_asked_again_and_one_that_moved_is_not(tmp_path: Path) -> None:
    Journal(tmp_path / "j", DOCUMENTS).append(SAID)
    now = [Document("d0", DOCUMENTS[0].text + "."), Document("renamed", DOCUMENTS[2].text)]
    assert Journal(tmp_path / "j", now).read() == {"renamed": Prediction("renamed", SAID[2].spans)}


def test_the_last_line_of_a_text_counts_and_what_is_forgotten_is_asked_again(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j", DOCUMENTS)
    journal.append(SAID)
    later = Prediction("d1", (Span(0, 1, "PER"),))
    journal.append([later])
    assert journal.read() == by_id(SAID[0], later, SAID[2])
    Journal(tmp_path / "j", DOCUMENTS[:2]).forget()
    assert journal.read() == by_id(SAID[2])
    journal.append([later])
    assert journal.read() == by_id(later, SAID[2])


def test_a_journal_cut_at_any_byte_loses_its_last_line_only(tmp_path: Path) -> None:
    whole, path = tmp_path / "whole", tmp_path / "cut"
    Journal(whole, DOCUMENTS).append(SAID)
    data = whole.read_bytes()
    for size in range(len(data) + 1):
        path.write_bytes(data[:size])
        journal = Journal(path, DOCUMENTS)
        lines = data[:size].count(b"\n")
        assert journal.read() == by_id(*SAID[:lines])
        journal.append(SAID[lines:])
        assert path.read_bytes() == data


def test_a_torn_line_longer_than_a_block_is_cut_off(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j", DOCUMENTS)
    for start in (b"", b"{}\n"):
        journal.path.write_bytes(start + b"x" * 200_000)
        journal.append(SAID)
        assert journal.read() == by_id(*SAID) and b"x" not in journal.path.read_bytes()


@pytest.mark.parametrize("line", [b"garbage", b"[]", b'{"sha256": []}', b"\x00" * 4096, b"\xff\xfe", b'{"sha256": 5}'])
def test_lines_that_are_none_are_not_there(tmp_path: Path, line: bytes) -> None:
    journal = Journal(tmp_path / "j", DOCUMENTS)
    journal.append(SAID[:1])
    with journal.path.open("ab") as file:
        file.write(line + b"\n")
    journal.append(SAID[1:])
    assert journal.read() == by_id(*SAID)


def test_a_line_with_wrong_offsets_is_asked_again(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j", DOCUMENTS)
    journal.append(SAID)
    data = journal.path.read_bytes()
    assert b'"end":6' in data
    journal.path.write_bytes(data.replace(b'"end":6', b'"end":99'))
    assert journal.read() == by_id(*SAID[1:])


WRITER = """
import sys
from pathlib import Path
from toolkit.document import Document
from toolkit.evaluation.predictions.journal import Journal
from toolkit.evaluation.predictions.prediction import Prediction
from toolkit.models.predictor import Span
name = sys.argv[2]
documents = [Document(f"{name}-{number}", f"{name} {number} " + "x" * 300) for number in range(60)]
journal = Journal(Path(sys.argv[1]), documents)
for start in range(0, 60, 4):
    journal.append([Prediction(d.id, tuple(Span(n, n + 1, "X") for n in range(300))) for d in documents[start:start+4]])
"""


def test_several_processes_write_to_one_journal(tmp_path: Path, repository: Path) -> None:
    path = tmp_path / "j"
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(path), name], cwd=repository) for name in ("a", "b", "c")
    ]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    records = [json.loads(line) for line in path.read_bytes().splitlines()]
    assert sorted(record["id"] for record in records) == sorted(f"{name}-{n}" for name in "abc" for n in range(60))
    assert all(len(record["entities"]) == 300 for record in records)


def test_a_full_disk_leaves_the_whole_lines(small_disk: Path) -> None:
    journal = Journal(small_disk / "j", DOCUMENTS)
    journal.append(SAID[:1])
    many = Prediction("d1", tuple(Span(0, 1, "x" * 100) for _ in range(2000)))
    with pytest.raises(IncompleteError, match="no space left"):
        journal.append([SAID[2], many])
    assert journal.read() == by_id(SAID[0])
    assert journal.path.read_bytes().endswith(b"\n")


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(FileError):
        Journal(tmp_path / "file" / "j", DOCUMENTS).append(SAID)
