"""result.json: everything that was found in scoring a model, without a word of the texts and without a time stamp."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from toolkit import __version__
from toolkit.document import Document
from toolkit.errors import DataError, UsageError
from toolkit.evaluation.counts import Counts, add, total
from toolkit.evaluation.judge import Judged, judge
from toolkit.evaluation.prediction import Prediction, Predictions
from toolkit.evaluation.scores import CALLS, Numbers, SeqevalReport, seqeval_report
from toolkit.findings import has_errors
from toolkit.schema import Schema
from toolkit.tokens import TOKENIZER

SCHEMA_VERSION = 1
_MANIFEST_KEYS = ("name", "version", "content_digest", "tokenizer")
VIEWS = ("word", "char")
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class DatasetName:
    """What was scored against. `without_text` are the documents of the split that are stand-off only here."""

    name: str
    version: str
    content_digest: str
    split: str
    tokenizer: str
    without_text: tuple[str, ...] = ()

    @classmethod
    def of(cls, manifest: Mapping[str, Any], split: str, without_text: tuple[str, ...] = ()) -> "DatasetName":
        """What a dataset's manifest.json says of it."""
        name, number, digest, tokenizer = (str(manifest[key]) for key in _MANIFEST_KEYS)
        return cls(name, number, digest, split, tokenizer, without_text)


def evaluate(
    documents: Sequence[Document],
    predictions: Predictions,
    schema: Schema,
    dataset: DatasetName,
    headline: str = "word",
) -> Json:
    """The result of scoring predictions against the gold of `documents`, as the object that result.json holds.

    A document without a prediction is scored as one with no spans, and makes the result incomplete. DataError where
    there are no documents or a gold label is not the schema's; UsageError where other words were cut than ours.
    """
    _check(documents, schema, dataset)
    judged = [judge(d, predictions.by_document.get(d.id, Prediction(d.id)), schema) for d in documents]
    rows = [row for each in judged for row in each.rows]
    reports = {mode: seqeval_report(rows, mode, add(each.modes[mode] for each in judged)) for mode in CALLS}
    counts = {"word": add(each.modes["strict"] for each in judged), "char": add(each.char for each in judged)}
    coverage = _coverage(documents, predictions, dataset)
    is_complete = coverage["documents_predicted"] == len(documents) and not has_errors(predictions.findings)
    return {
        "schema_version": SCHEMA_VERSION,
        "signature": signature(dataset, schema, headline),
        "headline": headline,
        "status": "complete" if is_complete else "incomplete",
        "model": dict(predictions.model),
        "dataset": {key: getattr(dataset, key) for key in (*_MANIFEST_KEYS, "split")},
        "coverage": coverage,
        "scores": {
            "word": _word_scores(counts["word"], reports["strict"], schema.flat_labels),
            "char": _char_scores(counts["char"], tuple(schema.entities)),
        },
        "seqeval": {mode: _seqeval_json(mode, report) for mode, report in reports.items()},
        "relations": None,
        "unknown_labels": {view: _unknown(counts[view], schema) for view in VIEWS},
        **_accounts(judged),
        "collections": _collections(judged),
        "documents": {each.id: _document_json(each) for each in judged},
        "findings": [finding.as_json() for finding in predictions.findings],
    }


def _check(documents: Sequence[Document], schema: Schema, dataset: DatasetName) -> None:
    if not documents:
        raise DataError(f"split {dataset.split} has no documents with text", where=dataset.name)
    strange = {entity.label for document in documents for entity in document.entities} - set(schema.entities)
    if strange:
        raise DataError(f"gold labels that the schema does not have: {', '.join(sorted(strange))}", where=dataset.name)
    if dataset.tokenizer != TOKENIZER:
        raise UsageError(
            f"the dataset's words are those of {dataset.tokenizer}, this version cuts {TOKENIZER}",
            where=dataset.name,
            fix="Build the dataset again, or score with the version of tawsim that built it.",
        )


def signature(dataset: DatasetName, schema: Schema, view: str) -> str:
    """One line that two comparable results share: data, policies and versions."""
    flat = ",".join((schema.flat_layer.keep, *(f"-{label}" for label in schema.flat_layer.drop)))
    digest = dataset.content_digest.rpartition(":")[2][:12]
    return "|".join(
        (
            "tawsim",
            f"data:{dataset.name}@{dataset.version}",
            f"digest:{digest}",
            f"split:{dataset.split}",
            f"view:{view}",
            f"flat:{flat}",
            f"words:{TOKENIZER}",
            f"seqeval:{version('seqeval')}",
            f"v:{__version__}",
        )
    )


