"""An article of the dataset: gold mentions and relations, split and provenance, and its text where it is at hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from toolkit.corpus.adjudicate import choose, gold_of, merged
from toolkit.corpus.store import Stored
from toolkit.document import Document, Entity, Relation
from toolkit.errors import DataError
from toolkit.findings import Finding, Severity
from toolkit.gold_rules import GoldRule
from toolkit.native import mention_digest
from toolkit.project import Collection
from toolkit.schema import Schema


@dataclass(frozen=True, slots=True)
class Meta:
    """Where an article comes from and who annotated it. `withheld`: its text may not be passed on."""

    collection: str
    event: str | None
    source: str
    language: str
    annotators: tuple[str, ...]
    gold_rule: str
    withheld: bool


@dataclass(frozen=True, slots=True)
class Article:
    """`digests` proves each entity, in the order of `entities`; `text` is None where it is not at hand."""

    id: str
    text: str | None
    sha256: str
    length: int
    split: str
    meta: Meta
    entities: tuple[Entity, ...]
    relations: tuple[Relation, ...]
    digests: tuple[str, ...]

    def document(self) -> Document:
        """The article as a Document. DataError where its text is not at hand."""
        if self.text is None:
            raise DataError("the text is not at hand", where=self.id, fix="Name its folder with --articles DIR.")
        meta = {"collection": self.meta.collection, "event": self.meta.event, "sha256": self.sha256}
        return Document(self.id, self.text, self.entities, self.relations, meta)

    def with_text(self, text: str, sha256: str) -> "Article":
        """The article with a text of the annotated bytes, each mention verified. DataError names one that is not."""
        for entity, digest in zip(self.entities, self.digests, strict=True):
            if mention_digest(text[entity.start : entity.end]) != digest:
                place = f"{entity.start}-{entity.end}"
                raise DataError(f"mention {entity.id} at {place} is not the annotated one", where=self.id)
        return replace(self, text=text, sha256=sha256, length=len(text))


def articles_of(
    stored: list[Stored], collections: Mapping[str, Collection], schema: Schema, rules: Sequence[GoldRule]
) -> tuple[list[Article], list[Finding]]:
    """The gold articles of validated annotation files, split still empty; a note for each that has no gold."""
    articles: list[Article] = []
    findings: list[Finding] = []
    for item in stored:
        task, collection = item.task, collections[item.collection]
        chosen = choose(task, rules)
        if chosen is None:
            what = "has no gold annotation, so it is not in the dataset"
            findings.append(Finding("gold-none", Severity.NOTE, item.path, what))
            continue
        annotation = merged(chosen, schema)
        gold = gold_of(annotation, chosen.rule, schema)
        for count, what in ((gold.unlabelled_regions, "regions"), (gold.unlabelled_links, "relations")):
            if count:
                message = f"{count} {what} without a label are not in the dataset"
                findings.append(Finding("unlabelled", Severity.NOTE, item.path, message, annotation.id))
        by_span = {(region.start, region.end): region.digest for region in annotation.regions}
        digests = tuple(
            mention_digest(task.text[e.start : e.end]) if task.text is not None else by_span[e.start, e.end] or ""
            for e in gold.entities
        )
        meta = Meta(
            collection=item.collection,
            event=str(task.data["event"]) if task.data.get("event") else None,
            source=str(task.data.get("source") or collection.source),
            language=str(task.data.get("language") or collection.language),
            annotators=tuple(sorted({a.annotator for a in task.annotations})),
            gold_rule=gold.rule,
            withheld=collection.text == "withheld",
        )
        articles.append(
            Article(
                task.article_id, task.text, task.sha256, task.length, "", meta, gold.entities, gold.relations, digests
            )
        )
    return articles, findings
