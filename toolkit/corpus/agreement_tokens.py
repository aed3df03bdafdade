"""Agreement over words: the labels of the flat layer, by kappa and alpha, with the words outside mentions and without.

Only articles whose text is at hand have words. Kappa is never told alone, since the words outside mentions decide it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.corpus.chance import MISSING, Matrix, alpha, coincidences, confusion, kappa
from toolkit.corpus.readings import Compared
from toolkit.errors import DataError
from toolkit.flat import flatten
from toolkit.intervals import jackknife_interval
from toolkit.schema import Schema
from toolkit.tokens import words

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class TokenCounts:
    """An article's words, how the labels of each pair of annotators met, and how those of all of them did.

    The first value of the matrices is O; `labels_together` takes O for no value.
    """

    words: int
    met: Mapping[Pair, Matrix]
    together: Matrix
    labels_together: Matrix


def word_labels(article: Compared, schema: Schema) -> NDArray[np.int64]:
    """Annotators x words of an article: 0 outside mentions, else 1 + the place of the label in the flat layer.

    DataError where the text is not at hand.
    """
    if article.text is None:
        raise DataError("the text is not at hand", where=article.id, fix="Name its folder with --articles DIR.")
    spans = words(article.text)
    values = {label: place for place, label in enumerate(schema.flat_labels, 1)}
    table = np.zeros((len(article.readings), len(spans)), dtype=np.int64)
    for row, reading in zip(table, article.readings, strict=True):
        for span in flatten(sorted(reading.spans), spans, schema.flat_layer).spans:
            row[span.first : span.last] = values[span.label]
    return table


def token_counts(article: Compared, schema: Schema) -> TokenCounts:
    """The counts of an article whose text is at hand."""
    values, size = word_labels(article, schema), len(schema.flat_labels) + 1
    rows = zip((reading.annotator for reading in article.readings), values, strict=True)
    met = {(one, other): confusion(a, b, size) for (one, a), (other, b) in combinations(rows, 2)}
    labelled = np.where(values == 0, MISSING, values)
    return TokenCounts(values.shape[1], met, coincidences(values, size), coincidences(labelled, size))


def token_figures(articles: Sequence[TokenCounts], pairs: Sequence[Pair]) -> dict[str, Any] | None:
    """Kappa and alpha of some pairs taken together, with their intervals; None where no article has a text.

    Of one pair alpha is that of the two; of several it is that of all annotators.
    """
    here = [article for article in articles if any(pair in article.met for pair in pairs)]
    if not here:
        return None
    nothing = np.zeros_like(here[0].together)
    met = np.stack([np.stack([article.met.get(pair, nothing) for pair in pairs]) for article in here])
    if len(pairs) == 1:
        both = met[:, 0] + met[:, 0].transpose(0, 2, 1)
        together, labels = both, both[:, 1:, 1:]
    else:
        together = np.stack([article.together for article in here])
        labels = np.stack([article.labels_together for article in here])
    return {
        "articles": len(here),
        "words": sum(article.words for article in here),
        "kappa": {"with_o": _figure(met, _mean_kappa), "without_o": _figure(met[..., 1:, 1:], _mean_kappa)},
        "alpha": {"with_o": _figure(together, alpha), "without_o": _figure(labels, alpha)},
    }


def _mean_kappa(counts: Matrix) -> float | None:
    defined = [value for pair in counts if (value := kappa(pair)) is not None]
    return sum(defined) / len(defined) if defined else None


def _figure(by_article: Matrix, statistic: Callable[[Matrix], float | None]) -> dict[str, Any]:
    """A statistic of added-up counts, and its interval from leaving out each article that has any."""
    total = by_article.sum(axis=0)
    value = statistic(total)
    without = [statistic(total - counts) for counts in by_article if counts.any()]
    interval = jackknife_interval(value, without, low=-1.0)
    return {"value": value, "interval": interval and list(interval)}
