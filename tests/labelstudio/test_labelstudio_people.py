"""People become stable names, and addresses stay outside."""

import json

import pytest
from composed_exports import SETTINGS, annotation, codes, only, read, region, task

from toolkit.files import to_json
from toolkit.labelstudio.reading.people import Annotators
from toolkit.native import to_native


@pytest.mark.parametrize(
    ("completed_by", "name"),
    [
        (1, "sara"),
        ("2", "omar"),
        (7, "annotator-7"),
        ({"id": 2, "email": "o@example.org", "first_name": "Omar"}, "omar"),
        ({"id": 9, "email": "nine@example.org"}, "annotator-9"),
        (None, "annotator-unknown"),
        ({}, "annotator-unknown"),
        (True, "annotator-unknown"),
        ("sara", "sara"),
        ("annotator-1", "sara"),
        ("annotator-8", "annotator-8"),
        ("person-3", "person-3"),
        ("Omar Haddad", "person-1"),
    ],
)
def test_who_completed_it_becomes_a_stable_name(completed_by, name):
    assert Annotators(SETTINGS).name(completed_by) == name


def test_people_known_by_address_are_numbered_in_order_of_appearance():
    people = Annotators(SETTINGS)
    given = [{"email": "b@example.org"}, "a@example.org", {"email": "B@example.org "}]
    assert [people.name(one) for one in given] == ["person-1", "person-2", "person-1"]
    people.name(1)
    assert people.unknown == ("person-1", "person-2")


def test_no_address_and_no_name_of_an_annotator_gets_past_the_door(tmp_path):
    text = "راسلوا التحرير على press@example.org قبل المساء"
    start = text.index("press")
    spans = region("a", (start, start + 17), text="press@example.org", meta={"text": ["see sara@example.org"]})
    comment = {"id": "c", "from_name": "note", "to_name": "text", "type": "textarea"}
    one = annotation(
        spans,
        {**comment, "value": {"text": ["from omar@example.org!"]}},
        completed_by={"email": "hidden@example.org", "first_name": "Hidden", "last_name": "Person"},
        unique_id="hidden@example.org",
    )
    guess = {"model_version": "by model@example.org", "result": []}
    data = {"contact": {"mail": ["desk@example.org"], "phone": "12"}, "key@example.org": 1}
    people = {"updated_by": [{"email": "boss@example.org"}], "comment_authors": ["boss@example.org"]}
    raw = task(one, text=text, data=data, predictions=[guess], meta={"by": "me@example.org"}, **people)
    imported = read(tmp_path, raw)
    found = only(imported)
    assert found.text == text
    assert found.annotations[0].regions[0].text == "press@example.org"
    assert found.annotations[0].annotator == "person-1"
    written = to_json(to_native(found))
    for secret in ("hidden", "Hidden", "desk@", "omar@", "sara@", "boss", "me@", "model@", "key@"):
        assert secret not in written
        assert secret not in "\n".join(map(str, imported.findings))
    assert json.loads(written)["data"]["contact"] == {"mail": ["[e-mail removed]"], "phone": "12"}
    assert codes(imported, "warning").count("address-removed") >= 5


def test_undeclared_annotators_are_told_once(tmp_path):
    raw = task(annotation(completed_by=7), annotation(completed_by=5, unique_id="other"))
    (told,) = [f for f in read(tmp_path, raw).findings if f.code == "annotator-unknown"]
    assert "annotator-5, annotator-7" in told.message
    assert told.severity.value == "warning"
