"""A comparison for readers: table and lines for the terminal and comparison.md, from the object of comparison.json."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from toolkit.evaluation.comparing.comparison import FLIPS
from toolkit.evaluation.comparing.randomization import EXACT_BELOW
from toolkit.markdown import decimal, markdown_table

if TYPE_CHECKING:
    from rich.table import Table

Json = Mapping[str, Any]
# So many documents or mentions of a kind are told by name, here and in comparison.md; comparison.json has them all.
_SHOWN, _LISTED = 10, 100
_HEADER = ("model", "F1", "difference", "95 % interval", "p")
_OUTCOMES = {"won": "wins", "tied": "ties", "lost": "losses"}
_KINDS = ("found now, missed by the baseline", "missed now, found by the baseline", "made up now", "no longer made up")
_TOLD = dict(zip(FLIPS, _KINDS, strict=True))


def comparison_table(comparison: Json) -> "Table":
    """The headline of every comparison, the baseline on top, for a terminal of 80 columns."""
    from rich.table import Table
    from rich.text import Text

    shown = Table(title=f"{comparison['headline']}, paired by document", title_justify="left")
    model, *numbers = _header(comparison)
    shown.add_column(model, overflow="fold")
    for name in numbers:
        shown.add_column(name, justify="right", no_wrap=True)
    for row in _rows(comparison):
        shown.add_row(*map(Text, row))
    return shown


def comparison_lines(comparison: Json) -> Iterator[str]:
    """The documents and mentions that flipped, a line each; of each kind the first few and how many more."""
    for each in comparison["comparisons"]:
        name = each["model"]["name"]
        outcomes = ", ".join(f"{told} {each['documents'][key]}" for told, key in _OUTCOMES.items())
        yield f"{name}: documents {outcomes}"
        for kind, rows in _flipped_documents(each).items():
            yield from _some(f"  {kind} {d['id']} {decimal(d['baseline'])} → {decimal(d['other'])}" for d in rows)
        for kind, told in _TOLD.items():
            yield f"{name}: mentions {told}: {each['mentions']['counts'][kind]}"
            yield from _some(f"  {m['id']} {m['start']}–{m['end']} {m['label']}" for m in each["mentions"][kind])


def headline_line(comparison: Json) -> str:
    """The first comparison in one line."""
    each = comparison["comparisons"][0]
    change, interval = difference(each)
    return f"against {comparison['baseline']['name']}: {change} (95 % {interval}), p {decimal(each['p'])}"


def comparison_markdown(comparison: Json) -> str:
    """comparison.md: the headline, every score, labels, documents and mentions that flipped."""
    method = comparison["method"]
    parts = [
        f"# Compared with {comparison['baseline']['name']}",
        markdown_table((*_header(comparison), *_OUTCOMES), _rows_with_documents(comparison), numbers=True),
        f"Difference is model minus baseline in `{comparison['headline']}`, "
        f"{comparison['baseline']['gold']} gold mentions. p-values: paired randomization by {method['unit']} "
        f"({method['rounds']:,} rounds; every swap where fewer than {EXACT_BELOW} differ), two-sided, corrected for "
        "the number of models by Holm. The interval does not cover what training again would change.",
    ]
    for each in comparison["comparisons"]:
        parts += _sections(each)
    parts.append(f"```\n{comparison['signature']}\n```")
    return "\n\n".join(parts) + "\n"


def difference(test: Json) -> tuple[str, str]:
    """The difference of a paired test and its interval, in points of 1; dashes where they are not defined."""
    if test["difference"] is None:
        return "–", "–"
    interval = test["interval"]
    return f"{test['difference']:+.4f}", f"{interval[0]:+.4f} to {interval[1]:+.4f}" if interval else "–"


def _header(comparison: Json) -> Sequence[str]:
    """The p-value is the corrected one where there are several models."""
    is_corrected = len(comparison["comparisons"]) > 1
    return [f"{name} (Holm)" if name == "p" and is_corrected else name for name in _HEADER]


def _rows(comparison: Json) -> Iterator[Sequence[str]]:
    baseline = comparison["baseline"]
    yield (baseline["name"], decimal(baseline["f1"]), "", "", "")
    for each in comparison["comparisons"]:
        yield (each["model"]["name"], decimal(each["model"]["f1"]), *difference(each), decimal(each["p_holm"]))


def _rows_with_documents(comparison: Json) -> Iterator[Sequence[str]]:
    documents = [dict.fromkeys(_OUTCOMES.values(), ""), *(each["documents"] for each in comparison["comparisons"])]
    for row, counts in zip(_rows(comparison), documents, strict=True):
        yield (*row, *(str(counts[key]) for key in _OUTCOMES.values()))


def _sections(each: Json) -> Iterator[str]:
    yield f"## {each['model']['name']}"
    scores = ((name, *difference(test), decimal(test["p"])) for name, test in each["scores"].items())
    yield markdown_table(("score", "difference", "95 % interval", "p"), scores, numbers=True)
    labels = (
        (label, decimal(row["baseline"]), decimal(row["other"]), *difference(row), str(row["support"]))
        for label, row in each["labels"].items()
    )
    yield markdown_table(("label", "baseline F1", "F1", "difference", "95 % interval", "support"), labels, numbers=True)
    for kind, rows in _flipped_documents(each).items():
        yield f"### Documents {kind}: {len(rows)}"
        if rows:
            shown = ((row["id"], decimal(row["baseline"]), decimal(row["other"])) for row in rows[:_LISTED])
            yield markdown_table(("document", "baseline F1", "F1"), shown, numbers=True)
            yield from _more(len(rows) - _LISTED)
    for kind, told in _TOLD.items():
        mentions = each["mentions"][kind]
        yield f"### Mentions {told}: {len(mentions)}"
        if mentions:
            places = ((m["id"], f"{m['start']}–{m['end']}", m["label"]) for m in mentions[:_LISTED])
            yield markdown_table(("document", "characters", "label"), places, numbers=True)
            yield from _more(len(mentions) - _LISTED)


def _flipped_documents(each: Json) -> dict[str, list[Json]]:
    """The documents that differ, those with the largest difference first."""
    rows = each["documents"]["flipped"]
    return {
        "lost": [row for row in rows if row["other"] < row["baseline"]],
        "won": [row for row in reversed(rows) if row["other"] > row["baseline"]],
    }


def _some(lines: Iterator[str]) -> Iterator[str]:
    told = list(lines)
    yield from told[:_SHOWN]
    yield from _more(len(told) - _SHOWN, "  ")


def _more(count: int, indent: str = "") -> Iterator[str]:
    if count > 0:
        yield f"{indent}and {count} more"
