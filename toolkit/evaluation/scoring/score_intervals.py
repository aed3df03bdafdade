"""Scores for result.json, each from its counts by document, and the intervals of all of them from one draw.

From 100 documents that count in a score on its interval is the percentile bootstrap's, with fewer the jackknife's.
"""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.evaluation.scoring.counts import Counts, LabelCounts
from toolkit.evaluation.scoring.scores import Numbers
from toolkit.intervals import (
    BOOTSTRAP_FROM,
    LEVEL,
    RESAMPLES,
    SEED,
    Interval,
    Matrix,
    jackknife_interval,
    percentile_intervals,
    resampled_sums,
)

Json = dict[str, Any]
_NAMES = ("precision", "recall", "f1")
# Below this many documents the jackknife's intervals were not tried in simulation.
_FEW = 10


class ScoreSheet:
    """Makes scores and keeps their counts by document until `fill` computes all intervals.

    Every score is a ratio of sums over documents, or the mean of several such ratios.
    """

    def __init__(self) -> None:
        self._above: list[Matrix] = []
        self._below: list[Matrix] = []
        # Scores with the columns that they are the ratio of, or the mean over.
        self._waiting: list[tuple[Json, list[int]]] = []

    def score(self, by_document: NDArray[np.int64], numbers: Numbers | None = None) -> Json:
        """A score from documents x (right, predicted, gold); `numbers` are seqeval's of the same spans.

        What is not defined is None: precision without a prediction, recall without gold, F1 without either.
        """
        counts = Counts(*by_document.sum(axis=0).tolist())
        column = self._column(2 * by_document[:, 0], by_document[:, 1] + by_document[:, 2])
        return self._wait(score_json(counts, numbers), [column])

    def recall(self, by_document: NDArray[np.int64]) -> Json:
        """Recall alone, from documents x (right, predicted, gold)."""
        counts = Counts(*by_document.sum(axis=0).tolist())
        found = {"recall": counts.recall if counts.gold else None, "tp": counts.tp, "gold": counts.gold}
        return self._wait(found, [self._column(by_document[:, 0], by_document[:, 2])])

    def block(
        self,
        tables: Sequence[LabelCounts],
        labels: Sequence[str],
        micro: Numbers | None = None,
        by_label: Mapping[str, Numbers] | None = None,
    ) -> Json:
        """`micro`, `macro` over the declared `labels` that are defined, and `labels`, from a table a document.

        Labels that are not declared count in micro alone. `micro` and `by_label` are seqeval's numbers.
        """
        cube = _cube(tables, labels)
        given = by_label or {}
        averaged = self.score(cube.sum(axis=1), micro)
        scores = {label: self.score(cube[:, place], given.get(label)) for place, label in enumerate(labels)}
        return {"micro": averaged, "macro": self._macro(list(scores.values())), "labels": scores}

    def fill(self, headline: Json) -> Json:
        """Writes the interval of every score into it. The answer is `intervals` of result.json.

        Its method and number of documents are those of the headline score.
        """
        above, below = (np.column_stack(side).astype(np.float64) for side in (self._above, self._below))
        columns = [places for _, places in self._waiting]
        members = [int(np.count_nonzero(below[:, places].any(axis=1))) for places in columns]
        drawn = _bootstrapped(above, below, columns) if max(members) >= BOOTSTRAP_FROM else []
        for place, (score, places) in enumerate(self._waiting):
            is_many = members[place] >= BOOTSTRAP_FROM
            found = drawn[place] if is_many else _jackknifed(above[:, places], below[:, places])
            score["interval"] = None if found is None else list(found)
        scores = [score for score, _ in self._waiting]
        documents = next(n for n, score in zip(members, scores, strict=True) if score is headline)
        is_many = documents >= BOOTSTRAP_FROM
        return {
            "level": LEVEL,
            "method": "bootstrap" if is_many else "jackknife" if documents >= 2 else None,
            "documents": documents,
            "resamples": RESAMPLES if is_many else None,
            "seed": SEED if is_many else None,
            "note": _note(scores, members, headline, documents),
        }

    def _macro(self, scores: Sequence[Json]) -> Json:
        """The mean over the labels that are defined. One that is never predicted has precision 0 here, as F1 is 0."""
        defined = [score for score in scores if score["f1"] is not None]
        macro: Json = {name: _mean([score[name] or 0.0 for score in defined]) for name in _NAMES}
        macro["labels"] = len(defined)
        columns = {id(score): places for score, places in self._waiting}
        return self._wait(macro, [place for score in scores for place in columns[id(score)]])

    def _column(self, above: NDArray[np.int64], below: NDArray[np.int64]) -> int:
        self._above.append(above.astype(np.float64))
        self._below.append(below.astype(np.float64))
        return len(self._above) - 1

    def _wait(self, score: Json, columns: list[int]) -> Json:
        score["interval"] = None
        self._waiting.append((score, columns))
        return score


