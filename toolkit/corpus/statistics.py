"""Counts over articles, for the card and the datasheet. What needs a text counts only the texts that are at hand."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from toolkit.corpus.article import Article
from toolkit.schema import Schema
from toolkit.tokens import sentences, words


@dataclass(frozen=True, slots=True)
class Counts:
    """One slice of a corpus. `words` and `sentences` cover the `with_text` articles, the rest covers all of them."""

    articles: int
    with_text: int
    code_points: int
    words: int
    sentences: int
    events: int
    mentions: int
    nested: int
    sub_word: int
    relations: int
    by_label: dict[str, int]
    by_relation: dict[str, int]


def count(articles: Iterable[Article], schema: Schema) -> Counts:
    """The counts of some articles; every label of the schema has a number, also 0.

    `nested`: mentions that lie inside another. `sub_word`: mentions that start or end inside a word.
    """
    chosen = list(articles)
    labels = Counter(entity.label for article in chosen for entity in article.entities)
    relations = Counter(relation.label for article in chosen for relation in article.relations)
    n_words = n_sentences = sub_word = 0
    for article in chosen:
        if article.text is not None:
            spans = words(article.text)
            inside = {place for start, end in spans for place in range(start + 1, end)}
            n_words += len(spans)
            n_sentences += len(sentences(article.text, ((e.start, e.end) for e in article.entities)))
            sub_word += sum(e.start in inside or e.end in inside for e in article.entities)
    return Counts(
        articles=len(chosen),
        with_text=sum(article.text is not None for article in chosen),
        code_points=sum(article.length for article in chosen),
        words=n_words,
        sentences=n_sentences,
        events=len({(article.meta.event, None if article.meta.event else article.id) for article in chosen}),
        mentions=sum(labels.values()),
        nested=sum(nested(article) for article in chosen),
        sub_word=sub_word,
        relations=sum(relations.values()),
        by_label={label: labels[label] for label in (*schema.entities, *sorted(set(labels) - set(schema.entities)))},
        by_relation={
            label: relations[label] for label in (*schema.relations, *sorted(set(relations) - set(schema.relations)))
        },
    )


def nested(article: Article) -> int:
    """How many mentions of an article lie inside another one; of two on one span, the second does."""
    found, furthest = 0, 0
    for entity in sorted(article.entities, key=lambda e: (e.start, -e.end)):
        found += entity.end <= furthest
        furthest = max(furthest, entity.end)
    return found
