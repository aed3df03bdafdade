"""Annotation files: a task written and read again is the same task, and a wrong shape is a finding."""

import copy
import random
from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.annotation import Annotation, Attribute, Link, Prediction, Region, Task
from toolkit.files import parse_json, sha256, to_json
from toolkit.findings import Severity
from toolkit.native import Reader, kind_of, mention_digest, to_native

# Short words with all that shifts offsets: emoji, line ends, marks, tatweel, bidi marks, blanks in a row.
WORDS = st.sampled_from(
    ["سلمى", "😀", "👨‍👩‍👧", "\r\n", "\n", "مدرّسًا", "كتـاب", "\u200f", "  ", "GPS", "«", "ه\u200d", "١٬٢"]
)
TEXTS = st.lists(WORDS, max_size=8).map("".join)
NAMES = st.text(st.sampled_from("abr01-خ😀"), max_size=3)
LABELS = st.lists(st.sampled_from(["PER", "ORG", "GPE", "منصب", "a:b/c"]), max_size=3).map(tuple)
OFFSETS = st.integers(-2, 60)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-1, 1) | TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=2),
    max_leaves=4,
)
REGIONS = st.builds(
    Region,
    id=NAMES.filter(bool),
    start=OFFSETS,
    end=OFFSETS,
    labels=LABELS,
    text=st.none() | TEXTS,
    digest=st.none() | st.just("0123456789ab"),
    origin=st.sampled_from(["manual", "prediction", "prediction-changed", ""]),
    tag=st.sampled_from(["label", "نوع", ""]),
    target=st.sampled_from(["text", ""]),
    extra=st.dictionaries(st.sampled_from(["meta", "score", "parentID"]), JSON, max_size=2),
)
LINES = st.lists(TEXTS, max_size=2)
VALUES = st.one_of(
    st.fixed_dictionaries({"choices": LINES}, optional={"text": LINES}),
    st.fixed_dictionaries({"text": LINES}),
    st.fixed_dictionaries({"rating": st.integers(0, 5)}, optional={"extra": JSON}),
)
KINDS = st.sampled_from(["choices", "textarea", "rating", "taxonomy", "brushlabels"])
DIRECTIONS = st.sampled_from(["right", "left", "bi"])


@st.composite
def results(draw):
    """Regions, attributes and links; ids may repeat and links may dangle, as in a file still to be checked."""
    regions = draw(st.lists(REGIONS, max_size=4))
    ids = [region.id for region in regions]
    ends = st.sampled_from([*ids, "gone"])
    attributes = [
        Attribute(id_, id_, draw(NAMES), draw(NAMES), draw(KINDS), draw(VALUES))
        for id_ in (draw(st.lists(st.sampled_from(ids), max_size=2)) if ids else [])
    ]
    for id_ in draw(st.lists(NAMES.filter(lambda name: name not in ids), max_size=2)):
        value = draw(VALUES | st.fixed_dictionaries({"text": TEXTS, "start": OFFSETS}))
        attributes.append(Attribute(id_, None, draw(NAMES), draw(NAMES), draw(KINDS), value))
    links = draw(st.lists(st.builds(Link, ends, ends, DIRECTIONS, LABELS), max_size=4))
    return tuple(regions), tuple(attributes), tuple(links)


@st.composite
def tasks(draw):
    text = draw(TEXTS)
    ids = draw(st.lists(NAMES.filter(bool), max_size=3, unique=True))
    annotators = st.sampled_from(["sara-1", "omar", ""])
    weighed = st.sets(NAMES, max_size=2).map(lambda found: tuple(sorted(found)))
    annotations = [
        Annotation(id_, draw(annotators), *draw(results()), draw(st.booleans()), draw(st.booleans()), draw(weighed))
        for id_ in ids
    ]
    predictions = [
        Prediction(draw(NAMES), draw(st.none() | st.floats(0, 1)), *draw(results()))
        for _ in range(draw(st.integers(0, 2)))
    ]
    data = draw(st.dictionaries(st.sampled_from(["event", "subject", "نص", "Text"]), JSON, max_size=3))
    stored = draw(st.sampled_from([text, None]))
    article = draw(st.sampled_from(["harbour-01", "ميناء-٢", ""]))
    return Task(article, stored, sha256(text.encode()), len(text), data, tuple(annotations), tuple(predictions))


