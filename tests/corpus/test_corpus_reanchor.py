"""Mentions in another copy of an article: what is placed is right, what cannot be proven is refused with its reason."""

import re
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.corpus.reanchor import Refusal, reanchor
from toolkit.document import Entity
from toolkit.native import mention_digest

# Ordinary words never hold a name: no name is written with the letters of the first line alone.
ORDINARY = st.text(st.sampled_from("بتثجحخدذزط"), min_size=1, max_size=6)
NAMES = ("سلمى", "رامي عوسج", "عوسج", "ريفاد", "منى عقيق المينائي", "المينائي", "😀ش")
PARTICLES = st.sampled_from(["", "", "و", "ول", "«"])
BLANKS = st.sampled_from([" ", " ", "  ", "\u00a0", "\t", " \u2009", "\n"])
LINE_BREAKS = st.sampled_from(["\n", "\n\n", "\r\n", " \n\n\n "])
ANNOTATED_LINE_BREAKS = st.sampled_from(["\n", "\n\n", "\r\n"])


@dataclass(frozen=True)
class Piece:
    """A written word: an ordinary one, or a part of a name, maybe behind a particle. `number` tells it apart."""

    number: int
    particle: str
    core: str


@dataclass(frozen=True)
class Mention:
    """A run of pieces, from the first one's core to the end of the last one."""

    first: int
    last: int


@st.composite
def lines_of_pieces(draw, min_size=1):
    """Lines of written words, and every mention in them, nested ones too."""
    lines, mentions, number = [], [], 0
    for _ in range(draw(st.integers(min_size, 7))):
        line = []
        for unit in draw(st.lists(ORDINARY | st.sampled_from(NAMES), min_size=2, max_size=7)):
            first = number
            for place, core in enumerate(unit.split()):
                particle = draw(PARTICLES) if unit in NAMES and place == 0 else ""
                line.append(Piece(number, particle, core))
                number += 1
            if unit in NAMES:
                mentions.append(Mention(first, number - 1))
                if unit.split()[-1] in NAMES and " " in unit:
                    mentions.append(Mention(number - 1, number - 1))
        lines.append(line)
    return lines, mentions


def written(lines, blank, line_break):
    """The text, and where the core and the end of each piece are in it."""
    text, places = "", {}
    for number, line in enumerate(lines):
        text += line_break() if number and text else ""
        for place, piece in enumerate(line):
            text += blank() if place else ""
            start = len(text) + len(piece.particle)
            text += piece.particle + piece.core
            places[piece.number] = (start, len(text))
    return text, places


def plainly(lines):
    return written(lines, lambda: " ", lambda: "\n")


def mentioned(mentions, text, places):
    """Entities and digests of the mentions of a text."""
    spans = [(places[mention.first][0], places[mention.last][1]) for mention in mentions]
    entities = [Entity(start, end, "PER", f"e{number}") for number, (start, end) in enumerate(spans)]
    return entities, [mention_digest(text[start:end]) for start, end in spans]


def folded(text):
    return " ".join(text.split())


def assert_right(anchored, mentions, entities, text, copy, places):
    """Every placed mention has the words of the annotated one and is that occurrence of them."""
    assert set(anchored.spans) | set(anchored.refused) == {entity.id for entity in entities}
    assert not set(anchored.spans) & set(anchored.refused)
    for mention, entity in zip(mentions, entities, strict=True):
        if entity.id in anchored.spans:
            start, end = anchored.spans[entity.id]
            assert folded(copy[start:end]) == folded(text[entity.start : entity.end])
            assert mention.first in places, "placed, though its line was cut"
            assert (start, end) == (places[mention.first][0], places[mention.last][1])


@given(drawn=lines_of_pieces(), data=st.data())
def test_a_copy_with_other_blanks_is_placed_completely(drawn, data):
    """The annotated text may have any blanks too; every occurrence of a name is annotated, as the guidelines ask."""
    lines, mentions = drawn
    text, places = written(lines, lambda: " ", lambda: data.draw(ANNOTATED_LINE_BREAKS))
    copy, new_places = written(lines, lambda: data.draw(BLANKS), lambda: data.draw(LINE_BREAKS))
    entities, digests = mentioned(mentions, text, places)
    anchored = reanchor(entities, digests, copy, len(text))
    assert anchored.refused == {}
    assert_right(anchored, mentions, entities, text, copy, new_places)


@given(drawn=lines_of_pieces(), data=st.data())
def test_names_that_are_not_annotated_everywhere_are_placed_where_only_blanks_changed(drawn, data):
    lines, mentions = drawn
    mentions = data.draw(st.lists(st.sampled_from(mentions), unique=True)) if mentions else []
    text, places = plainly(lines)
    copy, new_places = written(lines, lambda: data.draw(BLANKS), lambda: data.draw(LINE_BREAKS))
    entities, digests = mentioned(mentions, text, places)
    anchored = reanchor(entities, digests, copy, len(text))
    assert anchored.refused == {}
    assert_right(anchored, mentions, entities, text, copy, new_places)


