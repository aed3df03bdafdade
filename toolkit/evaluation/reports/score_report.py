"""A score for readers in Markdown: report.md and the comment on a pull request. They quote no text."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from toolkit.evaluation.comparing.stored import model_label
from toolkit.evaluation.reports.account import account
from toolkit.evaluation.reports.fitting import COMMENT_CHARACTERS, SUMMARY_BYTES, fitted, size_in_bytes
from toolkit.evaluation.reports.sections import Section, headline_score, interval, is_given, sections
from toolkit.markdown import decimal, markdown_table

Json = Mapping[str, Any]
_VIEW_NAMES = {
    "word": "word view, scored by seqeval",
    "char": "exact character spans, nested ones included",
    "clitic": "character spans, proclitics forgiven",
}
# A longer cell or line is cut: a table is no place for the whole message of a model that failed.
_LONGEST = 300
# What turns the letters behind it around.
_NO_CONTROLS = dict.fromkeys(map(ord, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))


def markdown(result: Json, verdicts: Sequence[Section] = (), *, limit: int = SUMMARY_BYTES) -> str:
    """report.md, of `limit` bytes at most: the headline, gates and differences, every score, what was lost."""
    made = partial(_report, result, [*verdicts, *sections(result)], list(account(result)))
    return fitted(made, limit, size_in_bytes)


def comment(result: Json, verdicts: Sequence[Section] = ()) -> str:
    """comment.md, for a pull request: its first line is not shown and tells a later run which comment to replace."""
    return fitted(partial(_comment, result, verdicts, sections(result)[:3]), COMMENT_CHARACTERS, len)


def report_title(result: Json) -> str:
    """The model, and what it was scored on."""
    return f"{model_label(result)} on {scored_on(result)}"


def scored_on(result: Json) -> str:
    """Name, version and split of the dataset, in words."""
    dataset = result["dataset"]
    return f"{dataset['name']} {dataset['version']}, split {dataset['split']}"


def headline(result: Json) -> str:
    """The headline score in a sentence, with its interval, or why there is none, and the counts behind it."""
    score = headline_score(result)
    view = "relations between given mentions" if is_given(result) else _VIEW_NAMES[result["headline"]]
    # The first thing that is said of intervals is why the headline has none.
    why = (result["intervals"]["note"] or "").partition("; ")[0]
    told = f"95 % interval {interval(score)}" if score["interval"] else f"no interval{why and f': {why}'}"
    return (
        f"F1 {decimal(score['f1'])} ({told}), precision {decimal(score['precision'])}, "
        f"recall {decimal(score['recall'])}, {view}: {score['tp']} right of {score['pred']} predicted and "
        f"{score['gold']} gold in {result['coverage']['documents']} documents."
    )


def _report(result: Json, shown: Sequence[Section], lost: Sequence[str], rows: int) -> str:
    parts = [
        f"# {_plain(report_title(result))}",
        *_opening(result),
        *(part for section in shown for part in _table(section, rows)),
        "## What was counted apart",
        _list(lost, rows) or "Nothing.",
        "## How to get these numbers again",
        _fenced(result["signature"]),
        "`seqeval.metrics.classification_report` on the sentences of the dataset's config `ner`:",
        "\n".join(f"- {mode}: `{report['call']}`" for mode, report in result["seqeval"].items()),
        _list([f"{key}: {value}" for key, value in sorted(result["model"].items())], rows),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _comment(result: Json, verdicts: Sequence[Section], folded: Sequence[Section], rows: int) -> str:
    parts = [
        marker(result),
        f"### {_plain(report_title(result))}",
        *_opening(result),
        *(part for section in verdicts for part in _table(section, rows)),
        "<details><summary>Scores</summary>",
        *(part for section in folded for part in _table(section, rows)),
        _fenced(result["signature"]),
        "</details>",
    ]
    return "\n\n".join(parts) + "\n"


def marker(result: Json) -> str:
    """The line that a comment on this model and split begins with. No name can end it early."""
    named = f"{model_label(result)} {result['dataset']['name']} {result['dataset']['split']}"
    slug = re.sub(r"[^\w.]+", "-", named)
    return f"<!-- tawsim score: {slug} -->"


def _opening(result: Json) -> Iterator[str]:
    if result["status"] != "complete":
        yield f"**Incomplete: {_plain('; '.join(result['reasons']))}.**"
    score, rest = _plain(headline(result)).split(" (", 1)
    yield f"**{score}** ({rest}"


def _table(section: Section, rows: int) -> Iterator[str]:
    yield f"## {_plain(section.title)}"
    if section.note:
        yield _plain(section.note)
    shown = [[_plain(cell) for cell in row] for row in section.rows[:rows]]
    yield markdown_table([_plain(cell) for cell in section.head], shown, numbers=not section.is_prose)
    if len(section.rows) > rows:
        yield f"and {len(section.rows) - rows} rows more, all in result.json"


def _list(lines: Sequence[str], rows: int) -> str:
    more = [f"and {len(lines) - rows} more, all in result.json"] if len(lines) > rows else []
    return "\n".join(f"- {line}" for line in (*map(_plain, lines[:rows]), *more))


def _plain(text: str) -> str:
    """A text in one line of at most 300 characters, in which nothing is a tag, a link or an override."""
    line = " ".join(text.translate(_NO_CONTROLS).split())
    line = line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
    return line.replace("&", "&amp;").replace("<", "&lt;").replace("[", "\\[").replace("`", "\\`")


def _fenced(text: str) -> str:
    return f"```\n{' '.join(text.split()).replace('```', '')}\n```"
