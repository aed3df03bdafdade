"""A dataset folder read back, without datasets: the manifest, the schema and the articles."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from toolkit.corpus.article import Article, Meta
from toolkit.document import Document, Entity, Relation
from toolkit.errors import DataError, UsageError
from toolkit.files import file_sha256, read_json
from toolkit.project import SPLITS
from toolkit.release.tables.manifest import MANIFEST, SCHEMA_VERSION, content_digest, schema_of
from toolkit.schema import Schema

_KEYS = {"annotators", "content_digest", "documents", "files", "held_back", "labels", "schema_version", "settings"}


@dataclass(frozen=True)
class Dataset:
    """A dataset folder. `articles` are in the order of ids; those without text are in standoff only."""

    folder: Path
    manifest: Mapping[str, Any]
    schema: Schema

    @cached_property
    def articles(self) -> tuple[Article, ...]:
        """All articles, read from the standoff and documents configs."""
        try:
            texts = {row["id"]: row["text"] for row in self._rows("documents", ["id", "text"])}
            found = [self._article(row, texts.get(row["id"])) for row in self._rows("standoff")]
        except KeyError as error:
            what = f"rows and manifest do not belong together: {error} is not in both"
            raise DataError(what, where=str(self.folder), fix="Run `tawsim build` again.") from error
        return tuple(sorted(found, key=lambda article: article.id))

    def split(self, name: str) -> list[Article]:
        """The articles of a split. UsageError lists the splits where there is no such one."""
        found = sorted({article.split for article in self.articles}, key=SPLITS.index)
        if name not in found:
            raise UsageError(f"no split {name!r}", where=str(self.folder), fix=f"There are: {', '.join(found)}.")
        return [article for article in self.articles if article.split == name]

    def documents(self, split: str) -> list[Document]:
        """The documents of a split that have a text. UsageError lists the splits where there is no such one."""
        return [article.document() for article in self.split(split) if article.text is not None]

    def verify(self) -> None:
        """Checks every file against the manifest, and the content digest. DataError names what was changed.

        A Parquet file that the manifest does not know is refused too: load_dataset would read it.
        """
        listed = {self.folder / path: entry["sha256"] for path, entry in self.manifest["files"].items()}
        for file in sorted({*listed, *self.folder.glob("*/*.parquet")}):
            if not file.is_file() or file_sha256(file) != listed.get(file):
                raise DataError("is not the file that was built", where=str(file), fix="Run `tawsim build` again.")
        if content_digest(self.articles, self.schema) != self.manifest["content_digest"]:
            what = "the rows are not those of the manifest's content digest"
            raise DataError(what, where=str(self.folder), fix="Run `tawsim build` again.")

    def _article(self, row: Mapping[str, Any], text: str | None) -> Article:
        entry = self.manifest["documents"][row["id"]]
        meta = Meta(
            entry["collection"],
            entry["event"],
            entry["source"],
            entry["language"],
            tuple(entry["annotators"]),
            entry["gold_rule"],
            entry["withheld"],
        )
        return Article(
            row["id"],
            text,
            row["sha256"],
            row["length"],
            row["split"],
            meta,
            tuple(Entity(e["start"], e["end"], e["label"], e["id"]) for e in row["entities"]),
            tuple(Relation(r["id"], r["label"], r["head"], r["tail"]) for r in row["relations"]),
            tuple(e["digest"] for e in row["entities"]),
        )

    def _rows(self, config: str, columns: list[str] | None = None) -> list[Mapping[str, Any]]:
        import pyarrow as pa
        import pyarrow.parquet as pq

        rows: list[Mapping[str, Any]] = []
        for path in (self.folder / name for name in self.manifest["files"] if name.startswith(f"{config}/")):
            try:
                rows += pq.read_table(path, columns=columns).to_pylist()
            except (pa.ArrowException, OSError) as error:
                what = f"not a Parquet file that can be read: {str(error).splitlines()[0]}"
                raise DataError(what, where=str(path), fix="Run `tawsim build` again.") from error
        return rows


def read_dataset(folder: Path) -> Dataset:
    """The dataset that `tawsim build` wrote to a folder. UsageError without one, DataError where it is broken."""
    path = folder / MANIFEST
    if not path.is_file():
        raise UsageError("there is no dataset here", where=str(folder), fix="Run `tawsim build` first, or name --data.")
    manifest = read_json(path)
    fix = "Run `tawsim build` again."
    if not isinstance(manifest, dict) or not manifest.keys() >= _KEYS:
        raise DataError("is not a manifest of this toolkit", where=str(path), fix=fix)
    if manifest["schema_version"] != SCHEMA_VERSION:
        what = f"is a manifest of version {manifest['schema_version']}; this toolkit reads version {SCHEMA_VERSION}"
        raise DataError(what, where=str(path), fix=fix)
    try:
        return Dataset(folder, manifest, schema_of(manifest["labels"]))
    except (ValidationError, KeyError, TypeError, AttributeError) as error:
        raise DataError("has labels that are no label schema", where=str(path), fix=fix) from error
