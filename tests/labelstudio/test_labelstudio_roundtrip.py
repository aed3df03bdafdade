"""Label Studio export -> Task -> native shape is the identity on everything that carries meaning."""

import json
import re
from pathlib import Path
from tempfile import TemporaryDirectory

from composed_exports import SETTINGS, write
from hypothesis import given, settings
from hypothesis import strategies as st
from label_studio_sdk.label_interface import LabelInterface

from toolkit.files import to_json
from toolkit.labelstudio.reading.importing import import_exports
from toolkit.labelstudio.reading.template import labelling_config
from toolkit.native import to_native
from toolkit.project import Tags
from toolkit.schema import EntityType, RelationType, Schema

SCHEMA = Schema(
    entities={name: EntityType() for name in ("PER", "ORG", "مكان [عام]")},
    relations={"org:founded_by": RelationType(), "VISITED": RelationType(), "None": RelationType()},
)
ACCOUNTS = {1: "sara", 2: "omar", 31: "annotator-31", None: "annotator-unknown"}
PIECES = [
    "قال",
    "المُدَرِّس",
    "ال\u0640\u0640كبير",
    "😀",
    "🇪🇬",
    "👨‍👩‍👧",
    "\r\n",
    "\n",
    " ",
    "   ",
    "\t",
    "\u200f",
    "«",
    "، ",
    r"\n",
    "a<b>&",
]


@st.composite
def texts(draw):
    return "نص " + "".join(draw(st.lists(st.sampled_from(PIECES), min_size=1, max_size=25)))


def as_browser(text: str) -> str:
    """What Label Studio stores as value.text of a span: blanks collapsed, a line break as backslash and n."""
    return re.sub("[\r\n]", r"\\n", re.sub(" +", " ", text))


@st.composite
def regions(draw, text, number):
    start = draw(st.integers(0, len(text) - 1))
    end = draw(st.integers(start + 1, len(text)))
    value = {"start": start, "end": end}
    value["labels"] = draw(st.lists(st.sampled_from(sorted(SCHEMA.entities)), max_size=2, unique=True))
    shown = draw(st.sampled_from(["exact", "browser", "absent"]))
    if shown != "absent":
        value["text"] = text[start:end] if shown == "exact" else as_browser(text[start:end])
    row = {"id": f"r{number}", "from_name": "label", "to_name": "text", "type": "labels", "value": value}
    return row | draw(
        st.sampled_from(
            [
                {},
                {"origin": "manual"},
                {"origin": "prediction"},
                {"score": 0.5},
                {"hidden": True, "meta": {"text": ["x"]}},
            ]
        )
    )


@st.composite
def relations(draw, ids):
    row = {"type": "relation", "from_id": draw(st.sampled_from(ids)), "to_id": draw(st.sampled_from(ids))}
    direction = draw(st.sampled_from(["right", "left", "bi", None]))
    if direction:
        row["direction"] = direction
    labels = draw(st.one_of(st.none(), st.lists(st.sampled_from(sorted(SCHEMA.relations)), max_size=3, unique=True)))
    if labels is not None:
        row["labels"] = labels
    return row


@st.composite
def attributes(draw, spans, number):
    kind, value = draw(
        st.sampled_from(
            [
                ("choices", {"choices": ["NAM", "لقب"]}),
                ("textarea", {"text": ["سطر", "آخر"]}),
                ("rating", {"rating": 4}),
            ]
        )
    )
    row = {"from_name": f"tag-{number}", "to_name": "text", "type": kind}
    if not spans or draw(st.booleans()):
        return {**row, "id": f"d{number}", "value": value}
    owner = draw(st.sampled_from(spans))
    place = {key: owner["value"][key] for key in ("start", "end", "text") if key in owner["value"]}
    return {**row, "id": owner["id"], "value": {**place, **value}}


@st.composite
def results(draw, text):
    spans = [draw(regions(text, number)) for number in range(draw(st.integers(0, 5)))]
    rows = list(spans)
    rows += [draw(attributes(spans, number)) for number in range(draw(st.integers(0, 3)))]
    if spans:
        rows += draw(st.lists(relations([span["id"] for span in spans]), max_size=4))
    return draw(st.permutations(rows))


@st.composite
def tasks(draw, number):
    text = draw(texts())
    annotations = [
        {
            "id": 100 + index,
            "unique_id": f"{number}-{index}",
            "completed_by": draw(st.sampled_from([1, 2, 31, {"id": 2, "email": "o@example.org"}, None])),
            "was_cancelled": draw(st.booleans()),
            "ground_truth": draw(st.booleans()),
            "created_ago": "3\u00a0days",
            "lead_time": 4.25,
            "updated_at": "2024-05-01T10:00:00.5Z",
            "prediction": {},
            "result": draw(results(text)),
        }
        for index in range(draw(st.integers(0, 3)))
    ]
    predictions = [
        {
            "id": index,
            "model_version": f"m{index}",
            "score": draw(st.sampled_from([None, 0.5, 1])),
            "result": draw(results(text)),
        }
        for index in range(draw(st.integers(0, 2)))
    ]
    data = {"article_id": f"خبر-{number}", "text": text, "event": draw(st.sampled_from(["قمة", {"n": [1, None]}]))}
    return {"id": number, "data": data, "annotations": annotations, "predictions": predictions, "total_annotations": 9}


