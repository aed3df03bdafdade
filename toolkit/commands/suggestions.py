"""A predictions file as pre-annotations for Label Studio: spans and relations, checked against texts and schema."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from toolkit.annotation import Link, Prediction, Task
    from toolkit.findings import Finding
    from toolkit.models.predictor import Span
    from toolkit.project import Tags
    from toolkit.schema import Schema


def read_suggestions(
    path: Path, model: str | None, articles: "Sequence[Task]", schema: "Schema", tags: "Tags"
) -> "tuple[dict[str, Prediction], list[Finding]]":
    """Predictions by article id and every finding. The model's name is `model`, else the file's name and short hash.

    A prediction's score is the mean of its spans' scores, None where none has one. An unknown label, and a relation
    that joins what is not there, are errors.
    """
    from toolkit.annotation import Prediction, Region
    from toolkit.document import Document
    from toolkit.evaluation.predictions import read_predictions

    texts = {article.article_id: article.text for article in articles if article.text is not None}
    read = read_predictions(path, [Document(name, text) for name, text in texts.items()])
    findings = [finding for finding in read.findings if finding.code != "relations"]
    name = model or f"{path.stem}@{read.model['file_sha256'][:12]}"
    relations = _relations(path) if read.model["format"] == "JSONL" else {}
    found: dict[str, Prediction] = {}
    for article, prediction in read.by_document.items():
        if prediction.error is not None:
            continue
        text = texts[article]
        findings += _label_problems(path, article, prediction.spans, schema)
        regions = [
            Region(f"p{i}", s.start, s.end, (s.label,), text[s.start : s.end], tag=tags.labels, target=tags.text)
            for i, s in enumerate(prediction.spans)
        ]
        links, problems = _links(path, article, relations.get(article), len(regions), schema)
        findings += problems
        scores = [span.score for span in prediction.spans if span.score is not None]
        score = round(sum(scores) / len(scores), 6) if scores else None
        found[article] = Prediction(name, score, tuple(regions), (), tuple(links))
    return found, findings


def _relations(path: Path) -> dict[str, Any]:
    """The relations of each line, unchecked; the lines themselves were checked before."""
    import orjson

    from toolkit.files import read_bytes

    found: dict[str, Any] = {}
    for line in read_bytes(path).removeprefix(b"\xef\xbb\xbf").splitlines():
        try:
            record = orjson.loads(line) if line.strip() else None
        except orjson.JSONDecodeError:
            continue
        if isinstance(record, Mapping) and record.get("relations"):
            found[str(record.get("id"))] = record["relations"]
    return found


def _label_problems(path: Path, article: str, spans: "Sequence[Span]", schema: "Schema") -> "list[Finding]":
    unknown = sorted({span.label for span in spans} - set(schema.entities))
    return [_problem(path, "label-unknown", article, f"the schema has no label {label!r}") for label in unknown]


def _links(
    path: Path, article: str, relations: Any, regions: int, schema: "Schema"
) -> "tuple[list[Link], list[Finding]]":
    from toolkit.annotation import Link

    if relations is None:
        return [], []
    links: list[Link] = []
    findings: list[Finding] = []
    for relation in relations if isinstance(relations, list) else [relations]:
        row = relation if isinstance(relation, Mapping) else {}
        ends, label = [row.get("head"), row.get("tail")], row.get("label")
        if not all(type(end) is int and 0 <= end < regions for end in ends):
            what = f"a relation joins {ends[0]!r} and {ends[1]!r}; both must be positions in entities"
            findings.append(_problem(path, "relation-dangling", article, what))
        elif label not in schema.relations:
            findings.append(_problem(path, "relation-label", article, f"the schema has no relation {label!r}"))
        else:
            links.append(Link(f"p{ends[0]}", f"p{ends[1]}", "right", (str(label),)))
    return links, findings


def _problem(path: Path, code: str, article: str, what: str) -> "Finding":
    from toolkit.findings import Finding, Severity

    return Finding(code, Severity.ERROR, str(path), f"document {article}: {what}")
