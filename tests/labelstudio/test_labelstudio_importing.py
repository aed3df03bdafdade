"""Exports in the wild: every shape and quirk is read, or refused with its reason."""

import json

import pytest
from composed_exports import (
    SCHEMA,
    SETTINGS,
    TEXT,
    annotation,
    at,
    codes,
    only,
    read,
    refused,
    region,
    relation,
    task,
    write,
)

from toolkit.annotation import Link
from toolkit.files import sha256, to_json
from toolkit.labelstudio.reading.importing import import_exports
from toolkit.native import to_native
from toolkit.project import Tags

MINISTER, CITY, CAIRO, TANGIER = (at(TEXT, m) for m in ("الوزير", "مدينة القاهرة", "القاهرة", "طنجة"))
HEAD, TAIL = region("h", MINISTER, ["PER"]), region("t", CAIRO)


def regions(imported):
    return {r.id: r for r in only(imported).annotations[0].regions}


def again(folder, imported):
    """The bytes of the one task, and the bytes after importing them once more."""
    first = to_json(to_native(only(imported)))
    second = import_exports([write(folder, json.loads(first), "again.json")], SCHEMA, SETTINGS)
    return first, to_json(to_native(only(second)))


# Regions


def test_nested_overlapping_and_many_labelled_spans_are_all_kept(tmp_path):
    spans = [region("a", CITY, ["ORG", "GPE"]), region("b", CAIRO), region("c", (CAIRO[0] - 2, CAIRO[1] + 3), ["PER"])]
    found = regions(read(tmp_path, task(annotation(*spans))))
    assert found["a"].labels == ("ORG", "GPE")
    assert [(found[i].start, found[i].end) for i in "abc"] == [CITY, CAIRO, (CAIRO[0] - 2, CAIRO[1] + 3)]


def test_a_region_without_labels_text_from_name_or_type_is_kept(tmp_path):
    bare = {"id": "a", "value": {"start": CAIRO[0], "end": CAIRO[1], "labels": None}}
    unlabelled = {"id": "b", "to_name": "text", "type": "text", "value": {"start": 0, "end": 3, "text": "زار"}}
    found = regions(read(tmp_path, task(annotation(bare, unlabelled))))
    assert (found["a"].labels, found["a"].text, found["a"].tag, found["a"].target) == ((), "القاهرة", "label", "text")
    assert (found["b"].labels, found["b"].text) == ((), "زار")


def test_what_else_is_said_of_a_region_stays_and_the_state_of_the_editor_goes(tmp_path):
    one = region("a", CAIRO, origin="prediction-changed", score=0.5, meta={"text": ["x"]}, hidden=True, locked=False)
    found = regions(read(tmp_path, task(annotation(one))))["a"]
    assert found.origin == "prediction-changed"
    assert found.extra == {"score": 0.5, "meta": {"text": ["x"]}}


@pytest.mark.parametrize("labels", [["GPE", "GPE"], ["GPE", "ORG", "GPE"]])
def test_a_label_twice_in_a_region_is_kept_once_with_a_note(tmp_path, labels):
    imported = read(tmp_path, task(annotation(region("a", CAIRO, labels))))
    assert regions(imported)["a"].labels == tuple(dict.fromkeys(labels))
    assert codes(imported) == ["label-double"]


def test_labels_of_any_script_with_blanks_and_brackets(tmp_path):
    schema = SCHEMA.model_copy(update={"entities": {"مكان [عام]": SCHEMA.entities["GPE"]}})
    imported = read(tmp_path, task(annotation(region("a", CAIRO, ["مكان [عام]"]))), schema=schema)
    assert regions(imported)["a"].labels == ("مكان [عام]",)


def test_every_unknown_label_is_an_error_and_all_are_named_once_with_the_way_out(tmp_path):
    one = annotation(
        region("a", CAIRO, ["CITY"]), region("b", MINISTER, ["CITY", "PER"]), relation("a", "b", labels=["went"])
    )
    imported = read(tmp_path, task(one))
    assert imported.tasks == ()
    assert [(f.region, f.message) for f in imported.findings if f.code == "label-unknown"] == [
        ("a", "the label 'CITY' is not one of the schema"),
        ("b", "the label 'CITY' is not one of the schema"),
    ]
    (about,) = [f for f in imported.findings if f.code == "labels-unknown"]
    assert about.path == str(tmp_path / "export.json")
    assert "'CITY' (2), 'went' (1)" in about.message
    assert "`--labels FILE`" in about.message


