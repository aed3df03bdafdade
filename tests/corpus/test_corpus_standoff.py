"""Stand-off: a stripped task tells nothing of its text, and joined with the text it is what it was."""

from dataclasses import replace

import pytest
from corpus_texts import adding, annotated
from hypothesis import assume, given
from hypothesis import strategies as st

from toolkit.annotation import Annotation, Attribute, Link, Prediction, Region, Task
from toolkit.corpus.standoff import is_disproved, join, placed_regions, strip
from toolkit.errors import DataError
from toolkit.files import canonical_json, parse_json, sha256, to_json
from toolkit.native import Reader, mention_digest, to_native
from toolkit.tokens import words

LETTERS = "ابتثجحخدذرزسشصضطظعغفقكلمنهويءآأؤإئةى"
MARKS = "\u064b\u064c\u064e\u0650\u0651\u0652\u0670ـ\u200f\u200c"
WORDS = st.text(st.sampled_from(LETTERS + MARKS), min_size=1, max_size=7)
TEXTS = st.lists(
    WORDS | st.sampled_from(["😀", "👩\u200d👧", "؟", "«", "\r\n", "\n\n", "٢٠٢١"]), min_size=1, max_size=14
).map(" ".join)


@st.composite
def tasks(draw):
    """Tasks with their text: regions anywhere in it, also empty and backward ones, predictions, choices, free text."""
    text = draw(TEXTS)
    offsets = st.integers(0, len(text))

    def regions(prefix):
        return tuple(
            Region(
                f"{prefix}{number}",
                start,
                end,
                draw(st.sampled_from([("PER",), ("GPE", "LOC"), ()])),
                text[start:end],
                origin=draw(st.sampled_from(["manual", "prediction"])),
                extra=draw(st.sampled_from([{}, {"score": 0.5}])),
            )
            for number, (start, end) in enumerate(draw(st.lists(st.tuples(offsets, offsets), max_size=4)))
        )

    def part(name):
        own = regions(name)
        ends = st.sampled_from([region.id for region in own] or ["none"])
        links = draw(st.lists(st.builds(Link, ends, ends, st.just("bi"), st.just(("MET_WITH",))), max_size=2))
        choice = Attribute("c", None, "topic", "text", "choices", {"choices": ["ab"]})
        return own, (choice,) if draw(st.booleans()) else (), tuple(links)

    annotations = tuple(
        Annotation(f"a{n}", "draft-1", *part(f"m{n}-"), draw(st.booleans()), draw(st.booleans()))
        for n in range(draw(st.integers(0, 2)))
    )
    predictions = tuple(Prediction("m-1", 0.25, *part("z")) for _ in range(draw(st.integers(0, 1))))
    return Task("t-1", text, sha256(text.encode()), len(text), {"event": "e-1"}, annotations, predictions)


@given(task=tasks())
def test_strip_then_join_is_the_identity(task):
    assert join(strip(task), task.text) == task


@given(task=tasks())
def test_a_stripped_task_survives_its_file(task):
    reader = Reader("t-1.json")
    read = reader.task(parse_json(to_json(to_native(strip(task))).encode(), ""))
    assert reader.findings == []
    assert to_native(join(read, task.text)) == to_native(task)


@given(task=tasks(), quoted=st.booleans())
def test_no_word_of_the_text_is_in_the_stripped_file(task, quoted):
    if quoted and task.annotations and task.annotations[0].regions:
        first, *others = task.annotations[0].regions
        note = replace(first, extra={"meta": {"text": [task.text]}, "score": 1})
        typed = (Attribute(first.id, first.id, "note", "text", "textarea", {"text": [task.text]}),)
        model = Prediction("m-2", None, (note,), typed)
        one = replace(task.annotations[0], regions=(note, *others), attributes=typed)
        task = replace(task, annotations=(one, *task.annotations[1:]), predictions=(*task.predictions, model))
    written = canonical_json(to_native(strip(task))).decode()
    shown = [task.text[start:end] for start, end in words(task.text)]
    assert [word for word in shown if len(word) > 2 and word in written] == []
    assert strip(task).sha256 == task.sha256


@given(task=tasks(), data=st.data())
def test_join_refuses_another_text(task, data):
    other = data.draw(TEXTS | st.sampled_from([task.text + "\n", task.text.replace(" ", "\u00a0"), task.text[:-1]]))
    assume(other != task.text)
    with pytest.raises(DataError, match=r"t-1: the text is not the one that was annotated"):
        join(strip(task), other)


VISIT = annotated("زارت {PER#p سلمى  الحداد} {GPE#g ريفاد}.")


def test_a_region_whose_digest_disagrees_is_named():
    wrong = adding(strip(VISIT), Region("x", 0, 4, ("PER",), digest=mention_digest("غادر")))
    with pytest.raises(DataError, match=r"visit-01: the mention at 0-4 \(region x\) is not the one"):
        join(wrong, VISIT.text)


def test_a_digest_is_blind_to_blanks_and_to_nothing_else():
    region = strip(VISIT).annotations[0].regions[0]
    assert not is_disproved(replace(region, end=region.end - 1), VISIT.text.replace("  ", "\n"))
    assert is_disproved(replace(region, end=region.end - 1), VISIT.text)
    assert not is_disproved(replace(region, digest=None), "")
    assert mention_digest("سلمى\u200f") != mention_digest("سلمى") != mention_digest("سلمي")


def test_strip_leaves_a_task_without_text_as_it_is():
    assert strip(strip(VISIT)) == strip(VISIT)


def test_regions_of_predictions_are_told_with_their_model():
    task = replace(VISIT, predictions=(Prediction("m-1", None, VISIT.annotations[0].regions[:1]),))
    assert [(name, region.id) for name, region in placed_regions(task)] == [
        ("visit-01-1", "p"),
        ("visit-01-1", "g"),
        ("prediction m-1", "p"),
    ]
