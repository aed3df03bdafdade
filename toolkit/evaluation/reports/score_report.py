"""A result for readers: report.md and a table for the terminal, both made from the object in result.json alone."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.table import Table

Json = Mapping[str, Any]
_VIEW_NAMES = {
    "word": "word view, scored by seqeval",
    "char": "exact character spans, nested ones included",
    "clitic": "character spans, proclitics forgiven",
}
# So many missing documents are told by name; result.json has them all.
_NAMED = 10
_COUNTS = ("right", "predicted", "gold")


def markdown(result: Json) -> str:
    """report.md: the headline first, then labels, collections, what was lost, and how to get the numbers again."""
    parts = [
        f"# {model_name(result)} on {dataset_name(result)}",
        _headline(result),
        _table(("score", "precision", "recall", "F1", *_COUNTS), _overview(result)),
        "## By label",
        _table(("label", "word P", "word R", "word F1", *_COUNTS, "char F1", *_COUNTS), _by_label(result)),
        "Labels without a word score are not in the flat layer. A dash is a score that is not defined.",
        "## By collection",
        _table(("collection", "documents", "word F1", *_COUNTS, "char F1", *_COUNTS), _by_collection(result)),
        "## What was counted apart",
        "\n".join(f"- {line}" for line in account(result)) or "Nothing.",
        "## How to get these numbers again",
        f"```\n{result['signature']}\n```",
        "`seqeval.metrics.classification_report` on the sentences of the dataset's config `ner`:",
        "\n".join(f"- {mode}: `{report['call']}`" for mode, report in result["seqeval"].items()),
        "\n".join(f"- {key}: {value}" for key, value in sorted(result["model"].items())),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def table(result: Json) -> "Table":
    """The scores by label, micro and macro averages below, for a terminal of 80 columns."""
    from rich.table import Table

    shown = Table(title=f"{model_name(result)} on {dataset_name(result)}", title_justify="left")
    shown.add_column("label")
    for name in ("word P", "word R", "word F1", *_COUNTS, "char F1"):
        shown.add_column(name, justify="right")
    for label, *numbers in _by_label(result):
        shown.add_row(label, *numbers[:7])
    shown.add_section()
    for average in ("micro", "macro"):
        shown.add_row(average, *_pair(result["scores"]["word"][average], result["scores"]["char"][average])[:7])
    return shown


def model_name(result: Json) -> str:
    """The name that the model gave itself."""
    return str(result["model"].get("name", "model"))


def dataset_name(result: Json) -> str:
    """Name, version and split of the dataset, in words."""
    dataset = result["dataset"]
    return f"{dataset['name']} {dataset['version']}, split {dataset['split']}"


def account(result: Json) -> Iterator[str]:
    """One line for everything that was lost, changed or not predicted; nothing where all is plain."""
    coverage = result["coverage"]
    if coverage["partly_seen"]:
        share = _number(coverage["characters"])
        yield f"{len(coverage['partly_seen'])} documents were not read to their end (share of characters read: {share})"
    lacking = coverage["documents"] - coverage["documents_predicted"]
    if lacking:
        share = _number(coverage["characters"])
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


def _headline(result: Json) -> str:
    view = result["headline"]
    micro = result["scores"][view]["micro"]
    line = (
        f"**F1 {_number(micro['f1'])}**{_interval(micro)}, "
        f"precision {_number(micro['precision'])}, recall {_number(micro['recall'])} "
        f"({_VIEW_NAMES[view]}): {micro['tp']} right of {micro['pred']} predicted and {micro['gold']} gold mentions "
        f"in {result['coverage']['documents']} documents."
    )
    if result["status"] != "complete":
        line = f"**Incomplete: {'; '.join(result['reasons'])}.**\n\n{line}"
    return line


def _overview(result: Json) -> Iterator[Sequence[str]]:
    for view in ("word", "char"):
        for average in ("micro", "macro"):
            yield (f"{view} {average}", *_row(result["scores"][view][average]))
    for mode, report in result["seqeval"].items():
        for average in ("micro", "macro"):
            numbers = report[average] or {}
            shown = [_number(numbers.get(name)) for name in ("precision", "recall", "f1")]
            yield (f"seqeval {mode} {average}", *shown, "", "", str(numbers.get("support", "")))


def _by_label(result: Json) -> Iterator[Sequence[str]]:
    word, char = result["scores"]["word"]["labels"], result["scores"]["char"]["labels"]
    for label in char:
        yield (label, *_pair(word.get(label), char[label]))


def _by_collection(result: Json) -> Iterator[Sequence[str]]:
    for name, collection in result["collections"].items():
        word, char = _row(collection["word"])[2:], _row(collection["char"])[2:]
        yield (name or "(none)", str(collection["documents"]), *word, *char)


def _pair(word: Json | None, char: Json) -> list[str]:
    return [*(_row(word) if word else [""] * 6), *_row(char)[2:]]


def _row(score: Json) -> list[str]:
    """Precision, recall, F1 and counts; averages over labels have no counts."""
    numbers = [_number(score[name]) for name in ("precision", "recall", "f1")]
    return [*numbers, *(str(score.get(name, "")) for name in ("tp", "pred", "gold"))]


def _interval(score: Json) -> str:
    return " ({:.4f} to {:.4f}, 95 %)".format(*score["interval"]) if score["interval"] else ""


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"


def _table(header: Sequence[str], rows: Iterator[Sequence[str]]) -> str:
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)
