"""Agreement between annotators: span and relation F1, kappa and alpha over words, and every disagreement.

F1 is symmetric between two annotators and needs no count of what is no mention; where that count is large, kappa
approaches it (Hripcsak and Rothschild 2005, Journal of the American Medical Informatics Association 12(3)). `METHOD`
says what each figure means and goes into every report.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from toolkit.alignment import Alignment, align
from toolkit.corpus.agreement_tokens import Pair, TokenCounts, token_counts, token_figures
from toolkit.corpus.disagreements import Disagreement, Kind, disagreements
from toolkit.corpus.readings import Compared, Reading
from toolkit.intervals import jackknife_interval
from toolkit.schema import Schema
from toolkit.tokens import TOKENIZER

SCHEMA_VERSION = 1
SPAN_MEASURES = ("exact", "label_only", "overlap")
METHOD = {
    "exact": "F1 of mentions with equal start, end and label: 2 x matched / marked (Hripcsak, Rothschild 2005).",
    "label_only": "The same, where mentions of one label match with any shared character; each counts once.",
    "overlap": "The same, where mentions match with any shared character, whatever their labels; each counts once.",
    "relations": "F1 of relations with equal label whose arguments have equal spans; symmetric ones in any direction.",
    "kappa": "Cohen's kappa of the words' labels in the flat layer; over all pairs, the mean of the pairs.",
    "alpha": "Krippendorff's nominal alpha of the same labels, over all annotators of a word.",
    "without_o": "A word without a label counts as not annotated: what is left is agreement on the kind of mention.",
    "all": "Counts of all pairs added up; an article with three annotators counts as three pairs.",
    "interval": "95 %, leave-one-article-out jackknife with Student's t on the logit scale; null where it has none.",
}

# What is counted: a measure, and the label where it is of one label.
Key = tuple[str, str | None]
Counts = Mapping[Key, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class _Article:
    """The counts of an article by pair of annotators, its words' labels where it has a text, and its disagreements."""

    counts: Mapping[Pair, Counts]
    tokens: TokenCounts | None
    rows: tuple[dict[str, Any], ...]


def agreement(compared: Sequence[Compared], schema: Schema) -> dict[str, Any]:
    """What agreement.json holds, for articles that two or more annotators read.

    Every figure stands with its counts and its interval; one that is not defined is null.
    """
    measured = [_measured(article, schema) for article in compared]
    pairs = sorted({pair for article in measured for pair in article.counts})
    rows = [row for article in measured for row in article.rows]
    readers = Counter(reading.annotator for article in compared for reading in article.readings)
    return {
        "schema_version": SCHEMA_VERSION,
        "tokenizer": TOKENIZER,
        "method": METHOD,
        "articles": {"compared": len(compared), "with_text": sum(a.text is not None for a in compared)},
        "annotators": dict(sorted(readers.items())),
        "all": _figures(measured, pairs, schema),
        "pairs": [{"annotators": list(pair), **_figures(measured, [pair], schema)} for pair in pairs],
        "disagreements": {"counts": _by_kind(rows), "list": rows},
    }


def _measured(article: Compared, schema: Schema) -> _Article:
    counts: dict[Pair, Counts] = {}
    found: list[Disagreement] = []
    for first, second in combinations(article.readings, 2):
        aligned = align(first.spans, second.spans)
        counts[first.annotator, second.annotator] = _counted(first, second, aligned)
        found += disagreements(article, first, second, aligned, schema)
    tokens = token_counts(article, schema) if article.text is not None else None
    return _Article(counts, tokens, tuple(row.as_json(article.text) for row in found))


def _counted(first: Reading, second: Reading, aligned: Alignment) -> Counts:
    """Matched and marked of every measure, for all labels together and for each."""
    same = [*aligned.exact, *(one for one, _ in aligned.same_label)]
    spans = [label for _, _, label in (*first.spans, *second.spans)]
    matched = {"exact": [label for *_, label in aligned.exact], "label_only": [label for *_, label in same]}
    found: dict[Key, tuple[int, int]] = {(name, None): (len(labels), len(spans)) for name, labels in matched.items()}
    found["overlap", None] = (len(same) + len(aligned.other_label), len(spans))
    for name, labels in matched.items():
        found |= _by_label(name, labels, spans)
    relations = [relation.label for relation in (*first.relations, *second.relations)]
    common = [relation.label for relation in first.relations & second.relations]
    found["relations", None] = (len(common), len(relations))
    return found | _by_label("relations", common, relations)


def _by_label(name: str, matched: Iterable[str], marked: Iterable[str]) -> dict[Key, tuple[int, int]]:
    right = Counter(matched)
    return {(name, label): (right[label], n) for label, n in Counter(marked).items()}


def _figures(measured: Sequence[_Article], pairs: Sequence[Pair], schema: Schema) -> dict[str, Any]:
    """The figures of some pairs of annotators taken together."""
    chosen = [[article.counts[pair] for pair in pairs if pair in article.counts] for article in measured]
    articles = [_sum(counts) for counts in chosen if counts]
    tokens = [article.tokens for article in measured if article.tokens is not None]
    return {
        "articles": len(articles),
        "spans": {name: _f1(articles, (name, None)) for name in SPAN_MEASURES},
        "relations": _f1(articles, ("relations", None)),
        "tokens": token_figures(tokens, pairs),
        "labels": {
            label: {name: _f1(articles, (name, label)) for name in ("exact", "label_only")} for label in schema.entities
        },
        "relation_labels": {label: _f1(articles, ("relations", label)) for label in schema.relations},
    }


def _sum(tables: Iterable[Counts]) -> Counts:
    sums: dict[Key, tuple[int, int]] = {}
    for table in tables:
        for key, (matched, marked) in table.items():
            before = sums.get(key, (0, 0))
            sums[key] = (before[0] + matched, before[1] + marked)
    return sums


def _f1(articles: Sequence[Counts], key: Key) -> dict[str, Any]:
    """F1 of a measure over articles, its interval and its counts. Articles in which nobody marked any do not count."""
    counting = [counts[key] for counts in articles if key in counts and counts[key][1]]
    matched, marked = (sum(column) for column in zip(*counting, strict=True)) if counting else (0, 0)
    value = 2 * matched / marked if marked else None
    without = [2 * (matched - m) / (marked - n) if marked > n else None for m, n in counting]
    interval = jackknife_interval(value, without)
    return {"f1": value, "interval": interval and list(interval), "matched": matched, "marked": marked}


def _by_kind(rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    counts = Counter(row["kind"] for row in rows)
    return {kind.value: counts[kind.value] for kind in Kind}
