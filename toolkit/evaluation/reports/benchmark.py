"""benchmark.json: scores for trend charts, as github-action-benchmark reads them."""

from collections.abc import Iterator, Mapping
from typing import Any

from toolkit.evaluation.comparing.stored import model_label

Json = Mapping[str, Any]


def benchmark(result: Json) -> list[dict[str, Any]]:
    """benchmark.json: scores as `customBiggerIsBetter` of github-action-benchmark. What is not defined is left out.

    A name stays the same from version to version of the dataset, so that its chart goes on; `extra` tells the version.
    """
    dataset = result["dataset"]
    prefix = f"{model_label(result)}, {dataset['name']} {dataset['split']}"
    extra = f"{dataset['name']} {dataset['version']}\n{result['signature']}"
    found = []
    for name, unit, value, interval, support in _figures(result):
        if value is not None:
            told = {"range": f"{interval[0]:.4f} to {interval[1]:.4f}"} if interval else {}
            gold = "" if support is None else f"\n{support} gold"
            found.append({"name": f"{prefix}: {name}", "unit": unit, "value": value, **told, "extra": extra + gold})
    return found


def _figures(result: Json) -> Iterator[tuple[str, str, Any, Any, Any]]:
    """Name, unit, value, interval and support."""
    blocks = {**result["scores"]}
    blocks |= {f"relations {criterion}": block for criterion, block in (result["relations"] or {}).items() if block}
    for name, block in blocks.items():
        for average in ("micro", "macro"):
            score = block[average]
            yield f"{name} {average} F1", "F1", score["f1"], score["interval"], score.get("gold")
    for label, score in result["scores"][result["headline"]]["labels"].items():
        yield f"{result['headline']} {label} F1", "F1", score["f1"], score["interval"], score["gold"]
    yield "characters read", "share", result["coverage"]["characters"], None, None
