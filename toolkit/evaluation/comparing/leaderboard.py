"""Many results as ranked tables: one for each set of comparable results, with intervals and significance groups."""

from collections.abc import Mapping, Sequence
from typing import Any

from toolkit.evaluation.comparing.comparison import headline_test
from toolkit.evaluation.comparing.randomization import holm
from toolkit.evaluation.comparing.stored import Json, differences, model_label

SCHEMA_VERSION = 1
LEVEL = 0.05


def leaderboard(results: Mapping[str, Json]) -> dict[str, Any]:
    """Results by where they lie, as ranked boards for JSON. Incomplete results are listed apart, with the reason.

    A board holds results that are comparable with one another, best headline F1 first. A row's `group` is that of the
    best model from which it does not differ significantly (paired randomization by document, p corrected by Holm).
    """
    left_out = {
        place: "; ".join(result.get("reasons") or ()) or str(result["status"])
        for place, result in sorted(results.items())
        if result["status"] != "complete"
    }
    boards: list[list[str]] = []
    for place in sorted(results.keys() - left_out.keys()):
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
        "left_out": left_out,
    }


def _board(placed: Sequence[tuple[str, Json]]) -> dict[str, Any]:
    view = placed[0][1]["headline"]
    ranked = sorted(placed, key=lambda item: (-(_micro(item[1])["f1"] or 0.0), model_label(item[1]), item[0]))
    groups = _groups([result for _, result in ranked])
    return {
        "signature": placed[0][1]["signature"],
        "dataset": dict(placed[0][1]["dataset"]),
        "headline": view,
        "rows": [
            {
                "rank": 1 + sum((_micro(other)["f1"] or 0.0) > (_micro(result)["f1"] or 0.0) for _, other in ranked),
                "group": group,
                "model": model_label(result),
                "place": place,
                "f1": _micro(result)["f1"],
                "interval": _micro(result)["interval"],
                "precision": _micro(result)["precision"],
                "recall": _micro(result)["recall"],
                "macro_f1": result["scores"][view]["macro"]["f1"],
                "char_f1": result["scores"]["char"]["micro"]["f1"],
            }
            for (place, result), group in zip(ranked, groups, strict=True)
        ],
    }


def _micro(result: Json) -> Mapping[str, Any]:
    found: Mapping[str, Any] = result["scores"][result["headline"]]["micro"]
    return found


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
