"""Agreement for readers: tables for the terminal, agreement.md and agreement.html, from what agreement.json holds."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any

from toolkit.corpus.disagreements import Kind
from toolkit.excerpt import around
from toolkit.markdown import markdown_table
from toolkit.page import render
from toolkit.schema import Schema

if TYPE_CHECKING:
    from rich.table import Table

Json = Mapping[str, Any]
# A relation that reaches over more characters is shown without its text.
_FAR = 320
_FIGURE_HEAD = (
    *("annotators", "articles", "span F1", "95 %", "label only", "overlap", "relation F1", "95 %"),
    *("kappa", "alpha", "95 %", "alpha without O"),
)
_LABEL_HEAD = ("label", "F1", "95 %", "label only", "95 %", "matched", "marked by both")


def figure_table(found: Json) -> tuple[Sequence[str], list[list[str]]]:
    """Head and rows of the figures by pair of annotators, and over all pairs where there are several."""
    rows = [[" / ".join(pair["annotators"]), *_figure_row(pair)] for pair in found["pairs"]]
    return _FIGURE_HEAD, rows if len(rows) == 1 else [*rows, ["all pairs", *_figure_row(found["all"])]]


def label_table(found: Json) -> tuple[Sequence[str], list[list[str]]]:
    """Head and rows of the figures by label over all pairs: entity labels, then relation labels, those that occur."""
    rows = []
    for label, by_measure in found["all"]["labels"].items():
        exact, loose = by_measure["exact"], by_measure["label_only"]
        rows.append([label, *_figure(exact), *_figure(loose), exact["matched"], exact["marked"]])
    for label, exact in found["all"]["relation_labels"].items():
        rows.append([label, *_figure(exact), "", "", exact["matched"], exact["marked"]])
    return _LABEL_HEAD, [list(map(str, row)) for row in rows if row[-1]]


def kind_table(found: Json) -> tuple[Sequence[str], list[list[str]]]:
    """Head and rows of the number of disagreements of each kind, by pair and together."""
    pairs = [" / ".join(pair["annotators"]) for pair in found["pairs"]]
    told = [(row["kind"], " / ".join(row["annotators"])) for row in found["disagreements"]["list"]]
    rows = [[k, *(str(told.count((k, p))) for p in pairs), str(n)] for k, n in found["disagreements"]["counts"].items()]
    return ("kind", *pairs, "all"), rows


def tables(found: Json) -> "Iterator[Table]":
    """The three tables for a terminal."""
    from rich.table import Table
    from rich.text import Text

    titles = ("Agreement", "By label, over all pairs", "Disagreements")
    made = (figure_table(found), label_table(found), kind_table(found))
    for title, (head, rows) in zip(titles, made, strict=True):
        shown = Table(title=title, title_justify="left")
        for place, name in enumerate(head):
            shown.add_column(name, justify="right" if place else "left")
        for row in rows:
            shown.add_row(*map(Text, row))
        yield shown


def lines(found: Json) -> Iterator[str]:
    """One line for each disagreement: kind, file and place, and what each annotator has."""
    for row in _by_kind(found):
        told = "; ".join(f"{name}: {reading_text(r)}" for name, r in _read(row))
        detail = f" ({row['detail']})" if row["detail"] else ""
        yield f"{row['kind']}{detail} {row['path']} {row['start']}-{row['end']}: {told}"


def notes(found: Json) -> Iterator[str]:
    """What a reader of the figures must know of their base."""
    compared, here = found["articles"]["compared"], found["articles"]["with_text"]
    if here < compared:
        yield (
            f"Kappa and alpha cover {here} of {compared} articles, those whose text is at hand; "
            "in the others a clitic boundary is told as a boundary."
        )


def markdown(found: Json, title: str) -> str:
    """agreement.md."""
    parts = [f"# Agreement: {title}", *notes(found), markdown_table(*figure_table(found))]
    parts += ["\n".join(f"- {name.replace('_', ' ')}: {told}" for name, told in found["method"].items())]
    parts += ["## By label, over all pairs", markdown_table(*label_table(found))]
    parts += ["## Disagreements", markdown_table(*kind_table(found))]
    for kind, rows in groupby(_by_kind(found), key=lambda row: row["kind"]):
        body = [
            [f"`{row['article']}`", f"{row['start']}-{row['end']}", row["detail"] or ""]
            + [f"{name}: {reading_text(reading)}" for name, reading in _read(row)]
            for row in rows
        ]
        parts += [
            f"### {kind.capitalize()}",
            markdown_table(("article", "place", "what differs", "one", "other"), body),
        ]
    return "\n\n".join(parts) + "\n"


def html(found: Json, title: str, texts: Mapping[str, str], schema: Schema) -> str:
    """agreement.html: one file that needs no network, each disagreement in its sentence as both annotators read it."""
    groups = [
        (kind, [_shown(row, texts.get(row["article"]), schema) for row in rows])
        for kind, rows in groupby(_by_kind(found), key=lambda row: row["kind"])
    ]
    return render(
        "toolkit.corpus",
        "agreement.html.j2",
        title=title,
        found=found,
        notes=list(notes(found)),
        figures=figure_table(found),
        labels=label_table(found),
        kinds=kind_table(found),
        groups=groups,
        display=schema.text,
    )


def reading_text(reading: Json | None) -> str:
    """A mention or relation in words; its offsets stand beside its words, which may be withheld."""
    if reading is None:
        return "nothing"
    if "head" in reading:
        return f"{_mention(reading['head'])} {reading['label']} {_mention(reading['tail'])}"
    return f"{reading['label']} {_mention(reading)}"


def _mention(place: Json) -> str:
    where = f"{place['start']}-{place['end']}"
    # Isolated, so that right-to-left words leave the order of the line alone.
    return where if place["text"] is None else f"{where} \u2068{' '.join(place['text'].split())}\u2069"


def _by_kind(found: Json) -> list[Json]:
    order = [kind.value for kind in Kind]
    return sorted(found["disagreements"]["list"], key=lambda row: order.index(row["kind"]))


def _read(row: Json) -> list[tuple[str, Json | None]]:
    return list(zip(row["annotators"], row["readings"], strict=True))


def _figure_row(figures: Json) -> list[str]:
    spans, tokens = figures["spans"], figures["tokens"]
    row = [str(figures["articles"]), *_figure(spans["exact"]), _number(spans["label_only"]["f1"])]
    row += [_number(spans["overlap"]["f1"]), *_figure(figures["relations"])]
    if tokens is None:
        return [*row, "-", "-", "-", "-"]
    alpha = tokens["alpha"]
    return [
        *row,
        _number(tokens["kappa"]["with_o"]["value"]),
        *_figure(alpha["with_o"]),
        *_figure(alpha["without_o"])[:1],
    ]


def _figure(figure: Json) -> tuple[str, str]:
    """A figure and its interval, a dash where one is not defined."""
    interval = figure["interval"]
    told = "-" if interval is None else f"{interval[0]:.3f} to {interval[1]:.3f}"
    return _number(figure["f1"] if "f1" in figure else figure["value"]), told


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _shown(row: Json, text: str | None, schema: Schema) -> dict[str, Any]:
    """A disagreement with, for each annotator, the text around it cut where their mentions begin and end."""
    readers = []
    for name, reading in _read(row):
        parts = _cut(text, row, _marks(reading)) if text is not None else []
        entity = schema.entities.get(reading["label"]) if reading else None
        color = entity.color if entity else "#546E7A"
        readers.append(
            {"name": name, "reading": reading, "parts": parts, "color": color, "told": reading_text(reading)}
        )
    return {**row, "readers": readers}


def _marks(reading: Json | None) -> list[tuple[int, int, str]]:
    if reading is None:
        return []
    if "head" in reading:
        return [(reading[end]["start"], reading[end]["end"], end) for end in ("head", "tail")]
    return [(reading["start"], reading["end"], "mention")]


def _cut(text: str, row: Json, marks: Sequence[tuple[int, int, str]]) -> list[tuple[str, str]]:
    """Pieces of the text around a disagreement, each with the marks that it lies in; none where it reaches too far."""
    if row["end"] - row["start"] > _FAR or not marks:
        return []
    start, end = around(text, row["start"], row["end"])
    borders = sorted({start, end, *(place for mark in marks for place in mark[:2])})
    parts = [(text[a:b], " ".join(role for s, e, role in marks if s <= a and b <= e)) for a, b in pairwise(borders)]
    return [("… " if start else "", ""), *parts, (" …" if end < len(text) else "", "")]