@given(text=st.lists(st.text(st.sampled_from("ابس"), min_size=1, max_size=4), min_size=1, max_size=12), data=st.data())
def test_any_spans_of_an_identical_copy_are_placed(text, data):
    """Overlapping, crossing and double ones, cut out of words, in a text that repeats itself."""
    text = " ".join(text)
    offset = st.integers(0, len(text) - 1).filter(lambda place: text[place] != " ")
    spans = [tuple(sorted(pair)) for pair in data.draw(st.lists(st.tuples(offset, offset), max_size=8))]
    entities = [Entity(start, last + 1, "PER", f"e{number}") for number, (start, last) in enumerate(spans)]
    digests = [mention_digest(text[entity.start : entity.end]) for entity in entities]
    anchored = reanchor(entities, digests, text, len(text))
    assert anchored.spans == {entity.id: (entity.start, entity.end) for entity in entities}


HEADINGS = st.lists(ORDINARY, min_size=1, max_size=6)


@given(drawn=lines_of_pieces(min_size=2), data=st.data())
def test_what_is_placed_in_an_edited_copy_is_right(drawn, data):
    """Lines cut at both ends and between, headings added anywhere, all blanks changed."""
    lines, mentions = drawn
    text, places = written(lines, lambda: data.draw(BLANKS), lambda: data.draw(LINE_BREAKS))
    kept = lines[data.draw(st.integers(0, 2)) : len(lines) - data.draw(st.integers(0, 2))]
    if data.draw(st.booleans()) and kept:
        kept = [line for place, line in enumerate(kept) if place != data.draw(st.integers(0, len(kept) - 1))]
    for _ in range(data.draw(st.integers(0, 2))):
        heading = [Piece(-1, "", word) for word in data.draw(HEADINGS)]
        kept.insert(data.draw(st.integers(0, len(kept))), heading)
    copy, new_places = written(kept, lambda: data.draw(BLANKS), lambda: data.draw(LINE_BREAKS))
    entities, digests = mentioned(mentions, text, places)
    length = data.draw(st.sampled_from([len(text), None]))
    anchored = reanchor(entities, digests, copy, length)
    assert_right(anchored, mentions, entities, text, copy, new_places)
    for entity, digest in zip(entities, digests, strict=True):
        absent = folded(text[entity.start : entity.end]) not in folded(copy)
        assert (anchored.refused.get(entity.id) is Refusal.ABSENT) == absent
        assert anchored.refused.get(entity.id) is not Refusal.DISORDER, (digest, "no line changed its place")


ARTICLE = """موقع الريح للأخبار
سلمى الحداد تزور ريفاد
وصلت سلمى الحداد إلى ريفاد صباح أمس، ورافقها رامي عوسج.
قالت الحداد إن ريفاد «جميلة في الشتاء».
وغادر عوسج ريفاد إلى لمارة مساء.
جميع الحقوق محفوظة"""
NAMED = ["سلمى الحداد", "الحداد", "ريفاد", "رامي عوسج", "عوسج", "لمارة"]


def named(text=ARTICLE, names=NAMED):
    """Entities and digests of every occurrence of some names."""
    spans = sorted({match.span() for name in names for match in re.finditer(name, text)})
    entities = [Entity(start, end, "PER", f"e{number}") for number, (start, end) in enumerate(spans)]
    return entities, [mention_digest(text[start:end]) for start, end in spans]


LINES = ARTICLE.split("\n")
EDITS = {
    "as it is": ARTICLE,
    "last line break": ARTICLE + "\n",
    "first line cut": "\n".join(LINES[1:]),
    "last line cut": "\n".join(LINES[:-1]),
    "both cut": "\n".join(LINES[1:-1]),
    "no-break spaces": ARTICLE.replace(" ", "\u00a0"),
    "double line breaks": ARTICLE.replace("\n", "\n\n"),
    "carriage returns": ARTICLE.replace("\n", "\r\n"),
    "one line": ARTICLE.replace("\n", " "),
    "one word a line": ARTICLE.replace(" ", "\n"),
    "blanks twice": ARTICLE.replace(" ", "  "),
    "a heading": "نشرت هذه المادة أول مرة قبل عام\n" + ARTICLE,
    "a heading between": "\n".join([*LINES[:3], "إعلان", *LINES[3:]]),
    "first line replaced": "\n".join(["صحيفة أخرى تماما تنقل الخبر", *LINES[1:]]),
    "byte order mark": "\ufeff" + ARTICLE,
}


@pytest.mark.parametrize("name", EDITS)
def test_edits_that_leave_every_mention_are_placed_completely(name):
    entities, digests = named()
    anchored = reanchor(entities, digests, EDITS[name], len(ARTICLE))
    expected = sorted({match.span() for n in NAMED for match in re.finditer(n.replace(" ", r"\s+"), EDITS[name])})
    assert anchored.refused == {}
    assert [anchored.spans[entity.id] for entity in entities] == expected


def test_a_mention_that_was_cut_is_not_in_this_copy():
    entities, digests = named()
    copy = "\n".join(LINES[:4])
    anchored = reanchor(entities, digests, copy, len(ARTICLE))
    lost = [entity.id for entity in entities if ARTICLE[entity.start : entity.end] == "لمارة"]
    assert [id_ for id_, reason in anchored.refused.items() if reason is Refusal.ABSENT] == lost