@pytest.mark.parametrize(
    ("value", "kind", "part"),
    [
        ({"start": "0", "end": "3", "labels": ["GPE"]}, "labels", "strings"),
        ({"start": "/div[1]/text()[1]", "end": "/div[1]/text()[1]", "labels": ["GPE"]}, "labels", "XPath"),
        ({"start": 0.5, "end": 3.25, "labels": ["GPE"]}, "labels", "seconds"),
        ({"start": "0", "end": "0", "paragraphlabels": ["GPE"]}, "paragraphlabels", "Paragraphs"),
        ({"start": 0, "end": 3, "hypertextlabels": ["GPE"]}, "hypertextlabels", "HyperText"),
    ],
)
def test_regions_of_other_tags_are_refused_by_name(tmp_path, value, kind, part):
    bad = {"id": "a", "from_name": "label", "to_name": "text", "type": kind, "value": value}
    error = refused(read(tmp_path, task(annotation(bad))), "offset-type")
    assert part in error.message
    assert error.region == "a"


@pytest.mark.parametrize(
    "result", [[{"foo": 1}], [5], "none", [{"id": "a", "type": "labels"}], [region("a", CAIRO, [1])]]
)
def test_results_that_are_nothing_are_errors(tmp_path, result):
    refused(read(tmp_path, task({**annotation(), "result": result})), "shape")


def test_images_choices_and_taxonomies_are_documents_without_spans(tmp_path):
    box = {"id": "i", "from_name": "box", "to_name": "image", "type": "rectanglelabels"}
    tree = {"id": "x", "from_name": "tree", "to_name": "text", "type": "taxonomy", "value": {"taxonomy": [["a", "b"]]}}
    box["value"] = {"x": 1.5, "y": 2, "width": 3, "height": 4, "rectanglelabels": ["Car"]}
    found = only(read(tmp_path, task(annotation(box, tree)))).annotations[0]
    assert found.regions == ()
    assert {a.id: (a.region, a.kind, a.value) for a in found.attributes} == {
        "i": (None, "rectanglelabels", box["value"]),
        "x": (None, "taxonomy", {"taxonomy": [["a", "b"]]}),
    }


# Ids


def test_ids_that_are_numbers_hold_relations_together(tmp_path):
    head, tail = region(12, MINISTER, ["PER"]), region("13", CAIRO)
    found = only(read(tmp_path, task(annotation(head, tail, relation(12, 13, labels=["VISITED"]))))).annotations[0]
    assert found.links == (Link("12", "13", "right", ("VISITED",)),)


@pytest.mark.parametrize("id_", ["0", None, "", 0])
def test_ids_absent_or_all_zero_are_made_unique_and_stable(tmp_path, id_):
    spans = [region(id_, MINISTER, ["PER"]), region(id_, CAIRO), region(id_, CITY, ["ORG"])]
    imported = read(tmp_path, task(annotation(*spans)))
    found = regions(imported)
    assert len(found) == 3
    assert codes(imported) == ["region-id"]
    assert regions(read(tmp_path, task(annotation(*reversed(spans))))) == found


def test_a_relation_to_an_id_of_several_regions_is_ambiguous(tmp_path):
    one = annotation(region("0", MINISTER, ["PER"]), region("0", CAIRO), TAIL, relation("0", "t", labels=["VISITED"]))
    error = refused(read(tmp_path, task(one)), "relation-ambiguous")
    assert "relation 0 -> t: 2 regions have the id '0'" in error.message


def test_two_results_of_one_region_are_one_region(tmp_path):
    form = {**region("t", CAIRO, ["ORG"]), "from_name": "form"}
    imported = read(tmp_path, task(annotation(HEAD, TAIL, form, relation("h", "t"))))
    assert regions(imported)["t"].labels == ("GPE", "ORG")
    assert codes(imported) == ["region-united"]
    assert only(imported).annotations[0].links[0].tail == "t"


