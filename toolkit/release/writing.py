"""Articles written as a dataset folder: Parquet, card, datasheet and manifest, all of it or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolkit.corpus.article import Article
from toolkit.errors import DataError
from toolkit.files import folder_written_whole, to_json, write_text
from toolkit.project import SPLITS, Annotator, DatasetSettings
from toolkit.release.card import card
from toolkit.release.manifest import MANIFEST, manifest
from toolkit.release.records import dataset_info, write_split
from toolkit.release.rows import CONFIGS, rows_of
from toolkit.schema import Schema

PAGES = ("DATASHEET.md", "CHANGELOG.md")


@dataclass(frozen=True, slots=True)
class Release:
    """What goes into a dataset folder beside the articles: settings, labels, annotators, pages copied as they are."""

    dataset: DatasetSettings
    schema: Schema
    annotators: Mapping[str, Annotator]
    pages: Mapping[str, str]


def write_dataset(
    articles: Sequence[Article],
    release: Release,
    out: Path,
    *,
    held_back: Sequence[str] = (),
    compression: str = "zstd",
    row_group_rows: int = 1000,
) -> dict[str, Any]:
    """Writes the dataset folder `out` and returns its manifest. Equal articles and settings give equal bytes.

    DataError where there is no article; FileError where `out` holds something else.
    """
    if not articles:
        raise DataError("there is no article to build from", fix="Run `tawsim validate` to see why.")
    articles = sorted(articles, key=lambda article: article.id)
    dataset, schema = release.dataset, release.schema
    with folder_written_whole(out, marker=MANIFEST) as folder:
        infos = {
            config: [
                write_split(
                    folder,
                    config,
                    split,
                    list(rows_of(config, [a for a in articles if a.split == split], schema)),
                    schema,
                    shard_rows=dataset.shard_rows,
                    compression=compression,
                    row_group_rows=row_group_rows,
                )
                for split in SPLITS
                if any(a.split == split and (config == "standoff" or a.text is not None) for a in articles)
            ]
            for config in CONFIGS
        }
        sizes = {c: sum(path.stat().st_size for path in folder.glob(f"{c}/*.parquet")) for c in CONFIGS}
        present = {config: found for config, found in infos.items() if found}
        readme = card(dataset, release.annotators, articles, schema, dataset_info(schema, present, sizes))
        for name, text in {**release.pages, "README.md": readme}.items():
            write_text(folder / name, text)
        found = manifest(dataset, release.annotators, articles, schema, folder, held_back)
        write_text(folder / MANIFEST, to_json(found))
    return found
