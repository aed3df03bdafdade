"""What was lost, changed or not predicted in a score, in lines for readers; nothing goes missing unseen."""

from collections.abc import Iterator, Mapping
from typing import Any

from toolkit.markdown import decimal

Json = Mapping[str, Any]
# So many missing documents are told by name; result.json has them all.
_NAMED = 10


def account(result: Json) -> Iterator[str]:
    """One line for everything that was lost, changed or not predicted; nothing where all is plain."""
    coverage = result["coverage"]
    if coverage["partly_seen"]:
        share = decimal(coverage["characters"])
        yield f"{len(coverage['partly_seen'])} documents were not read to their end (share of characters read: {share})"
    lacking = coverage["documents"] - coverage["documents_predicted"]
    if lacking:
        share = decimal(coverage["characters"])
        yield f"{lacking} of {coverage['documents']} documents have no prediction (coverage by characters: {share})"
    missing = coverage["missing"]
    if missing:
        more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
        yield f"no prediction: {', '.join(missing[:_NAMED])}{more}"
    for name, error in coverage["failed"].items():
        yield f"failed: {name}: {error}"
    if coverage["documents_without_text"]:
        yield f"{coverage['documents_without_text']} documents of the split are stand-off only and were not scored"
    for side in ("gold", "prediction"):
        for reason, number in result["losses"][side].items():
            yield f"{side}: {number} {'left out' if 'mapped' in reason else 'spans are not in the word view'}: {reason}"
        for change, number in result["cleaned"][side].items():
            named = {"duplicates": "duplicate spans", "duplicate_relations": "duplicate relations"}
            yield f"{side}: {number} {named.get(change, f'spans {change}')}"
    for view, labels in result["unknown_labels"].items():
        for label, number in labels.items():
            yield f"{view} view: {number} predictions have the label {label}, which is not scored"
    if result["joined_sentences"]:
        yield f"{result['joined_sentences']} sentence ends lie in a predicted span, which stays one"
    if result["unopened_spans"]:
        yield f"{result['unopened_spans']} predicted spans begin with I- (policy: {result['policies']['invalid_tags']})"
    for reason, number in result["counts"].items():
        yield f"model: {number} {reason}"
    for finding in result["findings"]:
        yield f"{finding['severity']} {finding['path']}: {finding['message']}"
