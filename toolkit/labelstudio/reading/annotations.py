"""A raw annotation or prediction as ours: stable id, stable annotator, and the time of its last change."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from toolkit.annotation import Annotation, Prediction
from toolkit.files import canonical_json, sha256
from toolkit.findings import Severity
from toolkit.labelstudio.reading.article import Article
from toolkit.labelstudio.reading.cleaning import cleaned, id_of
from toolkit.labelstudio.reading.journal import Journal
from toolkit.labelstudio.reading.people import Annotators
from toolkit.labelstudio.reading.results import read_results
from toolkit.labelstudio.reading.spans import strings_of
from toolkit.native import results
from toolkit.project import Tags
from toolkit.schema import Schema


@dataclass(frozen=True, slots=True)
class Rules:
    """What annotations are read by: the labels, the names of the tags, and who is who."""

    schema: Schema
    tags: Tags
    annotators: Annotators


@dataclass(frozen=True, slots=True)
class Dated:
    """An annotation and when it was last changed, in seconds since 1970 (0 where the export does not say)."""

    annotation: Annotation
    updated: float


def read_annotation(native: Mapping[str, Any], article: Article, number: int, rules: Rules, journal: Journal) -> Dated:
    """A raw annotation, the `number`-th of its task. Its id is `unique_id`, else made of what does not change.

    That is annotator, server id and time of creation; where these are not known, its content. It is a UUID then too,
    because the server takes no other id.
    """
    annotator = rules.annotators.name(native.get("completed_by"))
    given, server = _as_uuid(id_of(native.get("unique_id"))), id_of(native.get("id"))
    created = id_of(str(native.get("created_at") or ""))
    within = journal.within(given or server or f"number {number}")
    found = read_results(native.get("result"), article.text, rules.schema, rules.tags, within)
    if not given and not within.failed:
        known = server and created
        identity = [server, created] if known else results(found.regions, found.attributes, found.links)
        given = str(UUID(sha256(canonical_json([article.id, annotator, identity]))[:32], version=5))
    annotation = Annotation(
        given,
        annotator,
        found.regions,
        found.attributes,
        found.links,
        cancelled=native.get("was_cancelled") is True or native.get("skipped") is True,
        ground_truth=native.get("ground_truth") is True or native.get("honeypot") is True,
        adjudicates=tuple(strings_of(native.get("adjudicates")) or ()),
    )
    return Dated(annotation, _seconds(native.get("updated_at")))


def _as_uuid(name: str) -> str:
    """A UUID as Label Studio writes it back, with hyphens; any other id as it is."""
    try:
        return str(UUID(name))
    except ValueError:
        return name


def _seconds(moment: Any) -> float:
    if isinstance(moment, int | float):
        return float(moment)
    try:
        read = datetime.fromisoformat(str(moment))
    except ValueError:
        return 0.0
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()


def read_prediction(native: Mapping[str, Any], article: Article, rules: Rules, journal: Journal) -> Prediction | None:
    """A raw prediction; None, with one warning, where anything in it is wrong: it never holds the task back."""
    model, score = str(native.get("model_version") or ""), native.get("score")
    name = f"prediction {id_of(model) or id_of(native.get('id'))}".strip()
    aside = Journal(journal.path, name)
    model = cleaned(model, aside, "model_version")
    found = read_results(native.get("result"), article.text, rules.schema, rules.tags, aside)
    errors = [finding for finding in aside.findings if finding.severity is Severity.ERROR]
    if errors:
        region = f"region {errors[0].region}: " if errors[0].region else ""
        more = f", and {len(errors) - 1} more" if len(errors) > 1 else ""
        journal.within(name).warning("prediction-dropped", f"left out; {region}{errors[0].message}{more}")
        return None
    journal.findings += aside.findings
    number = float(score) if isinstance(score, int | float) and not isinstance(score, bool) else math.nan
    return Prediction(model, number if math.isfinite(number) else None, found.regions, found.attributes, found.links)
