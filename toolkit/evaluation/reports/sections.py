"""What the reports of a score tell, as tables of texts: the same for Markdown and HTML, from result.json alone."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from toolkit.evaluation.comparing.stored import block_at, counts_at, headline_keys
from toolkit.evaluation.scoring.diagnosis import Kind
from toolkit.evaluation.scoring.result import VIEWS
from toolkit.markdown import decimal

Json = Mapping[str, Any]
Row = Sequence[str]
# A value from 0 to 1 and its interval, to be drawn beside a row.
Bar = tuple[float | None, Sequence[float] | None]
COUNTS = ("right", "predicted", "gold")
NO_MENTION = "no mention"
CONFUSION = "Confusion"
_OTHERS = "other labels"
# So many labels a side are shown in the confusion table; a label map gone wrong can have thousands.
_LABELS = 25
_HARDEST = 20
_KINDS = {
    Kind.CORRECT: "correct",
    Kind.LABEL: "label",
    Kind.BOUNDARY: "boundary",
    Kind.CLITIC_BOUNDARY: "clitic boundary",
    Kind.BOUNDARY_AND_LABEL: "boundary and label",
    Kind.MISSED: "missed",
    Kind.SPURIOUS: "spurious",
}
_NOVELTY = {"seen": "seen in training", "unseen": "not seen", "other_label": "seen with other labels only"}
_SCORE_HEAD = ("precision", "recall", "F1", "95 % interval", *COUNTS)
_CREDIT_HEAD = ("scheme", "precision", "recall", "F1", "correct", "incorrect", "partial", "missed", "spurious")
_SCHEMES = ("strict", "exact", "partial", "type")
_CRITERIA = {
    "strict": "label, both extents and both labels of the arguments must be right",
    "boundaries": "label and both extents must be right",
    "given": "the model was given the gold mentions",
}


@dataclass(frozen=True, slots=True)
class Section:
    """A table under a title, its first column naming the rows, and how to read it.

    `bars` has one for each row, or is empty; `is_prose` are other cells than numbers.
    """

    title: str
    head: Row
    rows: Sequence[Row]
    note: str = ""
    bars: Sequence[Bar] = ()
    is_prose: bool = False


@dataclass(frozen=True, slots=True)
class Confusion:
    """Gold labels down, predicted labels across, how often each stands for each; NO_MENTION comes last."""

    gold: Sequence[str]
    predicted: Sequence[str]
    numbers: Sequence[Sequence[int]]


def sections(result: Json) -> list[Section]:
    """The tables of a result. One of relations between given mentions has no others."""
    return [*(() if is_given(result) else _of_mentions(result)), *_of_relations(result)]


def is_given(result: Json) -> bool:
    """Whether the model was given the gold mentions, so that relations alone are scored."""
    return headline_keys(result)[0] == "relations"


def headline_score(result: Json) -> Json:
    """The score that stands for the result: micro of the headline view, or of the relations between given mentions."""
    return dict((block_at(result, headline_keys(result)) or {})["micro"])


def interval(score: Json) -> str:
    """The interval of a score; a dash where it carries none."""
    found = score["interval"]
    return f"{found[0]:.4f}–{found[1]:.4f}" if found else "–"


def confusion(result: Json) -> Confusion:
    """The confusion of the most frequent labels; the rest of a side is one row or column."""
    numbers = [(gold, label, n) for gold, row in result["confusion"].items() for label, n in row.items()]
    order = list(result["scores"]["char"]["labels"])
    by_gold: Counter[str] = Counter()
    by_predicted: Counter[str] = Counter()
    for gold, predicted, number in numbers:
        by_gold[gold] += number
        by_predicted[predicted] += number
    golds, predictions = _shown(by_gold, order), _shown(by_predicted, order)
    merged: Counter[tuple[str, str]] = Counter()
    for gold, predicted, number in numbers:
        merged[_name(gold, golds), _name(predicted, predictions)] += number
    return Confusion(golds, predictions, [[merged[gold, predicted] for predicted in predictions] for gold in golds])


def error_kind(kind: str) -> str:
    """A kind of error in words."""
    return _KINDS[Kind(kind)]


def _of_mentions(result: Json) -> Iterator[Section]:
    yield _overview(result)
    yield _by_label(result, "word", "By label, whole words", "Labels that are not in the flat layer are not here.")
    note = "Exact character spans, nested ones included. Clitic F1 forgives the declared proclitics."
    yield _by_label(result, "char", "By label, exact spans", note)
    yield _errors(result)
    yield _confusion_table(confusion(result))
    credit = {name: result["partial_credit"][name] for name in _SCHEMES}
    rows = [(name, *_numbers(each), *(str(each[key]) for key in _CREDIT_HEAD[4:])) for name, each in credit.items()]
    yield Section("Partial credit", _CREDIT_HEAD, rows, "The four schemes of SemEval-2013 task 9.1, on exact spans.")
    yield _strata("By collection", "collection", result["collections"], part="word", documents=True)
    yield _strata("Nested and flat mentions", "mentions", result["nesting"])
    yield _strata("By length", "words", result["lengths"])
    if result["seen_mentions"]:
        yield _seen(result["seen_mentions"])
    yield _documents(result)


def _of_relations(result: Json) -> Iterator[Section]:
    """A table for each criterion: they are never in one column."""
    for criterion, told in _CRITERIA.items():
        block = (result["relations"] or {}).get(criterion)
        if block:
            labels = {label: score for label, score in block["labels"].items() if score["gold"] or score["pred"]}
            scored = {"micro": block["micro"], "macro": block["macro"], **labels}
            rows = [(name, *_score(score)) for name, score in scored.items()]
            head = ("relation", *_SCORE_HEAD)
            yield Section(f"Relations, {criterion}", head, rows, f"{told.capitalize()}.", _bars(scored.values()))


def _overview(result: Json) -> Section:
    scored = {f"{view} {name}": result["scores"][view][name] for view in VIEWS for name in ("micro", "macro")}
    rows = [(name, *_score(score)) for name, score in scored.items()]
    bars = _bars(scored.values())
    for mode, report in result["seqeval"].items():
        for average in ("micro", "macro"):
            numbers = report[average] or dict.fromkeys(("precision", "recall", "f1"))
            rows.append((f"seqeval {mode} {average}", *_numbers(numbers), "", "", "", str(numbers.get("support", ""))))
            bars.append((numbers["f1"], None))
    labels = result["scores"]["char"]["macro"]["labels"]
    note = f"Macro is the mean over the labels that are defined, {labels} in exact spans. {interval_note(result)}"
    return Section("Scores", ("score", *_SCORE_HEAD), rows, note, bars)


def interval_note(result: Json) -> str:
    """How the intervals were found, and why some or all are missing."""
    found = result["intervals"]
    methods = {
        "bootstrap": f"percentile bootstrap over documents, {found['resamples']} resamples",
        "jackknife": "logit jackknife over documents",
        None: "none",
    }
    note = f"; {found['note']}" if found["note"] else ""
    share = f"{100 * found['level']:.0f}"
    return f"{share} % intervals: {methods[found['method']]}, {found['documents']} documents in the headline{note}."


def _by_label(result: Json, view: str, title: str, note: str) -> Section:
    labels, forgiving = result["scores"][view]["labels"], result["scores"]["clitic"]["labels"]
    is_exact = view == "char"
    rows = [
        (label, *_score(score), *((decimal(forgiving[label]["f1"]),) if is_exact else ()))
        for label, score in labels.items()
    ]
    head = ("label", *_SCORE_HEAD, *(("clitic F1",) if is_exact else ()))
    return Section(title, head, rows, note, _bars(labels.values()))


def _errors(result: Json) -> Section:
    errors = {**result["errors"]["labels"], "all": result["errors"]["counts"]}
    rows = [(label, *(str(kinds[kind]) for kind in _KINDS)) for label, kinds in errors.items()]
    note = (
        "Every mention of gold and every predicted one once, by the label of gold where there is one. A clitic "
        "boundary differs by declared proclitics alone."
    )
    return Section("Kinds of error", ("label", *_KINDS.values()), rows, note)


def _confusion_table(found: Confusion) -> Section:
    numbers = [(gold, *map(str, row)) for gold, row in zip(found.gold, found.numbers, strict=True)]
    return Section(CONFUSION, ("gold / predicted", *found.predicted), numbers, "Gold labels down, predicted across.")


def _shown(counts: Mapping[str, int], order: Sequence[str]) -> list[str]:
    labels = sorted(filter(None, counts), key=lambda label: (-counts[label], label))
    frequent = labels[:_LABELS]
    known = [label for label in order if label in frequent]
    others = [_OTHERS] if len(labels) > len(frequent) else []
    return [*known, *sorted(set(frequent) - set(known)), *others, *([NO_MENTION] if "" in counts else [])]


def _name(label: str, shown: Sequence[str]) -> str:
    return NO_MENTION if not label else label if label in shown else _OTHERS


def _strata(title: str, first: str, found: Json, part: str = "", *, documents: bool = False) -> Section:
    scores = {name: each[part] if part else each for name, each in found.items()}
    counts = {name: (str(found[name]["documents"]),) if documents else () for name in found}
    rows = [(name or "(none)", *counts[name], *_score(score)) for name, score in scores.items()]
    head = (first, *(("documents",) if documents else ()), *_SCORE_HEAD)
    note = "Whole words." if part == "word" else "Exact spans."
    return Section(title, head, rows, note, _bars(scores.values()))


def _seen(found: Json) -> Section:
    shown = {name: found[key] for key, name in _NOVELTY.items()}
    rows = [
        (name, decimal(each["recall"]), interval(each), str(each["tp"]), str(each["gold"]))
        for name, each in shown.items()
    ]
    bars = [(each["recall"], each["interval"]) for each in shown.values()]
    note = "Recall of exact spans, by whether the train split has the surface of the mention."
    return Section("Mentions of training", ("mention", "recall", "95 % interval", "found", "gold"), rows, note, bars)


def _documents(result: Json) -> Section:
    """The documents with the most errors, in the headline view."""
    rows = []
    counts = counts_at(result, headline_keys(result)).astype(int).tolist()
    for (name, document), (right, predicted, gold) in zip(sorted(result["documents"].items()), counts, strict=True):
        f1 = 2 * right / (predicted + gold) if predicted + gold else None
        rows.append((predicted + gold - 2 * right, name, document["collection"], f1, right, predicted, gold))
    rows.sort(key=lambda row: (-row[0], row[1]))
    told = [(name, collection, decimal(f1), *map(str, counts)) for _, name, collection, f1, *counts in rows[:_HARDEST]]
    note = f"The {len(told)} documents with the most errors in the {result['headline']} view, of {len(rows)}."
    return Section("Documents", ("document", "collection", "F1", *COUNTS), told, note)


def _score(score: Json) -> tuple[str, ...]:
    """Precision, recall, F1, its interval and counts; averages over labels have no counts."""
    return (*_numbers(score), interval(score), *(str(score.get(name, "")) for name in ("tp", "pred", "gold")))


def _numbers(score: Json) -> tuple[str, ...]:
    return tuple(decimal(score[name]) for name in ("precision", "recall", "f1"))


def _bars(scores: Any) -> list[Bar]:
    return [(score["f1"], score["interval"]) for score in scores]