def test_the_same_ids_in_two_annotations_stay(tmp_path):
    two = annotation(TAIL, completed_by=2, unique_id="annotation-2")
    found = only(read(tmp_path, task(annotation(TAIL), two)))
    assert [[r.id for r in a.regions] for a in found.annotations] == [["t"], ["t"]]


def test_annotation_ids_are_stable_where_the_export_has_none(tmp_path):
    old = {"id": 5, "created_at": "2024-01-01T00:00:00Z", "completed_by": 1}
    first = only(read(tmp_path, task({**old, "result": [TAIL]}))).annotations[0].id
    second = only(read(tmp_path, task({**old, "result": [HEAD]}))).annotations[0].id
    other = only(read(tmp_path, task({**old, "id": 6, "result": [HEAD]}))).annotations[0].id
    assert first == second != other
    nameless = {"completed_by": 1, "result": [TAIL]}
    found = only(read(tmp_path, task(nameless, {**nameless, "result": [HEAD]}, nameless)))
    assert len({a.id for a in found.annotations}) == len(found.annotations) == 2


# Attributes


def per_region(id_, span, kind, tag, **value):
    place = {"start": span[0], "end": span[1], "text": TEXT[slice(*span)]}
    return {"id": id_, "from_name": tag, "to_name": "text", "type": kind, "value": {**place, **value}}


def test_choices_and_comments_of_regions_and_of_the_document(tmp_path):
    topic = {"id": "d", "from_name": "topic", "to_name": "text", "type": "choices", "value": {"choices": ["travel"]}}
    comment = per_region("t", CAIRO, "textarea", "note") | {"value": {"start": 17, "end": 24, "text": ["why", "so"]}}
    one = annotation(TAIL, per_region("t", CAIRO, "choices", "form", choices=["NAM"]), comment, topic)
    imported = read(tmp_path, task(one))
    assert {(a.id, a.region, a.tag, a.kind, str(a.value)) for a in only(imported).annotations[0].attributes} == {
        ("t", "t", "form", "choices", "{'choices': ['NAM']}"),
        ("t", "t", "note", "textarea", "{'text': ['why', 'so']}"),
        ("d", None, "topic", "choices", "{'choices': ['travel']}"),
    }
    assert len(set(again(tmp_path, imported))) == 1


def test_a_region_that_has_a_choice_and_no_label_is_kept(tmp_path):
    imported = read(tmp_path, task(annotation(per_region("q", CAIRO, "choices", "form", choices=["NAM"]))))
    found = only(imported).annotations[0]
    assert [(r.id, r.start, r.end, r.labels) for r in found.regions] == [("q", *CAIRO, ())]
    assert [(a.region, a.value) for a in found.attributes] == [("q", {"choices": ["NAM"]})]
    assert len(set(again(tmp_path, imported))) == 1


def test_choices_find_their_region_by_its_offsets_where_ids_are_useless(tmp_path):
    choice = per_region("0", CAIRO, "choices", "form", choices=["NAM"])
    found = only(read(tmp_path, task(annotation(region("0", MINISTER, ["PER"]), region("0", CAIRO), choice))))
    (attribute,) = found.annotations[0].attributes
    owner = {r.id: (r.start, r.end) for r in found.annotations[0].regions}[attribute.region]
    assert owner == CAIRO
    nowhere = per_region("0", TANGIER, "choices", "form", choices=["NAM"])
    bad = task(annotation(region("0", MINISTER, ["PER"]), region("0", CAIRO), nowhere))
    refused(read(tmp_path, bad), "attribute-ambiguous")


def test_document_attributes_without_ids_of_their_own_get_one(tmp_path):
    row = {"from_name": "topic", "to_name": "text", "type": "choices", "value": {"choices": ["a"]}}
    comment = {"from_name": "note", "to_name": "text", "type": "textarea", "value": {"text": "one line"}}
    imported = read(tmp_path, task(annotation({**row, "id": "x"}, {**row, "id": "x", "from_name": "other"}, comment)))
    attributes = only(imported).annotations[0].attributes
    assert len({a.id for a in attributes}) == 3
    assert next(a for a in attributes if a.kind == "textarea").value == {"text": ["one line"]}
    assert len(set(again(tmp_path, imported))) == 1


# Relations


