"""badge.json: the headline score as the endpoint badge of shields.io reads it."""

from collections.abc import Mapping
from typing import Any

from toolkit.evaluation.comparing.gates import Judgement
from toolkit.evaluation.reports.sections import headline_score
from toolkit.markdown import decimal

Json = Mapping[str, Any]
_COLORS = {"passed": "brightgreen", "failed": "red", "undecided": "yellow"}


def badge(result: Json, judgement: Judgement | None) -> dict[str, Any]:
    """The badge, coloured by the verdict of the gates. An incomplete result has no score to show."""
    label = f"F1 {result['dataset']['name']} {result['dataset']['split']}"
    if result["status"] != "complete":
        return {"schemaVersion": 1, "label": label, "message": "incomplete", "color": "lightgrey"}
    message = decimal(headline_score(result)["f1"], 3)
    color = _COLORS[judgement.verdict] if judgement else "blue"
    return {"schemaVersion": 1, "label": label, "message": message, "color": color}
