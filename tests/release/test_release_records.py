"""`load_dataset` on built folders, with the real library, and what run_ner.py asks of the columns."""

import json
import os
import subprocess
import sys
from itertools import pairwise

import pyarrow.parquet as pq
import pytest
import yaml
from datasets import ClassLabel, Features, List
from datasets.info import DatasetInfosDict
from huggingface_hub import DatasetCardData
from recount import parquet_rows
from small_corpus import CALM, HARBOUR, build_project, without_links, write_project

from toolkit.project import SPLITS
from toolkit.release.tables.records import column_types, features
from toolkit.release.tables.rows import CONFIGS


def front_matter(folder):
    return yaml.safe_load((folder / "README.md").read_text("utf-8").split("---\n")[1])


def test_every_config_and_split_of_the_card_loads_with_the_types_of_the_files(built, load):
    front = front_matter(built.folder)
    infos = DatasetInfosDict.from_dataset_card_data(DatasetCardData(**front))
    assert [entry["config_name"] for entry in front["configs"]] == list(CONFIGS)
    for entry in front["configs"]:
        config, counts = entry["config_name"], built.manifest["configs"][entry["config_name"]]
        loaded = load(built.folder, config)
        assert list(loaded) == [split for split in SPLITS if counts[split]]
        assert list(loaded) == [file["split"] for file in entry["data_files"]]
        for split, rows in loaded.items():
            paths = list((built.folder / config).glob(f"{split}-*.parquet"))
            assert rows.features == Features.from_arrow_schema(pq.read_schema(paths[0]))
            assert rows.features == infos[config].features == features(built.project.schema)[config]
            assert len(rows) == counts[split] == infos[config].splits[split].num_examples
            assert str(rows.info.version) == built.project.dataset.version == built.manifest["version"]
            assert rows.to_list() == [
                {key: value for key, value in row.items() if key != "split" or config == "standoff"}
                for row in parquet_rows(built.folder, config)
                if row["split"] == split
            ]


def test_documents_is_the_default_config(built, load):
    (default,) = [entry["config_name"] for entry in front_matter(built.folder)["configs"] if entry.get("default")]
    assert default == "documents"
    loaded = load(built.folder)
    assert {rows.info.config_name for rows in loaded.values()} == {"documents"}
    assert list(loaded) == list(SPLITS)


