"""Rows to Parquet and the card's `dataset_info`, and both read back. The only module that imports datasets."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
from datasets import ClassLabel, DatasetInfo, Features, List, SplitDict, SplitInfo, Value
from datasets.info import DatasetInfosDict
from huggingface_hub import DatasetCard, DatasetCardData

from toolkit.errors import DataError
from toolkit.release.tables.rows import Row
from toolkit.schema import Schema

_SPAN = {"start": Value("int32"), "end": Value("int32"), "label": Value("string")}
_RELATIONS = List({name: Value("string") for name in ("id", "label", "head", "tail")})


def features(schema: Schema) -> dict[str, Features]:
    """The columns of each config. Labels of spans are strings; only `ner_tags`, for trainers, is a ClassLabel."""
    return {
        "documents": Features(
            {
                "id": Value("string"),
                "text": Value("string"),
                "meta": {
                    "collection": Value("string"),
                    "event": Value("string"),
                    "source": Value("string"),
                    "language": Value("string"),
                    "annotators": List(Value("string")),
                    "gold_rule": Value("string"),
                },
                "entities": List({"id": Value("string"), **_SPAN, "text": Value("string")}),
                "relations": _RELATIONS,
            }
        ),
        "ner": Features(
            {
                "id": Value("string"),
                "document_id": Value("string"),
                "start": Value("int32"),
                "tokens": List(Value("string")),
                "token_start": List(Value("int32")),
                "token_end": List(Value("int32")),
                "ner_tags": List(ClassLabel(names=list(schema.tags))),
            }
        ),
        "relations": Features(
            {
                "id": Value("string"),
                "document_id": Value("string"),
                "sentence": {
                    "id": Value("string"),
                    "start": Value("int32"),
                    "end": Value("int32"),
                    "text": Value("string"),
                },
                "head": {**_SPAN, "text": Value("string")},
                "tail": {**_SPAN, "text": Value("string")},
                "label": Value("string"),
            }
        ),
        "standoff": Features(
            {
                "id": Value("string"),
                "sha256": Value("string"),
                "length": Value("int32"),
                "split": Value("string"),
                "entities": List({"id": Value("string"), **_SPAN, "digest": Value("string")}),
                "relations": _RELATIONS,
            }
        ),
    }


def write_split(
    folder: Path,
    config: str,
    split: str,
    rows: Sequence[Row],
    schema: Schema,
    *,
    shard_rows: int,
    compression: str = "zstd",
    row_group_rows: int = 1000,
) -> SplitInfo:
    """Writes the Parquet files of one split of a config, and returns what the card says of it.

    Files are named as the Hub expects: `<config>/<split>-00000-of-0000N.parquet`. Equal rows give equal bytes under one
    version of pyarrow. There must be rows: datasets 5.2 loads no config that lists a split without any.
    """
    columns = features(schema)[config]
    (folder / config).mkdir(parents=True, exist_ok=True)
    shards = [rows[start : start + shard_rows] for start in range(0, len(rows), shard_rows)]
    size = 0
    for number, shard in enumerate(shards):
        table = pa.Table.from_pylist([_encoded(row, schema) for row in shard], schema=columns.arrow_schema)
        size += table.nbytes
        path = folder / config / f"{split}-{number:05d}-of-{len(shards):05d}.parquet"
        pq.write_table(
            table,
            path,
            compression=compression,
            row_group_size=row_group_rows,
            write_page_index=True,
            store_schema=True,
        )
    return SplitInfo(name=split, num_bytes=size, num_examples=len(rows))


def _encoded(row: Row, schema: Schema) -> Row:
    if "ner_tags" not in row:
        return row
    ids = {tag: number for number, tag in enumerate(schema.tags)}
    return {**row, "ner_tags": [ids[tag] for tag in row["ner_tags"]]}


def dataset_info(
    schema: Schema, splits: Mapping[str, Sequence[SplitInfo]], sizes: Mapping[str, int]
) -> list[dict[str, Any]]:
    """The `dataset_info` of the card: features, splits and sizes of each config, written by datasets itself."""
    infos = DatasetInfosDict()
    for config, columns in features(schema).items():
        if config not in splits:
            continue
        found = SplitDict()
        for info in splits[config]:
            found.add(info)
        infos[config] = DatasetInfo(
            features=columns,
            splits=found,
            config_name=config,
            download_size=sizes[config],
            dataset_size=sum(info.num_bytes for info in splits[config]),
        )
    card = DatasetCardData()
    infos.to_dataset_card_data(card)
    written = card["dataset_info"]  # of a single config it is no list
    return written if isinstance(written, list) else [written]


def column_types(schema: Schema) -> dict[str, dict[str, str]]:
    """The type of each column of each config, in words."""
    return {
        config: {name: _in_words(feature) for name, feature in columns.items()}
        for config, columns in features(schema).items()
    }


def _in_words(feature: Any) -> str:
    match feature:
        case ClassLabel():
            return f"one of {feature.num_classes} tags"
        case List():
            return f"list of {_in_words(feature.feature)}"
        case Value():
            return str(feature.dtype)
        case _:
            return "{" + ", ".join(f"{name}: {_in_words(kind)}" for name, kind in feature.items()) + "}"


def card_disagreements(folder: Path) -> list[str]:
    """Where the card of a dataset folder says other than its Parquet files, which load_dataset would not tell."""
    card = DatasetCard((folder / "README.md").read_text("utf-8"), ignore_metadata_errors=True).data
    infos = DatasetInfosDict.from_dataset_card_data(card)
    found, covered = [], set()
    for config in card.get("configs") or []:
        name = config["config_name"]
        for entry in config["data_files"]:
            files = sorted(folder.glob(entry["path"]))
            covered.update(files)
            where = f"config {name}, split {entry['split']}"
            if not files or name not in infos:
                found.append(f"{where}: {'no dataset_info' if files else 'no file'}")
                continue
            schemas = [pq.read_schema(file) for file in files]
            if any(Features.from_arrow_schema(schema) != infos[name].features for schema in schemas):
                found.append(f"{where}: the features are not those of the files")
            rows = sum(pq.read_metadata(file).num_rows for file in files)
            told = (infos[name].splits or {}).get(entry["split"])
            if told is None or told.num_examples != rows:
                found.append(f"{where}: {told.num_examples if told else 'no'} rows are told, and there are {rows}")
    stray = sorted(set(folder.glob("*/*.parquet")) - covered)
    return found + [f"no config has {file.relative_to(folder).as_posix()}" for file in stray]


def load_from_hub(repo: str, commit: str, config: str, cache: Path) -> dict[str, pa.Table]:
    """The splits of a config at a commit as `load_dataset` gives them, every byte fetched from the Hub again.

    DataError where it hands out another commit, or nothing that fits the card. Faults of the Hub come through.
    """
    where = f"{repo}@{commit}, config {config}"
    if not sys.stderr.isatty():
        datasets.disable_progress_bars()
    try:
        builder = datasets.load_dataset_builder(repo, config, revision=commit, cache_dir=str(cache))
        if builder.hash != commit:
            raise DataError(f"load_dataset gives commit {builder.hash}", where=where)
        builder.download_and_prepare(download_mode="force_redownload")
    except (datasets.exceptions.DatasetsError, ValueError) as error:
        cause = error.__cause__ or error
        if isinstance(cause, OSError) or not isinstance(cause, datasets.exceptions.DatasetsError | ValueError):
            raise cause from error  # the way to the Hub, not what is there
        told = next(iter(str(cause).splitlines()), type(cause).__name__)
        raise DataError(f"load_dataset fails: {told}", where=where) from error
    return {str(split): loaded.data.table for split, loaded in builder.as_dataset().items()}


def same_rows(folder: Path, config: str, split: str, loaded: pa.Table) -> bool:
    """Whether a loaded split has the columns and rows of the files of a dataset folder."""
    files = sorted(folder.glob(f"{config}/{split}-*.parquet"))
    here = pa.concat_tables([pq.read_table(file) for file in files])
    same_features = Features.from_arrow_schema(here.schema) == Features.from_arrow_schema(loaded.schema)
    return bool(same_features and here.equals(loaded.cast(here.schema)))
