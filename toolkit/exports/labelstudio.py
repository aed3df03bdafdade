"""Native Label Studio tasks with the gold as one annotation each, marked as ground truth. Nothing is lost.

Offsets stay code points, which Label Studio counts in. There is no `completed_by`: a server refuses names that it has
no account for, and takes whoever imports instead.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from toolkit.annotation import Annotation, Link, Region, Task
from toolkit.corpus.article import Article
from toolkit.document import Relation
from toolkit.exports.losses import Export
from toolkit.files import canonical_json, sha256, to_json
from toolkit.native import results, to_native
from toolkit.schema import Schema


def render(articles: Sequence[Article], schema: Schema) -> Export:
    """The articles as one JSON list of tasks."""
    return Export(to_json([native_task(article, schema) for article in articles]).encode())


def native_task(article: Article, schema: Schema) -> dict[str, Any]:
    """An article as a native task. The annotation's id depends on what it says, so importing twice adds nothing."""
    text, meta = article.text or "", article.meta
    regions = tuple(Region(e.id, e.start, e.end, (e.label,), text[e.start : e.end]) for e in article.entities)
    links = tuple(_link(relation, schema) for relation in article.relations)
    identity = canonical_json([article.id, article.sha256, results(regions, (), links)])
    id_ = str(UUID(sha256(identity)[:32], version=5))
    data = {"event": meta.event, "source": meta.source, "language": meta.language}
    told = {key: value for key, value in data.items() if value}
    annotation = Annotation(id_, "", regions, links=links, ground_truth=True)
    native = to_native(Task(article.id, text, article.sha256, article.length, told, (annotation,)))
    del native["annotations"][0]["completed_by"]
    return native


def _link(relation: Relation, schema: Schema) -> Link:
    kind = schema.relations.get(relation.label)
    return Link(
        relation.head, relation.tail, "bi" if kind is not None and kind.symmetric else "right", (relation.label,)
    )
