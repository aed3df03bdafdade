"""BigBIO's kb schema: loaded by datasets with BigBIO's own features, and read back to the same articles."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import datasets
import huggingface_hub
import pytest
from datasets import Features, List, Value
from generated_articles import HARBOUR, SCHEMA, VOID, corpora
from hypothesis import given, settings
from imported_again import Said, said

from toolkit.corpus.article import Article
from toolkit.document import Entity, Relation
from toolkit.exports.bigbio import render
from toolkit.exports.losses import Export
from toolkit.schema import Schema

_STRING = Value("string")
_OFFSETS = List(List(Value("int32")))
_LOCATED = {"id": _STRING, "type": _STRING, "text": List(_STRING), "offsets": _OFFSETS}
_NORMALIZED = List({"db_name": _STRING, "db_id": _STRING})
# The features of BigBIO's schema `kb`.
KB = Features(
    {
        "id": _STRING,
        "document_id": _STRING,
        "passages": List(_LOCATED),
        "entities": List({**_LOCATED, "normalized": _NORMALIZED}),
        "events": List(
            {
                "id": _STRING,
                "type": _STRING,
                "trigger": {"text": List(_STRING), "offsets": _OFFSETS},
                "arguments": List({"role": _STRING, "ref_id": _STRING}),
            }
        ),
        "coreferences": List({"id": _STRING, "entity_ids": List(_STRING)}),
        "relations": List(
            {"id": _STRING, "type": _STRING, "arg1_id": _STRING, "arg2_id": _STRING, "normalized": _NORMALIZED}
        ),
    }
)


def rows_of(articles: list[Article], schema: Schema = SCHEMA) -> list[dict[str, Any]]:
    export: Export = render(articles, schema)
    assert isinstance(export.content, bytes) and export.losses == ()
    return [json.loads(line) for line in export.content.decode().split("\n") if line]


def own_id(name: str) -> str:
    return name.rpartition("/")[2]


def read_back(rows: Iterable[dict[str, Any]]) -> dict[str, Said]:
    """An independent reader: one passage, one fragment an entity."""
    read = {}
    for row in rows:
        ((text,),) = (passage["text"] for passage in row["passages"])
        assert row["passages"][0]["offsets"] == [[0, len(text)]]
        entities = []
        for entity in row["entities"]:
            ((start, end),) = entity["offsets"]
            assert entity["text"] == [text[start:end]] and entity["normalized"] == []
            entities.append(Entity(start, end, entity["type"], own_id(entity["id"])))
        relations = [
            Relation(own_id(r["id"]), r["type"], own_id(r["arg1_id"]), own_id(r["arg2_id"])) for r in row["relations"]
        ]
        assert {r[end] for r in row["relations"] for end in ("arg1_id", "arg2_id")} <= {
            e["id"] for e in row["entities"]
        }
        assert row["events"] == row["coreferences"] == []
        read[row["document_id"]] = (text, tuple(entities), tuple(relations))
    return read


def ids(rows: Iterable[dict[str, Any]]) -> list[str]:
    return [part["id"] for row in rows for key in ("passages", "entities", "relations") for part in row[key]]


@settings(max_examples=100)
@given(corpora())
def test_out_and_in_again_is_the_identity(articles: list[Article]) -> None:
    rows = rows_of(articles)
    assert read_back(rows) == said(articles)
    assert len(set(ids(rows))) == len(ids(rows))
    assert [row["id"] for row in rows] == [article.id for article in articles]


def test_the_sample_loads_with_the_features_of_the_kb_schema(
    sample: list[Article], schema: Schema, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = render(sample, schema)
    assert isinstance(export.content, bytes)
    (tmp_path / "sample.jsonl").write_bytes(export.content)
    for module in (datasets.config, huggingface_hub.constants):
        monkeypatch.setattr(module, "HF_HUB_OFFLINE", True)
    loaded = datasets.load_dataset(
        "json", data_files=str(tmp_path / "sample.jsonl"), features=KB, split="train", cache_dir=str(tmp_path / "cache")
    )
    assert loaded.features == KB
    assert read_back(loaded) == said(sample)
    assert len(set(ids(loaded))) == len(ids(loaded))


def test_ids_of_one_name_stay_apart() -> None:
    rows = rows_of([HARBOUR, VOID])
    assert rows[0]["entities"][0]["id"] == "harbour#/entities/e1"
    assert rows[0]["relations"][0]["id"] == "harbour#/relations/r1"
    assert rows[1]["passages"] == [{"id": "void#/passages/0", "type": "text", "text": [""], "offsets": [[0, 0]]}]
