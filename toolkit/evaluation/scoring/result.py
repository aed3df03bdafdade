"""result.json: everything that was found in scoring a model, without a word of the texts and without a time stamp."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from toolkit.document import Document
from toolkit.errors import DataError, UsageError
from toolkit.evaluation.predictions.prediction import Predictions
from toolkit.evaluation.scoring.accounts import accounts_json, document_json, unknown_labels, unmapped_findings
from toolkit.evaluation.scoring.counts import add, total
from toolkit.evaluation.scoring.coverage import coverage_json, incomplete_reasons
from toolkit.evaluation.scoring.diagnosis import tabulate
from toolkit.evaluation.scoring.judge import MODES, Judged, Rules, judge
from toolkit.evaluation.scoring.label_maps import NamedMap, scheme_of
from toolkit.evaluation.scoring.partial_credit import partial_credit
from toolkit.evaluation.scoring.score_intervals import ScoreSheet, stacked
from toolkit.evaluation.scoring.scores import CALLS, SeqevalReport, seqeval_report
from toolkit.evaluation.scoring.strata import LENGTHS, NESTING, NOVELTY, KnownMentions
from toolkit.evaluation.scoring.views import InvalidTags
from toolkit.schema import Schema
from toolkit.tokens import TOKENIZER
from toolkit.version import __version__

SCHEMA_VERSION = 1
_MANIFEST_KEYS = ("name", "version", "content_digest", "tokenizer")
VIEWS = ("word", "char", "clitic")
# What would be 1 whatever the model does where it was given the gold mentions.
_OF_MENTIONS = ("scores", "partial_credit", "nesting", "lengths", "seen_mentions", "collections")
_NUMBERS = ("precision", "recall", "f1", "interval")
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class DatasetName:
    """What was scored against. `without_text` are the documents of the split that are stand-off only here.

    `revision` is the id of the commit on the Hub; None of a folder.
    """

    name: str
    version: str
    content_digest: str
    split: str
    tokenizer: str
    without_text: tuple[str, ...] = ()
    revision: str | None = None

    @classmethod
    def of(
        cls, manifest: Mapping[str, Any], split: str, without_text: tuple[str, ...] = (), revision: str | None = None
    ) -> "DatasetName":
        """What a dataset's manifest.json says of it."""
        name, number, digest, tokenizer = (str(manifest[key]) for key in _MANIFEST_KEYS)
        return cls(name, number, digest, split, tokenizer, without_text, revision)


