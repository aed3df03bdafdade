"""brat folders as tasks: what is carried, what is told, and every line that is none of brat's."""

from pathlib import Path

import pytest
from composed_exports import SCHEMA, SETTINGS, only

from toolkit.annotation import Annotation
from toolkit.findings import Finding
from toolkit.labelstudio.reading.importing import Imported, import_exports

TEXT = "زارت 😀 سلمى الراوي\nمدينة كولانة ثم التقت كريم."
SALMA, KOLANA, KARIM = (7, 18), (25, 31), (41, 45)


def read(folder: Path, *lines: str, text: str | None = TEXT, annotator: str | None = "sara") -> Imported:
    """Imports a brat document of these lines."""
    (folder / "visit.ann").write_bytes("".join(f"{line}\n" for line in lines).encode())
    if text is not None:
        (folder / "visit.txt").write_bytes(text.encode())
    return import_exports([folder], SCHEMA, SETTINGS, annotator=annotator)


def the_annotation(imported: Imported) -> Annotation:
    (annotation,) = only(imported).annotations
    return annotation


def t(number: int, label: str, span: tuple[int, int], words: str | None = None) -> str:
    shown = TEXT[slice(*span)] if words is None else words
    return f"T{number}\t{label} {span[0]} {span[1]}\t{shown}"


def the_finding(imported: Imported, code: str) -> Finding:
    (found,) = [finding for finding in imported.findings if finding.code == code]
    return found


def test_mentions_and_relations_are_carried(tmp_path: Path) -> None:
    assert [TEXT[slice(*span)] for span in (SALMA, KOLANA, KARIM)] == ["سلمى الراوي", "كولانة", "كريم"]
    imported = read(
        tmp_path,
        "R1\tVISITED Arg1:T1 Arg2:T2\t",
        t(1, "PER", SALMA),
        t(2, "GPE", KOLANA),
        t(3, "PER", (7, 11)),
        t(4, "PER", KARIM),
        "*\tMET_WITH T1 T3 T4",
    )
    task, annotation = only(imported), the_annotation(imported)
    assert imported.findings == ()
    assert (task.article_id, task.text, annotation.annotator) == ("visit", TEXT, "sara")
    spans = {region.id: (region.start, region.end, region.labels, region.text) for region in annotation.regions}
    assert spans == {
        "T1": (*SALMA, ("PER",), "سلمى الراوي"),
        "T2": (*KOLANA, ("GPE",), "كولانة"),
        "T3": (7, 11, ("PER",), "سلمى"),
        "T4": (*KARIM, ("PER",), "كريم"),
    }
    links = [(link.head, link.tail, link.direction, link.labels) for link in annotation.links]
    assert links[0] == ("T1", "T2", "right", ("VISITED",))
    assert links[1:] == [(one, two, "bi", ("MET_WITH",)) for one, two in (("T1", "T3"), ("T1", "T4"), ("T3", "T4"))]


def test_fragments_with_only_blanks_between_them_are_one_mention(tmp_path: Path) -> None:
    (region,) = the_annotation(read(tmp_path, "T1\tORG 13 18;19 24\tراوي مدينة".replace("راوي", TEXT[13:18]))).regions
    assert (region.start, region.end, region.text) == (13, 24, TEXT[13:24])
    assert "\n" in TEXT[13:24]


def test_a_discontinuous_mention_is_told_and_left_out_with_its_relations(tmp_path: Path) -> None:
    imported = read(
        tmp_path,
        "T1\tPER 7 11;25 31\tسلمى كولانة",
        t(2, "GPE", KOLANA),
        "R1\tVISITED Arg1:T1 Arg2:T2",
        "#1\tAnnotatorNotes T1\tx",
    )
    annotation = the_annotation(imported)
    assert [region.id for region in annotation.regions] == ["T2"] and annotation.links == ()
    ann = tmp_path / "visit.ann"
    found = {finding.code: (finding.path, finding.region) for finding in imported.findings}
    assert found == {
        "brat-discontinuous": (f"{ann}:1", "T1"),
        "brat-relation": (f"{ann}:3", "R1"),
        "brat-note": (f"{ann}:4", "#1"),
    }
    assert {finding.severity.value for finding in imported.findings} == {"warning"}
    told = the_finding(imported, "brat-discontinuous")
    assert (told.start, told.end) == (7, 31) and "2 pieces" in told.message


