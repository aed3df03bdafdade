"""The manifest against counts and hashes taken again, and what does and does not change the content digest."""

import hashlib
import json
from dataclasses import replace

import pytest
from recount import losses_by_hand, parquet_rows
from small_corpus import HARBOUR, compose, write_project

from toolkit.corpus.assemble import assemble
from toolkit.document import Relation
from toolkit.native import mention_digest
from toolkit.project import SPLITS
from toolkit.release.building.build import build
from toolkit.release.tables.manifest import content_digest, document_digest
from toolkit.release.tables.rows import CONFIGS
from toolkit.tokens import TOKENIZER


def test_it_lists_every_file_with_its_hash_and_size(built):
    files = {path.relative_to(built.folder).as_posix(): path for path in built.folder.rglob("*") if path.is_file()}
    del files["manifest.json"]
    assert built.manifest["files"] == {
        name: {"sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "bytes": path.stat().st_size}
        for name, path in files.items()
    }
    assert json.loads((built.folder / "manifest.json").read_bytes()) == built.manifest


def test_it_counts_the_rows_that_load(built, load):
    for config in CONFIGS:
        loaded = load(built.folder, config)
        counts = {split: len(loaded[split]) if split in loaded else 0 for split in SPLITS}
        assert built.manifest["configs"][config] == counts


def test_losses_equal_an_independent_count(built):
    found = losses_by_hand(built.folder, built.manifest["labels"])
    assert built.manifest["losses"] == {"ner": found}
    assert sum(sum(by_label.values()) for by_label in found.values()) > 0


def test_lost_and_kept_mentions_are_all_mentions(built):
    kept = sum(tag % 2 for row in parquet_rows(built.folder, "ner") for tag in row["ner_tags"])  # B- tags are odd
    lost = sum(sum(by_label.values()) for by_label in built.manifest["losses"]["ner"].values())
    assert kept + lost == sum(len(row["entities"]) for row in parquet_rows(built.folder, "documents"))


def test_it_tells_each_document_apart(built):
    texts = {row["id"]: row["text"] for row in parquet_rows(built.folder, "documents")}
    standoff = {row["id"]: row for row in parquet_rows(built.folder, "standoff")}
    collections = built.project.dataset.collections
    assert set(built.manifest["documents"]) == set(standoff)
    assert len({entry["digest"] for entry in built.manifest["documents"].values()}) == len(standoff)
    for article_id, entry in built.manifest["documents"].items():
        row = standoff[article_id]
        assert (entry["sha256"], entry["length"], entry["split"]) == (row["sha256"], row["length"], row["split"])
        assert entry["text"] is (article_id in texts)
        assert entry["withheld"] is (collections[entry["collection"]].text == "withheld")
        if entry["text"]:
            assert entry["sha256"] == hashlib.sha256(texts[article_id].encode()).hexdigest()


def test_it_names_version_labels_tokenizer_and_tools(small):
    manifest = small.manifest
    assert (manifest["name"], manifest["version"], manifest["tokenizer"]) == ("tawsim-news", "1.2.3", TOKENIZER)
    assert [kind["name"] for kind in manifest["labels"]["entities"]] == list(small.project.schema.entities)
    assert [kind["name"] for kind in manifest["labels"]["relations"]] == list(small.project.schema.relations)
    assert set(manifest["tools"]) == {"tawsim", "datasets", "huggingface-hub", "pyarrow"}
    assert set(manifest["annotators"]) == {"a-new-one", "draft-1", "reader-2"}
    assert manifest["held_back"] == []


def changed(article, **new):
    """The article with a field of its first entity or relation changed."""
    entity = replace(article.entities[0], **new)
    return replace(article, entities=(entity, *article.entities[1:]))


CHANGES = {
    "end": lambda a: changed(a, end=a.entities[0].end - 1),
    "label": lambda a: changed(a, label="ORG"),
    "mention": lambda a: replace(a, entities=a.entities[:-1], digests=a.digests[:-1]),
    "relation label": lambda a: replace(a, relations=(replace(a.relations[0], label="MET_WITH"), *a.relations[1:])),
    "relation": lambda a: replace(a, relations=(*a.relations, Relation("r9", "VISITED", "e1", "e3"))),
    "split": lambda a: replace(a, split="test"),
    "text": lambda a: replace(a, text=a.text.replace("الريح", "الريخ")),
    "text withdrawn": lambda a: replace(a, text=None),
    "digest": lambda a: replace(a, digests=(mention_digest("غيرها"), *a.digests[1:])),
    "sha256": lambda a: replace(a, sha256="0" * 64),
    "id": lambda a: replace(a, id="harbour-2"),
    "event": lambda a: replace(a, meta=replace(a.meta, event="another")),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_content_digest_changes_with(change, small_project):
    articles = assemble(small_project, []).articles
    (harbour,) = [article for article in articles if article.id == HARBOUR.article_id]
    other = CHANGES[change](harbour)
    before = content_digest(articles, small_project.schema)
    after = content_digest([other if a is harbour else a for a in articles], small_project.schema)
    assert before != after
    assert document_digest(harbour) != document_digest(other)


def test_the_content_digest_knows_the_labels_and_their_order_but_not_the_order_of_articles(small_project):
    articles, schema = assemble(small_project, []).articles, small_project.schema
    digest = content_digest(articles, schema)
    assert content_digest(articles[::-1], schema) == digest
    assert content_digest(articles[1:], schema) != digest
    turned = schema.model_copy(update={"entities": dict(reversed(schema.entities.items()))})
    assert content_digest(articles, turned) != digest


def test_held_back_articles_are_named(tmp_path, repository):
    tie = compose("tie", "خبر يجمع ما تفرق.", event="harbour-day")
    also = compose("also", "خبر آخر عن الميناء.", event="harbour-day")
    project = write_project(
        tmp_path / "project", repository, news=(HARBOUR, tie, also), splits={"harbour": "train", "also": "test"}
    )
    made = assemble(project, [])
    assert build(project, made, tmp_path / "dataset")["held_back"] == ["tie"]
    assert not [row for row in parquet_rows(tmp_path / "dataset", "standoff") if row["id"] == "tie"]