def evaluate(
    documents: Sequence[Document],
    predictions: Predictions,
    schema: Schema,
    dataset: DatasetName,
    headline: str = "word",
    *,
    label_map: NamedMap | None = None,
    invalid_tags: InvalidTags = "conlleval",
    train_mentions: KnownMentions | None = None,
    allow_partial: bool = False,
    gold_entities: bool = False,
) -> Json:
    """The result of scoring predictions against the gold of `documents`, as the object that result.json holds.

    `train_mentions` are those of the train split under the dataset's own labels. A document without a prediction is
    scored as one with no spans, and makes the result incomplete; so does one that the model did not read to its end,
    unless `allow_partial`. With `gold_entities` the model was given the gold mentions: the numbers of mentions are null
    then, and relations are scored under `given` alone.

    DataError where there are no documents, a gold label is not the schema's, `invalid_tags` refuses tags or predicted
    mentions are not those given; ConfigError on a label map that does not fit; UsageError where other words were cut
    than ours.
    """
    _check(documents, schema, dataset)
    scheme = scheme_of(schema, label_map)
    known = None if train_mentions is None else scheme.of_training(train_mentions)
    rules = Rules(scheme, invalid_tags, known, gold_entities)
    documents = sorted(documents, key=lambda document: document.id)
    judged = [judge(document, predictions.by_document.get(document.id), rules) for document in documents]
    has_relations = any(each.gives_relations for each in judged)
    if gold_entities and not has_relations:
        raise DataError("the predictions have no relations, and with the gold mentions given nothing else is scored")
    seen = {each.id: each.seen for each in judged}
    coverage = coverage_json(documents, predictions, seen, len(dataset.without_text))
    reasons = incomplete_reasons(coverage, predictions, allow_partial=allow_partial)
    findings = [*predictions.findings, *unmapped_findings(judged, label_map)]
    flat = scheme.schema.flat_layer
    return {
        "schema_version": SCHEMA_VERSION,
        "signature": signature(dataset, rules, headline, label_map),
        "headline": headline,
        "status": "incomplete" if reasons else "complete",
        "reasons": reasons,
        "model": dict(predictions.model),
        "dataset": {key: getattr(dataset, key) for key in (*_MANIFEST_KEYS, "split", "revision")},
        "label_map": label_map and label_map.as_json(),
        "policies": {"invalid_tags": invalid_tags, "keep": flat.keep, "drop": list(flat.drop)},
        "coverage": coverage,
        **_scored(judged, rules, headline, has_relations=has_relations),
        "unknown_labels": unknown_labels(judged, scheme.schema),
        **accounts_json(judged),
        "documents": {each.id: document_json(each, with_relations=has_relations) for each in judged},
        "findings": [finding.as_json() for finding in findings],
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


def signature(dataset: DatasetName, rules: Rules, view: str, label_map: NamedMap | None) -> str:
    """One line that two comparable results share: data, label map, policies and versions."""
    layer = rules.scheme.schema.flat_layer
    parts = [
        "tawsim",
        f"data:{dataset.name}@{dataset.version}",
        f"digest:{dataset.content_digest.rpartition(':')[2][:12]}",
        f"split:{dataset.split}",
        f"view:{view}",
        f"flat:{','.join((layer.keep, *(f'-{label}' for label in layer.drop)))}",
        f"map:{f'{label_map.name}@{label_map.digest[:12]}' if label_map else 'none'}",
        f"tags:{rules.invalid_tags}",
        f"entities:{'gold' if rules.gold_entities else 'predicted'}",
        f"words:{TOKENIZER}",
        f"seqeval:{version('seqeval')}",
        f"v:{__version__}",
    ]
    return "|".join(parts)


def _scored(judged: Sequence[Judged], rules: Rules, headline: str, *, has_relations: bool) -> Json:
    """All scores with their intervals, and the tables of errors."""
    sheet = ScoreSheet()
    rows = [row for each in judged for row in each.rows]
    reports = {mode: seqeval_report(rows, mode, add(each.modes[mode] for each in judged)) for mode in CALLS}
    found = _mention_scores(sheet, judged, rules, reports[MODES[rules.invalid_tags]])
    relations = _relation_scores(sheet, judged, rules) if has_relations else None
    chosen = relations["given"] if relations and rules.gold_entities else found["scores"][headline]
    intervals = sheet.fill(chosen["micro"])
    if rules.gold_entities:
        found |= {key: _without_numbers(found[key]) for key in _OF_MENTIONS}
        reports = dict.fromkeys(reports, SeqevalReport(None, None, {}))
    seqeval = {mode: _seqeval_json(mode, report) for mode, report in reports.items()}
    return {**found, "seqeval": seqeval, "relations": relations, "intervals": intervals}


def _mention_scores(sheet: ScoreSheet, judged: Sequence[Judged], rules: Rules, report: SeqevalReport) -> Json:
    schema = rules.scheme.schema
    tables = {view: [each.views[view] for each in judged] for view in VIEWS}
    scores = {"word": sheet.block(tables["word"], schema.flat_labels, report.micro, report.labels)}
    scores |= {view: sheet.block(tables[view], tuple(schema.entities)) for view in ("char", "clitic")}
    correct = {label: counts.tp for label, counts in add(tables["char"]).items()}
    errors = tabulate(correct, (error for each in judged for error in each.errors))
    novelty = {name: sheet.recall(stacked([each.novelty[name] for each in judged])) for name in NOVELTY if rules.known}
    return {
        "scores": scores,
        "partial_credit": {scheme: credit.as_json() for scheme, credit in partial_credit(errors.counts).items()},
        "errors": errors.errors_json(),
        "confusion": errors.confusion_json(),
        "nesting": {name: sheet.score(stacked([each.nesting[name] for each in judged])) for name in NESTING},
        "lengths": {name: sheet.score(stacked([each.lengths[name] for each in judged])) for name in LENGTHS},
        "seen_mentions": None if rules.known is None else novelty,
        "collections": _collections(sheet, judged),
    }


def _relation_scores(sheet: ScoreSheet, judged: Sequence[Judged], rules: Rules) -> Json:
    """Given mentions are never in one column with predicted ones."""
    labels = tuple(rules.scheme.schema.relations)
    if rules.gold_entities:
        given = sheet.block([each.relations.strict for each in judged], labels)
        return {"strict": None, "boundaries": None, "given": given}
    return {
        "strict": sheet.block([each.relations.strict for each in judged], labels),
        "boundaries": sheet.block([each.relations.boundaries for each in judged], labels),
        "given": None,
    }


def _collections(sheet: ScoreSheet, judged: Sequence[Judged]) -> Json:
    found: dict[str, Json] = {}
    for name in sorted({each.collection for each in judged}):
        members = [each.collection == name for each in judged]
        found[name] = {"documents": sum(members)}
        for view in ("word", "char"):
            rows = [
                total(each.views[view]) if is_in else (0, 0, 0) for each, is_in in zip(judged, members, strict=True)
            ]
            found[name][view] = sheet.score(stacked(rows))
    return found


def _seqeval_json(mode: str, report: SeqevalReport) -> Json:
    return {
        "call": CALLS[mode],
        "micro": report.micro and report.micro._asdict(),
        "macro": report.macro and report.macro._asdict(),
        "labels": {label: numbers._asdict() for label, numbers in report.labels.items()},
    }


def _without_numbers(block: Any) -> Any:
    """Scores with their counts alone."""
    if not isinstance(block, Mapping):
        return block
    return {key: None if key in _NUMBERS else _without_numbers(value) for key, value in block.items()}
