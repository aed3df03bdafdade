"""brat: ID.txt and ID.ann for each article, and annotation.conf. Offsets are code points of the text as stored.

Nothing is lost. An annotation is a line, so a mention with a line break in it is written as brat's own editor writes
it: a fragment for each line. A line break at an edge is an empty fragment. Symmetric relations are declared so in
annotation.conf and written as ordinary ones; brat's `*` lines mean transitive ones.
"""

import re
from collections.abc import Sequence

from toolkit.corpus.article import Article
from toolkit.document import Entity
from toolkit.exports.labels import check_labels
from toolkit.exports.losses import Export
from toolkit.schema import RelationType, Schema

CONFIGURATION = "annotation.conf"
# Whatever ends a line for brat, which reads its files by Python's idea of a line.
_LINE_ENDS = re.compile("[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
# Characters that have a meaning in the lines of brat's files.
_FORBIDDEN = ";:|,<>[]!"


def render(articles: Sequence[Article], schema: Schema) -> Export:
    """The files of a brat folder. UsageError where a label has a blank or a mark of brat's syntax in it."""
    check_labels(schema, "brat", _FORBIDDEN)
    files = {CONFIGURATION: _configuration(schema).encode()}
    for article in articles:
        files[f"{article.id}.txt"] = (article.text or "").encode()
        files[f"{article.id}.ann"] = annotations(article).encode()
    return Export(files)


def annotations(article: Article) -> str:
    """The lines of an article's .ann file: mentions T1, T2 … and relations R1, R2 … in the order of the article."""
    numbers = {entity.id: f"T{number}" for number, entity in enumerate(article.entities, 1)}
    lines = [_mention(article.text or "", entity, numbers[entity.id]) for entity in article.entities]
    for number, relation in enumerate(article.relations, 1):
        ends = f"Arg1:{numbers[relation.head]} Arg2:{numbers[relation.tail]}"
        lines.append(f"R{number}\t{relation.label} {ends}\t")
    return "".join(f"{line}\n" for line in lines)


def _mention(text: str, entity: Entity, name: str) -> str:
    fragments = []
    start = entity.start
    for line_end in _LINE_ENDS.finditer(text, entity.start, entity.end):
        fragments.append((start, line_end.start()))
        start = line_end.end()
    fragments.append((start, entity.end))
    offsets = ";".join(f"{first} {last}" for first, last in fragments)
    words = " ".join(text[first:last] for first, last in fragments)
    return f"{name}\t{entity.label} {offsets}\t{words}"


def _configuration(schema: Schema) -> str:
    relations = [_relation(name, kind) for name, kind in schema.relations.items()]
    # Mentions may nest and overlap; brat asks to have it said.
    relations.append("<OVERLAP>\tArg1:<ENTITY>, Arg2:<ENTITY>, <OVL-TYPE>:<ANY>")
    parts = {"entities": list(schema.entities), "relations": relations, "events": [], "attributes": []}
    return "\n".join("\n".join([f"[{name}]", *lines, ""]) for name, lines in parts.items())


def _relation(name: str, kind: RelationType) -> str:
    head, tail = ("|".join(labels) or "<ENTITY>" for labels in (kind.head, kind.tail))
    symmetric = ", <REL-TYPE>:symmetric" if kind.symmetric else ""
    return f"{name}\tArg1:{head}, Arg2:{tail}{symmetric}"
