"""A published version loaded back from the Hub by the id of its commit, and held to what was sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from toolkit.errors import ConfigError, DataError, IncompleteError, UsageError
from toolkit.release.hub.faults import Say, UnansweredError, fault, in_words, persistently
from toolkit.release.hub.repository import Repository
from toolkit.release.tables.manifest import content_digest
from toolkit.release.tables.reading import Dataset, read_dataset

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class LoadedDataset(Dataset):
    """A dataset whose rows `load_dataset` gave, not the files of its folder."""

    tables: Mapping[str, "Mapping[str, pa.Table]"]

    def _rows(self, config: str, columns: list[str] | None = None) -> list[Mapping[str, Any]]:
        return [row for table in self.tables.get(config, {}).values() for row in table.to_pylist()]


def read_back(repository: Repository, commit: str, folder: Path, say: Say) -> None:
    """Loads every config and split of a commit, and compares rows, columns and content digest with `folder`.

    DataError where anything differs. IncompleteError where it cannot be loaded; the version is published all the same.
    """
    try:
        _compare_all(repository, commit, folder, say)
    except (ConfigError, UsageError, UnansweredError) as error:
        what = f"is published, but could not be loaded back: {error.what}"
        raise IncompleteError(what, where=f"{repository.name}@{commit}", fix="Publish again to check it.") from error


def _compare_all(repository: Repository, commit: str, folder: Path, say: Say) -> None:
    dataset = read_dataset(folder)
    tables: dict[str, dict[str, pa.Table]] = {}
    with TemporaryDirectory(prefix="tawsim-read-back-") as cache:
        for config, rows in dataset.manifest["configs"].items():
            expected = {split for split, count in rows.items() if count}
            if expected:
                load = partial(_load, repository.name, commit, config, Path(cache))
                tables[config] = persistently(load, say)
                _compare(folder, config, expected, tables[config], f"{repository.name}@{commit}")
        loaded = LoadedDataset(folder, dataset.manifest, dataset.schema, tables)
        if content_digest(loaded.articles, dataset.schema) != dataset.manifest["content_digest"]:
            raise DataError("what load_dataset gives has another content digest", where=f"{repository.name}@{commit}")


def _load(name: str, commit: str, config: str, cache: Path) -> "dict[str, pa.Table]":
    from toolkit.release.tables.records import load_from_hub

    with in_words(name):
        try:
            return load_from_hub(name, commit, config, cache)
        except OSError as error:
            if fault(error, name) is not None:
                raise
            what = f"could not be loaded back ({type(error).__name__})"
            raise UnansweredError(what, where=f"{name}@{commit}") from error


def _compare(folder: Path, config: str, expected: set[str], loaded: "Mapping[str, pa.Table]", where: str) -> None:
    from toolkit.release.tables.records import same_rows

    if set(loaded) != expected:
        raise DataError(f"config {config} has the splits {sorted(loaded)}, not {sorted(expected)}", where=where)
    for split, table in loaded.items():
        if not same_rows(folder, config, split, table):
            raise DataError(
                f"config {config}, split {split}: load_dataset gives other rows than were sent", where=where
            )
