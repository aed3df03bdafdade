"""Where a region stands: offsets trusted, checked against what was shown, repaired by a named cause, or refused."""

import pytest
from composed_exports import annotation, at, codes, only, read, refused, region, relation, task
from hypothesis import given
from hypothesis import strategies as st

from toolkit.labelstudio.reading.repair import Placement, Refusal, offsets_of, place
from toolkit.offsets import codepoint_to_utf16

SHOWN_OTHERWISE = [
    ("برج   طويل", "برج طويل"),
    ("كلمة\r\nنهاية", r"كلمة\n\nنهاية"),
    ("كلمة\nنهاية", r"كلمة\nنهاية"),
    ("كلمة", "كلمة "),
    (" كلمة", "كلمة"),
    ("كلمة\u00a0أخرى", "كلمة أخرى"),
    ("كلمة\n", r"كلمة\n"),
    (r"C:\new", r"C:\new"),
]


@pytest.mark.parametrize(("slice_", "shown"), SHOWN_OTHERWISE)
def test_what_label_studio_does_to_the_text_is_undone_and_the_offsets_stay(slice_, shown):
    text = f"قبل {slice_} بعد"
    assert place(text, 4, 4 + len(slice_), shown) == Placement(4, 4 + len(slice_))


def test_without_a_text_of_its_own_a_region_in_the_text_is_trusted():
    for shown in (None, "", " "):
        assert place("مرحبا بكم", 0, 5, shown) == Placement(0, 5)


def test_utf16_units_are_converted():
    text = "🇪🇬😀 زار القاهرة 😀 ثم طنجة"
    start, end = at(text, "طنجة")
    moved = place(text, codepoint_to_utf16(text, start), codepoint_to_utf16(text, end), "طنجة")
    assert moved == Placement(start, end, "the offsets count UTF-16 units")


def test_crlf_drift_is_undone_in_both_directions():
    stored, counted = "أول\r\nثان\r\nثالث طنجة ثم طنجة", "أول\nثان\nثالث طنجة ثم طنجة"
    for text, other, cause in (
        (stored, counted, "the offsets count every CRLF as one character"),
        (counted, stored, "the offsets count every line feed as CRLF"),
    ):
        assert place(text, *at(other, "طنجة", 1), "طنجة") == Placement(*at(text, "طنجة", 1), cause)


def test_a_mention_that_occurs_once_elsewhere_is_found_as_it_was_shown():
    text = "عاد من  مدينة\nطنجة أمس"
    moved = place(text, 0, 10, r"مدينة\nطنجة ")
    assert isinstance(moved, Placement)
    assert text[moved.start : moved.end] == "مدينة\nطنجة"
    assert "occurs once" in moved.cause


@pytest.mark.parametrize(
    ("start", "end", "shown", "code", "parts"),
    [
        (0, 3, "طنجة", "offset-mismatch", ["found 'طنج'", "expected 'طنجة'", "occurs 2 times"]),
        (0, 4, "أخرى", "offset-mismatch", ["found 'طنجة'", "expected 'أخرى'", "nowhere in the text"]),
        (4, 4, "طنجة", "offset-empty", ["both 4"]),
        (9, 4, "طنجة", "offset-order", ["end 4", "start 9"]),
        (5, 99, None, "offset-range", ["12 code points"]),
        (-1, 3, None, "offset-range", ["12 code points"]),
        (50, 99, "أخرى", "offset-range", ["12 code points", "expected 'أخرى'", "nowhere"]),
    ],
)
def test_what_cannot_be_repaired_is_refused_with_found_and_expected(start, end, shown, code, parts):
    refusal = place("طنجة ثم طنجة", start, end, shown)
    assert isinstance(refusal, Refusal)
    assert refusal.code == code
    for part in parts:
        assert part in refusal.message


def test_overlapping_occurrences_count():
    assert "occurs 2 times" in place("هاهاها سيما", 7, 11, "هاها").message


@pytest.mark.parametrize(
    ("value", "code", "part"),
    [
        ({"start": "0", "end": "5"}, "offset-type", "strings, expected whole numbers: start '0', end '5'"),
        ({"start": "/p[1]/text()[1]", "end": "/p[1]/text()[1]", "startOffset": 3}, "offset-type", "HyperText"),
        ({"start": 1.25, "end": 3.5}, "offset-type", "seconds of an audio region"),
        ({"start": 1, "end": None}, "offset-missing", "no offsets: start 1, end missing"),
        ({}, "offset-missing", "start missing, end missing"),
        ({"start": True, "end": 3}, "offset-type", "whole numbers: start True, end 3"),
        ({"start": [1], "end": 3}, "offset-type", "start a list"),
    ],
)
def test_offsets_of_another_kind_are_refused_with_their_reason(value, code, part):
    refusal = offsets_of(value)
    assert isinstance(refusal, Refusal)
    assert refusal.code == code
    assert part in refusal.message


@given(
    st.lists(st.sampled_from(["كلمة", "😀", "🇪🇬", "\r\n", "\n", "  ", "مُدّ", "ـــ", "\u200f"]), min_size=1, max_size=12),
    st.data(),
)
def test_old_units_lead_to_the_mention_that_was_meant(pieces, data):
    """The mention is unique, so whatever cause is found, it has to lead there."""
    before = data.draw(st.integers(0, len(pieces)))
    text = "".join(pieces[:before]) + "طنجة" + "".join(pieces[before:])
    start, end = at(text, "طنجة")
    as_utf16 = codepoint_to_utf16(text, start), codepoint_to_utf16(text, end)
    as_lf = tuple(len(text[:offset].replace("\r\n", "\n")) for offset in (start, end))
    for given_ in (as_utf16, as_lf, (start, end)):
        found = place(text, *given_, "طنجة")
        assert isinstance(found, Placement)
        assert (found.start, found.end) == (start, end)
        assert (found.cause is None) == (given_ == (start, end))


def test_each_repair_is_a_finding_with_old_and_new_offsets(tmp_path):
    text = "😀 زار طنجة ثم باريس"
    start, end = at(text, "طنجة")
    paris = at(text, "باريس")
    one = annotation(
        region("a", (start + 1, end + 1), text="طنجة"),
        region("b", (0, 5), text="باريس", origin="prediction"),
        relation("a", "b", labels=["VISITED"]),
    )
    imported = read(tmp_path, task(one, text=text))
    found = only(imported)
    assert [(r.id, r.start, r.end, r.text) for r in found.annotations[0].regions] == [
        ("a", start, end, "طنجة"),
        ("b", *paris, "باريس"),
    ]
    first, second = (f for f in imported.findings if f.code == "offset-repaired")
    assert (first.path.split("#")[1], first.annotation, first.region, first.start, first.end) == (
        "task=1",
        "annotation-1",
        "a",
        start,
        end,
    )
    assert first.message == f"'طنجة' is at {start}-{end}, not at {start + 1}-{end + 1}: the offsets count UTF-16 units"
    assert f"not at 0-5: {'the offsets are those of another version'}" in second.message
    assert imported.repaired == 2
    assert set(codes(imported)) == {"offset-repaired"}


def test_an_irreparable_region_holds_its_task_back_with_its_whole_place(tmp_path):
    bad = annotation(region("a", (0, 4), text="لندن"), region("b", at("زار", "زار")))
    error = refused(read(tmp_path, task(bad)), "offset-mismatch")
    assert str(error) == (
        f"error[offset-mismatch] {tmp_path}/export.json#task=1, annotation annotation-1, region a, 0-4: "
        "found 'زار ', expected 'لندن', which is nowhere in the text"
    )
