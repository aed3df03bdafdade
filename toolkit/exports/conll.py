"""CoNLL: a word and its IOB2 tag a line, an empty line after each sentence, `# id = ID` before each document.

Words, sentences and tags are those of the config `ner`, so the file can be scored as predictions too. The one layer
of words holds no nested mention, no border inside a word, and no relation.
"""

from collections.abc import Sequence

from toolkit.corpus.article import Article
from toolkit.exports.labels import check_labels
from toolkit.exports.losses import Change, Export, ExportLoss, in_order, of_borders, of_entity, of_relations
from toolkit.flat import flatten
from toolkit.release.tables.rows import sentence_rows
from toolkit.schema import Schema
from toolkit.tokens import words


def render(articles: Sequence[Article], schema: Schema) -> Export:
    """The articles as one CoNLL file. UsageError where a label has a blank in it."""
    check_labels(schema, "conll")
    lines: list[str] = []
    losses: list[ExportLoss] = []
    for article in articles:
        lines.append(f"# id = {article.id}")
        sentences = list(sentence_rows(article, schema))
        for row in sentences:
            lines += (f"{word} {tag}" for word, tag in zip(row["tokens"], row["ner_tags"], strict=True))
            lines.append("")
        if not sentences:
            lines.append("")
        losses += _losses(article, schema)
    return Export("".join(f"{line}\n" for line in lines).encode(), in_order(losses))


def _losses(article: Article, schema: Schema) -> list[ExportLoss]:
    spans = words(article.text or "")
    layer = flatten(((e.start, e.end, e.label) for e in article.entities), spans, schema.flat_layer)
    absent = [of_entity(article, article.entities[i], Change.LEFT_OUT, reason) for i, reason in layer.losses]
    return [*absent, *of_borders(article, layer.spans, spans), *of_relations(article)]
