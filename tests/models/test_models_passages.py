"""Texts in passages, and answers for passages joined to one for the text; requests side by side, and tried again."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.errors import DataError
from toolkit.models.outcomes import Outcomes, join
from toolkit.models.parallel import in_parallel
from toolkit.models.passages import passages
from toolkit.models.predictor import Answer, Span
from toolkit.models.retrying import BusyError, Persistence, SilentError
from toolkit.tokens import sentences, words

TEXTS = st.lists(st.sampled_from(["كريم", "مُحَمَّد", ".", "؟", "\n", "(", "2.5", "\u200f", "a b"]), max_size=60).map(
    " ".join
)


@given(TEXTS, st.integers(1, 12))
def test_passages_hold_every_word_once_and_no_more_than_they_may(text, most):
    spans = words(text)
    found = passages(text, most)
    held = [[span for span in spans if start <= span[0] and span[1] <= end] for start, end in found]
    assert [span for inside in held for span in inside] == [
        s for s in spans if any(a <= s[0] < b for a, b in sentences(text))
    ]
    assert all(0 < len(inside) <= most for inside in held)
    starts, ends = (set(edges) for edges in zip(*sentences(text), strict=True)) if found else (set(), set())
    for start, end in found:
        cut = [(a, b) for a, b in sentences(text) if a < start < b or a < end < b]
        assert all(len([s for s in spans if a <= s[0] < b]) > most for a, b in cut), "a short sentence is never cut"
        assert start in starts or cut
        assert end in ends or cut


def test_answers_for_passages_become_one_with_the_offsets_of_the_text():
    parts = [(10, Answer([Span(0, 4, "A", 0.5)], counts={"x": 1})), (0, Answer([Span(1, 2, "B")], counts={"x": 2}))]
    assert join(parts) == Answer([Span(1, 2, "B"), Span(10, 14, "A", 0.5)], counts={"x": 3})
    assert isinstance(join([*parts, (20, ValueError("no"))]), ValueError)
    assert join([]) == Answer([])


def test_results_come_in_the_order_of_the_items_with_their_exceptions():
    barrier = threading.Barrier(3, timeout=10)

    def invert(number):
        if number < 3:
            barrier.wait()  # three at a time, or never
        return 1 / (number - 5)

    found = in_parallel(invert, range(9), 3)
    assert isinstance(found[5], ZeroDivisionError)
    assert [value for value in found if isinstance(value, float)] == [1 / (n - 5) for n in range(9) if n != 5]
    assert in_parallel(invert, [], 3) == []


def test_a_batch_with_a_fault_is_asked_once_though_its_texts_come_again():
    asked = []

    def ask(texts):
        asked.append(list(texts))
        return [ValueError(text) if text == "bad" else Answer([Span(0, len(text), "X")]) for text in texts]

    outcomes = Outcomes(ask)
    with pytest.raises(ValueError, match="bad"):
        outcomes.predict(["a", "bad", "b"])
    assert outcomes.predict(["a"]) == [Answer([Span(0, 1, "X")])]
    with pytest.raises(ValueError, match="bad"):
        outcomes.predict(["bad"])
    assert asked == [["a", "bad", "b"]]
    with pytest.raises(ValueError, match="bad"):
        outcomes.predict(["bad"])  # now it is a new question
    assert outcomes.predict([]) == [] and asked[1:] == [["bad"]]


def failing(*errors):
    left = list(errors)

    def attempt():
        if left:
            raise left.pop(0)
        return "done"

    return attempt


def test_waits_double_unless_the_service_asks_for_others():
    waits = []
    persistence = Persistence(5, waits.append)
    busy = BusyError("busy")
    assert persistence.call(failing(busy, busy, BusyError("busy", 7.0), busy)) == "done"
    assert len(waits) == 4
    assert 0.375 <= waits[0] <= 0.625 and 0.75 <= waits[1] <= 1.25 and waits[2] == 7 and 3 <= waits[3] <= 5


def test_patience_ends_and_comes_back_with_an_answer():
    waits = []
    persistence = Persistence(2, waits.append)
    for _ in range(3):
        with pytest.raises(DataError, match=r"^gone \(tried 2 times\)$"):
            persistence.call(failing(BusyError("gone"), BusyError("gone")))
    assert persistence.call(failing()) == "done"
    for _ in range(4):
        with pytest.raises(DataError, match=r"^late$"):
            persistence.call(failing(SilentError("late")))
    with pytest.raises(DataError, match="not asked: the service failed 4 times in a row, at last so: late"):
        persistence.call(failing())
    assert len(waits) == 3
