"""The generated labelling page in a real browser: how it reads, and that what a person marks is what is imported."""

from pathlib import Path

import pytest
from labelling_page import mark, open_task, relate, submit
from playwright.sync_api import Page, expect
from studio_server import Studio

from toolkit.annotation import Link, Task
from toolkit.labelstudio.reading.importing import Imported, import_exports
from toolkit.labelstudio.reading.template import labelling_config
from toolkit.project import Annotator, LabelStudioSettings, Tags
from toolkit.schema import Schema

pytestmark = [pytest.mark.labelstudio, pytest.mark.xdist_group("labelstudio")]

TEXT = (
    "وصل سَامي الحدّاد 😀 إلى مديـنـة الريحان\u200f   وطنجة مساءً.\n\n"
    "ثم التقى رئيس   جامعة الريحان\tبقصر الزيتون (قرب «بحيرة الفيروز») في ١٢ آذار 2031."
)
# The pieces that highlights are drawn in, each with its region.
PIECES = """highlights => highlights.map(
  piece => [piece.className.match(/htx-highlight-(\\S+)-\\d+/)[1], piece.textContent]
)"""
STYLE = """(element, names) => names.map(name => getComputedStyle(element)[name])"""


@pytest.fixture(scope="module")
def config(schema: Schema) -> str:
    return labelling_config(schema, Tags())


def opened(page: Page, studio: Studio, config: str, text: str, *annotations: dict) -> int:
    """A project of one text, opened in the page; its id."""
    project = studio.project("page", config)
    task = {"data": {"text": text, "article_id": "visit"}, "annotations": list(annotations)}
    (task_id,) = studio.import_tasks(project, [task])
    open_task(page, studio, project, task_id)
    return project


def submitted(page: Page, studio: Studio, project: int, schema: Schema, folder: Path) -> tuple[Imported, Task]:
    """Submits, exports, and imports: what was found, and the one task."""
    submit(page)
    export = folder / "export.json"
    export.write_bytes(studio.export(project))
    person = Annotator(kind="person", description="composed for a test")
    settings = LabelStudioSettings(title="test", annotators={"sara": person}, accounts={studio.lead: "sara"})
    found = import_exports([export], schema, settings)
    (task,) = found.tasks
    return found, task


def at(mention: str, text: str = TEXT) -> tuple[int, int]:
    start = text.index(mention)
    return start, start + len(mention)


def region(id_: str, mention: str, *labels: str) -> dict:
    start, end = at(mention)
    value = {"start": start, "end": end, "labels": list(labels), "text": mention}
    return {"id": id_, "from_name": "label", "to_name": "text", "type": "labels", "value": value}


def link(head: str, tail: str, direction: str, *labels: str) -> dict:
    return {"type": "relation", "from_id": head, "to_id": tail, "direction": direction, "labels": list(labels)}


def test_the_page_shows_the_text_as_stored_from_right_to_left(page, studio, config, schema):
    opened(page, studio, config, TEXT)
    text = page.locator(".lsf-htx-richtext")
    assert text.evaluate(STYLE, ["direction", "whiteSpace", "textAlign"]) == ["rtl", "pre-wrap", "right"]
    assert text.inner_text() == TEXT
    labels = page.locator(".lsf-labels .lsf-label")
    assert labels.locator(".lsf-label__text").all_inner_texts() == list(schema.entities)
    keys = [entity.hotkey for entity in schema.entities.values()]
    assert labels.locator(".lsf-label__hotkey").all_inner_texts() == keys
    boxes = [labels.nth(number).bounding_box() for number in (0, 1)]
    assert boxes[0]["x"] > boxes[1]["x"], "the first label is the rightmost"
    labels.nth(4).hover()
    expect(page.get_by_text(schema.entities["GPE"].ar)).to_be_visible()


