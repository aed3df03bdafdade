"""How the gold of an article is found among its annotations: an ordered list of rules, `gold` of dataset.yaml."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import model_serializer, model_validator

from toolkit.configuration import Settings

Kind = Literal["ground_truth", "adjudicator", "single", "majority", "first"]
_PLAIN = ("ground_truth", "single", "majority", "first")
# What one name in place of a list stands for.
_SHORT: dict[str, tuple[str, ...]] = {name: ("ground_truth", "single", name) for name in ("majority", "first")}
_SHORT |= {"ground_truth": ("ground_truth", "single")}


class GoldRule(Settings):
    """One rule. `ground_truth`: the one annotation marked as such. `adjudicator: NAME`: that annotator's annotation.
    `single`: the only one. `majority`: what more than half of the annotators have. `first`: by annotator's name.
    """

    kind: Kind
    annotator: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _as_written(cls, value: Any) -> Any:
        if isinstance(value, GoldRule):
            return value
        if isinstance(value, str) and value in _PLAIN:
            return {"kind": value}
        if isinstance(value, Mapping) and list(value) == ["adjudicator"]:
            if isinstance(value["adjudicator"], str) and value["adjudicator"]:
                return {"kind": "adjudicator", "annotator": value["adjudicator"]}
            raise ValueError("adjudicator needs an annotator's name")
        raise ValueError(f"{value!r} is no rule; there are {', '.join(_PLAIN)} and adjudicator: NAME")

    @model_serializer
    def _as_in_yaml(self) -> str | dict[str, str | None]:
        return {"adjudicator": self.annotator} if self.kind == "adjudicator" else self.kind

    def __str__(self) -> str:
        return f"adjudicator: {self.annotator}" if self.kind == "adjudicator" else self.kind


def written_out(value: Any) -> Any:
    """One rule's name as the list that it stands for: `ground_truth` takes the only annotation where none is marked,
    `majority` and `first` are tried after both. Anything else as it is.
    """
    return _SHORT.get(value, (value,)) if isinstance(value, str) else value


def gold_rules(written: str | Sequence[str | Mapping[str, str]]) -> tuple[GoldRule, ...]:
    """Rules as dataset.yaml writes them: a list, or one name that stands for a list."""
    return tuple(GoldRule.model_validate(rule) for rule in written_out(written))
