"""Articles as the rows of the four configs. Every offset in a row is a code point of the article's text."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from toolkit.corpus.article import Article
from toolkit.document import Entity
from toolkit.flat import Loss, flatten
from toolkit.schema import Schema
from toolkit.tokens import Span, covered, sentences, words

CONFIGS = ("documents", "ner", "relations", "standoff")
Row = dict[str, Any]


def rows_of(config: str, articles: Iterable[Article], schema: Schema) -> Iterator[Row]:
    """The rows of a config, in the order of the articles. Articles whose text is not at hand are in standoff only."""
    for article in articles:
        if config == "standoff":
            yield standoff_row(article)
        elif article.text is not None:
            match config:
                case "documents":
                    yield document_row(article)
                case "ner":
                    yield from sentence_rows(article, schema)
                case _:
                    yield from relation_rows(article)


def document_row(article: Article) -> Row:
    """An article with its text: entities of every depth, relations by entity id."""
    text = article.text or ""
    meta = article.meta
    return {
        "id": article.id,
        "text": text,
        "meta": {
            "collection": meta.collection,
            "event": meta.event,
            "source": meta.source,
            "language": meta.language,
            "annotators": list(meta.annotators),
            "gold_rule": meta.gold_rule,
        },
        "entities": [
            {"id": e.id, "start": e.start, "end": e.end, "label": e.label, "text": text[e.start : e.end]}
            for e in article.entities
        ],
        "relations": [{"id": r.id, "label": r.label, "head": r.head, "tail": r.tail} for r in article.relations],
    }


def sentence_rows(article: Article, schema: Schema) -> Iterator[Row]:
    """The sentences of an article with their words and the IOB2 tags of the flat layer."""
    text = article.text or ""
    spans = words(text)
    tags = flatten(((e.start, e.end, e.label) for e in article.entities), spans, schema.flat_layer).tags(len(spans))
    for number, (start, end) in enumerate(article_sentences(article)):
        first, last = covered(spans, start, end)
        yield {
            "id": f"{article.id}#{number}",
            "document_id": article.id,
            "start": start,
            "tokens": [text[a:b] for a, b in spans[first:last]],
            "token_start": [a for a, _ in spans[first:last]],
            "token_end": [b for _, b in spans[first:last]],
            "ner_tags": tags[first:last],
        }


def relation_rows(article: Article) -> Iterator[Row]:
    """The relations of an article, each with its mentions and the sentence, or run of sentences, that holds both."""
    text = article.text or ""
    entities = {entity.id: entity for entity in article.entities}
    bounds = article_sentences(article) or [(0, len(text))]
    for relation in article.relations:
        head, tail = entities[relation.head], entities[relation.tail]
        first, last = sorted(_sentence_of(entity, bounds) for entity in (head, tail))
        # A mention may have blanks at its edge, which no sentence has.
        start = min(bounds[first][0], head.start, tail.start)
        end = max(bounds[last][1], head.end, tail.end)
        yield {
            "id": f"{article.id}#{relation.id}",
            "document_id": article.id,
            "sentence": {"id": f"{article.id}#{first}", "start": start, "end": end, "text": text[start:end]},
            "head": _argument(head, text),
            "tail": _argument(tail, text),
            "label": relation.label,
        }


def standoff_row(article: Article) -> Row:
    """An article without a word of its text: offsets, labels, and a digest that proves each mention."""
    return {
        "id": article.id,
        "sha256": article.sha256,
        "length": article.length,
        "split": article.split,
        "entities": [
            {"id": e.id, "start": e.start, "end": e.end, "label": e.label, "digest": digest}
            for e, digest in zip(article.entities, article.digests, strict=True)
        ],
        "relations": [{"id": r.id, "label": r.label, "head": r.head, "tail": r.tail} for r in article.relations],
    }


def flat_losses(articles: Iterable[Article], schema: Schema) -> dict[str, dict[str, int]]:
    """Mentions that the flat layer of the `ner` config cannot hold: reason, label, count."""
    counts: Counter[tuple[Loss, str]] = Counter()
    for article in articles:
        if article.text is not None:
            spans = ((e.start, e.end, e.label) for e in article.entities)
            layer = flatten(spans, words(article.text), schema.flat_layer)
            counts.update((reason, article.entities[place].label) for place, reason in layer.losses)
    return {
        reason: {label: n for (why, label), n in sorted(counts.items()) if why == reason}
        for reason in Loss
        if any(why == reason for why, _ in counts)
    }


def article_sentences(article: Article) -> list[Span]:
    """The sentences of an article; none cuts a mention."""
    return sentences(article.text or "", ((entity.start, entity.end) for entity in article.entities))


def _sentence_of(entity: Entity, bounds: list[Span]) -> int:
    return max((number for number, (start, _) in enumerate(bounds) if start < entity.end), default=0)


def _argument(entity: Entity, text: str) -> Row:
    return {
        "start": entity.start,
        "end": entity.end,
        "label": entity.label,
        "text": text[entity.start : entity.end],
    }
