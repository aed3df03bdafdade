"""`baseline:gazetteer`: the mentions of the train split, found again word for word. What memory alone is worth."""

from collections.abc import Iterable, Sequence

from toolkit.errors import DataError
from toolkit.models.lexicon import Lexicon, Match, learn
from toolkit.models.predictor import Request, Span


class Gazetteer:
    """Longest matches from the left, for each label by itself, so that a mention may nest in one of another label."""

    def __init__(self, lexicon: Lexicon, digest: str) -> None:
        self._lexicon, self._digest = lexicon, digest

    def predict(self, texts: Sequence[str]) -> list[list[Span]]:
        """The mentions of the lexicon in each text, proclitics left out, none across a sentence end."""
        return [[Span(m.start, m.end, m.label) for m in _longest(self._lexicon.find(text))] for text in texts]

    def describe(self) -> dict[str, str]:
        """Name, what it was trained on and how many mentions it knows."""
        return {"name": "baseline:gazetteer", "trained_on": self._digest, "mentions": str(len(self._lexicon.labels))}


def load(request: Request) -> Gazetteer:
    """The gazetteer of the train split. DataError where the split has no documents or no mentions."""
    training = request.training
    documents = training.documents()
    check_mentions(len(documents), sum(len(document.entities) for document in documents), "baseline:gazetteer")
    return Gazetteer(learn(documents, training.schema), training.digest)


def check_mentions(documents: int, mentions: int, model: str) -> None:
    """DataError where there is nothing to learn from."""
    if not documents or not mentions:
        lacking = "has no documents" if not documents else f"has {documents} documents but no mentions"
        raise DataError(
            f"the train split {lacking}; {model} learns from its mentions",
            fix="Build a dataset whose train split is annotated, or score another model.",
        )


def _longest(matches: Iterable[Match]) -> list[Match]:
    """Of matches of one label that share a word: the leftmost, then the longest, then that with fewest proclitics."""
    kept: list[Match] = []
    free_from: dict[str, int] = {}
    for match in sorted(matches, key=lambda m: (m.first, -m.last, m.start, m.label)):
        if match.first >= free_from.get(match.label, 0):
            kept.append(match)
            free_from[match.label] = match.last
    return sorted(kept, key=lambda m: (m.start, -m.end, m.label))
