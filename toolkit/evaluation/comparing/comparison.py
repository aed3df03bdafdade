"""Two results of the same documents, side by side: what differs, how sure that is, and where it happened."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from toolkit.errors import IncompleteError
from toolkit.evaluation.comparing.randomization import RESAMPLES, ROUNDS, SEED, PairedTest, Table, holm, paired_test
from toolkit.evaluation.comparing.stored import Json, differences, model_label

SCHEMA_VERSION = 1
_VIEWS = ("word", "char", "clitic")
_RELATIONS = ("strict", "boundaries")
_TIE = 1e-12


def compare(baseline: Json, others: Sequence[Json]) -> dict[str, Any]:
    """Each of `others` against the baseline, as an object for JSON; p-values are corrected for their number by Holm.

    IncompleteError names the fields in which one of them is not comparable with the baseline.
    """
    for other in others:
        if found := differences(baseline, other):
            raise IncompleteError(
                f"not comparable: {'; '.join(found)}",
                where=f"{model_label(baseline)} and {model_label(other)}",
                fix="Score both with the same tawsim on the same dataset, split and label map.",
            )
    compared = [_pair(baseline, other) for other in others]
    tested = [each for each in compared if each["p"] is not None]
    for each, p in zip(tested, holm([each["p"] for each in tested]), strict=True):
        each["p_holm"] = p
    return {
        "schema_version": SCHEMA_VERSION,
        "signature": baseline["signature"],
        "headline": baseline["headline"],
        "method": {"rounds": ROUNDS, "resamples": RESAMPLES, "seed": SEED, "level": 0.95, "unit": "document"},
        "baseline": _about(baseline),
        "comparisons": compared,
    }


def headline_table(result: Json) -> Table:
    """The counts of the headline view by document: right, predicted, gold; documents in the order of their ids."""
    return _table(result, lambda document: document[result["headline"]])


def headline_test(baseline: Json, other: Json) -> PairedTest:
    """The paired test of the headline micro F1 of two comparable results."""
    return paired_test(headline_table(baseline), headline_table(other))


def _pair(baseline: Json, other: Json) -> dict[str, Any]:
    headline = headline_test(baseline, other)
    outcome = _documents(baseline, other)
    return {
        "model": _about(other),
        **_test_json(headline),
        "p_holm": None,
        "scores": dict(_score_tests(baseline, other)),
        "labels": _labels(baseline, other),
        "documents": outcome,
        "mentions": _mentions(baseline, other),
    }


def _about(result: Json) -> dict[str, Any]:
    micro = result["scores"][result["headline"]]["micro"]
    return {
        "name": model_label(result),
        "model": dict(result["model"]),
        "f1": micro["f1"],
        "interval": micro["interval"],
    }


def _test_json(test: PairedTest) -> dict[str, Any]:
    return {**test._asdict(), "interval": None if test.interval is None else list(test.interval)}


def _table(result: Json, counts: Any, label: str | None = None) -> Table:
    rows = []
    for name in sorted(result["documents"]):
        table: Mapping[str, Sequence[int]] = counts(result["documents"][name])
        chosen = table.values() if label is None else [table.get(label, (0, 0, 0))]
        rows.append([sum(column) for column in zip((0, 0, 0), *chosen, strict=True)])
    return np.array(rows, dtype=np.float64).reshape(-1, 3)


def _score_tests(baseline: Json, other: Json) -> Any:
    """(path of the score, test) for micro F1 in every view that both have, relations too."""
    for view in _VIEWS:
        if view in baseline["scores"] and view in other["scores"]:
            tables = (_table(result, lambda document, view=view: document[view]) for result in (baseline, other))
            yield f"scores.{view}.micro.f1", _test_json(paired_test(*tables))
    if not (baseline.get("relations") and other.get("relations")):
        return
    for kind in _RELATIONS:
        if baseline["relations"].get(kind) and other["relations"].get(kind):
            tables = (_table(r, lambda document, kind=kind: document["relations"][kind]) for r in (baseline, other))
            yield f"relations.{kind}.micro.f1", _test_json(paired_test(*tables))


def _labels(baseline: Json, other: Json) -> dict[str, Any]:
    """The difference by label in the headline view. No p-values: so many tests would find something by chance."""
    view = baseline["headline"]
    found = {}
    for label, score in baseline["scores"][view]["labels"].items():
        theirs = other["scores"][view]["labels"].get(label, {"f1": None})
        first, second = (_table(result, lambda document: document[view], label) for result in (baseline, other))
        is_defined = score["f1"] is not None and theirs["f1"] is not None
        test = paired_test(first, second) if is_defined else None
        found[label] = {
            "baseline": score["f1"],
            "other": theirs["f1"],
            "difference": test.difference if test else None,
            "interval": list(test.interval) if test and test.interval else None,
            "support": score["support"],
        }
    return found


def _documents(baseline: Json, other: Json) -> dict[str, Any]:
    """Wins, ties and losses of `other` by F1 of the document in the headline view, and the documents that differ."""
    one, two = _f1_by_document(baseline), _f1_by_document(other)
    changed = {name: two[name] - one[name] for name in sorted(one) if abs(two[name] - one[name]) > _TIE}
    wins = sum(change > 0 for change in changed.values())
    flipped = sorted(changed.items(), key=lambda item: (item[1], item[0]))
    return {
        "wins": wins,
        "losses": len(changed) - wins,
        "ties": len(one) - len(changed),
        "flipped": [{"id": name, "baseline": one[name], "other": two[name]} for name, _ in flipped],
    }


def _f1_by_document(result: Json) -> dict[str, float]:
    table = headline_table(result)
    below = table[:, 1] + table[:, 2]
    scores = np.divide(2 * table[:, 0], below, out=np.ones_like(below), where=below > 0)
    return dict(zip(sorted(result["documents"]), map(float, scores), strict=True))


def _mentions(baseline: Json, other: Json) -> dict[str, Any]:
    """The exact mentions that one found and the other did not, and what only one of them made up, with their places."""
    kinds: dict[str, list[dict[str, Any]]] = {name: [] for name in ("fixed", "broken", "new_spurious", "gone_spurious")}
    for name in sorted(baseline["documents"]):
        one, two = baseline["documents"][name], other["documents"][name]
        missed, missed_now = ({tuple(span) for span in side["missed"]} for side in (one, two))
        spurious, spurious_now = ({tuple(span) for span in side["spurious"]} for side in (one, two))
        for kind, spans in zip(
            kinds,
            (missed - missed_now, missed_now - missed, spurious_now - spurious, spurious - spurious_now),
            strict=True,
        ):
            kinds[kind] += [{"id": name, "start": s, "end": e, "label": label} for s, e, label in sorted(spans)]
    return {"counts": {kind: len(found) for kind, found in kinds.items()}, **kinds}
