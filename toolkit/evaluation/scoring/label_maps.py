"""Label maps in effect: what a model's labels and the gold labels are in the scheme that both are scored in."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolkit.configuration import read_settings
from toolkit.errors import ConfigError, FileError
from toolkit.evaluation.predictions.prediction import label_problem
from toolkit.evaluation.scoring.strata import KnownMentions
from toolkit.files import canonical_json, sha256
from toolkit.project import Project
from toolkit.schema import FlatLayer, LabelMap, RelationType, Schema

# Before a label that the map does not name but the common scheme has: it must not be right by chance.
UNMAPPED = "unmapped:"
_SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class NamedMap:
    """A label map, and the name under which a result knows it."""

    name: str
    map: LabelMap

    @property
    def digest(self) -> str:
        """The sha256 of what it maps, however the file is written."""
        return sha256(canonical_json(self._tables()))

    def as_json(self) -> dict[str, Any]:
        """`label_map` of result.json."""
        return {"name": self.name, "digest": self.digest, **self._tables()}

    def _tables(self) -> dict[str, Any]:
        return {"gold": dict(self.map.gold), "model": dict(self.map.model)}


@dataclass(frozen=True, slots=True)
class Scheme:
    """The labels that are scored, and how those of gold and of the model come to them; no tables, no change."""

    schema: Schema
    gold: Mapping[str, str | None] | None = None
    model: Mapping[str, str | None] | None = None

    def of_gold(self, label: str) -> str | None:
        """The label that a gold one is scored as; None is nothing."""
        return label if self.gold is None else self.gold[label]

    def of_model(self, label: str) -> str | None:
        """The label that a predicted one is scored as; None is nothing. One that is not mapped stays, and is wrong."""
        if self.model is None:
            return label
        if label in self.model:
            return self.model[label]
        return f"{UNMAPPED}{label}" if label in self.schema.entities else label

    def is_unmapped(self, label: str) -> bool:
        """Whether a predicted label is one that the map does not name."""
        return self.model is not None and label not in self.model

    def of_training(self, known: KnownMentions) -> KnownMentions:
        """The mentions of training with the labels that they are scored as; those that are nothing left out."""
        if self.gold is None:
            return known
        found = {}
        for key, labels in known.items():
            mapped = {target for label in labels if (target := self.gold.get(label)) is not None}
            if mapped:
                found[key] = mapped
        return found


def find_label_map(given: str, project: Project) -> NamedMap:
    """A map by its name in configs/label_maps or by the path of its file. FileError or ConfigError without one."""
    path = Path(given)
    if path.suffix not in _SUFFIXES:
        return NamedMap(given, project.label_map(given))
    if not path.is_file():
        raise FileError("no such label map", where=given, fix="Check the path, or name a map of configs/label_maps.")
    return NamedMap(path.stem, read_settings(path, LabelMap))


def scheme_of(schema: Schema, named: NamedMap | None) -> Scheme:
    """The scheme that a dataset of `schema` is scored in. A map without `gold` leaves gold as it is.

    Its labels are in the order of the schema. A label is out of the flat layer where all that it comes from is.
    ConfigError where the map does not name a gold label, or leads a label of the model to one that no gold label has.
    """
    if named is None:
        return Scheme(schema)
    gold = dict(named.map.gold) or {label: label for label in schema.entities}
    _check(named, gold, schema)
    sources: dict[str, list[str]] = {}
    for label in schema.entities:
        target = gold[label]
        if target is not None:
            sources.setdefault(target, []).append(label)
    dropped = set(schema.flat_layer.drop)
    common = Schema(
        version=schema.version,
        entities={target: schema.entities[labels[0]] for target, labels in sources.items()},
        relations={
            name: RelationType(ar=kind.ar, en=kind.en, symmetric=kind.symmetric)
            for name, kind in schema.relations.items()
        },
        flat_layer=FlatLayer(
            drop=tuple(target for target, labels in sources.items() if dropped.issuperset(labels)),
            keep=schema.flat_layer.keep,
        ),
        proclitics=schema.proclitics,
        text=schema.text,
    )
    return Scheme(common, gold, named.map.model)


def _check(named: NamedMap, gold: Mapping[str, str | None], schema: Schema) -> None:
    where = f"label map {named.name}"
    targets = {gold.get(label) for label in schema.entities} - {None}
    if lacking := [label for label in schema.entities if label not in gold]:
        what = f"gold does not name {', '.join(lacking)}, which the dataset has"
        raise ConfigError(what, where=where, fix="Name each, with null where nothing corresponds.")
    if not targets:
        raise ConfigError("gold leads every label to nothing, so that nothing can be scored", where=where)
    if not named.map.model:
        raise ConfigError("model names no label of the model", where=where)
    if strange := sorted({target for target in named.map.model.values() if target is not None} - targets):
        what = f"model leads to {', '.join(strange)}, which gold leads to from no label"
        raise ConfigError(what, where=where, fix="Write null where nothing corresponds.")
    for target in sorted(filter(None, targets)):
        if problem := label_problem(target):
            raise ConfigError(problem, where=where)