@pytest.mark.parametrize(
    ("more", "direction", "labels"),
    [
        ({}, "right", ()),
        ({"direction": None, "labels": None}, "right", ()),
        ({"direction": "left", "labels": []}, "left", ()),
        ({"direction": "bi", "labels": ["VISITED", "MET_WITH"]}, "bi", ("VISITED", "MET_WITH")),
        ({"direction": "right", "labels": ["VISITED", "VISITED"]}, "right", ("VISITED",)),
    ],
)
def test_relations_of_every_direction_with_any_number_of_labels(tmp_path, more, direction, labels):
    found = only(read(tmp_path, task(annotation(HEAD, TAIL, relation("h", "t", **more))))).annotations[0]
    assert found.links == (Link("h", "t", direction, labels),)


def test_a_relation_of_a_region_to_itself_is_left_to_validate(tmp_path):
    found = only(read(tmp_path, task(annotation(HEAD, relation("h", "h", labels=["MET_WITH"])))))
    assert found.annotations[0].links == (Link("h", "h", "right", ("MET_WITH",)),)


@pytest.mark.parametrize("name", ["org:founded_by/of", "None", "no_relation"])
def test_relation_labels_may_be_any_string_of_the_schema(tmp_path, name):
    one = task(annotation(HEAD, TAIL, relation("h", "t", labels=[name])))
    refused(read(tmp_path, one), "relation-label")
    schema = SCHEMA.model_copy(update={"relations": {name: SCHEMA.relations["VISITED"]}})
    assert only(read(tmp_path, one, schema=schema)).annotations[0].links[0].labels == (name,)


@pytest.mark.parametrize(
    ("link", "code", "part"),
    [
        (relation("h", "gone"), "relation-dangling", "relation h -> gone: there is no region 'gone'"),
        (relation("h", None), "relation-dangling", "relation h -> nothing"),
        (relation("h", "t", direction="up"), "relation-shape", "'up'; expected right, left or bi"),
        (relation("h", "t", labels="VISITED"), "relation-shape", "expected a list of strings"),
    ],
)
def test_broken_relations_are_errors(tmp_path, link, code, part):
    assert part in refused(read(tmp_path, task(annotation(HEAD, TAIL, link))), code).message


def test_a_relation_to_a_region_that_failed_is_not_called_dangling(tmp_path):
    imported = read(tmp_path, task(annotation(HEAD, region("t", (9, 2)), relation("h", "t"))))
    assert codes(imported) == ["offset-order"]


# Annotations, drafts, predictions


def test_skipped_work_and_ground_truth_are_kept(tmp_path):
    skipped = annotation(TAIL, was_cancelled=True)
    truth = annotation(HEAD, unique_id="annotation-2", ground_truth=True)
    found = only(read(tmp_path, task(skipped, truth))).annotations
    assert [(a.cancelled, a.ground_truth, len(a.regions)) for a in found] == [(True, False, 1), (False, True, 1)]


def test_one_person_may_have_two_annotations(tmp_path):
    found = only(read(tmp_path, task(annotation(TAIL), annotation(HEAD, unique_id="annotation-2"))))
    assert [a.annotator for a in found.annotations] == ["sara", "sara"]


def test_versions_before_1_0_are_read(tmp_path):
    done = {"id": 1001, "created_at": 1588000000, "lead_time": 3.5, "honeypot": True, "result": [TAIL]}
    raw = {"id": 3, "data": {"text": TEXT}, "completions": [done, {**done, "id": 1002, "skipped": True}]}
    found = only(read(tmp_path, raw))
    assert found.article_id == f"text-{sha256(TEXT.encode())[:12]}"
    assert [(a.annotator, a.ground_truth, a.cancelled) for a in found.annotations] == [
        ("annotator-unknown", True, False),
        ("annotator-unknown", True, True),
    ]


def test_drafts_are_counted_and_left(tmp_path):
    draft = {"id": 1, "result": [HEAD]}
    imported = read(tmp_path, task(annotation(TAIL, drafts=[4]), drafts=[draft, draft]))
    assert [f.message for f in imported.findings] == ["drafts that nobody submitted: 3; they were not imported"]
    assert list(regions(imported)) == ["t"]


