"""Kappa and alpha against krippendorff and nltk, on random values and on the words of annotated articles."""

import krippendorff
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from nltk.metrics.agreement import AnnotationTask
from planted_disagreements import NAMES, PLANTED, compared, planted_tasks, read_by

from toolkit.corpus.agreement import agreement
from toolkit.corpus.agreement_tokens import word_labels
from toolkit.corpus.chance import MISSING, alpha, coincidences, confusion, kappa

CLOSE = {"rel": 0, "abs": 1e-12}
SIZE = 5


def values(rows, low):
    shapes = st.tuples(rows, st.integers(1, 30))
    return arrays.arrays(np.int64, shapes, elements=st.integers(low, SIZE - 1))


def triples(table):
    """nltk's triples of coder, item and label; without the missing values."""
    return [(str(c), str(u), int(v)) for c, row in enumerate(table) for u, v in enumerate(row) if v != MISSING]


def krippendorff_alpha(table):
    reals = np.where(table == MISSING, np.nan, table.astype(float))
    return krippendorff.alpha(reliability_data=reals, level_of_measurement="nominal")


def pairable(table):
    return table[:, (table != MISSING).sum(axis=0) > 1]


@given(table=values(st.integers(2, 4), MISSING))
def test_alpha_is_that_of_krippendorff_and_nltk(table):
    used = pairable(table)
    found = alpha(coincidences(table, SIZE))
    if len(set(used[used != MISSING])) < 2:
        assert found is None
        return
    assert found == pytest.approx(krippendorff_alpha(table), **CLOSE)
    assert found == pytest.approx(AnnotationTask(triples(used)).alpha(), **CLOSE)


@given(table=values(st.just(2), 0))
def test_kappa_is_that_of_nltk(table):
    found = kappa(confusion(table[0], table[1], SIZE))
    if len(set(table.flat)) == 1:
        assert found is None
        return
    assert found == pytest.approx(AnnotationTask(triples(table)).kappa_pairwise("0", "1"), **CLOSE)


@given(table=values(st.just(2), 0), cut=st.integers(0, 30))
def test_counts_of_two_parts_add_up(table, cut):
    parts = (table[:, :cut], table[:, cut:])
    whole = confusion(table[0], table[1], SIZE)
    assert (sum(confusion(part[0], part[1], SIZE) for part in parts) == whole).all()
    assert (whole + whole.T == coincidences(table, SIZE)).all()


def test_nothing_has_no_alpha_and_no_kappa():
    nothing = np.zeros((SIZE, SIZE))
    assert (alpha(nothing), kappa(nothing)) == (None, None)
    assert alpha(coincidences(np.full((3, 4), MISSING), SIZE)) is None


@pytest.mark.parametrize("third", [False, True])
def test_figures_over_words_are_those_of_the_libraries(third, schema):
    """The values of the words of all articles, given to the libraries as they are."""
    if third:
        tasks = [read_by(name, *both, both[0], names=(*NAMES, "zayd")) for name, both in PLANTED.items()]
    else:
        tasks = planted_tasks()
    articles = compared(schema, tasks)
    table = np.concatenate([word_labels(article, schema) for article in articles], axis=1)
    labelled = np.where(table == 0, MISSING, table)
    tokens = agreement(articles, schema)["all"]["tokens"]
    assert tokens["alpha"]["with_o"]["value"] == pytest.approx(krippendorff_alpha(table), **CLOSE)
    assert tokens["alpha"]["without_o"]["value"] == pytest.approx(krippendorff_alpha(labelled), **CLOSE)
    told = AnnotationTask(triples(table))
    assert tokens["kappa"]["with_o"]["value"] == pytest.approx(told.kappa(), **CLOSE)
    if not third:
        both = table[:, (table != 0).all(axis=0)]
        expected = AnnotationTask(triples(both)).kappa()
        assert tokens["kappa"]["without_o"]["value"] == pytest.approx(expected, **CLOSE)


@given(table=values(st.just(2), 0))
def test_agreement_with_oneself_is_whole(table):
    assume(len(set(table[0])) > 1)
    same = np.stack([table[0], table[0]])
    assert alpha(coincidences(same, SIZE)) == pytest.approx(1, **CLOSE)
    assert kappa(confusion(table[0], table[0], SIZE)) == pytest.approx(1, **CLOSE)