def _coverage(documents: Sequence[Document], predictions: Predictions, dataset: DatasetName) -> Json:
    given = {name for name, prediction in predictions.by_document.items() if prediction.error is None}
    sizes = {document.id: len(document.text) for document in documents}
    seen = sum(size for name, size in sizes.items() if name in given)
    characters = sum(sizes.values())
    return {
        "documents": len(documents),
        "documents_predicted": sum(name in given for name in sizes),
        "documents_without_text": len(dataset.without_text),
        "characters": seen / characters if characters else None,
        "characters_total": characters,
        "characters_predicted": seen,
        "missing": sorted(name for name in sizes if name not in predictions.by_document),
        "failed": {name: p.error for name, p in predictions.by_document.items() if p.error is not None},
    }


def score_json(counts: Counts, numbers: Numbers | Counts) -> Json:
    """A score with the counts behind it; null where there is neither a gold span nor a predicted one."""
    shown = (numbers.precision, numbers.recall, numbers.f1) if counts.is_defined else (None, None, None)
    return {
        **dict(zip(("precision", "recall", "f1"), shown, strict=True)),
        "tp": counts.tp,
        "pred": counts.predicted,
        "gold": counts.gold,
        "support": counts.gold,
        "interval": None,
    }


def _word_scores(counts: Mapping[str, Counts], report: SeqevalReport, labels: Sequence[str]) -> Json:
    everything = total(counts)
    per_label = {label: score_json(counts.get(label, Counts()), report.labels.get(label, Counts())) for label in labels}
    return {"micro": score_json(everything, report.micro or everything), **_with_macro(per_label)}


def _char_scores(counts: Mapping[str, Counts], labels: Sequence[str]) -> Json:
    everything = total(counts)
    chosen = {label: counts.get(label, Counts()) for label in labels}
    per_label = {label: score_json(number, number) for label, number in chosen.items()}
    return {"micro": score_json(everything, everything), **_with_macro(per_label)}


def _with_macro(labels: Mapping[str, Json]) -> Json:
    """The labels, and the mean over those declared labels that are defined, with their number."""
    defined = [score for score in labels.values() if score["f1"] is not None]
    macro: Json = {"labels": len(defined), "interval": None}
    for name in ("precision", "recall", "f1"):
        macro[name] = sum(score[name] for score in defined) / len(defined) if defined else None
    return {"macro": macro, "labels": dict(labels)}


def _seqeval_json(mode: str, report: SeqevalReport) -> Json:
    return {
        "call": CALLS[mode],
        "micro": report.micro and report.micro._asdict(),
        "macro": report.macro and report.macro._asdict(),
        "labels": {label: numbers._asdict() for label, numbers in report.labels.items()},
    }


def _unknown(counts: Mapping[str, Counts], schema: Schema) -> dict[str, int]:
    """Predicted labels that the schema does not have, each with its number of spans: all of them are wrong."""
    return {label: number.predicted for label, number in counts.items() if label not in schema.entities}


def _accounts(judged: Sequence[Judged]) -> Json:
    """What the views could not hold and what the clean-up changed, so that nothing goes missing unseen."""
    return {
        "losses": {
            "gold": _by_reason(each.gold_losses for each in judged),
            "prediction": _by_reason(each.predicted_losses for each in judged),
        },
        "cleaned": {
            "gold": _by_reason(each.gold_cleaned for each in judged),
            "prediction": _by_reason(each.predicted_cleaned for each in judged),
        },
        "joined_sentences": sum(each.joined for each in judged),
        "unopened_spans": sum(each.unopened for each in judged),
    }


def _by_reason(tables: Iterable[Mapping[Any, int]]) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for table in tables:
        sums.update({str(reason): number for reason, number in table.items() if number})
    return dict(sums)


def _collections(judged: Sequence[Judged]) -> Json:
    names = sorted({each.collection for each in judged})
    found = {}
    for name in names:
        members = [each for each in judged if each.collection == name]
        word = total(add(each.modes["strict"] for each in members))
        char = total(add(each.char for each in members))
        found[name] = {
            "documents": len(members),
            "word": score_json(word, word),
            "char": score_json(char, char),
        }
    return found


def _document_json(judged: Judged) -> Json:
    """Per view and label: right, predicted and gold spans of the document."""
    tables = {"word": judged.modes["strict"], "char": judged.char}
    counts = {view: {label: list(numbers) for label, numbers in table.items()} for view, table in tables.items()}
    return {"collection": judged.collection, **counts}
