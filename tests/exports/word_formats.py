"""Readers of the formats that count in words, written from their documents and not from the code under test."""

from collections.abc import Sequence

from toolkit.corpus.article import Article
from toolkit.exports.losses import Change, ExportLoss

Triple = tuple[int, int, str]


def placed(text: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """Where words stand in a text that has them in this order."""
    places, last = [], 0
    for word in words:
        start = text.index(word, last)
        last = start + len(word)
        places.append((start, last))
    return places


def assert_accounted(article: Article, carried: Sequence[Triple], losses: Sequence[ExportLoss]) -> None:
    """Every mention is carried as it is or told as changed or left out; nothing else is carried; all relations told."""
    told = {loss.id: loss for loss in losses if loss.document == article.id and loss.kind == "entity"}
    gold = {(e.start, e.end, e.label) for e in article.entities}
    changed = [e for e in article.entities if e.id in told and told[e.id].change is Change.CHANGED]
    absent = [e for e in article.entities if e.id in told and told[e.id].change is Change.LEFT_OUT]
    assert len(changed) + len(absent) == len(told)
    for entity in article.entities:
        loss = told.get(entity.id)
        place = (entity.start, entity.end, entity.label)
        assert loss is not None or place in carried, entity
        assert loss is None or (loss.start, loss.end, loss.label) == place
        assert loss is None or loss.reason
    strays = set(carried) - gold
    assert len(strays) <= len(changed)
    for start, end, label in strays:
        assert any(e.label == label and e.start < end and start < e.end for e in changed), (start, end, label)
    relations = [loss.id for loss in losses if loss.document == article.id and loss.kind == "relation"]
    assert sorted(relations) == sorted(relation.id for relation in article.relations)
