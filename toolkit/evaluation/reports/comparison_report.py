"""A comparison for readers: a table for the terminal and comparison.md, both from the object of comparison.json."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from toolkit.markdown import decimal, markdown_table

if TYPE_CHECKING:
    from rich.table import Table

Json = Mapping[str, Any]
_SHOWN = 20
_HEADER = ("model", "F1", "difference", "95 % interval", "p", "p (Holm)", "won", "tied", "lost")
_KINDS = {
    "fixed": "Found now, missed by the baseline",
    "broken": "Missed now, found by the baseline",
    "new_spurious": "Made up now, not by the baseline",
    "gone_spurious": "Made up by the baseline, not now",
}


def comparison_table(comparison: Json) -> "Table":
    """The headline of every comparison, the baseline on top."""
    from rich.table import Table

    shown = Table(title=f"{comparison['headline']} view, micro F1 by document", title_justify="left")
    for place, name in enumerate(_HEADER):
        shown.add_column(name, justify="left" if place == 0 else "right")
    for row in _rows(comparison):
        shown.add_row(*row)
    return shown


def comparison_markdown(comparison: Json) -> str:
    """comparison.md: the headline, every score, labels, documents and mentions that flipped."""
    method = comparison["method"]
    parts = [
        f"# Compared with {comparison['baseline']['name']}",
        markdown_table(_HEADER, _rows(comparison), numbers=True),
        f"Difference is model minus baseline, micro F1 of the {comparison['headline']} view. p-values: paired "
        f"randomization by {method['unit']} ({method['rounds']:,} rounds; every swap below 14 documents), two-sided, "
        "corrected for the number of models by Holm. The interval does not cover what training again would change.",
    ]
    for each in comparison["comparisons"]:
        parts += _sections(each)
    parts.append(f"```\n{comparison['signature']}\n```")
    return "\n\n".join(parts) + "\n"


def _rows(comparison: Json) -> Iterator[Sequence[str]]:
    baseline = comparison["baseline"]
    yield (baseline["name"], decimal(baseline["f1"]), *[""] * 7)
    for each in comparison["comparisons"]:
        documents = each["documents"]
        yield (
            each["model"]["name"],
            decimal(each["model"]["f1"]),
            *_difference(each),
            decimal(each["p"]),
            decimal(each["p_holm"]),
            *(str(documents[name]) for name in ("wins", "ties", "losses")),
        )


def _sections(each: Json) -> Iterator[str]:
    yield f"## {each['model']['name']}"
    scores = ((name, *_difference(test), decimal(test["p"])) for name, test in each["scores"].items())
    yield markdown_table(("score", "difference", "95 % interval", "p"), scores, numbers=True)
    labels = (
        (label, decimal(row["baseline"]), decimal(row["other"]), *_difference(row), str(row["support"]))
        for label, row in each["labels"].items()
    )
    yield markdown_table(("label", "baseline F1", "F1", "difference", "95 % interval", "support"), labels, numbers=True)
    flipped = each["documents"]["flipped"]
    if flipped:
        yield "### Documents that differ"
        rows = ((row["id"], decimal(row["baseline"]), decimal(row["other"])) for row in flipped[:_SHOWN])
        yield markdown_table(("document", "baseline F1", "F1"), rows, numbers=True)
        yield from _more(len(flipped))
    for kind, title in _KINDS.items():
        mentions = each["mentions"][kind]
        if mentions:
            yield f"### {title}: {len(mentions)}"
            places = ((m["id"], f"{m['start']}–{m['end']}", m["label"]) for m in mentions[:_SHOWN])
            yield markdown_table(("document", "characters", "label"), places, numbers=True)
            yield from _more(len(mentions))


def _more(count: int) -> Iterator[str]:
    if count > _SHOWN:
        yield f"and {count - _SHOWN} more, all in comparison.json"


def _difference(test: Json) -> tuple[str, str]:
    if test["difference"] is None:
        return "–", "–"
    interval = test["interval"]
    return f"{test['difference']:+.4f}", f"{interval[0]:+.4f} to {interval[1]:+.4f}" if interval else "–"
