"""Words and sentences: a table of what Arabic news has, and properties over any text."""

import sys
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.tokens import TOKENIZER, covered, sentences, words

BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
JOINERS = "\u00ad\u200c\u200d"
UNSEEN = BIDI + JOINERS + "\u200b\u2060\u2061\u2062\u2063\u2064\u2065\ufeff"
# Pieces whose neighbourhood matters: half of every text drawn is made of them.
PIECES = [
    *"ابتهويىكمةأء",
    *"\u064b\u064e\u0651\u0670\u0654\u06e5ـ",
    *"0123٠١٢٫٬.,:",
    *"،؛؟«»\"'”’()[]-_/%!…",
    *BIDI[:8],
    *JOINERS,
    *"\u200b\ufeff \u00a0\t\n\r\u2028",
    *"aGZé",
    *"😀👍🏽👩🇸🇦🇪\ufe0f\u20e3",
    "...",
    "\r\n",
    "د. ",
    "1. ",
    "؟ ",
]
TEXTS = st.text(max_size=40) | st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


def told(text):
    return [text[start:end] for start, end in words(text)]


def said(text, keep=()):
    return [text[start:end] for start, end in sentences(text, keep)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # letters, marks, tatweel
        ("زار الوزير وباريس", ["زار", "الوزير", "وباريس"]),
        ("شَمْسٌ وقَمَرٌ", ["شَمْسٌ", "وقَمَرٌ"]),
        ("مدرّسًا.", ["مدرّسًا", "."]),
        ("لَهُۥ مالٌ", ["لَهُۥ", "مالٌ"]),
        ("هٰذا", ["هٰذا"]),
        ("كتـــاب ـــ", ["كتـــاب", "ـــ"]),
        ("ﷺ ﻻ", ["ﷺ", "ﻻ"]),
        ("پرویز گلی", ["پرویز", "گلی"]),
        # digits with their separators
        ("1,234.5 ١٬٢٣٤٫٥ 12:30", ["1,234.5", "١٬٢٣٤٫٥", "12:30"]),
        ("۲۰۲۴ و٢٠٢٤", ["۲۰۲۴", "و", "٢٠٢٤"]),
        ("عام 2019.", ["عام", "2019", "."]),
        ("10,5، 3.", ["10,5", "،", "3", "."]),
        ("1-2 5/6 7%٪", ["1", "-", "2", "5", "/", "6", "7", "%", "٪"]),
        ("،5", ["،", "5"]),
        # punctuation
        ("نعم، لا؛ هل؟ «مرسى»", ["نعم", "،", "لا", "؛", "هل", "؟", "«", "مرسى", "»"]),
        ("قال مازن” ثم", ["قال", "مازن", "”", "ثم"]),
        ("“مازن”قال", ["“", "مازن", "”", "قال"]),
        ("لا... نعم!!؟", ["لا", "...", "نعم", "!!", "؟"]),
        ("لا…", ["لا", "…"]),
        ("نيسان/أبريل", ["نيسان", "/", "أبريل"]),
        ("سارنا-مرجان", ["سارنا", "-", "مرجان"]),
        ("مرجان_سارنا", ["مرجان", "_", "سارنا"]),
        ("د.ب.أ", ["د", ".", "ب", ".", "أ"]),
        # bidi marks, joiners and what is not there at all
        ("\u200fمازن\u200f، \u2067سلمى\u2069", ["مازن", "،", "سلمى"]),
        ("ماز\u200fن", ["ماز", "ن"]),
        ("\ufeffمازن\u200bسلمى", ["مازن", "سلمى"]),
        ("می\u200cروم", ["می\u200cروم"]),
        ("1445 ه\u200d.", ["1445", "ه\u200d", "."]),
        ("كلمة\u200c ثم \u200c\u200c 5\u200d", ["كلمة\u200c", "ثم", "5"]),
        ("تعا\u00adون", ["تعا\u00adون"]),
        # Latin and mixed scripts
        ("بـGPS وGPS", ["بـ", "GPS", "و", "GPS"]),
        ("B2B Mi8 5G", ["B2B", "Mi8", "5", "G"]),
        ("Škoda cafe\u0301 naïve", ["Škoda", "cafe\u0301", "naïve"]),
        ("Москва 東京", ["Москва", "東京"]),
        ("Su-57 AT&T", ["Su", "-", "57", "AT", "&", "T"]),
        # marks with nothing to stand on still show
        (" \u064e ", ["\u064e"]),
        ("", []),
        (" \n\u200f\u00a0", []),
    ],
)
def test_words_of(text, expected):
    assert told(text) == expected


