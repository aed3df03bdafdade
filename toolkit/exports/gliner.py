"""GLiNER's training data: a list of `{"tokenized_text": [...], "ner": [[first, last, label]]}`, ends **inclusive**.

Words and sentences are those of the config `ner`, one example a sentence; `id` is the sentence's. Mentions nest and
overlap, so only a border inside a word, and a mention without a word, cannot be held. Relations are not written.
"""

import json
from collections.abc import Sequence

from toolkit.corpus.article import Article
from toolkit.exports.losses import NO_WORD, Change, Export, ExportLoss, in_order, of_borders, of_entity, of_relations
from toolkit.flat import WordSpan
from toolkit.release.tables.rows import sentence_rows
from toolkit.schema import Schema
from toolkit.tokens import Span, covered, words

_TWICE = "covers the same words as another mention with its label; one of the two is there"


def render(articles: Sequence[Article], schema: Schema) -> Export:
    """The articles as one JSON list, an example a line."""
    examples: list[str] = []
    losses: list[ExportLoss] = []
    for article in articles:
        places = words(article.text or "")
        spans, found = _word_spans(article, places)
        losses += [*found, *of_relations(article)]
        for row in sentence_rows(article, schema):
            base, end = covered(places, row["token_start"][0], row["token_end"][-1])
            inside = [[s.first - base, s.last - 1 - base, s.label] for s in spans if base <= s.first < end]
            example = {"id": row["id"], "tokenized_text": row["tokens"], "ner": inside}
            examples.append(json.dumps(example, ensure_ascii=False))
    lines = ",\n".join(examples)
    return Export(f"[\n{lines}\n]\n".encode(), in_order(losses))


def _word_spans(article: Article, places: Sequence[Span]) -> tuple[list[WordSpan], list[ExportLoss]]:
    """The mentions as runs of the words at `places`, half-open, each once, in text order."""
    spans: dict[tuple[int, int, str], WordSpan] = {}
    losses = []
    for number, entity in enumerate(article.entities):
        first, last = covered(places, entity.start, entity.end)
        if first == last:
            losses.append(of_entity(article, entity, Change.LEFT_OUT, NO_WORD))
        elif (first, last, entity.label) in spans:
            losses.append(of_entity(article, entity, Change.LEFT_OUT, _TWICE))
        else:
            spans[first, last, entity.label] = WordSpan(first, last, entity.label, number)
    kept = sorted(spans.values(), key=lambda span: (span.first, -span.last, span.label))
    return kept, [*losses, *of_borders(article, kept, places)]
