"""Editions drawn by hypothesis: pairs that share documents, labels, and, where the text is one, mentions."""

from hypothesis import strategies as st

from toolkit.corpus.article import Article, Meta
from toolkit.document import Entity, Relation
from toolkit.native import mention_digest
from toolkit.release.changes.edition import Edition
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


ENDS = st.integers(0, 5)


@st.composite
def contents(draw, labels, relations, texts):
    """Text, spans and joined ends of an article."""
    drawn = draw(st.lists(st.tuples(PLACES, st.sampled_from(labels)), max_size=6))
    spans = [(start, start + length, label) for (start, length), label in drawn]
    joined = draw(st.lists(st.tuples(ENDS, ENDS, st.sampled_from(relations)), max_size=4))
    return draw(st.sampled_from(texts)), spans, joined


@st.composite
def corrected(draw, content, labels, relations, texts):
    """What an annotator may make of an article: most stays; some goes, moves, turns, is called otherwise, or comes."""
    text, spans, joined = content
    more_text, more_spans, more_joined = draw(contents(labels, relations, texts))
    edits = {
        "keep": lambda span: span,
        "longer": lambda span: (span[0], span[1] + 1, span[2]),
        "relabel": lambda span: (*span[:2], draw(st.sampled_from(labels))),
    }
    turns = {
        "keep": lambda ends: ends,
        "turn": lambda ends: (ends[1], ends[0], ends[2]),
        "retype": lambda ends: (*ends[:2], draw(st.sampled_from(relations))),
        "move": lambda ends: (ends[0], draw(ENDS), ends[2]),
    }
    many = st.sampled_from(("keep", "keep", "keep", *edits, "drop"))
    spans = [edits[edit](span) for span in spans if (edit := draw(many)) != "drop"]
    joined = [turns[turn](ends) for ends in joined if (turn := draw(st.sampled_from((*turns, "drop")))) != "drop"]
    if draw(st.booleans()):
        spans, joined = spans + more_spans, joined + more_joined
    return more_text if draw(st.integers(0, 4)) == 0 else text, spans, joined


@st.composite
def pairs(draw, texts=TEXTS):
    """Two editions: of documents, labels and gold that the second corrects; some labels have other names in it."""
    labels, relations = (draw(st.permutations(names))[: draw(st.integers(2, 3))] for names in (LABELS, RELATIONS))
    names = {name: draw(st.sampled_from((name, name, f"{name}_2"))) for name in (*labels, *relations)}
    olds, news = [], []
    for name in ("a", "b", "c"):
        content = draw(contents(labels, relations, texts))
        split, with_text = draw(st.sampled_from(SPLITS)), draw(st.booleans())
        here, there = draw(st.sampled_from(((True, True), (True, True), (True, False), (False, True))))
        if here:
            olds.append(article(name, *content, split=split, withheld=not with_text, with_text=with_text))
        if there:
            text, spans, joined = draw(corrected(content, labels, relations, texts))
            spans, joined = ([(*each[:2], names[each[2]]) for each in part] for part in (spans, joined))
            split, with_text = draw(st.sampled_from((split, draw(st.sampled_from(SPLITS))))), draw(st.booleans())
            news.append(article(name, text, spans, joined, split=split, withheld=not with_text, with_text=with_text))
    symmetric = [draw(st.sets(st.sampled_from(relations))) for _ in range(2)]
    after = [[names[name] for name in draw(st.permutations(part))] for part in (labels, relations)]
    old = edition(olds, labels, relations, symmetric=symmetric[0])
    return old, edition(news, *after, symmetric={names[name] for name in symmetric[1]})
