"""Predictions files: what is read, what is refused, line by line; JSONL and CoNLL against each other."""

import json
import tempfile
import tracemalloc
from pathlib import Path
from random import Random
from typing import Any

import pytest
from drawn_predictions import drawn_documents, predictions_of
from fuzzed_documents import fuzzed, random_spans, tagged
from hypothesis import given
from hypothesis import strategies as st
from marked_text import marked

from toolkit.document import Document
from toolkit.errors import DataError, FileError
from toolkit.evaluation.predictions.files import read_predictions, write_predictions
from toolkit.evaluation.predictions.prediction import Prediction, Predictions, text_digest
from toolkit.evaluation.predictions.records import LIMIT
from toolkit.evaluation.predictions.sentences import Sentences
from toolkit.evaluation.scoring.result import DatasetName, evaluate
from toolkit.findings import Severity
from toolkit.models.predictor import Pair, Span
from toolkit.schema import Schema
from toolkit.tokens import TOKENIZER

NAME = DatasetName("composed", "1.0.0", "0" * 64, "test", TOKENIZER)
DOCUMENTS = [
    marked("one", "وصل {PER سامي} إلى {GPE تونس}.\nعاد أمس."),
    marked("two", "قال {PER نورا الزين} كلمة."),
    marked("void", ""),
]


def record(document: Document, *entities: object, **more: object) -> dict[str, Any]:
    return {"id": document.id, "sha256": text_digest(document), "entities": list(entities), **more}


def entity(start: object = 4, end: object = 8, label: object = "PER", **more: object) -> dict[str, object]:
    return {"start": start, "end": end, "label": label, **more}


def pair(head: object, tail: object, label: object = "NEAR", **more: object) -> dict[str, object]:
    return {"head": head, "tail": tail, "label": label, **more}


def write(path: Path, *records: object) -> Path:
    lines = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in records]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def test_spans_and_scores_are_read_and_written_alike(tmp_path: Path) -> None:
    given = [
        Prediction("one", (Span(4, 8, "PER", 0.5), Span(13, 17, "GPE"))),
        Prediction("two", error="out of memory"),
        Prediction("void"),
    ]
    write_predictions(tmp_path / "p.jsonl", given, DOCUMENTS)
    read = read_predictions(tmp_path / "p.jsonl", DOCUMENTS)
    assert list(read.by_document.values()) == given and not read.findings
    assert read.model["name"] == "p.jsonl" and len(read.model["file_sha256"]) == 64


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"id": "one", "sha', "not valid JSON"),
        ('{"id": "one", "sha256": "", "entities": [{"start": 1, "end": 2, "label": "X", "score": NaN}]}', "not valid"),
        ([1, 2], "expected an object with"),
        ({"id": 5, "entities": []}, "expected an object with"),
        (record(DOCUMENTS[0]) | {"sha256": "abc"}, "document one: sha256 is 'abc', expected"),
        ('{"id": "one", "entities": [{"start": 1, "end": 2, "label": "X", "score": -Infinity}]}', "-Infinity is no n"),
        ('{"id": "one", "entities": [{"start": 1, "end": 2, "label": "X", "score": 1e999}]}', "not valid JSON"),
        ('{"id": "one", "entities": [{"start": 1, "end": 2, "label": "\\ud800"}]}', "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ({"id": "one", "entities": []}, "document one: sha256 is None, expected"),
        (record(DOCUMENTS[0]) | {"entities": "none"}, "entities is a string, expected a list"),
        (record(DOCUMENTS[0], 7), r"entities\[0\]: is a number, expected an object"),
        (record(DOCUMENTS[0], entity(), entity("4")), r"entities\[1\]: start is '4', expected a whole number"),
        (record(DOCUMENTS[0], entity(4, True)), "end is True, expected a whole number"),
        (record(DOCUMENTS[0], entity(4.0)), "start is 4.0, expected a whole number"),
        (record(DOCUMENTS[0], entity(8, 4)), "offsets 8-4, expected 0 <= start < end <= 27"),
        (record(DOCUMENTS[0], entity(4, 4)), "offsets 4-4, expected"),
        (record(DOCUMENTS[0], entity(-1, 4)), "offsets -1-4, expected"),
        (record(DOCUMENTS[0], entity(4, 900)), "offsets 4-900, expected"),
        (record(DOCUMENTS[0], entity(label=None)), "None is no label"),
        (record(DOCUMENTS[0], entity(label="")), "'' is no label"),
        (record(DOCUMENTS[0], entity(label="-PER")), "begins or ends with a dash"),
        (record(DOCUMENTS[0], entity(label="macro avg")), "is the name of an average"),
        (record(DOCUMENTS[0], entity(score="high")), "score is 'high', expected a number"),
        (record(DOCUMENTS[0], entity(), relations={}), "relations is an object, expected a list"),
        (record(DOCUMENTS[0], entity(), relations=[[0, 0]]), r"relations\[0\]: is a list, expected an object"),
        (
            record(DOCUMENTS[0], entity(), relations=[pair(0, 1)]),
            r"relations\[0\]: tail is 1, expected a position in the 1",
        ),
        (record(DOCUMENTS[0], entity(), relations=[pair(-1, 0)]), "head is -1, expected a position"),
        (record(DOCUMENTS[0], entity(), relations=[pair(False, 0)]), "head is False, expected a position"),
        (record(DOCUMENTS[0], entity(), relations=[pair(0, 0, label="")]), "'' is no label"),
        (record(DOCUMENTS[0], entity(), relations=[pair(0, 0, score="x")]), "score is 'x'"),
        (record(DOCUMENTS[0], seen=[[0, 28]]), r"seen\[0\]: offsets 0-28, expected"),
        (record(DOCUMENTS[0], seen=[3]), r"seen\[0\]: is 3, expected \[start, end\]"),
        (record(DOCUMENTS[0], counts=["x"]), "counts is no object"),
        (record(DOCUMENTS[0], counts={"x": -1}), "counts is no object of whole numbers"),
        (record(DOCUMENTS[0], counts={"x": 1.5}), "counts is no object of whole numbers"),
    ],
)
def test_a_wrong_line_is_told_and_its_document_is_not_predicted(tmp_path: Path, line: object, message: str) -> None:
    path = write(tmp_path / "p.jsonl", record(DOCUMENTS[1]), line)
    read = read_predictions(path, DOCUMENTS)
    assert list(read.by_document) == ["two"]
    (finding,) = read.findings
    assert finding.severity is Severity.ERROR and finding.path == f"{path}:2"
    with pytest.raises(AssertionError, match=message):
        raise AssertionError(finding.message)