def test_predictions_stay_apart_and_no_annotations_key_is_fine(tmp_path):
    guess = {
        "id": 9,
        "model_version": "m/1",
        "score": 0.75,
        "result": [HEAD, TAIL, relation("h", "t", direction="left")],
    }
    raw = task(predictions=[guess])
    del raw["annotations"]
    found = only(read(tmp_path, raw))
    assert found.annotations == ()
    (prediction,) = found.predictions
    assert (prediction.model, prediction.score, len(prediction.regions)) == ("m/1", 0.75, 2)
    assert prediction.links == (Link("h", "t", "left", ()),)


def test_a_bad_prediction_is_left_out_and_holds_nothing_back(tmp_path):
    moved = {"model_version": "m/1", "result": [region("a", (0, 4), text="طنجة")]}
    lost = {"model_version": "m/2", "result": [region("a", (0, 4), text="لندن"), region("b", CAIRO, ["CITY"])]}
    imported = read(tmp_path, task(annotation(TAIL), predictions=[moved, lost]))
    (prediction,) = only(imported).predictions
    assert (prediction.regions[0].start, prediction.regions[0].end) == TANGIER
    told = {f.code: f for f in imported.findings}
    assert set(told) == {"offset-repaired", "prediction-dropped"}
    assert told["prediction-dropped"].annotation == "prediction m/2"
    assert "region a: found 'زار ', expected 'لندن'" in told["prediction-dropped"].message
    assert "and 1 more" in told["prediction-dropped"].message


def test_predictions_that_are_ids_are_looked_up_in_the_annotation_or_reported(tmp_path):
    copy = {"id": 7, "model_version": "m", "result": [HEAD]}
    imported = read(tmp_path, task(annotation(TAIL, prediction=copy), predictions=[7, 8]))
    assert [p.model for p in only(imported).predictions] == ["m"]
    (note,) = imported.findings
    assert note.code == "prediction-id"
    assert "not imported: 8;" in note.message


def test_a_copy_of_an_unlisted_prediction_is_noise(tmp_path):
    copy = {"id": 7, "model_version": "m", "result": [HEAD]}
    assert only(read(tmp_path, task(annotation(TAIL, prediction=copy)))).predictions == ()


def test_annotations_that_are_ids_are_an_error(tmp_path):
    assert "not their ids" in refused(read(tmp_path, {**task(), "annotations": [4]}), "shape").message


def test_an_annotation_alone_is_refused_and_one_with_its_task_is_read(tmp_path):
    alone = annotation(TAIL, id=4, task=12)
    error = refused(read(tmp_path, alone), "shape")
    assert "without its task" in error.message
    stored = annotation(TAIL, id=4, task={"id": 12, "data": {"text": TEXT, "article_id": "visit"}})
    assert list(regions(read(tmp_path, stored))) == ["t"]


# Texts


@pytest.mark.parametrize(
    ("data", "code", "part"),
    [
        ({"text": 5}, "text-type", "data.text is a number (5), expected a string"),
        ({"text": ["a"]}, "text-type", "data.text is a list, expected a string"),
        ({"text": ""}, "text-empty", "data.text is empty"),
        ({"text": " \r\n"}, "text-empty", "data.text is empty"),
        ({"text": None}, "text-missing", "no text in data.text"),
        ({}, "text-missing", "no text in data.text"),
        ({"title": TEXT}, "text-missing", "nothing annotated tells"),
        ({"text": "https://example.org/a.txt"}, "text-address", "is the address of the text"),
        ({"text": "half \ud83d of it"}, "text-encoding", "surrogate pair at 5"),
    ],
)
def test_a_task_without_a_usable_text_is_an_error(tmp_path, data, code, part):
    path = tmp_path / "export.json"
    path.write_text(json.dumps([{"id": 1, "data": data, "annotations": []}]))
    error = refused(import_exports([path], SCHEMA, SETTINGS), code)
    assert part in error.message
    assert error.path == f"{path}#task=1"


@pytest.mark.parametrize("data", [None, "text", []])
def test_a_task_without_data_is_an_error(tmp_path, data):
    assert (
        "expected an object with the text"
        in refused(read(tmp_path, {"data": data, "annotations": []}), "shape").message
    )


