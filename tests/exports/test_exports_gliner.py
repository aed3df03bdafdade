"""GLiNER's training data: words and inclusive ends, every mention accounted for."""

import json
from typing import Any

from generated_articles import HARBOUR, SCHEMA, VOID, corpora, found
from hypothesis import given, settings
from word_formats import assert_accounted, placed

from toolkit.corpus.article import Article
from toolkit.exports.gliner import render
from toolkit.schema import Schema


def examples(articles: list[Article], schema: Schema) -> tuple[list[dict[str, Any]], Any]:
    export = render(articles, schema)
    assert isinstance(export.content, bytes)
    return json.loads(export.content), export


def assert_sound(articles: list[Article], schema: Schema) -> None:
    rows, export = examples(articles, schema)
    for article in articles:
        carried, last = [], 0
        for row in (row for row in rows if row["id"].rpartition("#")[0] == article.id):
            text = (article.text or "")[last:]
            places = [(start + last, end + last) for start, end in placed(text, row["tokenized_text"])]
            for first, end, label in row["ner"]:
                assert 0 <= first <= end < len(places)
                carried.append((places[first][0], places[end][1], label))
            assert len(set(map(tuple, row["ner"]))) == len(row["ner"])
            last = places[-1][1]
        assert_accounted(article, carried, export.losses)


def test_the_sample(sample: list[Article], schema: Schema) -> None:
    assert_sound(sample, schema)


@settings(max_examples=100)
@given(corpora())
def test_every_mention_is_carried_or_told(articles: list[Article]) -> None:
    assert_sound(articles, SCHEMA)


def test_ends_are_inclusive_and_mentions_nest() -> None:
    text = "زارت هدى جامعة ريفاد أمس."
    rows, export = examples([found("visit", text, ("هدى", "PER"), ("جامعة ريفاد", "ORG"), ("ريفاد", "GPE"))], SCHEMA)
    words = ["زارت", "هدى", "جامعة", "ريفاد", "أمس", "."]
    assert rows == [{"id": "visit#0", "tokenized_text": words, "ner": [[1, 1, "PER"], [2, 3, "ORG"], [3, 3, "GPE"]]}]
    assert export.losses == ()


def test_dropped_labels_are_kept_because_mentions_nest() -> None:
    rows, _ = examples([HARBOUR], SCHEMA)
    assert {label for row in rows for _, _, label in row["ner"]} == {"PER", "ORG", "GPE", "TITLE"}


def test_no_article_with_words_gives_an_empty_list() -> None:
    assert examples([VOID], SCHEMA)[0] == []
