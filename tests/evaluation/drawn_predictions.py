"""Documents and predictions drawn by hypothesis: any text, any label that can be scored, relations, what was seen."""

from hypothesis import strategies as st

from toolkit.document import Document
from toolkit.evaluation.predictions.prediction import Prediction, label_problem, one_line
from toolkit.models.predictor import Pair, Span

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
_LABELS = _TEXT.filter(lambda text: label_problem(text) is None)
_SCORES = st.none() | st.floats(allow_nan=False, allow_infinity=False)


def drawn_documents(least: int = 1) -> st.SearchStrategy[list[Document]]:
    """Documents without gold, each id once."""
    texts = st.dictionaries(_TEXT, _TEXT, min_size=least, max_size=6)
    return texts.map(lambda found: [Document(name, text) for name, text in found.items()])


@st.composite
def predictions_of(draw: st.DrawFn, document: Document) -> Prediction:
    """A prediction, or an error, for a document."""
    if draw(st.integers(0, 4)) == 0:
        return Prediction(document.id, error=draw(_TEXT.map(one_line).filter(bool)))
    length = len(document.text)
    extents = st.tuples(st.integers(0, length - 1), st.integers(1, length)).filter(lambda ends: ends[0] < ends[1])
    ends = draw(st.lists(extents, max_size=5))
    spans = tuple(Span(start, end, draw(_LABELS), draw(_SCORES)) for start, end in ends)
    relations = None
    if spans and draw(st.booleans()):
        places = st.integers(0, len(spans) - 1)
        pairs = st.builds(Pair, places, places, _LABELS, _SCORES)
        relations = tuple(draw(st.lists(pairs, max_size=4)))
    seen = tuple(draw(st.lists(extents, max_size=3))) if draw(st.booleans()) else None
    counts = draw(st.dictionaries(_TEXT, st.integers(0, 2**40), max_size=3))
    return Prediction(document.id, spans, relations=relations, seen=seen, counts=counts)
