"""Many results as ranked tables: one for each set of comparable results, with intervals and significance groups."""

from collections.abc import Mapping, Sequence
from typing import Any

from toolkit.evaluation.comparing.comparison import headline_test
from toolkit.evaluation.comparing.randomization import holm
from toolkit.evaluation.comparing.stored import Json, block_at, differences, headline_keys, model_label

SCHEMA_VERSION = 1
LEVEL = 0.05


def leaderboard(results: Mapping[str, Json], unread: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Results by where they lie, as ranked boards for JSON.

    Incomplete results, those without a headline score and those that could not be read (`unread`) are listed apart,
    with the reason. A board holds results that are comparable with one another, best headline F1 first; the largest
    board comes first. A row's `group` is that of the best model from which it does not differ significantly (paired
    randomization by document, p corrected by Holm).
    """
    refused = {place: why for place, result in results.items() if (why := _refusal(result))}
    boards: list[list[str]] = []
    for place in sorted(results.keys() - refused.keys()):
        fitting = [board for board in boards if not differences(results[board[0]], results[place])]
        if fitting:
            fitting[0].append(place)
        else:
            boards.append([place])
    boards.sort(key=lambda board: (-len(board), board))
    return {
        "schema_version": SCHEMA_VERSION,
        "level": LEVEL,
        "boards": [_board([(place, results[place]) for place in board]) for board in boards],
        "left_out": dict(sorted({**(unread or {}), **refused}.items())),
    }


def _refusal(result: Json) -> str:
    """Why a result is not ranked; empty where it is."""
    if result["status"] != "complete":
        return "; ".join(result["reasons"]) or str(result["status"])
    return "" if _block(result)["micro"]["f1"] is not None else "the headline score is not defined"


def _block(result: Json) -> Json:
    return block_at(result, headline_keys(result)) or {}


def _board(placed: Sequence[tuple[str, Json]]) -> dict[str, Any]:
    ranked = sorted(placed, key=lambda item: (-_block(item[1])["micro"]["f1"], model_label(item[1]), item[0]))
    scores = [_block(result)["micro"]["f1"] for _, result in ranked]
    groups = _groups([result for _, result in ranked])
    first = ranked[0][1]
    return {
        "signature": first["signature"],
        "dataset": dict(first["dataset"]),
        "label_map": first["label_map"]["name"] if first["label_map"] else None,
        "headline": ".".join((*headline_keys(first), "micro", "f1")),
        "documents": len(first["documents"]),
        "gold": _block(first)["micro"]["gold"],
        "rows": [
            {
                "rank": 1 + sum(score > scores[at] for score in scores),
                "group": groups[at],
                "model": model_label(result),
                "place": place,
                **{name: _block(result)["micro"][name] for name in ("f1", "interval", "precision", "recall")},
                "macro_f1": _block(result)["macro"]["f1"],
                "char_f1": result["scores"]["char"]["micro"]["f1"],
            }
            for at, (place, result) in enumerate(ranked)
        ],
    }


def _groups(ranked: Sequence[Json]) -> list[int]:
    """A number for each result, best first: 1 for the best and those not worse beyond chance, then anew."""
    groups = [0] * len(ranked)
    waiting = list(range(len(ranked)))
    number = 0
    while waiting:
        number += 1
        best, *rest = waiting
        tests = [headline_test(ranked[best], ranked[place]) for place in rest]
        # What cannot be tested is not known to differ.
        corrected = holm([1.0 if test.p is None else test.p for test in tests])
        waiting = [place for place, p in zip(rest, corrected, strict=True) if p <= LEVEL]
        for place in {best, *rest} - set(waiting):
            groups[place] = number
    return groups
