"""The data model. Offsets everywhere are half-open Unicode code points into the text exactly as stored.

`text[entity.start:entity.end]` is the mention. Boundaries that speak another unit (UTF-16, bytes, tokens, inclusive
ends) convert at the edge, in `offsets.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from toolkit.errors import DataError


@dataclass(frozen=True, slots=True, order=True)
class Entity:
    """A labelled mention, `[start, end)` in code points. Mentions may nest and overlap."""

    start: int
    end: int
    label: str
    id: str

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise DataError(f"entity {self.id} has the offsets {self.start}-{self.end}; need 0 <= start < end")


@dataclass(frozen=True, slots=True)
class Relation:
    """A labelled, directed pair of entity ids."""

    id: str
    label: str
    head: str
    tail: str


@dataclass(frozen=True, slots=True)
class Document:
    """A text with its mentions and relations. Immutable; the invariants hold once it exists.

    DataError where an entity ends past the text, an entity id occurs twice or a relation joins an unknown entity.
    """

    id: str
    text: str
    entities: tuple[Entity, ...] = ()
    relations: tuple[Relation, ...] = ()
    meta: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        ids = [entity.id for entity in self.entities]
        known = set(ids)
        if len(known) != len(ids):
            raise DataError("an entity id occurs twice", where=self.id)
        for entity in self.entities:
            if entity.end > len(self.text):
                raise DataError(f"entity {entity.id} ends at {entity.end}, text has {len(self.text)}", where=self.id)
        for relation in self.relations:
            for end in (relation.head, relation.tail):
                if end not in known:
                    raise DataError(f"relation {relation.id} joins {end}, which is not an entity", where=self.id)

    def mention(self, entity: Entity) -> str:
        """The words that an entity covers."""
        return self.text[entity.start : entity.end]
