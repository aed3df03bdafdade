"""What each text of a batch came to, and each passage of a text: an answer or a fault."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from toolkit.models.predictor import Answer, Span

Outcome = Answer | Exception


class Outcomes:
    """Asks for a batch once, although a failing text makes the harness ask for each of its texts by itself.

    `ask` gives an answer or the exception for each text, in order. An answer that is kept is given once.
    """

    def __init__(self, ask: Callable[[Sequence[str]], Sequence[Outcome]]) -> None:
        self._ask = ask
        self._kept: dict[str, Outcome] = {}

    def predict(self, texts: Sequence[str]) -> list[Answer]:
        """An answer for each text; raises the first exception where there is one."""
        if len(texts) == 1 and (kept := self._kept.pop(texts[0], None)) is not None:
            return _answers([kept])
        found = self._ask(texts) if texts else []
        self._kept = {}
        if len(texts) > 1 and any(isinstance(outcome, Exception) for outcome in found):
            self._kept = dict(zip(texts, found, strict=True))
        return _answers(found)


def _answers(outcomes: Sequence[Outcome]) -> list[Answer]:
    answers = []
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            raise outcome
        answers.append(outcome)
    return answers


def join(parts: Iterable[tuple[int, Outcome]]) -> Outcome:
    """The answers for the passages of a text, each with the code point where it starts, as one; or the first fault."""
    spans: list[Span] = []
    counts: Counter[str] = Counter()
    for offset, answer in parts:
        if isinstance(answer, Exception):
            return answer
        spans += [Span(offset + span.start, offset + span.end, span.label, span.score) for span in answer.spans]
        counts.update(answer.counts)
    return Answer(sorted(spans, key=lambda span: (span.start, -span.end)), counts=+counts)
