"""report.html: a score as one page, with the errors in their sentences where it may quote the texts."""

from collections.abc import Mapping, Sequence
from typing import Any

from toolkit.evaluation.comparing.gates import Judgement
from toolkit.evaluation.comparing.stored import model_label
from toolkit.evaluation.reports.account import account
from toolkit.evaluation.reports.examples import SHOWN, QuotedTexts, find_examples
from toolkit.evaluation.reports.score_report import headline, scored_on
from toolkit.evaluation.reports.sections import CONFUSION, Section, confusion, headline_score, is_given, sections
from toolkit.evaluation.reports.verdicts import outcome
from toolkit.page import render

Json = Mapping[str, Any]
# Of a list of what was lost, so many lines are shown; result.json has all.
_LINES = 200


def html(
    result: Json,
    against: Sequence[Section] = (),
    judgement: Judgement | None = None,
    texts: QuotedTexts | None = None,
) -> str:
    """The page; `against` are the tables of a baseline. Without `texts` it quotes none."""
    quoted = texts if texts and not is_given(result) else None
    lines = list(account(result))
    return render(
        "toolkit.evaluation.reports",
        "score.html.j2",
        model=model_label(result),
        scored_on=scored_on(result),
        headline=headline(result),
        score=headline_score(result),
        result=result,
        judgement=judgement,
        gates=[(gate, outcome(gate)) for gate in judgement.gates] if judgement else [],
        against=against,
        sections=[section for section in sections(result) if section.title != CONFUSION],
        confusion=None if is_given(result) else confusion(result),
        examples=find_examples(result, quoted) if quoted else [],
        shown=SHOWN,
        quoted=quoted,
        withheld=len(quoted.withheld & result["documents"].keys()) if quoted else 0,
        account=lines[:_LINES],
        left=max(0, len(lines) - _LINES),
    )