def in_any_order(parts):
    return tuple(sorted(parts, key=lambda part: to_json(asdict(part))))


def without_order(task):
    """The task with its lists in one order, whatever the order was."""

    def inside(part):
        lists = {name: in_any_order(getattr(part, name)) for name in ("regions", "attributes", "links")}
        return replace(part, **lists)

    return replace(
        task,
        annotations=in_any_order(map(inside, task.annotations)),
        predictions=in_any_order(map(inside, task.predictions)),
    )


def shuffled(value, chance):
    """A JSON value with the keys of every object in another order."""
    if isinstance(value, dict):
        return {key: shuffled(value[key], chance) for key in chance.sample(sorted(value), len(value))}
    return [shuffled(item, chance) for item in value] if isinstance(value, list) else value


def reordered(task, chance):
    """The same content with everything in another order."""

    def mixed(parts):
        return tuple(chance.sample(parts, len(parts)))

    def inside(part):
        regions = tuple(replace(region, extra=shuffled(region.extra, chance)) for region in mixed(part.regions))
        attributes = tuple(replace(a, value=shuffled(a.value, chance)) for a in mixed(part.attributes))
        return replace(part, regions=regions, attributes=attributes, links=mixed(part.links))

    return replace(
        task,
        data=shuffled(task.data, chance),
        annotations=mixed([inside(part) for part in task.annotations]),
        predictions=mixed([inside(part) for part in task.predictions]),
    )


def as_bytes(task):
    return to_json(to_native(task)).encode()


def read(native):
    reader = Reader("harbour-01.json")
    return reader.task(native), reader.findings


@given(task=tasks())
def test_a_task_written_and_read_again_is_the_same(task):
    found, findings = read(parse_json(as_bytes(task), "x"))
    assert findings == []
    assert without_order(found) == without_order(task)


@given(task=tasks(), seed=st.integers())
def test_equal_content_in_any_order_gives_equal_bytes(task, seed):
    assert as_bytes(reordered(task, random.Random(seed))) == as_bytes(task)


@given(task=tasks())
def test_reading_and_writing_again_changes_no_byte(task):
    data = as_bytes(task)
    found, _ = read(parse_json(data, "x"))
    assert as_bytes(found) == data


def test_one_annotator_may_have_annotated_twice_under_one_id():
    twice = [Annotation("u", "sara-1", (Region("r", 0, n, ("PER",)),)) for n in (1, 2)]
    task = Task("a", "سلمى", "0" * 64, 4, {}, tuple(twice))
    assert as_bytes(task) == as_bytes(replace(task, annotations=tuple(reversed(twice))))


def test_regions_that_share_an_id_have_one_order():
    regions = tuple(Region("r", n, 9, ("PER",)) for n in (1, 5))
    attributes = (Attribute("r", "r", "note", "text", "textarea", {"text": []}),)
    annotation = Annotation("u", "sara-1", regions, attributes, (Link("r", "q", "right", ()),))
    task = Task("a", None, "0" * 64, 9, {}, (annotation,))
    other = replace(annotation, regions=regions[::-1])
    assert as_bytes(replace(task, annotations=(other,))) == as_bytes(task)


TEXT = "😀 زارت سلمى مرجانة"
NATIVE = {
    "annotations": [
        {
            "completed_by": "sara-1",
            "ground_truth": True,
            "result": [
                {
                    "id": "r1",
                    "from_name": "label",
                    "to_name": "text",
                    "type": "labels",
                    "meta": {"text": ["تعليق"]},
                    "value": {"start": 7, "end": 11, "labels": ["PER"], "text": "سلمى"},
                },
                {
                    "id": "r1",
                    "from_name": "nominal",
                    "to_name": "text",
                    "type": "choices",
                    "value": {"start": 7, "end": 11, "choices": ["NAM"]},
                },
                {
                    "id": "r2",
                    "from_name": "label",
                    "to_name": "text",
                    "type": "labels",
                    "origin": "prediction",
                    "value": {"start": 12, "end": 18, "labels": ["GPE", "LOC"], "digest": "0123456789ab"},
                },
                {
                    "id": "t",
                    "from_name": "note",
                    "to_name": "text",
                    "type": "textarea",
                    "value": {"text": ["سطر"]},
                },
                {"type": "relation", "from_id": "r1", "to_id": "r2", "direction": "left", "labels": ["VISITED"]},
            ],
            "unique_id": "u1",
            "was_cancelled": False,
        },
    ],
    "data": {
        "article_id": "harbour-01",
        "length": 18,
        "sha256": sha256(TEXT.encode()),
        "subject": "ميناء",
        "text": TEXT,
    },
    "predictions": [
        {
            "model_version": "crf/1",
            "score": 0.5,
            "result": [
                {
                    "id": "p1",
                    "from_name": "label",
                    "to_name": "text",
                    "type": "labels",
                    "value": {"start": 7, "end": 11, "labels": ["PER"]},
                }
            ],
        }
    ],
}
RESULT = ("annotations", 0, "result")


