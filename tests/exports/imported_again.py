"""An export taken in again by `import`, and the gold that it gives."""

from pathlib import Path

from generated_articles import SCHEMA

from toolkit.corpus.adjudicate import gold_of
from toolkit.corpus.article import Article
from toolkit.document import Entity, Relation
from toolkit.labelstudio.reading.importing import import_exports
from toolkit.project import Annotator, LabelStudioSettings
from toolkit.schema import Schema

PERSON = Annotator(kind="person", description="composed for a test")
SETTINGS = LabelStudioSettings(title="test", annotators={"sara": PERSON})
Said = tuple[str, tuple[Entity, ...], tuple[Relation, ...]]


def said(articles: list[Article]) -> dict[str, Said]:
    """Text, mentions and relations of articles, ids included."""
    return {article.id: (article.text or "", article.entities, article.relations) for article in articles}


def said_again(path: Path, schema: Schema = SCHEMA) -> dict[str, Said]:
    """The same of what `import` makes of a path, with nothing held back or moved."""
    imported = import_exports([path], schema, SETTINGS, annotator="sara")
    assert imported.held_back == imported.repaired == 0, [str(finding) for finding in imported.findings]
    assert imported.findings == ()
    found = {}
    for task in imported.tasks:
        (annotation,) = task.annotations
        assert annotation.annotator == "sara"
        gold = gold_of(annotation, "single", schema)
        found[task.article_id] = (task.text or "", gold.entities, gold.relations)
    return found
