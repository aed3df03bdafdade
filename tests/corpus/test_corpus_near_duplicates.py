"""Copied paragraphs, recomputed the slow way; and the groups that they and events make."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.corpus.near_duplicates import Copy, find_copies, groups
from toolkit.normalise import comparison_words
from toolkit.project import NearDuplicates, Project

RULE = NearDuplicates(ngram=3, containment=0.5, min_words=4)
# Few words, so that paragraphs share n-grams; two spellings of one.
WORDS = st.sampled_from(["وصل", "الوفد", "إلى", "الي", "ريفاد", "صباحا", "أمس"])
PARAGRAPHS = st.lists(WORDS, max_size=9).map(" ".join)
TEXTS = st.dictionaries(st.sampled_from("abcd"), st.lists(PARAGRAPHS, max_size=4).map("\n".join), max_size=4)


def grams_of(paragraph, size):
    found = comparison_words(paragraph)
    return {tuple(found[i : i + size]) for i in range(len(found)) if i + size <= len(found)}


def recomputed(texts, rule):
    """Every pair of lines of two documents, compared one by one."""
    copies = []
    for one, two in combinations(sorted(texts), 2):
        for line, paragraph in enumerate(texts[one].split("\n")):
            for other_line, other in enumerate(texts[two].split("\n")):
                if min(len(comparison_words(paragraph)), len(comparison_words(other))) < rule.min_words:
                    continue
                mine, theirs = grams_of(paragraph, rule.ngram), grams_of(other, rule.ngram)
                if not mine or not theirs:
                    continue
                containment = len(mine & theirs) / min(len(mine), len(theirs))
                if containment and containment >= rule.containment:
                    copies.append(Copy(one, line, two, other_line, containment))
    return copies


@given(
    texts=TEXTS,
    rule=st.builds(
        NearDuplicates,
        ngram=st.integers(1, 4),
        containment=st.sampled_from([0.01, 0.5, 0.75, 1.0]),
        min_words=st.integers(1, 6),
    ),
)
def test_copies_are_those_of_the_slow_way(texts, rule):
    assert find_copies(texts, rule) == recomputed(texts, rule)


@given(texts=TEXTS)
def test_copies_do_not_depend_on_the_order_of_documents(texts):
    assert find_copies(dict(reversed(texts.items())), RULE) == find_copies(texts, RULE)


def test_a_copy_with_another_spelling_is_found_and_its_lines_told():
    texts = {
        "b": "عنوان\r\nوصل الوفد الكوري إلي ميناء ريفاد صباح أمس\r\n",
        "a": "وَصَلَ الوفد الكورى إلى مينـاء ريفاد صباح أمس، وغادر بعد ساعة",
    }
    assert find_copies(texts, NearDuplicates()) == [Copy("a", 0, "b", 1, 1.0)]


@pytest.mark.parametrize(
    ("shared", "expected"),
    [(4, []), (5, [0.5]), (8, [0.8]), (10, [1.0])],
)
def test_the_threshold_itself_counts(shared, expected):
    words = [f"كلمة{n}" for n in range(12)]
    other = [f"غيرها{n}" for n in range(10 - shared)]
    texts = {"a": " ".join(words), "b": " ".join([*words[: shared + 2], *other])}
    assert [copy.containment for copy in find_copies(texts, NearDuplicates())] == expected


def test_a_short_paragraph_and_one_of_the_same_document_are_no_copies():
    line = "وصل الوفد إلى ريفاد صباح أمس"
    assert find_copies({"a": line, "b": line}, NearDuplicates()) == []
    assert find_copies({"a": f"{line}\n{line}"}, RULE) == []
    assert len(find_copies({"a": line, "b": f"{line}\n{line}"}, RULE)) == 2


@pytest.mark.articles
def test_the_copies_between_the_five_articles(articles, repository):
    texts = {path.stem[:3]: path.read_bytes().decode() for path in articles.glob("*.txt")}
    rule = Project(repository).dataset.near_duplicates
    assert (rule.ngram, rule.containment) == (3, 0.5)
    copies = find_copies(texts, rule)
    pairs = [(7, 5), (8, 6), (8, 30), (9, 7), (9, 31), (10, 8), (11, 12)]
    assert [(c.document, c.other, c.line, c.other_line) for c in copies] == [("000", "003", *pair) for pair in pairs]
    assert (round(min(c.containment for c in copies), 2), round(max(c.containment for c in copies), 2)) == (0.6, 0.89)
    assert copies == recomputed(texts, rule)


def copy_of(one, two):
    return Copy(one, 0, two, 0, 1.0)


def test_documents_of_one_event_or_tied_by_copies_are_one_group():
    members = {"a": None, "b": "e2", "c": "e1", "d": "e2", "e": None, "f": "", "g": None}
    copies = [copy_of("a", "b"), copy_of("e", "g"), copy_of("c", "d")]
    assert groups(members, copies) == {
        "a": "event:e1",
        "b": "event:e1",
        "c": "event:e1",
        "d": "event:e1",
        "e": "document:e",
        "f": "document:f",
        "g": "document:e",
    }


DOCUMENTS = st.sampled_from("abcdefgh")
MEMBERS = st.dictionaries(DOCUMENTS, st.sampled_from([None, None, "e1", "e2", ""]), max_size=8)


@given(members=MEMBERS, data=st.data())
def test_groups_are_the_connected_parts_and_their_names_do_not_depend_on_order(members, data):
    pairs = st.tuples(st.sampled_from(sorted(members)), st.sampled_from(sorted(members)))
    ties = data.draw(st.lists(pairs, max_size=6)) if members else []
    found = groups(members, [copy_of(*tie) for tie in ties])
    linked = {document: {document} for document in members}
    for one, two in ties:
        linked[one].add(two)
        linked[two].add(one)
    for document in members:
        linked[document] |= {other for other in members if members[other] and members[other] == members[document]}
    for document in members:
        part, waiting = set(), [document]
        while waiting:
            current = waiting.pop()
            if current not in part:
                part.add(current)
                waiting += linked[current]
        assert {other for other in members if found[other] == found[document]} == part
        events = sorted(members[other] for other in part if members[other])
        assert found[document] == (f"event:{events[0]}" if events else f"document:{min(part)}")
    shuffled = dict(data.draw(st.permutations(list(members.items()))))
    assert groups(shuffled, [copy_of(*tie) for tie in reversed(ties)]) == found
