"""Editions drawn by hypothesis: pairs that share documents, labels, and, where the text is one, mentions."""

from hypothesis import strategies as st

from toolkit.corpus.article import Article, Meta
from toolkit.document import Entity, Relation
from toolkit.native import mention_digest
from toolkit.release.edition import Edition
from toolkit.schema import EntityType, RelationType, Schema

TEXTS = ("سافر نوح إلى كالدونا ثم عاد نوح", "عاد نوح من كالدونا قبل سفر نوح الجديد")
LABELS = ("PER", "GPE", "ORG", "SITE")
RELATIONS = ("VISITED", "TIES_WITH", "KNOWS")
SPLITS = ("train", "validation", "test")
PLACES = st.tuples(st.integers(0, 20), st.integers(1, 9))


def edition(articles, entities, relations, *, symmetric=(), **more):
    """An edition of articles under a schema with these labels, in this order."""
    schema = Schema(
        entities={name: EntityType(en=name) for name in entities},
        relations={name: RelationType(en=name, symmetric=name in symmetric) for name in relations},
    )
    values = {"columns": {"ner": {"id": "string"}}, "tokenizer": "t", "settings": {}, "annotators": {}, "pages": {}}
    values |= {"name": "drawn", "version": "1.0.0", "digest": "d", "card": ""} | more
    return Edition(articles=tuple(articles), schema=schema, **values)


def article(name, text, spans, joined, *, split="train", withheld=False, with_text=True):
    """An article of a text with mentions (start, end, label) and relations (head, tail, label) by number."""
    spans = sorted(set(spans))
    entities = tuple(Entity(*span, f"e{n}") for n, span in enumerate(spans))
    triples = sorted({(h % len(spans), t % len(spans), label) for h, t, label in joined}) if spans else []
    relations = tuple(Relation(f"r{n}", label, f"e{h}", f"e{t}") for n, (h, t, label) in enumerate(triples))
    meta = Meta("c", None, "s", "ar", ("draft-1",), "single", withheld)
    digests = tuple(mention_digest(text[e.start : e.end]) for e in entities)
    sha = f"sha-{TEXTS.index(text)}"
    return Article(name, text if with_text else None, sha, len(text), split, meta, entities, relations, digests)


@st.composite
def articles(draw, names, labels, relations, texts):
    """An article for each name, most of whose mentions come from one small pool, so that two draws share many."""
    found = []
    for name in names:
        text = draw(st.sampled_from(texts))
        drawn = draw(st.lists(st.tuples(PLACES, st.sampled_from(labels)), max_size=6))
        spans = [(start, start + length, label) for (start, length), label in drawn]
        ends = st.integers(0, 5)
        joined = draw(st.lists(st.tuples(ends, ends, st.sampled_from(relations)), max_size=4))
        with_text = draw(st.booleans())
        split = draw(st.sampled_from(SPLITS))
        found.append(article(name, text, spans, joined, split=split, withheld=not with_text, with_text=with_text))
    return found


@st.composite
def pairs(draw, texts=TEXTS):
    """Two editions of documents that they share for the most part, with other labels on either side."""
    made = []
    for _ in range(2):
        names = draw(st.sets(st.sampled_from(("a", "b", "c")), min_size=1))
        labels = draw(st.permutations(LABELS))[: draw(st.integers(2, 4))]
        relations = draw(st.permutations(RELATIONS))[: draw(st.integers(1, 3))]
        symmetric = draw(st.sets(st.sampled_from(relations)))
        drawn = draw(articles(sorted(names), labels, relations, texts))
        made.append(edition(drawn, labels, relations, symmetric=symmetric))
    return tuple(made)