def test_a_task_as_it_stands_in_a_file():
    task, findings = read(NATIVE)
    assert findings == []
    assert (task.article_id, task.text, task.length, dict(task.data)) == ("harbour-01", TEXT, 18, {"subject": "ميناء"})
    (annotation,) = task.annotations
    assert annotation == Annotation(
        "u1",
        "sara-1",
        (
            Region("r1", 7, 11, ("PER",), "سلمى", extra={"meta": {"text": ["تعليق"]}}),
            Region("r2", 12, 18, ("GPE", "LOC"), None, "0123456789ab", "prediction"),
        ),
        (
            Attribute("r1", "r1", "nominal", "text", "choices", {"choices": ["NAM"]}),
            Attribute("t", None, "note", "text", "textarea", {"text": ["سطر"]}),
        ),
        (Link("r1", "r2", "left", ("VISITED",)),),
        ground_truth=True,
    )
    assert task.predictions == (Prediction("crf/1", 0.5, (Region("p1", 7, 11, ("PER",)),)),)


def test_results_stand_in_the_order_of_the_text():
    regions = (Region("c", 5, 9, ()), Region("b", 0, 3, ()), Region("a", 0, 9, ()))
    attributes = (Attribute("b", "b", "n", "text", "choices", {}), Attribute("d", None, "n", "text", "choices", {}))
    links = (Link("c", "a", "right", ()), Link("a", "c", "bi", ("X",)))
    task = Task("x", None, "", 9, {}, (Annotation("u", "sara-1", regions, attributes, links),))
    rows = to_native(task)["annotations"][0]["result"]
    assert [(row["type"], row.get("id") or row["from_id"]) for row in rows] == [
        ("choices", "d"),
        ("labels", "a"),
        ("labels", "b"),
        ("choices", "b"),
        ("labels", "c"),
        ("relation", "a"),
        ("relation", "c"),
    ]


@pytest.mark.parametrize("key", ["hidden", "locked", "readonly", "selected"])
def test_the_state_of_the_editor_is_not_kept(key):
    native = copy.deepcopy(NATIVE)
    native["annotations"][0]["result"][0][key] = True
    assert read(native) == read(NATIVE)


@pytest.mark.parametrize(
    ("kind", "id_", "value", "kept"),
    [
        ("choices", "r1", {"start": 7, "end": 11, "text": "سلمى", "choices": ["NAM"]}, {"choices": ["NAM"]}),
        ("textarea", "r1", {"start": 7, "end": 11, "text": ["أول", "ثان"]}, {"text": ["أول", "ثان"]}),
        ("textarea", "r1", {"start": 7, "end": 11, "text": "أول"}, {"text": "أول"}),
        ("textarea", "d", {"text": "أول"}, {"text": "أول"}),
        ("rating", "d", {"rating": 4, "text": "ممتاز"}, {"rating": 4, "text": "ممتاز"}),
    ],
)
def test_an_attribute_repeats_neither_place_nor_mention_and_loses_nothing_else(kind, id_, value, kept):
    task, findings = read(put((*RESULT, 1), {"id": id_, "type": kind, "value": value}))
    assert findings == []
    (attribute,) = [attribute for attribute in task.annotations[0].attributes if attribute.kind == kind][:1]
    assert attribute.value == kept
    assert attribute.region == ("r1" if id_ == "r1" else None)