def test_a_mention_marked_behind_its_proclitic_is_imported_exactly(page, studio, config, schema, tmp_path):
    project = opened(page, studio, config, TEXT)
    mark(page, "5", "طنجة", within="وطنجة")
    mark(page, "7", "قصر الزيتون", within="بقصر الزيتون")
    mark(page, "3", "رئيس   جامعة الريحان")
    mark(page, "1", "سَامي الحدّاد")
    found, task = submitted(page, studio, project, schema, tmp_path)
    assert found.findings == ()
    assert task.text == TEXT
    (annotation,) = task.annotations
    assert annotation.annotator == "sara"
    assert {(r.start, r.end): (r.labels, r.text) for r in annotation.regions} == {
        at("طنجة"): (("GPE",), "طنجة"),
        at("قصر الزيتون"): (("FAC",), "قصر الزيتون"),
        at("رئيس   جامعة الريحان"): (("TITLE",), "رئيس   جامعة الريحان"),
        at("سَامي الحدّاد"): (("PER",), "سَامي الحدّاد"),
    }


def test_lines_that_end_in_crlf_move_no_mention(page, studio, config, schema, tmp_path):
    text = "😀 عنوان الخبر\r\nافتُتح معرض الربيع\r\n\r\nالدولي   في طنجة.\r\n"
    project = opened(page, studio, config, text)
    mark(page, "9", "معرض", until="الدولي")
    mark(page, "5", "طنجة")
    found, task = submitted(page, studio, project, schema, tmp_path)
    assert found.findings == ()
    assert task.text == text
    (annotation,) = task.annotations
    mentions = [(region.start, region.end, region.labels) for region in annotation.regions]
    fair = "معرض الربيع\r\n\r\nالدولي"
    assert sorted(mentions) == [(*at(fair, text), ("EVENT",)), (*at("طنجة", text), ("GPE",))]


def test_a_relation_drawn_on_the_page_gets_a_label_of_the_schema(page, studio, config, schema, tmp_path):
    project = opened(page, studio, config, TEXT)
    mark(page, "1", "سَامي الحدّاد")
    mark(page, "5", "طنجة", within="وطنجة")
    relate(page, "سَامي الحدّاد", "طنجة", "VISITED", list(schema.relations))
    found, task = submitted(page, studio, project, schema, tmp_path)
    assert found.findings == ()
    (annotation,) = task.annotations
    ids = {region.text: region.id for region in annotation.regions}
    assert annotation.links == (Link(ids["سَامي الحدّاد"], ids["طنجة"], "right", ("VISITED",)),)


def test_nested_mentions_and_relations_are_drawn(page, studio, config):
    regions = [
        region("per", "سَامي الحدّاد", "PER"),
        region("city", "مديـنـة الريحان", "GPE"),
        region("name", "الريحان", "GPE", "LOC"),
        region("title", "رئيس   جامعة الريحان", "TITLE"),
        region("university", "جامعة الريحان", "ORG"),
        region("crossing", "الريحان\tبقصر", "FAC"),
    ]
    links = [
        link("per", "city", "right", "VISITED"),
        link("university", "city", "left", "LOCATED_IN", "ORG_OF"),
        link("per", "title", "bi"),
    ]
    opened(page, studio, config, TEXT, {"completed_by": studio.lead, "result": [*regions, *links]})
    expect(page.locator(".lsf-outliner-item")).to_have_count(len(regions))
    drawn: dict[str, str] = {}
    for id_, text in page.locator(".htx-highlight").evaluate_all(PIECES):
        drawn[id_] = drawn.get(id_, "") + text
    assert drawn == {row["id"]: row["value"]["text"] for row in regions}
    outer = page.locator(".htx-highlight", has_text="مديـنـة الريحان")
    heights = [highlight.bounding_box()["height"] for highlight in (outer, outer.locator(".htx-highlight"))]
    assert heights[0] > heights[1], "the outer mention shows around the inner one"
    arrows = page.locator("svg.relations-overlay > g")
    expect(arrows).to_have_count(len(links))
    assert set(arrows.locator("text").all_text_contents()) == {"VISITED", "LOCATED_IN, ORG_OF"}
