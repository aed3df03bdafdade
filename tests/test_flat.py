"""One layer of words out of nested spans, against a computation from the definitions and against seqeval."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval.scheme import IOB2, Entities

from toolkit.flat import Loss, WordSpan, flatten
from toolkit.schema import FlatLayer
from toolkit.tokens import words

TEXT = "قال وزير الخارجية السارني مازن رشوان، إن وفدا زار مرجانة وسارنا أمس."
WORDS = words(TEXT)
OUTERMOST = FlatLayer(drop=("TITLE",))
INNERMOST = FlatLayer(drop=("TITLE",), keep="innermost")


def span(mention, label):
    start = TEXT.index(mention)
    return start, start + len(mention), label


def kept(layer):
    return [(TEXT[WORDS[s.first][0] : WORDS[s.last - 1][1]], s.label) for s in layer.spans]


def test_the_outermost_stays_when_the_title_is_gone():
    title, org = span("وزير الخارجية السارني", "TITLE"), span("الخارجية السارني", "ORG")
    norp, person = span("السارني", "NORP"), span("مازن رشوان", "PER")
    layer = flatten([title, org, norp, person], WORDS, OUTERMOST)
    assert kept(layer) == [("الخارجية السارني", "ORG"), ("مازن رشوان", "PER")]
    assert layer.losses == ((0, Loss.DROPPED_LABEL), (2, Loss.NESTED))
    layer = flatten([title, org, norp, person], WORDS, INNERMOST)
    assert kept(layer) == [("السارني", "NORP"), ("مازن رشوان", "PER")]
    assert layer.losses == ((0, Loss.DROPPED_LABEL), (1, Loss.NESTED))
    assert "TITLE" in [label for _, label in kept(flatten([title, org], WORDS, FlatLayer()))]


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        (span("الخارجية السارني", "ORG"), span("السارني", "NORP"), Loss.NESTED),
        (span("مازن رشوان", "ORG"), span("مازن رشوان", "PER"), Loss.NESTED),
        (span("السارني مازن رشوان", "PER"), span("الخارجية السارني", "ORG"), Loss.CROSSING),
        (span("سارنا", "GPE"), (TEXT.index("وسارنا"), TEXT.index("وسارنا") + 1, "PER"), Loss.SAME_WORD),
        (span("مازن", "PER"), (TEXT.index(" مازن"), TEXT.index(" مازن") + 1, "PER"), Loss.NO_WORD),
        (span("مازن", "PER"), (TEXT.index("مازن") + 1, TEXT.index("مازن") + 1, "PER"), Loss.NO_WORD),
        (span("مازن", "PER"), (len(TEXT) + 3, len(TEXT) + 5, "PER"), Loss.NO_WORD),
        (span("مازن", "PER"), span("رشوان", "TITLE"), Loss.DROPPED_LABEL),
        (span("مازن", "PER"), (TEXT.index(" مازن"), TEXT.index(" مازن") + 1, "TITLE"), Loss.DROPPED_LABEL),
    ],
)
def test_a_loss_has_its_reason(first, second, reason):
    layer = flatten([first, second], WORDS, OUTERMOST)
    assert [s.source for s in layer.spans] == [0]
    assert layer.losses == ((1, reason),)


def test_a_mention_inside_a_word_takes_the_whole_word():
    layer = flatten([span("سارنا", "GPE")], WORDS, OUTERMOST)
    assert kept(layer) == [("وسارنا", "GPE")]


def test_equal_length_the_leftmost_then_the_label_decides():
    text = "أبب جدد"
    spans = words(text)
    right, left = (2, 5, "B"), (0, 3, "A")
    assert flatten([right, left], spans, FlatLayer()).spans == (WordSpan(0, 1, "A", 1),)
    assert flatten([(0, 3, "B"), (0, 3, "A")], spans, FlatLayer()).spans == (WordSpan(0, 1, "A", 1),)


def test_tags_of_neighbours_begin_anew():
    layer = flatten([span("مازن رشوان", "PER"), span("السارني", "NORP"), span("مرجانة", "GPE")], WORDS, OUTERMOST)
    tags = layer.tags(len(WORDS))
    assert tags == ["O", "O", "O", "B-NORP", "B-PER", "I-PER", "O", "O", "O", "O", "B-GPE", "O", "O", "O"]


def test_no_spans_give_an_empty_layer():
    assert flatten([], WORDS, OUTERMOST).tags(3) == ["O", "O", "O"]
    assert flatten([], [], OUTERMOST).tags(0) == []


LETTERS = st.text(st.sampled_from("ابج  .\u200f"), max_size=14)
SPANS = st.lists(
    st.tuples(st.integers(0, 14), st.integers(0, 6), st.sampled_from(["PER", "ORG", "GPE", "TITLE"])).map(
        lambda drawn: (drawn[0], drawn[0] + drawn[1], drawn[2])
    ),
    max_size=7,
)
POLICIES = st.sampled_from([OUTERMOST, INNERMOST, FlatLayer(), FlatLayer(drop=("PER", "ORG"))])


def by_definition(spans, word_spans, policy):
    """Takes the best span that is left, drops what shares a word with it, until nothing is left."""
    touched = [
        {n for n, (left, right) in enumerate(word_spans) if set(range(left, right)) & set(range(start, end))}
        for start, end, _ in spans
    ]
    sign = 1 if policy.keep == "innermost" else -1

    def rank(n):
        return sign * (spans[n][1] - spans[n][0]), spans[n][0], spans[n][2], n

    left = [n for n, (_, _, label) in enumerate(spans) if label not in policy.drop and touched[n]]
    taken = []
    while left:
        best = min(left, key=rank)
        taken.append(best)
        left = [n for n in left if not touched[n] & touched[best]]
    losses = {}
    for n, (start, end, label) in enumerate(spans):
        if n in taken:
            continue
        rivals = [spans[other] for other in taken if touched[other] & touched[n] and rank(other) < rank(n)]
        mine = set(range(start, end))
        overlapping = [set(range(a, b)) for a, b, _ in rivals if set(range(a, b)) & mine]
        if label in policy.drop:
            losses[n] = Loss.DROPPED_LABEL
        elif not touched[n]:
            losses[n] = Loss.NO_WORD
        elif not overlapping:
            losses[n] = Loss.SAME_WORD
        elif any(other <= mine or mine <= other for other in overlapping):
            losses[n] = Loss.NESTED
        else:
            losses[n] = Loss.CROSSING
    return {n: touched[n] for n in taken}, losses


@given(text=LETTERS, spans=SPANS, policy=POLICIES)
def test_the_layer_is_what_its_definition_says(text, spans, policy):
    word_spans = words(text)
    layer = flatten(spans, word_spans, policy)
    taken, losses = by_definition(spans, word_spans, policy)
    assert {s.source: set(range(s.first, s.last)) for s in layer.spans} == taken
    assert dict(layer.losses) == losses
    assert [spans[s.source][2] for s in layer.spans] == [s.label for s in layer.spans]


@given(text=LETTERS, spans=SPANS, policy=POLICIES)
def test_nothing_disappears_and_no_word_has_two_owners(text, spans, policy):
    word_spans = words(text)
    layer = flatten(iter(spans), word_spans, policy)
    places = [s.source for s in layer.spans] + [place for place, _ in layer.losses]
    assert sorted(places) == list(range(len(spans)))
    owned = [word for s in layer.spans for word in range(s.first, s.last)]
    assert owned == sorted(set(owned))
    assert not {s.label for s in layer.spans} & set(policy.drop)


@given(text=LETTERS, spans=SPANS, policy=POLICIES)
def test_seqeval_reads_the_same_spans_off_the_tags_in_strict_iob2(text, spans, policy):
    word_spans = words(text)
    layer = flatten(spans, word_spans, policy)
    tags = layer.tags(len(word_spans))
    assert len(tags) == len(word_spans)
    read = [entity for sentence in Entities([tags], IOB2).entities for entity in sentence]
    assert [(e.start, e.end, e.tag) for e in read] == [(s.first, s.last, s.label) for s in layer.spans]
