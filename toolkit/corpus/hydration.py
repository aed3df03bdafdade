"""Withheld articles joined with the reader's own copies: as they are where the bytes agree, else re-anchored."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from toolkit.corpus.article import Article
from toolkit.corpus.reanchor import reanchor
from toolkit.corpus.standoff import find_article, read_article
from toolkit.errors import DataError
from toolkit.native import mention_digest


class Outcome(StrEnum):
    """What became of an article."""

    PRESENT = "had its text"
    EXACT = "same bytes"
    REANCHORED = "re-anchored"
    REFUSED = "refused"
    MISSING = "no copy"


@dataclass(frozen=True, slots=True)
class Hydrated:
    """An article after hydration: `placed` of `mentions` were proven; `reasons` tell the others by entity id."""

    article: Article
    outcome: Outcome
    placed: int
    mentions: int
    reasons: dict[str, str]


def hydrate(article: Article, folders: Sequence[Path]) -> Hydrated:
    """Joins one article with its copy. A copy in which any mention cannot be proven is refused whole."""
    total = len(article.entities)
    if article.text is not None:
        return Hydrated(article, Outcome.PRESENT, total, total, {})
    path = find_article(article.id, folders)
    if path is None:
        return Hydrated(article, Outcome.MISSING, 0, total, {})
    try:
        text, sha256 = read_article(path)
    except DataError as error:
        return Hydrated(article, Outcome.REFUSED, 0, total, {"text": error.what})
    if sha256 == article.sha256:
        return Hydrated(article.with_text(text, sha256), Outcome.EXACT, total, total, {})
    if not article.entities:
        return Hydrated(article, Outcome.REFUSED, 0, 0, {"text": "other bytes, and no mention to prove the copy by"})
    anchored = reanchor(article.entities, article.digests, text, article.length)
    if anchored.refused:
        reasons = {entity: str(reason) for entity, reason in anchored.refused.items()}
        return Hydrated(article, Outcome.REFUSED, len(anchored.spans), total, reasons)
    entities = tuple(
        replace(entity, start=anchored.spans[entity.id][0], end=anchored.spans[entity.id][1])
        for entity in article.entities
    )
    digests = tuple(mention_digest(text[e.start : e.end]) for e in entities)
    moved = replace(article, text=text, sha256=sha256, length=len(text), entities=entities, digests=digests)
    return Hydrated(moved, Outcome.REANCHORED, total, total, {})
