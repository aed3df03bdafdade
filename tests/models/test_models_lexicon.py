"""Mentions found again behind proclitics, under other spellings, with the offsets of the text as it is."""

import pytest
from marked_text import marked

from toolkit.models.lexicon import Lexicon, learn, readings
from toolkit.schema import Schema


def found(lexicon: Lexicon, text: str) -> list[tuple[str, str]]:
    return [(match.label, text[match.start : match.end]) for match in lexicon.find(text)]


@pytest.fixture
def lexicon(schema: Schema) -> Lexicon:
    documents = [
        marked("a", "زار {PER سامي الحداد} مدينة {GPE تونس} ثم {GPE لبنان}."),
        marked("b", "رحب {ORG الاتحاد الأفريقي} بعودة {GPE أثينا}."),
    ]
    return learn(documents, schema)


@pytest.mark.parametrize(
    ("text", "mention"),
    [
        ("في تونس", "تونس"),
        ("وتونس", "تونس"),
        ("ولتونس", "تونس"),
        ("وَلِتُونِسَ", "تُونِسَ"),
        ("وـتونس", "تونس"),
        ("من اثينا", "اثينا"),
        ("للبنان", "لبنان"),
        ("وللبنان", "لبنان"),
        ("للاتحاد الأفريقي", "لاتحاد الأفريقي"),
        ("وللإتحاد الافريقي", "لإتحاد الافريقي"),
        ("بالاتحاد الأفريقي", "الاتحاد الأفريقي"),
    ],
)
def test_a_mention_is_found_without_its_proclitics(lexicon: Lexicon, text: str, mention: str) -> None:
    assert [words for _, words in found(lexicon, text)] == [mention]


@pytest.mark.parametrize("text", ["التونسي", "وبولتونس", "تونسي", "سامي\nالحداد", "سامي. الحداد", "ت"])
def test_what_only_looks_like_a_mention_is_not_found(lexicon: Lexicon, text: str) -> None:
    assert found(lexicon, text) == []


def test_a_mention_ends_behind_its_vowel_signs(lexicon: Lexicon) -> None:
    assert found(lexicon, "إلى تونسَ.") == [("GPE", "تونسَ")]


def test_three_proclitics_are_too_many() -> None:
    assert [reading.offset for reading in readings("وفبتونس", ("و", "ف", "ب"))] == [0, 1, 2]


def test_a_word_keeps_two_letters_behind_its_proclitics() -> None:
    assert [reading.offset for reading in readings("وبك", ("و", "ب"))] == [0, 1]


def test_a_mention_learned_behind_the_article_is_found_elsewhere(schema: Schema) -> None:
    lexicon = learn([marked("a", "قدم شكوى ل{ORG لاتحاد الأوروبي}.")], schema)
    assert found(lexicon, "قال الاتحاد الأوروبي") == [("ORG", "الاتحاد الأوروبي")]
    assert found(lexicon, "لاتحاد الأوروبي") == []


def test_a_name_that_begins_with_lam_is_not_taken_for_an_article(schema: Schema) -> None:
    lexicon = learn([marked("a", "سافر ل{GPE لبنان} وعاد من {GPE لبنان}.")], schema)
    assert set(lexicon.labels) == {"لبنان"}


def test_the_most_frequent_label_wins_and_a_tie_goes_to_the_schema_order(schema: Schema) -> None:
    often = [marked("a", "{GPE حلب} و{ORG حلب}"), marked("b", "{ORG حلب}")]
    assert learn(often, schema).labels == {"حلب": "ORG"}
    assert learn([marked("c", "{GPE حلب} و{ORG حلب}")], schema).labels == {"حلب": "ORG"}
    assert list(schema.entities).index("ORG") < list(schema.entities).index("GPE")


def test_mentions_of_too_few_documents_are_left_out(schema: Schema) -> None:
    documents = [marked("a", "{GPE حلب} {GPE حمص} {GPE حمص}"), marked("b", "{GPE حلب}")]
    assert set(learn(documents, schema, least_documents=2).labels) == {"حلب"}


def test_the_length_of_proclitics_counts_their_vowel_signs(lexicon: Lexicon) -> None:
    assert lexicon.proclitic_length("وَتونس") == 2
    assert lexicon.proclitic_length("تونس") == 0
    assert lexicon.proclitic_length("وقرطاج") == 0
    assert lexicon.proclitic_length("وقرطاج", also={"قرطاج"}) == 1