def test_the_text_is_the_string_that_the_offsets_fit(tmp_path):
    data = {"title": "خبر قصير", "content": TEXT, "html": f"<p>{TEXT}</p>", "date": "2024"}
    raw = {"id": 1, "data": data, "annotations": [annotation(region("a", CAIRO, text="القاهرة"))]}
    imported = read(tmp_path, raw)
    found = only(imported)
    assert found.text == TEXT
    assert found.data == {"title": "خبر قصير", "html": f"<p>{TEXT}</p>", "date": "2024"}
    assert len(set(again(tmp_path, imported))) == 1


def test_several_strings_that_fit_or_none_are_errors_that_name_them(tmp_path):
    fitting = {"data": {"content": TEXT, "copy": TEXT + "."}, "annotations": [annotation(TAIL)]}
    assert "content and copy could each be the text" in refused(read(tmp_path, fitting), "text-ambiguous").message
    bare = {"data": {"a": "قصير", "b": "نص"}, "annotations": [annotation(region("a", CAIRO, text="القاهرة"))]}
    assert "a, b, and the offsets fit none of them" in refused(read(tmp_path, bare), "text-missing").message


def test_the_data_key_of_the_configuration_decides(tmp_path):
    data = {"body": TEXT, "text": "العنوان", "length": "long", "id": 99}
    raw = {"id": 1, "data": data, "annotations": [annotation(TAIL)]}
    imported = read(tmp_path, raw, tags=Tags(data_key="body"))
    found = only(imported)
    assert found.text == TEXT
    assert found.data == {"other_text": "العنوان", "other_length": "long", "id": 99}
    assert codes(imported) == ["data-renamed", "data-renamed"]
    assert len(set(again(tmp_path, imported))) == 1


@pytest.mark.parametrize("article_id", ["../x", "a/b", "", "..", ".hidden", "x\n", ["a"], "a" * 300, "مقال" * 40])
def test_article_ids_that_cannot_be_file_names_are_errors(tmp_path, article_id):
    raw = {"data": {"text": TEXT, "article_id": article_id}, "annotations": []}
    assert "cannot be a file name" in refused(read(tmp_path, raw), "article-id").message


@pytest.mark.parametrize(("article_id", "kept"), [("خبر-1", "خبر-1"), (12, "12"), ("a.b_c", "a.b_c")])
def test_safe_article_ids_are_kept(tmp_path, article_id, kept):
    assert only(read(tmp_path, {"data": {"text": TEXT, "article_id": article_id}})).article_id == kept


def test_a_text_changed_since_it_was_registered_is_an_error(tmp_path):
    data = {"sha256": sha256(b"another text")}
    assert "the text was changed" in refused(read(tmp_path, task(annotation(TAIL), data=data)), "text-changed").message


def test_a_stand_off_file_is_no_export(tmp_path):
    raw = {"data": {"article_id": "a", "sha256": sha256(b"x"), "length": 1}, "annotations": []}
    assert "withheld" in refused(read(tmp_path, raw), "text-missing").message


def test_long_texts_and_byte_order_marks_are_left_alone(tmp_path):
    text = "\ufeff" + "سطر طويل\r\n" * 6600 + "طنجة"
    found = only(read(tmp_path, task(annotation(region("a", at(text, "طنجة"))), text=text)))
    assert found.text == text
    assert found.sha256 == sha256(text.encode())
    assert found.length == len(text)


def test_regions_on_another_text_tag_are_errors(tmp_path):
    title = {**region("a", (0, 3)), "to_name": "title"}
    error = refused(read(tmp_path, task(annotation(TAIL, title))), "target")
    assert "on the tag 'title', not on the text 'text'" in error.message
    assert only(read(tmp_path, task(annotation(title)))).annotations[0].regions[0].target == "title"


def test_values_that_json_files_cannot_hold_are_errors(tmp_path):
    path = tmp_path / "export.json"
    raw = task(annotation(region("a", CAIRO, note="\ud83d")))
    path.write_text(json.dumps([raw]))
    assert "surrogate" in refused(import_exports([path], SCHEMA, SETTINGS), "value-encoding").message


# Several tasks of one article


