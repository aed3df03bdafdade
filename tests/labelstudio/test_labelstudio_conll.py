"""CoNLL corpora as tasks: every scheme, documents and sentences, and every line that is none."""

from itertools import pairwise
from pathlib import Path

import pytest
from composed_exports import SCHEMA, SETTINGS, only
from hypothesis import given
from hypothesis import strategies as st

from toolkit.errors import DataError
from toolkit.labelstudio.reading.conll import is_conll, read_conll
from toolkit.labelstudio.reading.importing import Imported, import_exports

Span = tuple[int, int, str]


def read(path: Path, content: str) -> Imported:
    path.write_text(content, "utf-8")
    return import_exports([path], SCHEMA, SETTINGS, annotator="sara")


def mentions(imported: Imported) -> dict[str, list[tuple[str, str]]]:
    """Label and words of each mention of each document."""
    found = {}
    for task in imported.tasks:
        (annotation,) = task.annotations
        assert annotation.annotator == "sara"
        found[task.article_id] = [(region.labels[0], region.text or "") for region in annotation.regions]
    return found


def test_sentences_are_joined_and_documents_named(tmp_path: Path) -> None:
    content = (
        "# id = visit-01\nزارت O\nسلمى B-PER\nالراوي I-PER\n\n# text = مدينة كولانة\nمدينة\tO\nكولانة\tB-GPE\n\n\n"
        "# newdoc id = visit-02\nكريم B-PER\nسلمى B-PER\n"
    )
    imported = read(tmp_path / "corpus.conll", content)
    assert imported.findings == ()
    assert [(task.article_id, task.text) for task in imported.tasks] == [
        ("visit-01", "زارت سلمى الراوي\nمدينة كولانة"),
        ("visit-02", "كريم سلمى"),
    ]
    assert mentions(imported) == {
        "visit-01": [("PER", "سلمى الراوي"), ("GPE", "كولانة")],
        "visit-02": [("PER", "كريم"), ("PER", "سلمى")],
    }


def test_docstart_parts_documents_and_other_columns_are_told(tmp_path: Path) -> None:
    content = "-DOCSTART- -X- -X- O\n\nكريم NNP B-NP B-PER\n\n-DOCSTART- -X- -X- O\n\nطنجة NNP B-NP B-GPE\n"
    imported = read(tmp_path / "train.txt", content)
    assert mentions(imported) == {"train-001": [("PER", "كريم")], "train-002": [("GPE", "طنجة")]}
    told = [(finding.code, finding.message[-4:], finding.path) for finding in imported.findings]
    path = tmp_path / "train.txt"
    assert told == [("conll-columns", "d: 2", f"{path}:1"), ("conll-columns", "d: 2", f"{path}:5")]


def test_a_file_without_marks_is_one_document_of_its_name(tmp_path: Path) -> None:
    imported = read(tmp_path / "corpus.iob2", "\ufeffكريم B-PER\r\n\r\nعاد O\r\n")
    assert only(imported).text == "كريم\nعاد" and only(imported).article_id == "corpus"


SCHEMES = {
    "IOB1": "I-PER I-PER B-PER O I-GPE I-ORG",
    "IOB2": "B-PER I-PER B-PER O B-GPE B-ORG",
    "BIOES": "B-PER E-PER S-PER O S-GPE S-ORG",
    "BILOU": "B-PER L-PER U-PER O U-GPE U-ORG",
}


@pytest.mark.parametrize("tags", SCHEMES.values(), ids=SCHEMES)
def test_every_scheme_says_the_same(tags: str, tmp_path: Path) -> None:
    words = ["سلمى", "الراوي", "كريم", "ثم", "طنجة", "نسيم"]
    imported = read(tmp_path / "c.conll", "".join(f"{w} {t}\n" for w, t in zip(words, tags.split(), strict=True)))
    assert imported.findings == ()
    assert mentions(imported) == {"c": [("PER", "سلمى الراوي"), ("PER", "كريم"), ("GPE", "طنجة"), ("ORG", "نسيم")]}


@st.composite
def layers(draw: st.DrawFn) -> tuple[int, list[Span]]:
    """A number of words and mentions `[first, last)` that do not overlap but may touch."""
    cuts = sorted(draw(st.sets(st.integers(0, 12), min_size=2)))
    labels = [draw(st.sampled_from(["", "PER", "GPE"])) for _ in cuts[1:]]
    return cuts[-1], [(a, b, label) for (a, b), label in zip(pairwise(cuts), labels, strict=True) if label]


def tagged(length: int, spans: list[Span], scheme: str) -> list[str]:
    """Tags of a scheme, from its definition."""
    tags = ["O"] * length
    for first, last, label in spans:
        touches = any(end == first and other == label for _, end, other in spans)
        for place in range(first, last):
            mark = "I"
            if scheme == "BIOES" and last - first == 1:
                mark = "S"
            elif place == first and (scheme != "IOB1" or touches):
                mark = "B"
            elif scheme == "BIOES" and place == last - 1:
                mark = "E"
            tags[place] = f"{mark}-{label}"
    return tags