def test_a_fresh_process_that_may_not_ask_the_hub_loads_it(small, tmp_path):
    program = (
        "import json, sys; from datasets import load_dataset; loaded = load_dataset(sys.argv[1], 'ner');"
        "told = {s: [len(r), str(r.info.version), r.features['ner_tags'].feature.names] for s, r in loaded.items()};"
        "print(json.dumps(told))"
    )
    settings = {"HF_HOME": str(tmp_path), "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
    run = subprocess.run(
        [sys.executable, "-c", program, str(small.folder)],
        env={**os.environ, **settings},
        capture_output=True,
        check=True,
        text=True,
    )
    tags = list(small.project.schema.tags)
    counts = small.manifest["configs"]["ner"]
    assert json.loads(run.stdout) == {split: [counts[split], "1.2.3", tags] for split in SPLITS}


def test_ner_has_what_run_ner_of_transformers_looks_for(built, load):
    raw_datasets = load(built.folder, "ner")
    assert list(raw_datasets) == ["train", "validation", "test"]
    column_names = raw_datasets["train"].column_names
    types = raw_datasets["train"].features
    # As in run_ner.py with --task_name ner.
    text_column_name = "tokens" if "tokens" in column_names else column_names[0]
    label_column_name = "ner_tags" if "ner_tags" in column_names else column_names[1]
    assert (text_column_name, label_column_name) == ("tokens", "ner_tags")
    assert isinstance(types[label_column_name], List)
    assert isinstance(types[label_column_name].feature, ClassLabel)
    label_list = types[label_column_name].feature.names
    assert tuple(label_list) == built.project.schema.tags
    assert label_list[0] == "O"
    flat = [label for label in built.project.schema.entities if label not in built.project.schema.flat_layer.drop]
    assert label_list[1:] == [f"{prefix}-{label}" for label in flat for prefix in ("B", "I")]
    for split in raw_datasets.values():
        assert split.features == types
        for row in split:
            assert len(row[text_column_name]) == len(row[label_column_name]) > 0
            assert all(isinstance(token, str) and token for token in row[text_column_name])
            names = ["O", *(label_list[tag] for tag in row[label_column_name])]
            for before, name in pairwise(names):
                assert not name.startswith("I-") or before in (name, f"B-{name[2:]}"), "not IOB2"


def test_it_streams(small, load):
    streamed = load(small.folder, "ner", streaming=True)
    assert list(streamed) == list(SPLITS)
    for split, rows in streamed.items():
        assert list(rows) == load(small.folder, "ner", split=split).to_list()


def test_a_split_without_relations_is_not_listed_so_that_the_others_load(small, load):
    assert small.manifest["configs"]["relations"]["validation"] == 0
    assert list(load(small.folder, "relations")) == ["train", "test"]
    assert not list((small.folder / "relations").glob("validation-*"))


def test_an_article_without_mentions_loads(small, load):
    rows = load(small.folder, split="validation")
    (calm,) = [row for row in rows if row["id"] == "calm"]
    assert calm["text"] == CALM.text
    assert calm["entities"] == calm["relations"] == []
    assert calm["meta"]["event"] is None


def test_provenance_is_in_meta(small, load):
    rows = {row["id"]: row["meta"] for split in load(small.folder).values() for row in split}
    assert rows["museum"] == {
        "collection": "news",
        "event": "museum-week",
        "source": "composed",
        "language": "ar",
        "annotators": ["draft-1", "reader-2"],
        "gold_rule": "ground_truth",
    }
    assert rows["treaty"]["source"] == "نشرة النهر"
    assert rows["treaty"]["gold_rule"] == "single"
    assert "skipped" not in rows


def test_without_any_text_there_is_standoff_only_and_it_loads(tmp_path, repository, load):
    project = write_project(tmp_path / "project", repository, news=())
    built = build_project(project, tmp_path / "dataset")
    assert [entry["config_name"] for entry in front_matter(built.folder)["configs"]] == ["standoff"]
    loaded = load(built.folder)
    assert {split: len(rows) for split, rows in loaded.items()} == {"test": 2}
    assert loaded["test"].info.config_name == "standoff"
    assert not (built.folder / "documents").exists()


def test_a_split_with_withheld_articles_only_is_in_standoff_only(tmp_path, repository, load):
    built = build_project(write_project(tmp_path / "project", repository, news=[HARBOUR]), tmp_path / "dataset")
    assert list(load(built.folder)) == list(load(built.folder, "ner")) == ["train"]
    assert list(load(built.folder, "standoff")) == ["train", "test"]


def test_a_schema_without_relations_has_no_relations_config(tmp_path, repository, load):
    project = write_project(
        tmp_path / "project", repository, news=without_links([HARBOUR]), withheld=(), labels={"relations": {}}
    )
    built = build_project(project, tmp_path / "dataset")
    assert [entry["config_name"] for entry in front_matter(built.folder)["configs"]] == ["documents", "ner", "standoff"]
    for config in ("documents", "ner", "standoff"):
        assert list(load(built.folder, config)) == ["train"]
    assert load(built.folder)["train"]["relations"] == [[]]


def test_the_words_for_types_tell_every_column(schema):
    types = column_types(schema)
    assert {config: list(columns) for config, columns in types.items()} == {
        config: list(columns) for config, columns in features(schema).items()
    }
    assert types["ner"]["ner_tags"] == f"list of one of {len(schema.tags)} tags"
    assert types["documents"]["meta"].endswith("annotators: list of string, gold_rule: string}")
    assert types["standoff"]["entities"] == (
        "list of {id: string, start: int32, end: int32, label: string, digest: string}"
    )


@pytest.mark.parametrize("shard_rows", [1, 2])
def test_split_files_load_as_one(shard_rows, tmp_path, repository, small, load):
    built = build_project(
        write_project(tmp_path / "project", repository, dataset={"shard_rows": shard_rows}), tmp_path / "dataset"
    )
    ner = small.manifest["configs"]["ner"]
    for split in SPLITS:
        files = sorted(path.name for path in (built.folder / "ner").glob(f"{split}-*"))
        number = -(-ner[split] // shard_rows)
        assert files == [f"{split}-{n:05d}-of-{number:05d}.parquet" for n in range(number)]
    for config in CONFIGS:
        whole = load(small.folder, config)
        assert {s: rows.to_list() for s, rows in load(built.folder, config).items()} == {
            s: rows.to_list() for s, rows in whole.items()
        }
