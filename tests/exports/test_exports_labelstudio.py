"""Native tasks: valid for Label Studio's own checks, and taken in again by `import` to the same articles."""

import json
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from generated_articles import CALM, HARBOUR, META, SCHEMA, corpora
from hypothesis import given, settings
from imported_again import said, said_again

from toolkit.corpus.article import Article
from toolkit.exports.labelstudio import native_task, render
from toolkit.schema import Schema


def tasks(articles: list[Article], schema: Schema = SCHEMA) -> list[dict[str, Any]]:
    export = render(articles, schema)
    assert isinstance(export.content, bytes) and export.losses == ()
    return json.loads(export.content)


def assert_sound(articles: list[Article], schema: Schema) -> None:
    for article, task in zip(articles, tasks(articles, schema), strict=True):
        (annotation,) = task["annotations"]
        for region in (item for item in annotation["result"] if item["type"] == "labels"):
            value = region["value"]
            assert value["text"] == (article.text or "")[value["start"] : value["end"]]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "tasks.json"
        path.write_bytes(bytes(render(articles, schema).content))
        assert said_again(path, schema) == said(articles)


def test_the_sample_goes_out_and_comes_in_unchanged(sample: list[Article], schema: Schema) -> None:
    assert_sound(sample, schema)


@settings(max_examples=100)
@given(corpora(empty=False))
def test_out_and_in_again_is_the_identity(articles: list[Article]) -> None:
    assert_sound(articles, SCHEMA)


def test_a_task_has_its_gold_as_ground_truth_and_names_nobody() -> None:
    task = native_task(replace(HARBOUR, meta=replace(META, event="harbour-day")), SCHEMA)
    (annotation,) = task["annotations"]
    assert annotation["ground_truth"] is True and "completed_by" not in annotation
    assert task["data"]["event"] == "harbour-day" and task["data"]["article_id"] == "harbour"
    relations = {item["labels"][0]: item["direction"] for item in annotation["result"] if item["type"] == "relation"}
    assert relations == {"VISITED": "right", "LOCATED_IN": "right", "MET_WITH": "bi"}


def test_the_id_of_an_annotation_is_a_uuid_of_what_it_says() -> None:
    (first,), (again,) = tasks([HARBOUR]), tasks([HARBOUR])
    name = first["annotations"][0]["unique_id"]
    assert str(UUID(name)) == name == again["annotations"][0]["unique_id"]
    assert tasks([replace(HARBOUR, relations=())])[0]["annotations"][0]["unique_id"] != name
    assert tasks([CALM])[0]["annotations"][0]["unique_id"] != name
