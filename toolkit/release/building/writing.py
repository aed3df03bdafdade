"""Articles written as a dataset folder: Parquet, card, datasheet, Croissant and manifest, all of it or nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

from toolkit.corpus.article import Article
from toolkit.errors import DataError
from toolkit.files import folder_written_whole, to_json, write_text
from toolkit.project import SPLITS, Annotator, DatasetSettings
from toolkit.release.pages.card import card
from toolkit.release.pages.citation import CITATION, cff
from toolkit.release.pages.croissant import CROISSANT, croissant
from toolkit.release.pages.datasheet import responsible_ai
from toolkit.release.tables.manifest import MANIFEST, manifest
from toolkit.release.tables.records import dataset_info, write_split
from toolkit.release.tables.rows import CONFIGS, rows_of
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
    accept: Callable[[Path], None] | None = None,
    compression: str = "zstd",
    row_group_rows: int = 1000,
) -> dict[str, Any]:
    """Writes the dataset folder `out` and returns its manifest. Equal articles and settings give equal bytes.

    `accept` is called with the new folder before it takes the place of `out`, and may refuse it with an error.
    DataError where there is no article; FileError where `out` holds something else.
    """
    if not articles:
        raise DataError("there is no article to build from", fix="Run `tawsim validate` to see why.")
    articles = sorted(articles, key=lambda article: article.id)
    release = _by_name(release)
    dataset, schema = release.dataset, release.schema
    with folder_written_whole(out, marker=MANIFEST) as folder:
        infos = _write_configs(folder, articles, release, compression, row_group_rows)
        readme = card(dataset, release.annotators, articles, schema, infos)
        answers = responsible_ai(release.pages.get("DATASHEET.md", ""))
        described = croissant(dataset, release.annotators, articles, schema, folder, answers)
        cited = cff(dataset)
        computed = {"README.md": readme, CROISSANT: to_json(described), **({CITATION: cited} if cited else {})}
        for name, text in {**release.pages, **computed}.items():
            write_text(folder / name, text)
        found = manifest(dataset, release.annotators, articles, schema, folder, held_back)
        write_text(folder / MANIFEST, to_json(found))
        if accept is not None:
            accept(folder)
    return found


def _by_name(release: Release) -> Release:
    """Collections and annotators in the order of names, the only one that a manifest can give back to `hydrate`."""
    collections = dict(sorted(release.dataset.collections.items()))
    dataset = release.dataset.model_copy(update={"collections": collections})
    return replace(release, dataset=dataset, annotators=dict(sorted(release.annotators.items())))


def _write_configs(
    folder: Path, articles: Sequence[Article], release: Release, compression: str, row_group_rows: int
) -> list[dict[str, Any]]:
    """Writes the Parquet files, and returns the card's `dataset_info`: each config with the splits that have rows."""
    infos: dict[str, list[Any]] = {}
    for config, split in product(CONFIGS, SPLITS):
        rows = list(rows_of(config, [a for a in articles if a.split == split], release.schema))
        if rows:
            info = write_split(
                folder,
                config,
                split,
                rows,
                release.schema,
                shard_rows=release.dataset.shard_rows,
                compression=compression,
                row_group_rows=row_group_rows,
            )
            infos.setdefault(config, []).append(info)
    sizes = {c: sum(path.stat().st_size for path in folder.glob(f"{c}/*.parquet")) for c in infos}
    return dataset_info(release.schema, infos, sizes)
