"""Articles drawn at random, with everything that makes offsets go wrong, and readings of one to compare them by."""

from collections.abc import Sequence

from hypothesis import strategies as st

from toolkit.annotation import Annotation, Link, Region
from toolkit.corpus.adjudicate import gold_of
from toolkit.corpus.article import Article, Meta
from toolkit.files import sha256
from toolkit.native import mention_digest
from toolkit.schema import EntityType, FlatLayer, RelationType, Schema

SCHEMA = Schema(
    entities={name: EntityType() for name in ("PER", "GPE", "ORG", "TITLE")},
    relations={
        "VISITED": RelationType(head=("PER",), tail=("GPE",)),
        "MET_WITH": RelationType(symmetric=True),
        "LOCATED_IN": RelationType(),
    },
    flat_layer=FlatLayer(drop=("TITLE",)),
)
PIECES = (
    "كَرِيم",
    "سلمى",
    "وطنجة",
    "ل",
    "مديـنـة",
    "😀",
    "👩\u200d👩\u200d👧",
    "🇲🇦",
    "،",
    ".",
    "»",
    "Blue 7",
    "#",
    "-DOCSTART-",
)
PIECES += (" ", "  ", "\n", "\n\n", "\r\n", "\t", "\u200f", "\u2028", "\x85", "\u00a0", "\\n", "# id = x")
META = Meta("open", None, "composed", "ar", ("draft-1",), "single", False)

Triple = tuple[int, int, str]


def article(name: str, text: str, spans: Sequence[Triple], links: Sequence[tuple[int, int, str]] = ()) -> Article:
    """The gold article of these mentions; links name mentions by their position."""
    regions = tuple(Region(f"m{n}", start, end, (label,)) for n, (start, end, label) in enumerate(spans))
    drawn = tuple(Link(f"m{head}", f"m{tail}", "right", (label,)) for head, tail, label in links)
    gold = gold_of(Annotation("u", "draft-1", regions, links=drawn), "single", SCHEMA)
    digests = tuple(mention_digest(text[e.start : e.end]) for e in gold.entities)
    return Article(name, text, sha256(text.encode()), len(text), "test", META, gold.entities, gold.relations, digests)


def found(name: str, text: str, *mentions: tuple[str, str], links: Sequence[tuple[int, int, str]] = ()) -> Article:
    """An article whose mentions are the first places of (words, label)."""
    spans = [(text.index(words), text.index(words) + len(words), label) for words, label in mentions]
    return article(name, text, spans, links)


@st.composite
def articles(draw: st.DrawFn, name: str = "drawn", *, empty: bool = True) -> Article:
    """An article: mentions nest, cross, touch, begin inside a word and at a line break; relations join any two."""
    text = "".join(draw(st.lists(st.sampled_from(PIECES), min_size=0 if empty else 1, max_size=30)))
    if not empty and not text.strip():
        text += "سلمى"
    spans: set[Triple] = set()
    for _ in range(draw(st.integers(0, 8)) if text else 0):
        start = draw(st.integers(0, len(text) - 1))
        end = draw(st.integers(start + 1, min(len(text), start + 20)))
        spans.add((start, end, draw(st.sampled_from(list(SCHEMA.entities)))))
    place = st.integers(0, len(spans) - 1) if spans else st.nothing()
    triples = st.tuples(place, place, st.sampled_from(list(SCHEMA.relations)))
    links = draw(st.lists(triples, max_size=4, unique=True)) if spans else []
    return article(name, text, sorted(spans), links)


def corpora(*, empty: bool = True) -> st.SearchStrategy[list[Article]]:
    """One to three articles with ids of their own."""
    names = ("خبر-1", "news-2", "news.3")
    return st.integers(1, 3).flatmap(
        lambda n: st.tuples(*(articles(name, empty=empty) for name in names[:n])).map(list)
    )


def spans_of(one: Article) -> set[Triple]:
    """The mentions by offsets and label."""
    return {(entity.start, entity.end, entity.label) for entity in one.entities}


HARBOUR = found(
    "harbour",
    "😀 زارت سلمى الحدّاد ميناء ريفاد أمس، وبورينا لم تعلّق.\nقال وزير الموانئ البوريني رامي\r\nعوسج: «لا جديد»!",
    ("سلمى الحدّاد", "PER"),
    ("ميناء ريفاد", "ORG"),
    ("ريفاد", "GPE"),
    ("بورينا", "GPE"),
    ("وزير الموانئ البوريني", "TITLE"),
    ("رامي\r\nعوسج", "PER"),
    ("الموانئ البوريني رامي", "ORG"),
    links=[(0, 2, "VISITED"), (5, 0, "MET_WITH"), (1, 2, "LOCATED_IN")],
)
CALM = article("calm", "ليلة هادئة بلا أخبار تذكر.\nنامت المدينة باكرا.", [])
VOID = article("void", "", [])
