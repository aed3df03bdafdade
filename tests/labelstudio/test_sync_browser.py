"""What a person marks on the page of a pushed article is what `tawsim pull` brings, character by character."""

import json

import pytest
from labelling_page import mark, open_task, relate, submit
from sync_project import Sync, article

pytestmark = [pytest.mark.labelstudio, pytest.mark.xdist_group("labelstudio")]
TEXT = (
    "نزهة العائلة 👩‍👩‍👧 في الربيع\r\n\r\nزارت 🇲🇦 😀 هالة الميناوي   مدينة كولانة "
    "وطنجة مساءً (مع «سامي»).\r\nثم عادت.\r\n"
)


@pytest.fixture
def labels(repository) -> str:
    return (repository / "configs" / "labels.yaml").read_text(encoding="utf-8")


def test_what_is_dragged_on_the_page_is_pulled_exactly(sync: Sync, page, schema, labels, tmp_path):
    sync.configure(labels)
    path = sync.write(article("نزهة-1", TEXT))
    assert "created 1" in sync.ok("push").out
    open_task(page, sync.studio, sync.number, sync.tasks()["نزهة-1"]["id"])
    assert page.locator(".lsf-htx-richtext").inner_text().split("\n")[2].startswith("زارت 🇲🇦 😀 هالة الميناوي   مدينة")
    mark(page, schema.entities["PER"].hotkey, "هالة الميناوي")
    mark(page, schema.entities["GPE"].hotkey, "طنجة", within="وطنجة")
    relate(page, "هالة الميناوي", "طنجة", "VISITED", list(schema.relations))
    page.screenshot(path=tmp_path / "page.png")
    submit(page)

    assert sync.ok("pull").out == "pulled: written 1\n"
    stored = json.loads(path.read_bytes())
    assert stored["data"]["text"] == TEXT
    (annotation,) = stored["annotations"]
    assert annotation["completed_by"] == "sara"
    spans = {item["value"]["text"]: item for item in annotation["result"] if item["type"] == "labels"}
    assert {name: (item["value"]["start"], item["value"]["labels"]) for name, item in spans.items()} == {
        "هالة الميناوي": (TEXT.index("هالة"), ["PER"]),
        "طنجة": (TEXT.index("وطنجة") + 1, ["GPE"]),
    }
    for name, item in spans.items():
        assert TEXT[item["value"]["start"] : item["value"]["end"]] == name
    (relation,) = (item for item in annotation["result"] if item["type"] == "relation")
    ends = (spans["هالة الميناوي"]["id"], spans["طنجة"]["id"])
    assert (relation["from_id"], relation["to_id"]) == ends
    assert (relation["direction"], relation["labels"]) == ("right", ["VISITED"])

    assert sync.ok("validate", sync.folder / "annotations").out == "", "no finding, not even a warning"
    assert sync.ok("pull", "--full").out == "pulled: unchanged 1\n"
    assert "created 0, changed 0, annotations sent 0" in sync.ok("push", "--annotations").out
