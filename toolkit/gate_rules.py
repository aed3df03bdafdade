"""What a score must reach to pass: `gates` of configs/evaluation.yaml. Scores are named as in result.json."""

from collections.abc import Mapping

from pydantic import Field, model_validator

from toolkit.configuration import Settings


class GateRules(Settings):
    """Floors, and how far a score may fall below a baseline's, in points of 1 (0.01 is one percentage point).

    A score is named by its path in result.json (`scores.char.micro.f1`, `relations.strict.micro.f1`), or in short for
    the headline view: `micro.f1`, `macro.f1`, `PER.recall`. `min_support` is the gold mentions that a label needs for
    its gate to be decided. `significance` fails a drop of the headline, however small, whose p-value is not above it.
    What `informational` names is told and never fails.
    """

    floors: Mapping[str, float] = Field(default_factory=dict)
    max_drop: Mapping[str, float] = Field(default_factory=dict)
    min_support: int = Field(default=1, ge=1)
    significance: float | None = Field(default=None, gt=0, lt=1)
    informational: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _are_within_range(self) -> "GateRules":
        for kind, table in (("floors", self.floors), ("max_drop", self.max_drop)):
            for name, value in table.items():
                if not 0 <= value <= 1:
                    raise ValueError(f"{kind}.{name} is {value}, expected a number from 0 to 1")
        known = {*self.floors, *self.max_drop, "significance"}
        for name in self.informational:
            if name not in known:
                raise ValueError(f"informational names {name!r}, which no gate has")
        return self

    @property
    def is_empty(self) -> bool:
        """Whether nothing is demanded."""
        return not self.floors and not self.max_drop and self.significance is None

    @property
    def needs_baseline(self) -> bool:
        """Whether a gate compares with an earlier result."""
        return bool(self.max_drop) or self.significance is not None