def meaning_of_results(rows):
    """What a result list says, however it is written; independent of the code under test."""
    said = []
    for row in rows:
        if row["type"] == "relation":
            labels = tuple(row.get("labels") or ())
            said.append(("relation", row["from_id"], row["to_id"], row.get("direction", "right"), labels))
            continue
        value = dict(row["value"])
        where = (value.pop("start", None), value.pop("end", None))
        if isinstance(value.get("text"), str):
            del value["text"]
        noise = ("id", "from_name", "to_name", "type", "value", "origin", "hidden")
        more = {key: item for key, item in row.items() if key not in noise}
        origin = row.get("origin", "manual")
        facts = json.dumps([value, more], sort_keys=True, ensure_ascii=False)
        said.append((row["type"], row["id"], row["from_name"], row["to_name"], origin, where, facts))
    return sorted(said, key=repr)


def annotator(completed_by):
    if isinstance(completed_by, str):
        return completed_by
    return ACCOUNTS[completed_by["id"] if isinstance(completed_by, dict) else completed_by]


def meaning(task):
    data = {key: value for key, value in task["data"].items() if key not in ("sha256", "length")}
    work = sorted(
        (
            a["unique_id"],
            annotator(a["completed_by"]),
            a["was_cancelled"],
            a["ground_truth"],
            meaning_of_results(a["result"]),
        )
        for a in task["annotations"]
    )
    guesses = [(p["model_version"], p["score"], meaning_of_results(p["result"])) for p in task["predictions"]]
    return data, work, sorted(guesses, key=lambda guess: guess[0])


def imported(folder, content):
    found = import_exports([write(Path(folder), content)], SCHEMA, SETTINGS)
    assert found.held_back == 0, [str(finding) for finding in found.findings]
    return [to_native(task) for task in found.tasks]


@settings(max_examples=60)
@given(st.data())
def test_a_round_trip_keeps_everything_that_carries_meaning(data):
    exported = [data.draw(tasks(number)) for number in range(1, data.draw(st.integers(2, 3)))]
    with TemporaryDirectory() as folder:
        first = imported(folder, exported)
        second = imported(folder, first)
    assert [meaning(task) for task in first] == [meaning(task) for task in exported]
    for task in first:
        for row in (row for a in task["annotations"] for row in a["result"] if row["type"] == "labels"):
            value = row["value"]
            assert value["text"] == task["data"]["text"][value["start"] : value["end"]]
    assert [to_json(task) for task in second] == [to_json(task) for task in first]


@settings(max_examples=25)
@given(tasks(1), st.randoms(use_true_random=False))
def test_the_order_of_an_export_does_not_show_in_the_bytes(task, random):
    shuffled = json.loads(json.dumps(task))
    random.shuffle(shuffled["annotations"])
    random.shuffle(shuffled["predictions"])
    for annotation in shuffled["annotations"]:
        random.shuffle(annotation["result"])
    with TemporaryDirectory() as folder:
        assert to_json(imported(folder, [shuffled])) == to_json(imported(folder, [task]))


GARBAGE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["labels", "0", "\ud83d", 2**70]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["id", "start", "text"]), inner),
    max_leaves=4,
)


def spoil(value, draw):
    """The value with one thing in it, at a depth that is drawn, replaced by garbage."""
    inside = list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    if not inside or draw(st.integers(0, 9)) == 0:
        return draw(GARBAGE)
    key = draw(st.sampled_from(inside))
    value[key] = spoil(value[key], draw)
    return value


@settings(max_examples=150)
@given(st.data())
def test_garbage_is_held_back_or_read_and_what_is_read_can_be_written(data):
    exported = json.loads(json.dumps([data.draw(tasks(1)), data.draw(tasks(2))]))
    for _ in range(data.draw(st.integers(1, 3))):
        exported[0] = spoil(exported[0], data.draw)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "export.json"
        path.write_text(json.dumps(exported))
        found = import_exports([path], SCHEMA, SETTINGS)
    assert found.held_back == found.read - len(found.tasks)
    assert found.held_back == 0 or any(finding.severity.value == "error" for finding in found.findings)
    for task in found.tasks:
        to_json(to_native(task)).encode()
    "\n".join(map(str, found.findings)).encode()


@settings(max_examples=15)
@given(st.data())
def test_label_studio_takes_what_comes_out(data):
    interface = LabelInterface(labelling_config(SCHEMA, Tags()))
    text = data.draw(texts())
    rows = [*data.draw(st.lists(regions(text, 0), max_size=1)), data.draw(regions(text, 1))]
    rows += data.draw(st.lists(relations([row["id"] for row in rows]), max_size=3))
    raw = {
        "data": {"text": text, "article_id": "a"},
        "annotations": [{"unique_id": "u", "completed_by": 1, "result": rows}],
    }
    with TemporaryDirectory() as folder:
        (native,) = imported(folder, [raw])
    (annotation,) = native["annotations"]
    assert (
        interface.validate_prediction({"model_version": "m", "result": annotation["result"]}, return_errors=True) == []
    )