def put(path, value):
    """NATIVE with another value at a path; the key goes where the value is `...`."""
    native = copy.deepcopy(NATIVE)
    place = native
    for key in path[:-1]:
        place = place[key]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return native


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        (("data",), ..., "shape"),
        (("data",), [], "shape"),
        (("data", "text"), 5, "text-type"),
        (("data", "text"), ["سلمى"], "text-type"),
        (("data", "text"), "سلمى\ud83d", "shape"),
        (("data", "article_id"), ..., "shape"),
        (("data", "article_id"), 17, "shape"),
        (("data", "sha256"), ..., "shape"),
        (("data", "sha256"), None, "shape"),
        (("data", "length"), "18", "shape"),
        (("data", "length"), 18.0, "shape"),
        (("data", "length"), True, "shape"),
        (("data", "subject"), {"a": 2**64}, "shape"),
        (("annotations",), {}, "shape"),
        (("annotations",), "", "shape"),
        (("annotations",), [None], "shape"),
        (("annotations", 0), [], "shape"),
        (("annotations", 0, "unique_id"), ..., "shape"),
        (("annotations", 0, "unique_id"), "", "shape"),
        (("annotations", 0, "unique_id"), 3, "shape"),
        (("annotations", 0, "completed_by"), ..., "shape"),
        (("annotations", 0, "completed_by"), 1, "shape"),
        (("annotations", 0, "completed_by"), {"email": "sara@example.com"}, "shape"),
        (("annotations", 0, "was_cancelled"), "true", "shape"),
        (("annotations", 0, "ground_truth"), 1, "shape"),
        (("annotations", 0, "adjudicates"), ["u2", 3], "shape"),
        (("annotations", 0, "adjudicates"), "u2", "shape"),
        (RESULT, {}, "shape"),
        (RESULT, 0, "shape"),
        ((*RESULT, 0), "r1", "shape"),
        ((*RESULT, 0, "id"), ..., "shape"),
        ((*RESULT, 0, "id"), 0, "shape"),
        ((*RESULT, 0, "value"), ..., "shape"),
        ((*RESULT, 0, "from_name"), 1, "shape"),
        ((*RESULT, 0, "to_name"), ["text"], "shape"),
        ((*RESULT, 0, "origin"), False, "shape"),
        ((*RESULT, 0, "value", "start"), ..., "offset-type"),
        ((*RESULT, 0, "value", "start"), "7", "offset-type"),
        ((*RESULT, 0, "value", "end"), 11.0, "offset-type"),
        ((*RESULT, 0, "value", "end"), True, "offset-type"),
        ((*RESULT, 0, "value", "end"), None, "offset-type"),
        ((*RESULT, 0, "value", "labels"), "PER", "shape"),
        ((*RESULT, 0, "value", "labels"), [1], "shape"),
        ((*RESULT, 0, "value", "labels"), None, "shape"),
        ((*RESULT, 0, "value", "text"), ["سلمى"], "shape"),
        ((*RESULT, 2, "value", "digest"), 12, "shape"),
        ((*RESULT, 1, "type"), ..., "shape"),
        ((*RESULT, 1, "type"), 5, "shape"),
        ((*RESULT, 1, "value"), None, "shape"),
        ((*RESULT, 1, "id"), 5, "shape"),
        ((*RESULT, 3, "from_name"), {}, "shape"),
        ((*RESULT, 4, "from_id"), ..., "shape"),
        ((*RESULT, 4, "to_id"), 2, "shape"),
        ((*RESULT, 4, "direction"), "up", "shape"),
        ((*RESULT, 4, "direction"), "", "shape"),
        ((*RESULT, 4, "direction"), ["right"], "shape"),
        ((*RESULT, 4, "labels"), "VISITED", "shape"),
        ((*RESULT, 4, "labels"), 0, "shape"),
        (("predictions",), {"model_version": "x"}, "shape"),
        (("predictions", 0, "model_version"), 5, "shape"),
        (("predictions", 0, "score"), "0.5", "shape"),
        (("predictions", 0, "score"), True, "shape"),
        (("predictions", 0, "result"), "x", "shape"),
    ],
)
def test_a_wrong_shape_is_an_error_with_its_place(path, value, code):
    task, findings = read(put(path, value))
    assert task is None
    assert [finding.code for finding in findings] == [code]
    assert findings[0].severity is Severity.ERROR
    assert findings[0].path == "harbour-01.json"
    assert "\n" not in str(findings[0])