@given(layers(), st.sampled_from(["IOB1", "IOB2", "BIOES"]))
def test_tags_of_any_scheme_come_back_as_their_mentions(
    tmp_path_factory: pytest.TempPathFactory, layer: tuple[int, list[Span]], scheme: str
) -> None:
    length, spans = layer
    words = [f"w{n}" for n in range(length)]
    path = tmp_path_factory.getbasetemp() / f"{scheme}.conll"
    path.write_text("".join(f"{w} {t}\n" for w, t in zip(words, tagged(length, spans, scheme), strict=True)), "utf-8")
    (raw,) = read_conll(path)
    result = raw.native["annotations"][0]["result"]
    found = [
        (raw.native["data"]["text"][item["value"]["start"] : item["value"]["end"]], *item["value"]["labels"])
        for item in result
    ]
    assert found == [(" ".join(words[first:last]), label) for first, last, label in spans]
    assert raw.findings == ()


@pytest.mark.parametrize(
    ("tags", "line", "message", "spans"),
    [
        ("B-PER O I-PER", 3, "I-PER continues nothing, against IOB2", [("PER", "w0"), ("PER", "w2")]),
        ("B-PER I-GPE O", 2, "I-GPE continues nothing, against IOB2", [("PER", "w0"), ("GPE", "w1")]),
        ("S-PER E-PER O", 2, "E-PER continues nothing, against BIOES", [("PER", "w0"), ("PER", "w1")]),
        ("B-PER O S-GPE", 2, "the mention of PER before it is not closed", [("PER", "w0"), ("GPE", "w2")]),
        ("S-GPE B-PER I-PER", 3, "the mention of PER is not closed", [("GPE", "w0"), ("PER", "w1 w2")]),
    ],
)
def test_a_tag_against_its_scheme_is_read_and_told(
    tags: str, line: int, message: str, spans: list[tuple[str, str]], tmp_path: Path
) -> None:
    content = "".join(f"w{n} {tag}\n" for n, tag in enumerate(tags.split()))
    imported = read(tmp_path / "c.conll", content)
    assert mentions(imported) == {"c": spans}
    (finding,) = imported.findings
    assert (finding.code, finding.severity.value) == ("conll-scheme", "warning")
    assert finding.path == f"{tmp_path / 'c.conll'}:{line}" and message in finding.message


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        ("وحيدة", "conll-line", "found 'وحيدة'; expected a word, and O or B-LABEL"),
        ("كلمة PER", "conll-line", "found 'كلمة PER'; expected"),
        ("كلمة B-", "conll-line", "expected a word, and O"),
        ("كلمة B-PLANET", "label-unknown", "the label 'PLANET' is not one of the schema"),
    ],
)
def test_a_wrong_line_holds_its_document_back_and_says_where(
    line: str, code: str, message: str, tmp_path: Path
) -> None:
    imported = read(tmp_path / "c.conll", f"# id = good\nكريم B-PER\n\n# id = bad\nعاد O\n{line}\n")
    assert (imported.read, imported.held_back) == (2, 1)
    assert mentions(imported) == {"good": [("PER", "كريم")]}
    (finding,) = [finding for finding in imported.findings if finding.code == code]
    assert (finding.severity.value, finding.path) == ("error", f"{tmp_path / 'c.conll'}:6")
    assert message in finding.message


def test_a_file_without_a_word_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no word"):
        read(tmp_path / "c.conll", "# id = a\n\n")


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.conll", "كلمة واحدة", True),
        ("a.txt", "كلمة O\n", True),
        ("a", "# id = x\n\nكلمة B-PER\n", True),
        ("a.txt", "خبر عن كريم.\n", False),
        ("a.conll", '[{"id": 1}]', False),
        ("a.conll", "-DOCSTART- -X- O\nكريم -X- _ B-PER\n", False),
        ("a.csv", "id,text\n", False),
        ("a.xml", "<View/>", False),
        ("empty.txt", "", False),
    ],
)
def test_what_is_taken_for_conll(name: str, content: str, expected: bool, tmp_path: Path) -> None:
    (tmp_path / name).write_text(content, "utf-8")
    assert is_conll(tmp_path / name) is expected


def test_a_folder_stands_for_its_conll_files(tmp_path: Path) -> None:
    (tmp_path / "one.conll").write_text("كريم B-PER\n", "utf-8")
    (tmp_path / "two.bio").write_text("طنجة B-GPE\n", "utf-8")
    imported = import_exports([tmp_path], SCHEMA, SETTINGS, annotator="sara")
    assert mentions(imported) == {"one": [("PER", "كريم")], "two": [("GPE", "طنجة")]}
