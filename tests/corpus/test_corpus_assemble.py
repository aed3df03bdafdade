"""From annotation files to articles in their splits."""

from dataclasses import replace

import pytest
from corpus_texts import adding, annotated, region, write_copy, write_task

from toolkit.corpus.assemble import assemble, check
from toolkit.corpus.splits import draw, read_pinned, write_pinned
from toolkit.corpus.standoff import strip
from toolkit.corpus.store import annotation_files, files_of
from toolkit.errors import DataError, FileError
from toolkit.findings import Severity, has_errors

LINE = "\nباع تجار سوق الغزل كل ما لديهم من القماش قبل حلول المساء بساعتين."
VISIT = annotated("زارت {PER#p سلمى} {GPE#g ريفاد}.", "p VISITED g", event="visit")
MARKET = annotated("{GPE لمارة} هادئة." + LINE, article="market-01")
COPIED = annotated("{GPE كالدونا} تنقل الخبر." + LINE.replace("ة", "ه"), article="market-02")
WIRE = annotated("وصل {PER رامي عوسج} إلى {GPE لمارة}." + LINE, article="wire-01")


def told(made):
    return [(finding.code, finding.severity) for finding in made.findings]


def splits(made):
    return {article.id: article.split for article in made.articles}


def test_articles_come_by_id_each_in_its_split(make_project):
    project = make_project([VISIT, MARKET], [strip(WIRE)], {"visit-01": "validation"})
    made = assemble(project, [])
    assert made.findings == ()
    rule = project.dataset.splits
    expected = {"market-01": draw("document:market-01", rule), "visit-01": "validation", "wire-01": "test"}
    assert splits(made) == expected
    assert list(splits(made)) == sorted(expected)
    assert made.assignment.new == ("market-01", "wire-01")
    assert [article.text is None for article in made.articles] == [False, False, True]


def test_an_event_is_a_group_by_its_name(make_project):
    project = make_project([VISIT, replace(MARKET, data={"event": "visit"})])
    assert set(splits(assemble(project, [])).values()) == {draw("event:visit", project.dataset.splits)}


def test_copied_paragraphs_keep_articles_together(make_project):
    made = assemble(make_project([MARKET, COPIED], splits={"market-02": "validation"}), [])
    assert [(copy.document, copy.line, copy.other, copy.other_line) for copy in made.copies] == [
        ("market-01", 1, "market-02", 1)
    ]
    assert splits(made) == {"market-01": "validation", "market-02": "validation"}


def test_copies_of_a_withheld_text_are_found_where_it_is_at_hand(make_project, tmp_path):
    project = make_project([MARKET], [strip(WIRE)], {"market-01": "train"})
    assert assemble(project, []).copies == ()
    assert splits(assemble(project, [])) == {"market-01": "train", "wire-01": "test"}
    made = assemble(project, [write_copy(tmp_path / "articles", WIRE).parent])
    assert len(made.copies) == 1
    assert splits(made) == {"market-01": "train"}
    assert made.assignment.held_back == ("wire-01",)
    assert told(made) == [("split-tie", Severity.ERROR)]
    assert made.findings[0].path == "annotations/splits.json"


def test_pins_written_back_keep_every_document_where_it_is(make_project):
    project = make_project([VISIT, MARKET, COPIED], [strip(WIRE)])
    first = assemble(project, [])
    assert write_pinned(project.pinned_splits, first.assignment.splits)
    again = assemble(project, [])
    assert splits(again) == splits(first)
    assert again.assignment.new == ()
    (project.annotations / "news" / "visit-01.json").unlink()
    gone = assemble(project, [])
    assert write_pinned(project.pinned_splits, gone.assignment.splits) is False
    assert read_pinned(project.pinned_splits)["visit-01"] == splits(first)["visit-01"]
    write_task(project.annotations / "news", replace(annotated("خبر جديد", event="visit"), article_id="visit-02"))
    write_task(project.annotations / "news", VISIT)
    assert splits(assemble(project, []))["visit-02"] == splits(first)["visit-01"]


def test_with_an_error_nothing_is_assembled_and_everything_is_told(make_project):
    wrong = adding(VISIT, region(VISIT, "زارت", "PLANET"))
    project = make_project([wrong, MARKET])
    (project.annotations / "news" / "cut.json").write_text("{", encoding="utf-8")
    made = assemble(project, [])
    assert (made.articles, made.copies, made.assignment.splits) == ((), (), {})
    assert told(made) == [("json", Severity.ERROR), ("label-unknown", Severity.ERROR)]


def test_warnings_and_notes_do_not_stop_it(make_project):
    odd = adding(VISIT, region(VISIT, "زارت"))
    skipped = replace(MARKET, annotations=(replace(MARKET.annotations[0], cancelled=True),))
    made = assemble(make_project([odd, skipped]), [])
    assert not has_errors(made.findings)
    assert list(splits(made)) == ["visit-01"]
    assert told(made) == [
        ("gold-none", Severity.WARNING),
        ("region-unlabelled", Severity.WARNING),
        ("gold-none", Severity.NOTE),
        ("unlabelled", Severity.NOTE),
    ]


def test_a_changed_article_stops_it(make_project, tmp_path):
    project = make_project([VISIT], [strip(WIRE)])
    copy = write_copy(tmp_path / "articles", replace(WIRE, text=WIRE.text + "\n"))
    made = assemble(project, [copy.parent])
    assert made.articles == ()
    assert told(made) == [("article-changed", Severity.ERROR)]


def test_the_gold_rule_and_the_annotators_are_those_of_the_project(make_project):
    second = replace(VISIT.annotations[0], id="second", annotator="nobody")
    task = replace(VISIT, annotations=(*VISIT.annotations, second))
    project = make_project([task])
    files = annotation_files(project.annotations, ["news"])
    assert [finding.code for finding in check(project, files, [])[1]] == ["annotator-unknown", "gold-undecided"]


def test_files_named_by_hand_are_checked_alone(make_project):
    project = make_project([VISIT, adding(MARKET, region(MARKET, "هادئة", "PLANET"))])
    assert check(project, files_of([project.annotations / "news" / "visit-01.json"]), [])[1] == []


def test_a_collection_without_a_folder(make_project):
    project = make_project([VISIT])
    (project.annotations / "wire").rmdir()
    with pytest.raises(FileError, match="annotations/wire: no such file"):
        assemble(project, [])


def test_pins_of_another_kind(make_project):
    with pytest.raises(DataError, match="visit-01 is in 'dev'"):
        assemble(make_project([VISIT], splits={"visit-01": "dev"}), [])
