"""What may be annotated: entity and relation labels with their constraints, read from configs/labels.yaml."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from toolkit.configuration import Settings, read_settings


class EntityType(Settings):
    """An entity label: what it means in Arabic (or the corpus's language) and English, how it is drawn."""

    ar: str = ""
    en: str = ""
    color: str = Field(default="#546E7A", pattern=r"^#[0-9A-Fa-f]{6}$")
    hotkey: str | None = None


class RelationType(Settings):
    """A relation label and the entity labels that its head and tail may have; empty allows every one."""

    ar: str = ""
    en: str = ""
    head: tuple[str, ...] = ()
    tail: tuple[str, ...] = ()
    symmetric: bool = False

    def allows(self, head: str, tail: str) -> bool:
        """Whether the relation may join entities of these labels, in this direction."""
        return (not self.head or head in self.head) and (not self.tail or tail in self.tail)


class FlatLayer(Settings):
    """How nested mentions become one layer: labels dropped first, then the outermost or innermost span kept."""

    drop: tuple[str, ...] = ()
    keep: Literal["outermost", "innermost"] = "outermost"


class TextDisplay(Settings):
    """How the text is laid out for annotators."""

    language: str = "ar"
    direction: Literal["rtl", "ltr"] = "rtl"


class Schema(Settings):
    """The labels of a corpus. Order is append-only: tag ids depend on it."""

    version: int = 1
    entities: Mapping[str, EntityType]
    relations: Mapping[str, RelationType] = Field(default_factory=dict)
    flat_layer: FlatLayer = FlatLayer()
    proclitics: tuple[str, ...] = ()
    text: TextDisplay = TextDisplay()

    @model_validator(mode="after")
    def _labels_are_declared(self) -> "Schema":
        if not self.entities:
            raise ValueError("no entity label is declared")
        for name, relation in self.relations.items():
            for label in (*relation.head, *relation.tail):
                if label not in self.entities:
                    raise ValueError(f"relation {name} names the entity label {label}, which is not declared")
            if relation.symmetric and set(relation.head) != set(relation.tail):
                raise ValueError(f"relation {name} is symmetric, so head and tail must allow the same labels")
        for label in self.flat_layer.drop:
            if label not in self.entities:
                raise ValueError(f"flat_layer drops {label}, which is not declared")
        return self

    @property
    def flat_labels(self) -> tuple[str, ...]:
        """The entity labels that the flat layer holds."""
        return tuple(label for label in self.entities if label not in self.flat_layer.drop)

    @property
    def tags(self) -> tuple[str, ...]:
        """The IOB2 tags of the flat layer: O, then B- and I- of each label in the order of declaration."""
        return ("O", *(f"{prefix}-{label}" for label in self.flat_labels for prefix in "BI"))


class LabelMap(Settings):
    """Labels of another scheme and what they are here; null means that nothing here corresponds."""

    description: str = ""
    model: Mapping[str, str | None] = Field(default_factory=dict)
    gold: Mapping[str, str | None] = Field(default_factory=dict)


def read_schema(path: Path) -> Schema:
    """labels.yaml as a Schema. ConfigError names file, line and key of everything wrong in it."""
    return read_settings(path, Schema)
