"""The scores that gates name: found in a result, and known before a model is run."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from toolkit.errors import ConfigError
from toolkit.evaluation.comparing.stored import Json, headline_keys
from toolkit.gate_rules import GateRules, Keys, score_keys
from toolkit.schema import Schema


def check_gates(rules: GateRules, schema: Schema, headline: Keys, where: str) -> None:
    """ConfigError where a gate names a label that the scored scheme does not have, or where there is no gate at all."""
    if rules.is_empty:
        raise ConfigError("there are no gates in it", where=where, fix="Name floors, max_drop or significance.")
    for name in (*rules.floors, *rules.max_drop):
        keys = score_keys(name, headline)
        if keys[2:3] != ("labels",):
            continue
        is_flat = keys[0] == "seqeval" or keys[:2] == ("scores", "word")
        known = [*(schema.relations if keys[0] == "relations" else schema.flat_labels if is_flat else schema.entities)]
        if keys[3] not in known:
            close = get_close_matches(keys[3], known, 1)
            fix = f"Did you mean {close[0]}?" if close else f"There are: {', '.join(known)}."
            what = f"a gate names {name}, but {'.'.join(keys[:2])} has no label {keys[3]}"
            raise ConfigError(what, where=where, fix=fix)


def score_at(result: Json, name: str) -> tuple[float | None, int | None]:
    """The number of a score by its path or its short name, and the gold mentions behind it where they are counted.

    (None, None) where there is no such number.
    """
    *inner, metric = score_keys(name, headline_keys(result))
    found: Any = result
    for key in inner:
        found = found.get(key) if isinstance(found, Mapping) else None
    value = found.get(metric) if isinstance(found, Mapping) else None
    if not isinstance(value, int | float):
        return None, None
    return float(value), next((found[key] for key in ("gold", "support", "possible") if key in found), None)