def score_json(counts: Counts, numbers: Numbers | None = None) -> Json:
    """A score without its interval: seqeval's numbers where they are given, and the counts behind them."""
    shown = numbers or counts
    return {
        "precision": shown.precision if counts.predicted else None,
        "recall": shown.recall if counts.gold else None,
        "f1": shown.f1 if counts.is_defined else None,
        "tp": counts.tp,
        "pred": counts.predicted,
        "gold": counts.gold,
        "support": counts.gold,
    }


def stacked(by_document: Sequence[Sequence[int]]) -> NDArray[np.int64]:
    """Counts, one a document, as documents x (right, predicted, gold)."""
    return np.array(by_document, dtype=np.int64).reshape(-1, 3)


def _cube(tables: Sequence[LabelCounts], labels: Sequence[str]) -> NDArray[np.int64]:
    """Documents x labels x (right, predicted, gold): the declared labels first, then any others."""
    place = {label: number for number, label in enumerate(labels)}
    for table in tables:
        for label in table:
            place.setdefault(label, len(place))
    width = max(len(place), 1)
    cells = [row * width + place[label] for row, table in enumerate(tables) for label in table]
    counts = chain.from_iterable(chain.from_iterable(table.values() for table in tables))
    cube = np.zeros((len(tables) * width, 3), dtype=np.int64)
    cube[cells] = np.fromiter(counts, np.int64, 3 * len(cells)).reshape(-1, 3)
    return cube.reshape(len(tables), width, 3)


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _ratios(above: Matrix, below: Matrix) -> Matrix:
    """NaN where there is nothing."""
    return np.divide(above, below, out=np.full_like(below, np.nan), where=below > 0)


def _means(ratios: Matrix) -> Matrix:
    """The mean of each row over what is defined in it; NaN where nothing is."""
    is_defined = ~np.isnan(ratios)
    return _ratios(np.where(is_defined, ratios, 0.0).sum(axis=1), is_defined.sum(axis=1).astype(np.float64))


def _bootstrapped(above: Matrix, below: Matrix, columns: Sequence[Sequence[int]]) -> list[Interval | None]:
    counting = below.any(axis=1)
    ratios = _ratios(*np.hsplit(resampled_sums(np.hstack((above, below))[counting]), 2))
    values = [ratios[:, each[0]] if len(each) == 1 else _means(ratios[:, each]) for each in columns]
    return percentile_intervals(np.column_stack(values))


def _jackknifed(above: Matrix, below: Matrix) -> Interval | None:
    counting = below.any(axis=1)
    above, below = above[counting], below[counting]
    whole = _means(_ratios(above.sum(axis=0, keepdims=True), below.sum(axis=0, keepdims=True)))
    without = _means(_ratios(above.sum(axis=0) - above, below.sum(axis=0) - below))
    value, *values = [None if np.isnan(v) else float(v) for v in (*whole, *without)]
    return jackknife_interval(value, values)


def _note(scores: Sequence[Json], members: Sequence[int], headline: Json, documents: int) -> str | None:
    """In words, where intervals are missing or of another method than the headline's, and why."""
    told = []
    if documents < 2:
        told.append("fewer than two documents count in the headline score: they do not tell how sure it is")
    elif headline["interval"] is None:
        told.append("the headline score is 0 or 1, with or without some document, or no document makes a difference")
    elif documents < _FEW:
        told.append(f"{documents} documents are few: the intervals are rough")
    pairs = list(zip(scores, members, strict=True))
    if documents >= BOOTSTRAP_FROM and any(n < BOOTSTRAP_FROM and score["interval"] for score, n in pairs):
        told.append(f"jackknife intervals where fewer than {BOOTSTRAP_FROM} documents count in a score")
    if any(score["interval"] is None and score.get("f1", score.get("recall")) is not None for score, _ in pairs):
        told.append("no interval where fewer than two documents count, or a score is 0 or 1 with or without one")
    return "; ".join(told) or None
