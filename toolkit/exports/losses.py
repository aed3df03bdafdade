"""What an export does not carry as it is: mentions and relations changed or left out, with their place and reason."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Literal

from toolkit.corpus.article import Article
from toolkit.document import Entity
from toolkit.flat import Loss, WordSpan
from toolkit.tokens import Span

WIDENED = "covered part of a word; it covers the whole word now"
NARROWED = "had blanks at an edge; it covers the words alone now"
NO_WORD = f"{Loss.NO_WORD}: nothing of it is a word"
NO_RELATIONS = "this export holds no relations"


class Change(StrEnum):
    """What became of a mention or relation."""

    CHANGED = "changed"
    LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True)
class ExportLoss:
    """A mention or relation that is not in an export as it is in the dataset.

    `start` and `end` are code points of the document's text; of a relation they enclose both mentions.
    """

    document: str
    kind: Literal["entity", "relation"]
    id: str
    start: int
    end: int
    label: str
    change: Change
    reason: str

    def as_json(self) -> dict[str, Any]:
        """The row of a losses file and of `--format json`."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Export:
    """An export in memory: the bytes of its file, or of each file of its folder by name, and the losses."""

    content: bytes | Mapping[str, bytes]
    losses: tuple[ExportLoss, ...] = ()


def of_entity(article: Article, entity: Entity, change: Change, reason: str) -> ExportLoss:
    """A loss of a mention."""
    return ExportLoss(article.id, "entity", entity.id, entity.start, entity.end, entity.label, change, reason)


def of_relations(article: Article) -> list[ExportLoss]:
    """Every relation of an article, for an export that holds none."""
    entities = {entity.id: entity for entity in article.entities}
    losses = []
    for relation in article.relations:
        head, tail = entities[relation.head], entities[relation.tail]
        start, end = min(head.start, tail.start), max(head.end, tail.end)
        told = (relation.id, start, end, relation.label, Change.LEFT_OUT, NO_RELATIONS)
        losses.append(ExportLoss(article.id, "relation", *told))
    return losses


def of_borders(article: Article, spans: Sequence[WordSpan], words: Sequence[Span]) -> list[ExportLoss]:
    """The mentions whose borders are not those of the words that stand for them; `words` are offsets in the text."""
    losses = []
    for span in spans:
        entity = article.entities[span.source]
        start, end = words[span.first][0], words[span.last - 1][1]
        if (start, end) != (entity.start, entity.end):
            reason = WIDENED if start < entity.start or end > entity.end else NARROWED
            losses.append(of_entity(article, entity, Change.CHANGED, reason))
    return losses


def in_order(losses: Sequence[ExportLoss]) -> tuple[ExportLoss, ...]:
    """Losses by document, mentions before relations, in text order."""
    return tuple(sorted(losses, key=lambda loss: (loss.document, loss.kind, loss.start, -loss.end, loss.id)))