def test_coders_split_over_files_are_joined_by_article_or_by_text(tmp_path):
    omar = annotation(HEAD, completed_by=2, unique_id="annotation-2")
    for data in ({"article_id": "visit"}, {}):
        files = []
        for number, one in enumerate((annotation(TAIL), omar, annotation(TAIL))):
            raw = {"id": number, "data": {"text": TEXT, f"field{number}": number, **data}, "annotations": [one]}
            files.append(write(tmp_path, [raw], f"{number}.json"))
        imported = import_exports(files, SCHEMA, SETTINGS)
        found = only(imported)
        assert [a.annotator for a in found.annotations] == ["sara", "omar"]
        assert found.data == {"field0": 0, "field1": 1, "field2": 2}
        assert imported.read == 3
        assert codes(imported) == ["merged"]


def test_the_last_version_of_an_annotation_stays(tmp_path):
    old = annotation(HEAD, updated_at="2024-01-01T10:00:00.000000Z")
    new = annotation(TAIL, updated_at="2024-01-01T12:00:00+01:00")
    for order in ((old, new), (new, old)):
        imported = read(tmp_path, task(order[0]), task(order[1]))
        assert [r.id for r in only(imported).annotations[0].regions] == ["t"]
        assert "annotation-version" in codes(imported)


def test_versions_that_nothing_orders_are_an_error_for_their_tasks(tmp_path):
    other = {**task(annotation(TAIL)), "id": 3, "data": {"text": "طنجة", "article_id": "other"}, "annotations": []}
    imported = read(tmp_path, task(annotation(HEAD)), {**task(annotation(TAIL)), "id": 2}, other)
    assert [t.article_id for t in imported.tasks] == ["other"]
    assert imported.held_back == 2
    (error,) = [f for f in imported.findings if f.severity.value == "error"]
    assert (error.code, error.annotation) == ("annotation-clash", "annotation-1")


def test_two_texts_under_one_id_are_errors_at_both_places(tmp_path):
    one, two = task(annotation(TAIL)), {**task(text=TEXT + "."), "id": 2}
    imported = read(tmp_path, one, two)
    assert imported.tasks == ()
    assert imported.held_back == 2
    clashes = [f for f in imported.findings if f.code == "article-clash"]
    assert [f.path.split("#")[1] for f in clashes] == ["task=1", "task=2"]
    assert "#task=2" in clashes[0].message


def test_a_bad_task_does_not_hold_the_others_back(tmp_path):
    bad = {**task(annotation(region("a", (5, 2)))), "id": 2}
    good = {**task(annotation(TAIL)), "id": 3}
    imported = read(tmp_path, bad, good)
    assert len(imported.tasks) == 1
    assert (imported.read, imported.held_back) == (2, 1)


def test_what_goes_in_comes_out_or_is_reported(tmp_path):
    """Counted with json.load: regions and relations in = out + those of tasks held back, each with its errors."""
    spans = [region(f"r{i}", (i, i + 3), ["GPE"]) for i in range(10)]
    links = [relation(f"r{i}", f"r{i + 1}", direction=d) for i, d in enumerate(("right", "left", "bi"))]
    good = annotation(*spans, *links)
    bad = annotation(*spans, region("bad", (3, 1)), *links, relation("r0", "none"), unique_id="annotation-2")
    tasks = [{**task(good), "id": 1}, {**task(bad, data={"article_id": "second"}), "id": 2}]
    path = write(tmp_path, tasks)
    imported = import_exports([path], SCHEMA, SETTINGS)
    with path.open(encoding="utf-8") as file:
        loaded = json.load(file)
    held = {f.path.split("task=")[1] for f in imported.findings if f.severity.value == "error"}
    assert held == {"2"}
    for kind, count in (("labels", 10), ("relation", 3)):
        went_in = sum(r["type"] == kind for t in loaded for a in t["annotations"] for r in a["result"])
        kept_back = sum(
            r["type"] == kind for t in loaded if str(t["id"]) in held for a in t["annotations"] for r in a["result"]
        )
        came_out = [r for t in imported.tasks for a in to_native(t)["annotations"] for r in a["result"]]
        assert sum(r["type"] == kind for r in came_out) == went_in - kept_back == count
    reported = sorted(f.code for f in imported.findings if f.severity.value == "error")
    assert reported == ["offset-order", "relation-dangling"]
