"""What a model really saw of the documents, and why a result is incomplete."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from toolkit.document import Document
from toolkit.evaluation.predictions.prediction import Prediction, Predictions
from toolkit.findings import Severity

# So many documents are told by name in a reason; the result has them all.
_NAMED = 5


def seen_characters(document: Document, prediction: Prediction | None) -> int:
    """How many characters of a document the model read, in code points. Blanks between two parts count as read."""
    if prediction is None or prediction.error is not None:
        return 0
    text = document.text
    if prediction.seen is None:
        return len(text)
    unseen = place = 0
    for start, end in (*sorted(part for part in prediction.seen if part[0] < part[1]), (len(text), len(text))):
        unseen += len(text[place : max(place, start)].strip())
        place = max(place, end)
    return len(text) - unseen


def coverage_json(
    documents: Sequence[Document], predictions: Predictions, seen: Mapping[str, int], without_text: int
) -> dict[str, Any]:
    """`coverage` of result.json; `seen` are the characters read by document."""
    sizes = {document.id: len(document.text) for document in documents}
    found = predictions.by_document
    failed = {name: found[name].error for name in sizes if name in found and found[name].error is not None}
    missing = sorted(name for name in sizes if name not in found)
    total = sum(sizes.values())
    return {
        "documents": len(documents),
        "documents_predicted": len(documents) - len(missing) - len(failed),
        "documents_without_text": without_text,
        "characters": sum(seen.values()) / total if total else None,
        "characters_total": total,
        "characters_predicted": sum(seen.values()),
        "missing": missing,
        "failed": failed,
        "partly_seen": {
            name: [seen[name], size]
            for name, size in sizes.items()
            if seen[name] < size and name in found and name not in failed
        },
    }


def incomplete_reasons(coverage: Mapping[str, Any], predictions: Predictions, *, allow_partial: bool) -> list[str]:
    """Why a result is incomplete, a line each; empty where it is complete."""
    return list(_reasons(coverage, predictions, allow_partial))


def _reasons(coverage: Mapping[str, Any], predictions: Predictions, allow_partial: bool) -> Iterator[str]:
    documents = coverage["documents"]
    for names, what in ((coverage["missing"], "have no prediction"), (coverage["failed"], "failed")):
        if names:
            yield f"{len(names)} of {documents} documents {what}: {_listed([*names])}"
    if coverage["partly_seen"] and not allow_partial:
        parts = [f"{name} ({seen} of {size} characters)" for name, (seen, size) in coverage["partly_seen"].items()]
        yield f"the model did not read {len(parts)} of {documents} documents to their end: {_listed(parts)}"
    errors = sum(finding.severity is Severity.ERROR for finding in predictions.findings)
    if errors:
        yield f"errors in the predictions, listed under findings: {errors}"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