def test_what_is_said_of_a_mention_becomes_a_comment_on_its_region(tmp_path: Path) -> None:
    imported = read(
        tmp_path,
        t(1, "PER", SALMA),
        "#1\tAnnotatorNotes T1\tاسم مركّب",
        "A1\tNegation T1",
        "M2\tConfidence T1 High",
        "N1\tReference T1 Wikidata:Q42\tسلمى",
    )
    (region,) = the_annotation(imported).regions
    comments = ["اسم مركّب", "Negation", "Confidence High", "Reference Wikidata:Q42 سلمى"]
    assert region.extra == {"meta": {"text": comments}}
    assert [(finding.code, finding.severity.value) for finding in imported.findings] == [("brat-note", "note")] * 4


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        ("E1\tMeet:T1 Who:T1", "brat-event", "events cannot be carried; it was left out, T1 stays a mention"),
        ("A1\tNegation E1", "brat-note", "says something of E1, which is no mention here"),
        ("#1\tnonsense", "brat-note", "says something of nothing"),
        ("R1\tMET_WITH Arg1:T1 Arg2:E1", "brat-relation", "MET_WITH joins E1, which was left out"),
    ],
)
def test_what_cannot_be_carried_is_a_warning_with_its_line(line: str, code: str, message: str, tmp_path: Path) -> None:
    imported = read(tmp_path, t(1, "PER", SALMA), "", line)
    assert len(the_annotation(imported).regions) == 1
    finding = the_finding(imported, code)
    assert (finding.severity.value, finding.path) == ("warning", f"{tmp_path / 'visit.ann'}:3")
    assert message in finding.message and finding.region == line.split("\t")[0]


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        ("T2 PER 0 4\tزارت", "brat-line", "is no mention; expected T1<tab>LABEL START END<tab>WORDS"),
        ("T2\tPER 0\tزارت", "brat-line", "is no mention"),
        ("T2\tPER 0 8;4 10\tx", "brat-line", "the fragments 0 8;4 10 overlap"),
        ("T1\tPER 0 4\tزارت", "brat-id", "has this id too"),
        ("R1\tVISITED Arg1:T1", "brat-line", "is no relation between two mentions; expected R1<tab>LABEL Arg1:T1"),
        ("R1\tVISITED Arg1:T1 Arg2:T9", "brat-relation", "joins T9, and no line has this id"),
        ("*\tMET_WITH T1", "brat-line", "expected *<tab>LABEL T1 T2"),
        ("Q7\tanything", "brat-line", "'Q7' begins none of brat's lines"),
        ("T2\tPLANET 0 4\tزارت", "label-unknown", "the label 'PLANET' is not one of the schema"),
        ("T2\tPER 0 4\tسارت", "offset-mismatch", "found 'زارت', expected 'سارت'"),
        ("T2\tPER 40 99\tبعيد", "offset-range", "lies outside the text"),
        ("T2\tPER 5 5\t", "offset-empty", "the region is empty"),
        ("T2\tPER 18 7\tx", "offset-order", "comes before the start"),
    ],
)
def test_a_wrong_line_holds_the_document_back_and_says_where(
    line: str, code: str, message: str, tmp_path: Path
) -> None:
    good = tmp_path / "other"
    good.mkdir()
    (good / "fine.ann").write_text("T1\tPER 0 4\tكريم\n", "utf-8")
    (good / "fine.txt").write_text("كريم", "utf-8")
    imported = read(tmp_path, t(1, "PER", SALMA), line)
    assert (imported.read, imported.held_back) == (2, 1)
    assert [task.article_id for task in imported.tasks] == ["fine"]
    finding = the_finding(imported, code)
    assert (finding.severity.value, finding.path) == ("error", f"{tmp_path / 'visit.ann'}:2")
    assert message in finding.message


def test_offsets_that_count_crlf_as_one_are_repaired_and_told(tmp_path: Path) -> None:
    text = "سطر\r\nثم كريم"
    imported = read(tmp_path, "T1\tPER 7 11\tكريم", text=text)
    (region,) = the_annotation(imported).regions
    assert text[region.start : region.end] == "كريم"
    finding = the_finding(imported, "offset-repaired")
    assert finding.path == f"{tmp_path / 'visit.ann'}:1" and "every CRLF as one" in finding.message


def test_a_document_without_its_text_and_a_text_without_annotations_are_told(tmp_path: Path) -> None:
    (tmp_path / "README.txt").write_text("about", "utf-8")
    imported = read(tmp_path, t(1, "PER", SALMA), text=None)
    assert (imported.read, imported.held_back) == (1, 1)
    assert "visit.txt: no such file" in the_finding(imported, "brat-unreadable").message
    orphan = the_finding(imported, "brat-text")
    assert (orphan.path, orphan.severity.value) == (str(tmp_path / "README.txt"), "warning")


def test_a_corrected_file_replaces_what_it_said_before_and_another_annotators_does_not(tmp_path: Path) -> None:
    first = the_annotation(read(tmp_path, t(1, "PER", SALMA)))
    again = the_annotation(read(tmp_path, t(1, "PER", SALMA), t(2, "GPE", KOLANA)))
    assert first.id == again.id and len(again.regions) == 2
    assert the_annotation(read(tmp_path, t(1, "PER", SALMA), annotator="omar")).id != first.id


def test_an_ann_file_is_read_by_itself_with_lines_ended_as_windows_does(tmp_path: Path) -> None:
    (tmp_path / "visit.txt").write_text(TEXT, "utf-8")
    (tmp_path / "visit.ann").write_bytes(f"{t(1, 'PER', SALMA)}\r\n{t(2, 'GPE', KOLANA)}\r\n".encode())
    imported = import_exports([tmp_path / "visit.ann"], SCHEMA, SETTINGS, annotator="sara")
    assert [region.text for region in the_annotation(imported).regions] == ["سلمى الراوي", "كولانة"]
    assert imported.findings == ()
