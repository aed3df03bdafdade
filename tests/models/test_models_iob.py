"""Tags to segments, with seqeval as the judge of both readings."""

from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics.sequence_labeling import get_entities
from seqeval.scheme import IOB2, Entities

from toolkit.models.iob import segments

TAGS = ["O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-X-Y", "I-X-Y"]


@given(st.lists(st.sampled_from(TAGS), min_size=1, max_size=12))
def test_segments_are_those_of_seqeval_in_both_modes(tags: list[str]) -> None:
    found = segments(tags)
    assert [(s.label, s.first, s.last - 1) for s in found] == get_entities(tags)
    strict = Entities([tags], IOB2).entities[0]
    assert [(s.label, s.first, s.last) for s in found if s.is_opened] == [(e.tag, e.start, e.end) for e in strict]


def test_an_inside_tag_that_continues_nothing_begins_a_segment() -> None:
    assert segments(["I-PER", "I-PER", "I-ORG", "O", "B-ORG", "I-PER"]) == [
        (0, 2, "PER", False),
        (2, 3, "ORG", False),
        (4, 5, "ORG", True),
        (5, 6, "PER", False),
    ]


def test_no_tags_have_no_segments() -> None:
    assert segments([]) == []
