"""manifest.json: what a dataset folder holds, and the digest of its content, which no packaging changes."""

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from toolkit.corpus.article import Article
from toolkit.files import canonical_json, file_sha256, sha256
from toolkit.project import Annotator, DatasetSettings
from toolkit.release.tables.rows import CONFIGS, document_row, flat_losses, rows_of, standoff_row
from toolkit.schema import Schema
from toolkit.tokens import TOKENIZER
from toolkit.version import __version__

MANIFEST = "manifest.json"
SCHEMA_VERSION = 1
_TOOLS = ("datasets", "huggingface-hub", "pyarrow")
_LABEL_LISTS = ("entities", "relations")


def document_digest(article: Article) -> str:
    """The sha256 of an article's rows in canonical JSON: text, entities, relations, split, provenance."""
    row = document_row(article) if article.text is not None else None
    return sha256(canonical_json({"document": row, "standoff": standoff_row(article)}))


def content_digest(articles: Sequence[Article], schema: Schema) -> str:
    """The sha256 over all document digests, the labels and the tokenizer. Shards, compression and tools leave it."""
    documents = {article.id: document_digest(article) for article in articles}
    return sha256(canonical_json({"documents": documents, "labels": _labels(schema), "tokenizer": TOKENIZER}))


def manifest(
    dataset: DatasetSettings,
    annotators: Mapping[str, Annotator],
    articles: Sequence[Article],
    schema: Schema,
    folder: Path,
    held_back: Sequence[str],
) -> dict[str, Any]:
    """The manifest of the dataset in `folder`, whose Parquet files and pages are written already."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    return {
        "schema_version": SCHEMA_VERSION,
        "name": dataset.name,
        "version": dataset.version,
        "settings": dataset.model_dump(mode="json"),
        "annotators": {name: annotator.model_dump(mode="json") for name, annotator in annotators.items()},
        "content_digest": content_digest(articles, schema),
        "tokenizer": TOKENIZER,
        "labels": _labels(schema),
        "configs": {config: _rows_by_split(config, articles, schema) for config in CONFIGS},
        "documents": {
            article.id: {
                "digest": document_digest(article),
                "sha256": article.sha256,
                "length": article.length,
                "split": article.split,
                "text": article.text is not None,
                "withheld": article.meta.withheld,
                "collection": article.meta.collection,
                "event": article.meta.event,
                "source": article.meta.source,
                "language": article.meta.language,
                "annotators": list(article.meta.annotators),
                "gold_rule": article.meta.gold_rule,
            }
            for article in articles
        },
        "losses": {"ner": flat_losses(articles, schema)},
        "held_back": sorted(held_back),
        "files": {
            path.relative_to(folder).as_posix(): {"sha256": file_sha256(path), "bytes": path.stat().st_size}
            for path in paths
        },
        "tools": {"tawsim": __version__, **{tool: version(tool) for tool in _TOOLS}},
    }


def _rows_by_split(config: str, articles: Sequence[Article], schema: Schema) -> Mapping[str, int]:
    counts: dict[str, int] = {}
    for article in articles:
        counts[article.split] = counts.get(article.split, 0) + sum(1 for _ in rows_of(config, [article], schema))
    return counts


def _labels(schema: Schema) -> dict[str, Any]:
    """The schema with its labels in lists: tag ids depend on their order, and JSON objects are written sorted."""
    found = schema.model_dump(mode="json")
    return found | {part: [{"name": name, **kind} for name, kind in found[part].items()] for part in _LABEL_LISTS}


def schema_of(labels: Mapping[str, Any]) -> Schema:
    """The schema of a manifest's `labels`. ValidationError, KeyError, TypeError or AttributeError where it is none."""
    parts = {
        part: {kind["name"]: {key: value for key, value in kind.items() if key != "name"} for kind in labels[part]}
        for part in _LABEL_LISTS
    }
    return Schema.model_validate({**labels, **parts})
