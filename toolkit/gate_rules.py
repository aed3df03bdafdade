"""What a score must reach to pass: `gates` of configs/evaluation.yaml, and how scores are named there."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from toolkit.configuration import Settings

# The keys that lead to a score in result.json.
Keys = tuple[str, ...]
WORD_VIEW: Keys = ("scores", "word")
SIGNIFICANCE = "significance"
_METRICS = ("precision", "recall", "f1")
_AVERAGES = ("micro", "macro")
# Groups of blocks, each with `micro`, `macro` and `labels`.
_BLOCKS = {
    "scores": ("word", "char", "clitic"),
    "seqeval": ("strict", "default"),
    "relations": ("strict", "boundaries", "given"),
}
# Groups of single scores.
_TABLES = {
    "partial_credit": ("strict", "exact", "partial", "type"),
    "nesting": ("flat", "nested"),
    "lengths": ("1", "2", "3", "4-5", "6+"),
    "seen_mentions": ("seen", "unseen", "other_label"),
}
_COVERAGE = ("coverage", "characters")


def score_keys(name: str, headline: Keys = WORD_VIEW) -> Keys:
    """The keys of a score in result.json, from its path there or from its short name in the block of the headline.

    A label may hold dots; what follows the last is the metric. ValueError where no result has such a score.
    """
    parts = tuple(name.split("."))
    if parts == _COVERAGE:
        return parts
    root, rest = parts[0], parts[1:]
    if root in _BLOCKS:
        _check(name, rest[:1], _BLOCKS[root])
        if rest[1:2] != ("labels",):
            _check(name, rest[1:2], (*_AVERAGES, "labels"))
            _check(name, rest[2:], _METRICS)
            return parts
        return (root, rest[0], *_of_label(name, rest[2:]))
    if root in _TABLES:
        _check(name, rest[:1], _TABLES[root])
        _check(name, rest[1:], ("recall",) if root == "seen_mentions" else _METRICS)
        return parts
    if root == "collections":
        _check(name, rest[1:2], ("word", "char"))
        _check(name, rest[2:], _METRICS)
        return parts
    if root in _AVERAGES:
        _check(name, rest, _METRICS)
        return (*headline, *parts)
    return (*headline, *_of_label(name, parts))


def _of_label(name: str, parts: Keys) -> Keys:
    _check(name, parts[-1:] if len(parts) > 1 else (), _METRICS)
    return ("labels", ".".join(parts[:-1]), parts[-1])


def _check(name: str, parts: Keys, known: Keys) -> None:
    """That the one part is one of those known."""
    if len(parts) != 1 or parts[0] not in known:
        what = f"{'.'.join(parts)!r} is not" if parts else "there is none"
        raise ValueError(f"no result has a score {name!r}: {what} of {', '.join(known)}")


def _is_score(name: str) -> str:
    score_keys(name)
    return name


def floor_gate(score: str) -> str:
    """The name of the gate that a floor under a score is."""
    return f"floor {score}"


def drop_gate(score: str) -> str:
    """The name of the gate that the largest drop of a score is."""
    return f"drop {score}"


ScoreName = Annotated[str, AfterValidator(_is_score)]
Share = Annotated[float, Field(strict=True, ge=0, le=1)]


class GateRules(Settings):
    """Floors, and how far a score may fall below a baseline's, in points of 1 (0.01 is one percentage point).

    A score is named by its path in result.json (`scores.char.micro.f1`, `relations.strict.micro.f1`), or in short for
    the headline: `micro.f1`, `macro.f1`, `PER.recall`. `min_support` is the gold mentions that a score needs for its
    gate to be decided. `significance` fails a drop of the headline, however small, whose p-value is not above it.
    What `informational` names, a score or one gate of it (`drop micro.f1`), is told and never fails.
    """

    floors: Mapping[ScoreName, Share] = Field(default_factory=dict)
    max_drop: Mapping[ScoreName, Share] = Field(default_factory=dict)
    min_support: int = Field(default=1, ge=1)
    significance: float | None = Field(default=None, gt=0, lt=1)
    informational: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _informational_are_gates(self) -> "GateRules":
        known = {*self.floors, *self.max_drop, *self.names}
        for name in self.informational:
            if name not in known:
                raise ValueError(f"informational names {name!r}, which is none of the gates: {', '.join(self.names)}")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all gates, in the order in which they are judged."""
        tested = () if self.significance is None else (SIGNIFICANCE,)
        return (*map(floor_gate, self.floors), *map(drop_gate, self.max_drop), *tested)

    def is_informational(self, gate: str) -> bool:
        """Whether a gate is only told: it, or its score, is named so."""
        return gate in self.informational or gate.partition(" ")[2] in self.informational

    @property
    def is_empty(self) -> bool:
        """Whether nothing is demanded."""
        return not self.names