@pytest.mark.parametrize(
    "emoji", ["😀", "👨‍👩‍👧‍👦", "🇸🇦", "👍🏽", "👩🏿‍⚕️", "1️⃣", "#️⃣", "❤️", "❤️‍🔥", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🏳️‍🌈", "☎️", "⚽", "‼️", "🫶🏼"]
)
def test_an_emoji_is_one_word(emoji):
    assert told(emoji) == [emoji]
    assert told(f"مرجان{emoji}سارنا") == ["مرجان", emoji, "سارنا"]
    assert told(f"{emoji} {emoji}") == [emoji, emoji]


def test_emoji_side_by_side_are_words_of_their_own():
    assert told("😂😂🇸🇦🇪🇬") == ["😂", "😂", "🇸🇦", "🇪🇬"]


ARABIC_BLOCKS = [*range(0x0600, 0x0700), *range(0x0750, 0x0780), *range(0x0870, 0x0900), *range(0xFB50, 0xFE00)]
ARABIC_BLOCKS += range(0xFE70, 0xFEFF)


@pytest.mark.parametrize("category", ["Lo", "Lm", "Mn"])
def test_every_arabic_letter_and_mark_stays_in_its_word(category):
    chars = [chr(point) for point in ARABIC_BLOCKS if unicodedata.category(chr(point)) == category]
    assert chars
    split = [f"U+{ord(char):04X}" for char in chars if len(words(f"ب{char}ت{char}")) != 1]
    assert split == []


@given(text=TEXTS)
def test_words_are_ordered_disjoint_and_cover_all_that_shows(text):
    spans = words(text)
    inside = set()
    last = 0
    for start, end in spans:
        assert last <= start < end <= len(text)
        inside.update(range(start, end))
        last = end
    for place, char in enumerate(text):
        if char.isspace() or char in BIDI:
            assert place not in inside
        elif char not in UNSEEN:
            assert place in inside
    assert not any(text[start] in UNSEEN for start, _ in spans)


def test_every_character_of_unicode_that_shows_is_in_a_word():
    for point in range(sys.maxunicode + 1):
        char = chr(point)
        assert bool(words(char)) == (not char.isspace() and char not in UNSEEN), f"U+{point:04X}"


@given(before=TEXTS, after=TEXTS)
def test_a_blank_separates(before, after):
    shift = len(before) + 1
    apart = words(before) + [(start + shift, end + shift) for start, end in words(after)]
    assert words(f"{before} {after}") == apart


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("وصل مازن. ثم غادر.", ["وصل مازن.", "ثم غادر."]),
        ("هل وصل؟ نعم! غادر… وعاد", ["هل وصل؟", "نعم!", "غادر…", "وعاد"]),
        ("وصل... ثم غادر", ["وصل...", "ثم غادر"]),
        ("ماذا؟! لا", ["ماذا؟!", "لا"]),
        ("وصل.. ثم غادر", ["وصل.. ثم غادر"]),
        ("«هل وصل؟» سألت سلمى", ["«هل وصل؟»", "سألت سلمى"]),
        ('قال "وصل." ثم (غادر.) وعاد', ['قال "وصل."', "ثم (غادر.)", "وعاد"]),
        ("قال “وصل.” ثم", ["قال “وصل.”", "ثم"]),
        # a mark that stands before something else than a blank cuts nothing
        ("«هل وصل؟»، سألت سلمى", ["«هل وصل؟»، سألت سلمى"]),
        ("بلغ 3.5 في 12.30", ["بلغ 3.5 في 12.30"]),
        ("نقلت د.ب.أ عن سلمى", ["نقلت د.ب.أ عن سلمى"]),
        # initials and list numbers
        ("قال د. مازن", ["قال د. مازن"]),
        ("قال أ.د. مازن", ["قال أ.د. مازن"]),
        ("نقلت وكالة د.ب.أ. عن سلمى", ["نقلت وكالة د.ب.أ. عن سلمى"]),
        ("قال (د. مازن) «م. سلمى»", ["قال (د. مازن) «م. سلمى»"]),
        ("\u200fد. مازن \u200fم. سلمى", ["\u200fد. مازن \u200fم. سلمى"]),
        ("هذا قَدَر. ثم", ["هذا قَدَر.", "ثم"]),
        ("J. R. Maren spoke. Then left", ["J. R. Maren spoke.", "Then left"]),
        ("د. مازن\nأ. سلمى", ["د. مازن", "أ. سلمى"]),
        ("1. بند أول\n٢. بند ثان\n  13. بند", ["1. بند أول", "٢. بند ثان", "13. بند"]),
        ("عددهم 12. ثم زاد", ["عددهم 12.", "ثم زاد"]),
        ("عددهم       12. ثم زاد", ["عددهم       12.", "ثم زاد"]),
        ("2024. عام جديد", ["2024.", "عام جديد"]),
        # line ends of every kind, blanks of every kind
        ("عنوان\nنص", ["عنوان", "نص"]),
        ("عنوان\r\n\r\nنص\rنص", ["عنوان", "نص", "نص"]),
        ("عنوان\u2028نص\u2029نص\u0085نص", ["عنوان", "نص", "نص", "نص"]),
        ("وصل.\u00a0ثم", ["وصل.", "ثم"]),
        ("  وصل  \n\n  ثم ", ["وصل", "ثم"]),
        # a bidi mark behind the full stop, as editors leave it
        ("وصل.\u200f ثم", ["وصل.\u200f", "ثم"]),
        ("\u200f\n\ufeff \n", []),
        ("", []),
        (" \n ", []),
        ("...", ["..."]),
    ],
)
def test_sentences_of(text, expected):
    assert said(text) == expected


