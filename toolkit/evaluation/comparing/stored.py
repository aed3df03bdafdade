"""Results read back from result.json, and whether two of them may be set side by side."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, Field, NonNegativeInt, ValidationError

from toolkit.errors import DataError, FileError, IncompleteError
from toolkit.evaluation.comparing.randomization import Table
from toolkit.files import friendly, parse_json, read_bytes
from toolkit.gate_rules import Keys

# The version of result.json that is read. Not imported from where it is written, which takes seqeval seconds to load.
SCHEMA_VERSION = 1
Json = Mapping[str, Any]
_Counts = dict[str, tuple[NonNegativeInt, NonNegativeInt, NonNegativeInt]]
_Span = tuple[NonNegativeInt, NonNegativeInt, str]
# A setting in full, told only where the parts of the signature that stand for it agree.
_IN_SIGNATURE = {"content_digest": ("digest",), "label_map": ("map",), "policies": ("tags", "flat")}


class _Score(BaseModel):
    precision: float | None
    recall: float | None
    f1: float | None
    interval: tuple[float, float] | None


class _Counted(_Score):
    pred: NonNegativeInt
    gold: NonNegativeInt


class _Block(BaseModel):
    micro: _Counted
    macro: _Score
    labels: dict[str, _Counted]


class _Relations(BaseModel):
    strict: _Block | None
    boundaries: _Block | None
    given: _Block | None


class _RelationCounts(BaseModel):
    strict: _Counts
    boundaries: _Counts


class _Document(BaseModel):
    characters: NonNegativeInt
    word: _Counts
    char: _Counts
    clitic: _Counts
    relations: _RelationCounts | None
    missed: list[_Span]
    spurious: list[_Span]


class _Scores(BaseModel):
    word: _Block
    char: _Block
    clitic: _Block


class _Dataset(BaseModel):
    name: str
    version: str
    split: str
    content_digest: str


class _Coverage(BaseModel):
    documents: NonNegativeInt


class _LabelMap(BaseModel):
    name: str
    digest: str


class _Result(BaseModel):
    """What this room reads of a result.json; result.schema.json has all of it."""

    schema_version: int
    signature: str
    headline: str = Field(pattern="^(word|char|clitic)$")
    status: str
    reasons: list[str]
    model: dict[str, Any]
    dataset: _Dataset
    label_map: _LabelMap | None
    policies: dict[str, Any]
    coverage: _Coverage
    scores: _Scores
    relations: _Relations | None
    documents: dict[str, _Document]


def read_result(path: Path) -> Json:
    """A result.json, or that of a folder.

    FileError where there is none; IncompleteError where the file is no result that this version reads: then there is
    nothing to compare with.
    """
    with friendly(path):
        file = path / "result.json" if path.is_dir() else path
        if not file.is_file():
            raise FileError("no result there", where=str(file), fix="`tawsim score MODEL --out DIR` writes one.")
    try:
        found = parse_json(read_bytes(file), str(file))
    except DataError as error:
        raise IncompleteError(error.what, where=error.where, fix="Score again.") from error
    version = found.get("schema_version") if isinstance(found, dict) else None
    if version not in (None, SCHEMA_VERSION):
        what = f"is a result of schema version {version}; this tawsim reads {SCHEMA_VERSION}"
        raise IncompleteError(what, where=str(file), fix="Score again.")
    try:
        _Result.model_validate(found)
    except ValidationError as error:
        first = error.errors()[0]
        what = f"is no result of `tawsim score`: {'.'.join(map(str, first['loc'])) or 'all'}: {first['msg']}"
        raise IncompleteError(what, where=str(file), fix="Name a result.json or its folder.") from error
    return dict(found)


def model_label(result: Json) -> str:
    """The name of a result's model, for tables."""
    return str(result["model"].get("name", "model"))


def headline_keys(result: Json) -> Keys:
    """Where the headline's scores are in a result: those of its view, or of relations between mentions given."""
    if result["relations"] and result["relations"]["given"]:
        return ("relations", "given")
    return ("scores", str(result["headline"]))


def block_at(result: Json, keys: Sequence[str]) -> Json | None:
    """A block of scores (`micro`, `macro`, `labels`); None where the result has none there."""
    group, name = keys
    found: Json | None = (result[group] or {}).get(name)
    return found


def counts_at(result: Json, keys: Sequence[str], label: str | None = None) -> Table:
    """The counts of a block by document: right, predicted, gold; of all labels or of one, in the order of the ids."""
    group, name = keys
    rows = []
    for _, document in sorted(result["documents"].items()):
        # Relations between mentions given are counted as strict ones: their mentions are all right.
        table = document[name] if group == "scores" else document["relations"]["strict" if name == "given" else name]
        chosen = table.values() if label is None else [table.get(label, (0, 0, 0))]
        rows.append([sum(column) for column in zip((0, 0, 0), *chosen, strict=True)])
    return np.array(rows, dtype=np.float64).reshape(-1, 3)


def differences(first: Json, second: Json) -> list[str]:
    """Why two results are not comparable, each reason in words with both values; empty where they are.

    Comparable results share data, split, words, label map, policies, versions and scored documents, and are complete.
    """
    one, other = (_parts(result["signature"]) for result in (first, second))
    found = _unlike(one, other)
    differing = {name for name in one.keys() | other.keys() if one.get(name) != other.get(name)}
    full = {name for name, parts in _IN_SIGNATURE.items() if not differing.intersection(parts)}
    found += _unlike(*({name: value for name, value in _settings(r).items() if name in full} for r in (first, second)))
    apart = len(first["documents"].keys() ^ second["documents"].keys())
    if apart:
        found.append(f"documents: {apart} are in one result only")
    shared = sorted(first["documents"].keys() & second["documents"].keys())
    changed = [name for name in shared if _gold(first["documents"][name]) != _gold(second["documents"][name])]
    if changed:
        found.append(f"gold: {len(changed)} documents have another text or other mentions, the first is {changed[0]}")
    unfinished = [result for result in (first, second) if result["status"] != "complete"]
    return found + [f"status: the result of {model_label(each)} is {each['status']}" for each in unfinished]


def _unlike(one: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
    return [
        f"{name}: {one.get(name, 'none')} and {other.get(name, 'none')}"
        for name in dict.fromkeys((*one, *other))
        if one.get(name) != other.get(name)
    ]


def _parts(signature: str) -> dict[str, str]:
    """The named parts of a signature; those without a name count by their place."""
    parts = [part.partition(":") for part in signature.split("|")]
    return {name if sign else f"part {place}": value or name for place, (name, sign, value) in enumerate(parts, 1)}


def _settings(result: Json) -> dict[str, str]:
    label_map = result["label_map"]
    return {
        "content_digest": result["dataset"]["content_digest"],
        "label_map": f"{label_map['name']} ({label_map['digest'][:12]})" if label_map else "none",
        "policies": ", ".join(f"{key} {value}" for key, value in sorted(result["policies"].items())),
    }


def _gold(document: Json) -> tuple[int, dict[str, int]]:
    """What is the same of a document whatever the model says: characters, and gold mentions by label."""
    gold = {label: counts[2] for label, counts in document["char"].items()}
    return document["characters"], {label: number for label, number in gold.items() if number}