@pytest.mark.parametrize(
    ("path", "value", "annotation", "region", "message"),
    [
        ((*RESULT, 0, "value", "start"), "7", "u1", "r1", "found start '7' (a string), end 11 (a number)"),
        ((*RESULT, 2, "value", "labels"), {}, "u1", "r2", "labels must be a list of strings"),
        ((*RESULT, 4, "direction"), "up", "u1", None, "relation r1 -> r2 has the direction 'up'; expected right, left"),
        (("annotations", 0, "completed_by"), 1, "u1", None, "completed_by is a number, expected an annotator's name"),
        (("predictions", 0, "result", 0, "value", "end"), 1.5, "prediction crf/1", "p1", "must be whole numbers"),
    ],
)
def test_an_error_names_annotation_region_and_what_was_found(path, value, annotation, region, message):
    _, (finding,) = read(put(path, value))
    assert (finding.annotation, finding.region) == (annotation, region)
    assert message in finding.message


@pytest.mark.parametrize(
    "path",
    [
        ("annotations",),
        ("predictions",),
        RESULT,
        ("data", "text"),
        ("annotations", 0, "ground_truth"),
        ("predictions", 0, "score"),
        ("predictions", 0, "model_version"),
        (*RESULT, 2, "origin"),
        (*RESULT, 4, "direction"),
        (*RESULT, 4, "labels"),
    ],
)
def test_what_may_be_absent_may_be_null_too(path):
    absent, findings = read(put(path, ...))
    assert findings == []
    assert (absent, []) == read(put(path, None))


def test_every_error_of_a_task_is_told_at_once():
    native = put((*RESULT, 0, "value", "start"), "7")
    native["annotations"][0]["result"][4]["direction"] = "up"
    native["data"]["length"] = None
    _, findings = read(native)
    assert sorted(finding.message.split()[0] for finding in findings) == ["data.length", "offsets", "relation"]


def test_one_reader_reads_many_tasks():
    reader = Reader("all.json")
    assert reader.task(put(("data", "length"), None)) is None
    assert reader.task(NATIVE) is not None
    assert len(reader.findings) == 1


def paths_of(value, path=()):
    """Every place inside a JSON value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inside:
        yield (*path, key)
        yield from paths_of(item, (*path, key))


JUNK = JSON | st.sampled_from(["\ud83d", 2**64, -(2**70), "right", {"text": 5}, [[]], [None], {"start": "1"}])


@given(data=st.data())
def test_a_damaged_task_is_read_or_refused_and_never_crashes(data):
    native = copy.deepcopy(NATIVE)
    for _ in range(data.draw(st.integers(1, 4))):
        path = data.draw(st.sampled_from(list(paths_of(native)) or [("data",)]))
        place = native
        for key in path[:-1]:
            place = place[key]
        if data.draw(st.booleans()):
            place[path[-1]] = copy.deepcopy(data.draw(JUNK))
        elif path[-1] in (place if isinstance(place, dict) else range(len(place))):
            del place[path[-1]]
    task, findings = read(native)
    assert (task is None) == bool(findings)
    if task is not None:
        again, none = read(parse_json(as_bytes(task), "x"))
        assert none == []
        assert without_order(again) == without_order(task)


@given(junk=JUNK)
def test_anything_else_is_no_task(junk):
    task, findings = read(junk)
    assert task is None
    assert [finding.code for finding in findings] == ["shape"]


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (None, "missing"),
        (True, "true or false"),
        (5, "a number"),
        (0.5, "a number"),
        ("x", "a string"),
        ([], "a list"),
        ({}, "an object"),
    ],
)
def test_kinds_in_the_words_of_readers(value, kind):
    assert kind_of(value) == kind


def test_a_digest_proves_a_mention_and_does_not_tell_it():
    digest = mention_digest("سلمى رشوان")
    assert len(digest) == 12 and set(digest) <= set("0123456789abcdef")
    assert digest == mention_digest(" سلمى \u00a0\r\n رشوان ")
    assert digest not in (mention_digest("سلمى"), mention_digest("سلمىرشوان"), sha256("سلمى رشوان".encode())[:12])


@given(st.text(st.characters()), st.text(st.characters()))
def test_mentions_of_other_words_have_other_digests(first, second):
    assert (mention_digest(first) == mention_digest(second)) == (first.split() == second.split())
