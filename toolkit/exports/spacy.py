"""spaCy's DocBin: each article tokenized by spaCy's blank pipeline of its language, as a model will see it.

`doc.spans["sc"]`, the key of spaCy's span categorizer, has every mention, nested ones too; `doc.ents` has the flat
layer, which is all that spaCy's entity recognizer can learn. Ids of mentions are span ids, that of the article is
`doc.user_data["id"]`. A border inside a token is moved to the token's, and every such mention is told.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from toolkit.corpus.article import Article
from toolkit.errors import MissingDependencyError
from toolkit.exports.losses import NO_WORD, Change, Export, ExportLoss, in_order, of_borders, of_entity, of_relations
from toolkit.flat import WordSpan, flatten
from toolkit.schema import Schema
from toolkit.tokens import Span, covered

SPANS_KEY = "sc"
# spaCy's name of the language that stands for every one it does not know.
_ANY = "xx"


def render(articles: Sequence[Article], schema: Schema) -> Export:
    """The articles as the bytes of a DocBin. MissingDependencyError where spaCy is not installed."""
    try:
        from spacy.tokens import DocBin
    except ImportError as error:
        raise MissingDependencyError(
            "needs spaCy, which is not installed", fix="pip install 'tawsim[spacy]'"
        ) from error
    packed = DocBin(store_user_data=True)
    losses: list[ExportLoss] = []
    for article in articles:
        doc, found = _doc(article, schema)
        packed.add(doc)
        losses += [*found, *of_relations(article)]
    return Export(packed.to_bytes(), in_order(losses))


def _doc(article: Article, schema: Schema) -> tuple[Any, list[ExportLoss]]:
    from spacy.tokens import Span as DocSpan

    doc = _tokenizer(article.meta.language)(article.text or "")
    tokens = [token for token in doc if not token.is_space]
    places: list[Span] = [(token.idx, token.idx + len(token)) for token in tokens]

    def doc_span(span: WordSpan) -> Any:
        first, last = tokens[span.first].i, tokens[span.last - 1].i
        return DocSpan(doc, first, last + 1, label=span.label, span_id=article.entities[span.source].id)

    found = [(n, *covered(places, e.start, e.end), e.label) for n, e in enumerate(article.entities)]
    spans = [WordSpan(first, last, label, source) for source, first, last, label in found if first < last]
    layer = flatten(((e.start, e.end, e.label) for e in article.entities), places, schema.flat_layer)
    doc.spans[SPANS_KEY] = [doc_span(span) for span in spans]
    doc.ents = [doc_span(span) for span in layer.spans]
    doc.user_data["id"] = article.id
    wordless = {source for source, first, last, _ in found if first == last}
    losses = of_borders(article, spans, places)
    for source, reason in layer.losses:
        told = (Change.CHANGED, f'{reason}: in doc.spans["{SPANS_KEY}"], not in doc.ents')
        if source in wordless:
            told = (Change.LEFT_OUT, NO_WORD)
        losses.append(of_entity(article, article.entities[source], *told))
    return doc, losses


@cache
def _tokenizer(language: str) -> Any:
    """The tokenizer of a language, `ar` for `ar-JO` too; spaCy's general one where it has none of its own."""
    import spacy

    try:
        return spacy.blank(language.partition("-")[0].lower()).tokenizer
    except ImportError:
        return spacy.blank(_ANY).tokenizer
