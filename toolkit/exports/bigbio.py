"""BigBIO's knowledge-base schema (kb): one JSON object an article and line, offsets `[start, end)` in code points.

Nothing is lost. Ids are unique over the dataset, as BigBIO asks: `ARTICLE#/entities/e1` is the entity e1 of an
article. The text is one passage. Events, coreferences and normalizations, which this dataset has not, are empty.
"""

import json
from collections.abc import Sequence
from typing import Any

from toolkit.corpus.article import Article
from toolkit.exports.losses import Export
from toolkit.schema import Schema


def render(articles: Sequence[Article], schema: Schema) -> Export:
    """The articles as JSON lines, which `load_dataset("json", …)` reads."""
    lines = (json.dumps(kb_row(article), ensure_ascii=False) for article in articles)
    return Export("".join(f"{line}\n" for line in lines).encode())


def kb_row(article: Article) -> dict[str, Any]:
    """An article as a row of the kb schema."""
    text = article.text or ""
    return {
        "id": article.id,
        "document_id": article.id,
        "passages": [_located(f"{article.id}#/passages/0", "text", text, 0, len(text))],
        "entities": [
            {**_located(_entity_id(article, e.id), e.label, text, e.start, e.end), "normalized": []}
            for e in article.entities
        ],
        "events": [],
        "coreferences": [],
        "relations": [
            {
                "id": f"{article.id}#/relations/{r.id}",
                "type": r.label,
                "arg1_id": _entity_id(article, r.head),
                "arg2_id": _entity_id(article, r.tail),
                "normalized": [],
            }
            for r in article.relations
        ],
    }


def _entity_id(article: Article, entity: str) -> str:
    return f"{article.id}#/entities/{entity}"


def _located(id_: str, kind: str, text: str, start: int, end: int) -> dict[str, Any]:
    return {"id": id_, "type": kind, "text": [text[start:end]], "offsets": [[start, end]]}
