"""Label schemes of models, read from the names of their classes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval.scheme import IOB2, IOBES, Entities

from toolkit.errors import UsageError
from toolkit.models.iob import segments
from toolkit.models.tag_schemes import OUTSIDE, Tag, read_scheme, to_iob


@pytest.mark.parametrize(
    ("labels", "name", "tags"),
    [
        (["O", "B-PER", "I-PER"], "BI", "O B-PER I-PER"),
        (["I-PER", "O", "I-LOC"], "I", "I-PER O I-LOC"),
        (["O", "B-PER", "I-PER", "E-PER", "S-PER"], "BEIS", "O B-PER I-PER E-PER S-PER"),
        (["O", "B-PER", "I-PER", "L-PER", "U-PER"], "BILU", "O B-PER I-PER E-PER S-PER"),
        (["O", "B_PER", "M_PER", "E_PER", "S_PER"], "BEMS", "O B-PER I-PER E-PER S-PER"),
        (["O", "PER", "LOC"], "no prefixes", "O I-PER I-LOC"),
        (["O", "B-O", "I-O", "B-PER", "I-PER"], "BI", "O O O B-PER I-PER"),
        (["[PAD]", "<s>", "o", "B-PER", "I-PER"], "BI", "O O O B-PER I-PER"),
        (["O", "E-MAIL", "PER"], "no prefixes", "O I-E-MAIL I-PER"),
    ],
)
def test_the_scheme_is_read_from_the_names(labels, name, tags):
    scheme = read_scheme(labels)
    assert scheme.name == name
    assert " ".join(f"{kind}-{label}" if label else kind for kind, label in scheme.tags) == tags
    assert scheme.begins == ("B-" in tags or "S-" in tags)


def test_classes_can_be_named_as_outside():
    labels = ["O", "B-PER", "I-PER", "X"]
    with pytest.raises(UsageError, match=r"some do not: X. .*--option outside=X\.$"):
        read_scheme(labels)
    assert read_scheme(labels, ["X"]).tags[3] == OUTSIDE


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([f"LABEL_{n}" for n in range(4)], "LABEL_0, LABEL_1, LABEL_2…, which say nothing. Name them in order"),
        (["O"], "no label but outside"),
        (["O", "B-O"], "no label but outside"),
    ],
)  # fmt: skip
def test_names_that_say_nothing_are_refused(labels, message):
    with pytest.raises(UsageError, match=message):
        read_scheme(labels)


def entities(scheme, tags):
    found = Entities([tags], scheme).entities[0]
    return [(entity.start, entity.end, entity.tag) for entity in found]


@st.composite
def mentions(draw):
    """Tags in IOB2 and in IOBES of the same mentions."""
    one, other = [], []
    for label, size in draw(st.lists(st.tuples(st.sampled_from("OXY"), st.integers(1, 3)), max_size=12)):
        if label == "O":
            one += ["O"] * size
            other += ["O"] * size
            continue
        one += [f"B-{label}", *[f"I-{label}"] * (size - 1)]
        inner = [f"B-{label}", *[f"I-{label}"] * (size - 2), f"E-{label}"]
        other += inner if size > 1 else [f"S-{label}"]
    return one, other


@given(mentions())
def test_valid_tags_of_both_schemes_are_the_mentions_that_seqeval_sees(tags):
    for given_tags, scheme in zip(tags, (IOB2, IOBES), strict=True):
        read = [Tag(*tag.split("-")) if tag != "O" else OUTSIDE for tag in given_tags]
        found = [(s.first, s.last, s.label) for s in segments(to_iob(read))]
        assert found == entities(scheme, given_tags)


def test_neighbours_without_begin_are_one_mention_and_an_end_closes_one():
    def read(tags):
        pairs = [Tag(*tag.split("-")) if tag != "O" else OUTSIDE for tag in tags.split()]
        return [(s.first, s.last, s.label) for s in segments(to_iob(pairs))]

    assert read("I-X I-X I-Y O I-Y") == [(0, 2, "X"), (2, 3, "Y"), (4, 5, "Y")]
    assert read("I-X E-X I-X E-X") == [(0, 2, "X"), (2, 4, "X")]
    assert read("S-X I-X") == [(0, 1, "X"), (1, 2, "X")]
