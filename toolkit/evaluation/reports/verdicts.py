"""What the reports of a score tell beside it, as tables of texts: the gates, and the difference from a baseline."""

from collections.abc import Iterator

from toolkit.evaluation.comparing.comparison import compare
from toolkit.evaluation.comparing.gates import Gate, Judgement
from toolkit.evaluation.comparing.stored import differences, model_label
from toolkit.evaluation.reports.comparison_report import difference
from toolkit.evaluation.reports.sections import Json, Section
from toolkit.markdown import decimal


def outcome(gate: Gate) -> str:
    """The verdict of a gate in words, capital where it decides the exit code against the model."""
    if gate.informational:
        return f"{gate.verdict}, informational"
    return str(gate.verdict) if gate.verdict == "passed" else str(gate.verdict).upper()


def gates_section(judgement: Judgement) -> Section:
    """Every gate with what was demanded and found, and why."""
    rows = [
        (gate.name, gate.demand, decimal(gate.value) if gate.value is not None else "", outcome(gate), gate.message)
        for gate in judgement.gates
    ]
    note = f"All together: {judgement.verdict}. What cannot be decided is not passed."
    return Section("Gates", ("gate", "demand", "found", "verdict", "why"), rows, note, is_prose=True)


def baseline_sections(result: Json, baseline: Json) -> Iterator[Section]:
    """The difference from a baseline by score and label, or why the two cannot be set side by side."""
    name = model_label(baseline)
    if obstacles := differences(baseline, result):
        differing = [(obstacle,) for obstacle in obstacles]
        note = "The two results were not set side by side."
        yield Section(f"Against {name}", ("not comparable",), differing, note, is_prose=True)
        return
    (each,) = compare(baseline, [result])["comparisons"]
    documents = each["documents"]
    rows = [(path, *difference(test), decimal(test["p"])) for path, test in each["scores"].items()]
    note = (
        f"This result minus {name}, paired by document. Documents won {documents['wins']}, tied {documents['ties']}, "
        f"lost {documents['losses']}. The interval does not cover what training again would change."
    )
    yield Section(f"Against {name}", ("score", "difference", "95 % interval", "p"), rows, note)
    labels = [
        (label, decimal(row["baseline"]), decimal(row["other"]), *difference(row), str(row["support"]))
        for label, row in each["labels"].items()
    ]
    head = ("label", "baseline F1", "F1", "difference", "95 % interval", "gold")
    yield Section(f"Against {name}, by label", head, labels, f"F1 in the {result['headline']} view.")