def test_of_two_mentions_one_is_left_and_nothing_tells_which():
    text = "سلمى هنا\nسلمى هناك"
    entities, digests = named(text, ["سلمى"])
    for copy in text.split("\n"):
        anchored = reanchor(entities, digests, copy, len(text))
        assert anchored.spans == {}
        assert set(anchored.refused.values()) == {Refusal.AMBIGUOUS}


def test_the_mentions_around_it_tell_which_one_is_left():
    text = "سلمى أولا ثم ريفاد ثم سلمى أخيرا"
    entities, digests = named(text, ["سلمى", "ريفاد"])
    for copy, placed in (
        ("ريفاد ثم سلمى", {"e1": (0, 5), "e2": (9, 13)}),
        ("سلمى أولا ثم ريفاد", {"e0": (0, 4), "e1": (13, 18)}),
    ):
        anchored = reanchor(entities, digests, copy, len(text))
        assert anchored.spans == placed
        assert set(anchored.refused.values()) == {Refusal.AMBIGUOUS}


def test_a_name_that_was_not_annotated_everywhere_is_ambiguous_in_an_edited_copy():
    text = "سلمى تقول. قالت سلمى. ثم صمتت سلمى."
    entity = Entity(text.index("سلمى", 5), text.index("سلمى", 5) + 4, "PER", "e1")
    digests = [mention_digest("سلمى")]
    assert reanchor([entity], digests, text, len(text)).spans == {"e1": (entity.start, entity.end)}
    assert reanchor([entity], digests, "قالوا: " + text + " ثم مضت.", len(text)).refused == {"e1": Refusal.AMBIGUOUS}
    assert reanchor([entity], digests, text).refused == {"e1": Refusal.AMBIGUOUS}


def test_a_dateline_that_was_cut_is_not_found_inside_another_word():
    text = "صور، أمس\nظهرت الصورة حين قال رامي عوسج إن ريفاد بعيدة"
    entities = [
        entity for entity in named(text, ["صور", "رامي عوسج", "ريفاد"])[0] if entity.start != text.rindex("صور")
    ]
    digests = [mention_digest(text[entity.start : entity.end]) for entity in entities]
    anchored = reanchor(entities, digests, text.split("\n")[1], len(text))
    assert anchored.refused == {"e0": Refusal.AMBIGUOUS}
    assert set(anchored.spans) == {"e2", "e3"}


def test_paragraphs_in_another_order_are_refused():
    entities, digests = named("سلمى\nريفاد\nلمارة", ["سلمى", "ريفاد", "لمارة"])
    anchored = reanchor(entities, digests, "سلمى\nلمارة\nريفاد", 18)
    assert anchored.spans == {"e0": (0, 4)}
    assert anchored.refused == {"e1": Refusal.DISORDER, "e2": Refusal.DISORDER}


def test_a_name_inside_a_longer_one_is_none_of_its_own_places_unless_it_was_annotated_there():
    text = "عوسج مدير ناجح جدا\nغادر رامي عوسج ريفاد صباحا"
    cut = text.split("\n")[1]
    words = ["عوسج", "رامي عوسج", "ريفاد"]
    entities, digests = named(text, words)
    alone = [i for i, entity in enumerate(entities) if text[entity.start : entity.end] != "عوسج" or entity.start == 0]
    anchored = reanchor([entities[i] for i in alone], [digests[i] for i in alone], cut, len(text))
    assert {cut[start:end] for start, end in anchored.spans.values()} == {"رامي عوسج", "ريفاد"}
    assert anchored.refused == {entities[0].id: Refusal.AMBIGUOUS}
    nested = reanchor(entities[1:], digests[1:], "خبر منقول\n" + cut.replace("ريفاد", "لمارة"), len(text))
    assert len(nested.spans) == 2
    assert set(nested.refused.values()) == {Refusal.ABSENT}


def test_a_spelling_that_differs_is_not_the_mention():
    entities, digests = named("أمس في ريفاد", ["ريفاد"])
    assert reanchor(entities, digests, "أمس في ريفـاد", 12).refused == {"e0": Refusal.ABSENT}


def test_two_labels_on_one_span_have_one_place():
    entities = [Entity(5, 9, "PER", "e1"), Entity(5, 9, "ORG", "e2"), Entity(0, 9, "TITLE", "e3")]
    digests = [mention_digest(mention) for mention in ("سلمى", "سلمى", "هنا، سلمى")]
    anchored = reanchor(entities, digests, "ثم هنا،\u00a0سلمى", 9)
    assert anchored.spans == {"e1": (8, 12), "e2": (8, 12), "e3": (3, 12)}


def test_nothing_to_place_and_nothing_to_place_it_in():
    assert reanchor([], [], ARTICLE).spans == {}
    entities, digests = named()
    for copy in ("", " \n "):
        assert set(reanchor(entities, digests, copy, len(ARTICLE)).refused.values()) == {Refusal.ABSENT}
