"""A predictions file as pre-annotations for Label Studio: spans and relations, checked against texts and schema."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolkit.annotation import Link, Prediction, Task
    from toolkit.findings import Finding
    from toolkit.models.predictor import Pair, Span
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
    from toolkit.evaluation.predictions.files import read_predictions

    texts = {article.article_id: article.text for article in articles if article.text is not None}
    read = read_predictions(path, [Document(name, text) for name, text in texts.items()])
    findings = [*read.findings]
    name = model or f"{path.stem}@{read.model['file_sha256'][:12]}"
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
        links, problems = _links(path, article, prediction.relations or (), schema)
        findings += problems
        scores = [span.score for span in prediction.spans if span.score is not None]
        score = round(sum(scores) / len(scores), 6) if scores else None
        found[article] = Prediction(name, score, tuple(regions), (), tuple(links))
    return found, findings


def _label_problems(path: Path, article: str, spans: "Sequence[Span]", schema: "Schema") -> "list[Finding]":
    unknown = sorted({span.label for span in spans} - set(schema.entities))
    return [_problem(path, "label-unknown", article, f"the schema has no label {label!r}") for label in unknown]


def _links(
    path: Path, article: str, relations: "Sequence[Pair]", schema: "Schema"
) -> "tuple[list[Link], list[Finding]]":
    from toolkit.annotation import Link

    unknown = sorted({pair.label for pair in relations} - set(schema.relations))
    findings = [_problem(path, "relation-label", article, f"the schema has no relation {label!r}") for label in unknown]
    known = [pair for pair in relations if pair.label in schema.relations]
    return [Link(f"p{pair.head}", f"p{pair.tail}", "right", (pair.label,)) for pair in known], findings


def _problem(path: Path, code: str, article: str, what: str) -> "Finding":
    from toolkit.findings import Finding, Severity

    return Finding(code, Severity.ERROR, str(path), f"document {article}: {what}")
