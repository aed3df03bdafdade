"""Windows: every word answered once and where it has most context, none larger than the model reads."""

from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from toolkit.models.windows import Window, windows


@st.composite
def texts(draw):
    """Sentences as ranges of words, and the range of pieces of each word; some words have none, some share one."""
    pieces, place = [], 0
    sizes = st.sampled_from([0, 1, 1, 1, 2, 3, 7])
    for size, gap in draw(st.lists(st.tuples(sizes, st.sampled_from([0, 0, 0, 1, -1])), max_size=60)):
        place = max(place + gap, pieces[-1][0] if pieces else 0)
        end = max(place + size, pieces[-1][1] if pieces else 0)
        pieces.append((place, end))
        place = end
    cuts = sorted(draw(st.sets(st.integers(1, max(1, len(pieces) - 1)), max_size=12)))
    edges = [0, *[cut for cut in cuts if cut < len(pieces)], len(pieces)]
    return [pair for pair in pairwise(edges) if pair[0] < pair[1]], pieces


def size(pieces, first, last):
    return pieces[last - 1][1] - pieces[first][0]


@given(texts(), st.integers(1, 20), st.integers(0, 6), st.booleans())
def test_each_word_is_answered_once_in_a_window_that_the_model_can_read(text, room, context, pack):
    assume(room > 2 * context)
    sentences, pieces = text
    found = windows(sentences, pieces, room, context=context, pack=pack)
    assert all(size(pieces, w.first, w.last) <= room for w in found)
    assert all(w.first <= w.own_first < w.own_last <= w.last for w in found)
    answered = [word for w in found for word in range(w.own_first, w.own_last)]
    assert answered == [word for word in range(len(pieces)) if size(pieces, word, word + 1) <= room]


@given(texts(), st.integers(1, 20), st.integers(0, 6), st.booleans())
def test_a_sentence_that_fits_is_whole_and_has_its_context(text, room, context, pack):
    assume(room > 2 * context)
    sentences, pieces = text
    found = windows(sentences, pieces, room, context=context, pack=pack)
    for first, last in sentences:
        if size(pieces, first, last) <= room - 2 * context:
            (window,) = [w for w in found if w.own_first < last and first < w.own_last]
            assert window.own_first <= first and last <= window.own_last
            assert pack or (window.own_first, window.own_last) == (first, last)
            for word in range(window.first - 1, -1, -1)[:1]:
                assert pieces[window.own_first][0] - pieces[word][0] > context
            for word in range(window.last, len(pieces))[:1]:
                assert pieces[word][1] - pieces[window.own_last - 1][1] > context


@given(texts(), st.integers(8, 20))
def test_a_word_of_a_cut_sentence_is_answered_where_its_shorter_side_is_longest(text, room):
    sentences, pieces = text
    assume(all(last - first <= 1 for first, last in pieces))
    for first, last in sentences:
        found = windows([(first, last)], pieces, room)

        def shorter(word, window, first=first, last=last):
            """Pieces of context on the shorter side; where the sentence ends there is no more to be had."""
            left = pieces[word][0] - pieces[window.first][0] if window.first > first else room
            right = pieces[window.last - 1][1] - pieces[word][1] if window.last < last else room
            return min(left, right)

        for window in found:
            for word in range(window.own_first, window.own_last):
                others = [shorter(word, other) for other in found if other.first <= word < other.last]
                # A window ends with a word, and words that share or lack a piece move it by one at most.
                assert shorter(word, window) >= max(others) - 1


@pytest.mark.parametrize(
    ("sentences", "options", "expected"),
    [
        ([(0, 3), (3, 6), (6, 8)], {}, [(0, 8, 0, 8)]),
        ([(0, 3), (3, 6), (6, 12)], {}, [(0, 6, 0, 6), (6, 12, 6, 12)]),
        ([(0, 3), (3, 6)], {"pack": False}, [(0, 3, 0, 3), (3, 6, 3, 6)]),
        ([(0, 5), (5, 10), (10, 12)], {"context": 1}, [(0, 6, 0, 5), (4, 11, 5, 10), (9, 12, 10, 12)]),
        ([(0, 3), (3, 20), (20, 22)], {}, [(0, 3, 0, 3), (3, 9, 3, 7), (5, 13, 7, 11), (9, 17, 11, 15),
                                           (13, 20, 15, 19), (17, 20, 19, 20), (20, 22, 20, 22)]),
        ([], {}, []),
    ],
)  # fmt: skip
def test_windows_of_eight_pieces_over_words_of_one(sentences, options, expected):
    pieces = [(word, word + 1) for word in range(40)][: max((last for _, last in sentences), default=0)]
    assert windows(sentences, pieces, 8, **options) == [Window(*window) for window in expected]


def test_a_word_of_more_pieces_than_the_room_is_in_no_window_and_its_neighbours_are():
    pieces = [(0, 1), (1, 2), (2, 30), (30, 31), (31, 32)]
    assert windows([(0, 5)], pieces, 8) == [Window(0, 2, 0, 2), Window(3, 5, 3, 5)]