def test_no_cut_inside_a_kept_span():
    text = "قرأ «متى تصل؟ ليلا» ثم\nنام. غدا"
    title = (text.index("متى"), text.index("»"))
    assert said(text) == ["قرأ «متى تصل؟", "ليلا» ثم", "نام.", "غدا"]
    assert said(text, [title]) == ["قرأ «متى تصل؟ ليلا» ثم", "نام.", "غدا"]
    assert said(text, [(text.index("ثم"), text.index("نام") + 3)]) == ["قرأ «متى تصل؟", "ليلا» ثم\nنام.", "غدا"]


def test_spans_that_only_touch_a_cut_do_not_hold_it():
    text = "أول\nثان"
    assert said(text, [(0, 3), (3, 7)]) == ["أول", "ثان"]
    assert said(text, [(0, 3), (2, 4)]) == [text]


@given(text=TEXTS, data=st.data())
def test_sentences_are_ordered_trimmed_hold_every_word_and_never_cut_what_is_kept(text, data):
    places = st.integers(0, len(text))
    pairs = st.tuples(places, places).map(lambda pair: (min(pair), max(pair)))
    keep = data.draw(st.lists(pairs, max_size=4))
    found = sentences(text, keep)
    last = 0
    for start, end in found:
        assert last <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
        last = end
    for start, end in words(text):
        assert sum(first <= start and end <= stop for first, stop in found) == 1
    for start, end in found:
        assert any(start <= first and stop <= end for first, stop in words(text))
    for (_, left), (right, _) in pairwise(found):
        assert not any(start < left and right < end for start, end in keep)


@given(text=TEXTS)
def test_a_line_break_always_ends_a_sentence(text):
    assert not any(set(sentence) & set("\n\r\u2028\u2029\u0085") for sentence in said(text))


@given(text=TEXTS)
def test_the_same_text_gives_the_same_words_and_sentences(text):
    copy = text.encode("utf-8").decode("utf-8")
    assert (words(copy), sentences(copy)) == (words(text), sentences(text))


def test_a_line_without_blanks_is_read_in_one_go():
    text = "字" * 300_000
    assert sentences(text) == [(0, 300_000)]
    assert sentences("." * 300_000) == [(0, 300_000)]


SPANS = st.lists(st.tuples(st.integers(1, 4), st.integers(0, 3)), max_size=8)


@given(gaps=SPANS, start=st.integers(0, 40), end=st.integers(0, 40))
def test_covered_is_the_words_that_share_a_character(gaps, start, end):
    spans, place = [], 0
    for length, gap in gaps:
        spans.append((place + gap, place + gap + length))
        place += gap + length
    sharing = [n for n, (left, right) in enumerate(spans) if set(range(left, right)) & set(range(start, end))]
    first, last = covered(spans, start, end)
    assert list(range(first, last)) == sharing
    assert first <= last


def test_the_tokenizer_has_a_name_and_a_version():
    name, _, version = TOKENIZER.partition("/")
    assert name and version.isdigit()