def test_every_wrong_entity_of_a_line_is_told(tmp_path: Path) -> None:
    path = write(tmp_path / "p.jsonl", record(DOCUMENTS[0], entity(8, 4), entity(), entity("1")))
    assert [f.message.split(":")[1] for f in read_predictions(path, DOCUMENTS).findings] == [
        " entities[0]",
        " entities[2]",
    ]


def test_bytes_that_are_not_utf8_spoil_their_line_only(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    good = json.dumps(record(DOCUMENTS[1])).encode()
    path.write_bytes(b'\xef\xbb\xbf{"id": "one\xff"}\n' + good + b"\r\n\n")
    read = read_predictions(path, DOCUMENTS)
    assert list(read.by_document) == ["two"] and [f.code for f in read.findings] == ["not-json"]


def test_documents_of_elsewhere_are_left_out_with_a_warning(tmp_path: Path) -> None:
    path = write(tmp_path / "p.jsonl", {"id": "other", "entities": []}, *(record(d) for d in DOCUMENTS))
    read = read_predictions(path, DOCUMENTS)
    assert [(f.severity, f.code) for f in read.findings] == [(Severity.WARNING, "unknown-document")]
    assert set(read.by_document) == {"one", "two", "void"}


def test_a_document_twice_is_an_error_unless_the_first_time_was_a_failure(tmp_path: Path) -> None:
    failed = {"id": "one", "error": "timeout"}
    path = write(tmp_path / "p.jsonl", failed, record(DOCUMENTS[0], entity()), record(DOCUMENTS[0]))
    read = read_predictions(path, DOCUMENTS)
    assert read.by_document["one"].spans == (Span(4, 8, "PER"),)
    (finding,) = read.findings
    assert finding.code == "duplicate-document" and "line 2 is the one that is scored" in finding.message


def test_unknown_keys_are_noted(tmp_path: Path) -> None:
    relation = {"head": 0, "tail": 0, "label": "NEAR", "why": "x"}
    more = {f"key{number:02}": 1 for number in range(30)}
    path = write(
        tmp_path / "p.jsonl", record(DOCUMENTS[0], entity(note=1), relations=[relation], **{"a\nb": 1}, **more)
    )
    (note,) = read_predictions(path, DOCUMENTS).findings
    assert (note.severity, note.code) == (Severity.NOTE, "unknown-keys")
    assert "'a\\nb', key00, key01" in note.message and note.message.endswith("key18 and 13 more")


def test_relations_what_was_seen_and_counts_are_read(tmp_path: Path) -> None:
    pair = {"head": 1, "tail": 0, "label": "LOCATED_IN", "score": 1}
    more = {"relations": [pair], "seen": [[0, 8], [9, 27]], "counts": {"unlocated": 2}}
    path = write(tmp_path / "p.jsonl", record(DOCUMENTS[0], entity(), entity(13, 17, "GPE"), **more))
    read = read_predictions(path, DOCUMENTS)
    assert not read.findings
    assert read.by_document["one"] == Prediction(
        "one",
        (Span(4, 8, "PER"), Span(13, 17, "GPE")),
        relations=(Pair(1, 0, "LOCATED_IN", 1),),
        seen=((0, 8), (9, 27)),
        counts={"unlocated": 2},
    )


def test_null_stands_for_a_key_that_is_not_there(tmp_path: Path) -> None:
    path = write(tmp_path / "p.jsonl", record(DOCUMENTS[0], error=None, relations=None, seen=None, counts=None))
    assert read_predictions(path, DOCUMENTS) == Predictions(
        {"one": Prediction("one")}, read_predictions(path, DOCUMENTS).model
    )


def test_an_empty_list_of_relations_is_not_none(tmp_path: Path) -> None:
    path = write(tmp_path / "p.jsonl", record(DOCUMENTS[0], relations=[], seen=[]))
    (prediction,) = read_predictions(path, DOCUMENTS).by_document.values()
    assert (prediction.relations, prediction.seen) == ((), ())


def test_a_line_that_is_too_long_is_told_and_the_next_one_is_read(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    with path.open("wb") as file:
        file.write(b'{"id": "one", "entities": "' + b"x" * 10 * 2**20 + b'"}\n')
        file.write(json.dumps(record(DOCUMENTS[1])).encode() + b"\n" + b"[" * (LIMIT + 1))
    tracemalloc.start()
    read = read_predictions(path, DOCUMENTS)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert list(read.by_document) == ["two"]
    assert [(f.code, f.path) for f in read.findings] == [("too-long", f"{path}:1"), ("too-long", f"{path}:3")]
    assert f"more than {LIMIT:,} bytes" in read.findings[0].message and peak < 3 * LIMIT


def test_a_line_of_exactly_the_limit_is_read(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    line = json.dumps(record(DOCUMENTS[0])).encode()
    path.write_bytes(line + b" " * (LIMIT - len(line)) + b"\n" + line + b" " * (LIMIT - len(line)))
    read = read_predictions(path, DOCUMENTS)
    assert [f.code for f in read.findings] == ["duplicate-document"]
    path.write_bytes(line + b" " * (LIMIT + 1 - len(line)) + b"\n")
    with pytest.raises(DataError, match="has more than"):
        read_predictions(path, DOCUMENTS)


def test_a_thousand_wrong_entities_are_not_a_thousand_lines(tmp_path: Path) -> None:
    path = write(tmp_path / "p.jsonl", record(DOCUMENTS[0], *[entity("x" * 500)] * 1000), {"id": "a\nb" * 500})
    findings = read_predictions(path, DOCUMENTS).findings
    assert [f.code for f in findings] == ["entity"] * 20 + ["more", "unknown-document"]
    assert "980 more" in findings[20].message
    assert all(len(f.message) < 200 and "\n" not in f.message for f in findings)


def test_an_error_of_many_lines_becomes_one(tmp_path: Path) -> None:
    path = write(tmp_path / "p.jsonl", {"id": "one", "error": "Traceback\n  no\troom " + "x" * 5000})
    error = read_predictions(path, DOCUMENTS).by_document["one"].error
    assert error is not None and error.startswith("Traceback no room xxx") and len(error) == 500


@pytest.mark.parametrize("content", ["", "\n\n", "[]\n", "{\n"])
def test_a_file_without_a_prediction_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "p.jsonl"
    path.write_text(content, "utf-8")
    with pytest.raises(DataError, match="no line of it is a prediction"):
        read_predictions(path, DOCUMENTS)


def test_a_folder_is_no_predictions_file(tmp_path: Path) -> None:
    with pytest.raises(FileError):
        read_predictions(tmp_path, DOCUMENTS)


def conll(documents: list[Document], predictions: dict[str, Prediction], mark: str) -> str:
    """Predictions as CoNLL, tags as they are, with the marks of documents asked for."""
    lines = []
    for document in documents:
        if mark == "docstart":
            lines += ["-DOCSTART- O", ""]
        elif mark == "id":
            lines += [f"# id = {document.id}"]
        split = Sentences.of(document)
        rows = predictions[document.id].tags or ()
        for number, ((first, last), tags) in enumerate(zip(split.rows, rows, strict=True)):
            if mark == "row":
                lines.append(f"# id = {document.id}#{number}")
            words = [document.text[a:b] for a, b in split.words[first:last]]
            lines += [f"{word}\t_\t{tag}" for word, tag in zip(words, tags, strict=True)] + [""]
    return "\n".join(lines)


@pytest.mark.parametrize("mark", ["docstart", "id", "none"])
def test_tags_come_back_from_conll(tmp_path: Path, mark: str) -> None:
    random = Random(3)
    cases = [fuzzed(random, number) for number in range(60)]
    documents, predictions = [c.document for c in cases], {c.document.id: tagged(c) for c in cases}
    path = tmp_path / "p.conll"
    path.write_text(conll(documents, predictions, mark), "utf-8")
    read = read_predictions(path, documents)
    assert not read.findings
    assert {name: p.tags for name, p in read.by_document.items()} == {n: p.tags for n, p in predictions.items()}


def test_ids_of_rows_name_their_document(tmp_path: Path) -> None:
    predictions = {
        "one": Prediction("one", tags=(("O",) * 5, ("O",) * 3)),
        "two": Prediction("two", tags=(("O",) * 5,)),
    }
    path = tmp_path / "p.conll"
    path.write_text(conll([DOCUMENTS[1], DOCUMENTS[0]], predictions, "row"), "utf-8")
    read = read_predictions(path, DOCUMENTS)
    assert {name: p.tags for name, p in read.by_document.items()} == {n: p.tags for n, p in predictions.items()}


def test_the_same_spans_score_alike_from_jsonl_and_from_conll(tmp_path: Path, schema: Schema) -> None:
    random = Random(9)
    cases = [fuzzed(random, number) for number in range(80)]
    documents = [case.document for case in cases]
    # Valid tags: what a model would write that predicts those spans.
    tags = {c.document.id: Prediction(c.document.id, tags=tuple(tuple(row) for row in c.gold)) for c in cases[::-1]}
    shifted = {d.id: tags[documents[n - 1].id] for n, d in enumerate(documents) if same_shape(d, documents[n - 1])}
    predictions = tags | shifted
    (tmp_path / "p.conll").write_text(conll(documents, predictions, "id"), "utf-8")
    from_conll = read_predictions(tmp_path / "p.conll", documents)
    write_predictions(tmp_path / "p.jsonl", from_conll.by_document.values(), documents)
    results = [
        evaluate(documents, read_predictions(tmp_path / name, documents), schema, NAME)
        for name in ("p.conll", "p.jsonl")
    ]
    for key in ("scores", "seqeval", "documents", "collections"):
        assert results[0][key] == results[1][key]


def same_shape(one: Document, other: Document) -> bool:
    return [b - a for a, b in Sentences.of(one).rows] == [b - a for a, b in Sentences.of(other).rows]


GOOD = "وصل O\nسامي B-PER\nإلى O\nتونس B-GPE\n. O\n\nعاد O\nأمس O\n. O\n\n"


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (GOOD.replace("تونس", "تونسي"), 4, "document one: found the word 'تونسي', expected the word 'تونس'"),
        (GOOD.replace(". O\n\nعاد", ". O\nعاد"), 6, "found the word 'عاد', expected the end of the sentence"),
        (GOOD.replace("إلى O\n", "إلى O\n\n"), 4, "found the end of the sentence, expected the word 'تونس'"),
        ("وصل O\nسامي B-PER\n", 3, "found the end of the sentence, expected the word 'إلى'"),
        (GOOD.split("\n\n")[0] + "\n", 6, "found the end of the sentence, expected the word 'عاد'"),
        (GOOD.replace("B-GPE", "GPE"), 4, "found the tag 'GPE', expected O, B-LABEL or I-LABEL"),
        (GOOD.replace("B-GPE", "S-GPE"), 4, "found the tag 'S-GPE'"),
        (GOOD.replace("B-GPE", "B-"), 4, "found the tag 'B-'"),
        (GOOD.replace("B-GPE", "B--GPE"), 4, "begins or ends with a dash"),
        (GOOD.replace("تونس B-GPE", "تونس"), 4, "found one column, 'تونس'"),
        (GOOD + "قال O\nنورا B-PER\nالزين I-PER\nكلمة O\n. O\n\nزائد O\n", 17, "the 3 documents end before this line"),
        ("# id = one\n" + GOOD + "# id = two\n# id = one\n" + GOOD, 13, "expected the word 'قال'"),
        ("# id = one\n" + GOOD + "# id = void\n# id = one\n" + GOOD, 13, "document one stands a second time"),
        (GOOD + "# id = two\nقال O\n", 1, "these sentences have no `# id = ID`"),
        ("\n\n# a = b\n", 0, "no line of it is a prediction"),
    ],
)
def test_conll_that_does_not_fit_fails_with_its_line(tmp_path: Path, content: str, line: int, message: str) -> None:
    path = tmp_path / "p.conll"
    path.write_text(content, "utf-8")
    with pytest.raises(DataError) as caught:
        read_predictions(path, DOCUMENTS)
    assert message in str(caught.value)
    assert caught.value.where == (f"{path}:{line}" if line else str(path))


def test_documents_that_conll_lacks_are_not_predicted(tmp_path: Path, schema: Schema) -> None:
    path = tmp_path / "p.conll"
    path.write_text(GOOD, "utf-8")
    read = read_predictions(path, DOCUMENTS)
    assert list(read.by_document) == ["one"]
    assert read.by_document["one"].spans == (Span(4, 8, "PER"), Span(13, 17, "GPE"))
    result = evaluate(DOCUMENTS, read, schema, NAME)
    assert result["status"] == "incomplete" and result["coverage"]["missing"] == ["two", "void"]


def test_conll_of_other_documents_is_left_out_with_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "p.conll"
    path.write_text("# id = other\nكلمة O\n\n# id = one\n" + GOOD, "utf-8")
    read = read_predictions(path, DOCUMENTS)
    assert [f.code for f in read.findings] == ["unknown-document"] and list(read.by_document) == ["one"]


def test_a_hash_sign_is_a_word_and_no_comment(tmp_path: Path) -> None:
    document = marked("tag", "# خبر")
    path = tmp_path / "p.conll"
    path.write_text("# O\nخبر O\n", "utf-8")
    assert read_predictions(path, [document]).by_document["tag"].tags == (("O", "O"),)


def test_the_format_is_told_by_the_first_character_where_the_suffix_does_not(tmp_path: Path) -> None:
    write(tmp_path / "a.out", record(DOCUMENTS[1]))
    (tmp_path / "b.out").write_text(GOOD, "utf-8")
    assert read_predictions(tmp_path / "a.out", DOCUMENTS).model["format"] == "JSONL"
    assert read_predictions(tmp_path / "b.out", DOCUMENTS).model["format"] == "CoNLL"


def test_random_predictions_survive_the_file(tmp_path: Path) -> None:
    random = Random(11)
    documents = [fuzzed(random, number).document for number in range(100)]
    given = {d.id: Prediction(d.id, tuple(random_spans(random, d))) for d in documents}
    write_predictions(tmp_path / "p.jsonl", given.values(), documents)
    assert read_predictions(tmp_path / "p.jsonl", documents) == Predictions(
        given, read_predictions(tmp_path / "p.jsonl", documents).model
    )


@given(st.data())
def test_whatever_a_model_may_say_survives_the_file(data: st.DataObject) -> None:
    documents = data.draw(drawn_documents())
    said = {document.id: data.draw(predictions_of(document)) for document in documents}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "p.jsonl"
        write_predictions(path, said.values(), documents)
        read = read_predictions(path, documents)
        assert (dict(read.by_document), read.findings) == (said, ())
        written = path.read_bytes()
        write_predictions(path, read.by_document.values(), documents)
        assert path.read_bytes() == written
