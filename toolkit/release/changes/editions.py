"""Dataset folders, and the working annotations of a project, read as the sides of a difference."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from toolkit.corpus.assemble import assemble
from toolkit.errors import DataError
from toolkit.files import read_text
from toolkit.findings import has_errors
from toolkit.project import Project
from toolkit.release.building.build import build
from toolkit.release.building.writing import PAGES
from toolkit.release.changes.changes import changes_between
from toolkit.release.changes.edition import Columns, Edition
from toolkit.release.changes.versions import check_version
from toolkit.release.tables.reading import read_dataset

if TYPE_CHECKING:
    import pyarrow as pa

_SUFFIX = ".parquet"


def read_edition(folder: Path, name: str = "") -> Edition:
    """The dataset in a folder. UsageError where there is none, DataError where it is broken."""
    dataset = read_dataset(folder)
    manifest = dataset.manifest
    files: Mapping[str, Mapping[str, Any]] = manifest["files"]
    card = folder / "README.md"
    return Edition(
        name or str(folder),
        str(manifest["settings"]["version"]),
        str(manifest["content_digest"]),
        dataset.articles,
        dataset.schema,
        _columns(folder, [path for path in files if path.endswith(_SUFFIX)]),
        str(manifest.get("tokenizer", "")),
        manifest["settings"],
        manifest["annotators"],
        {page: str(files[page]["sha256"]) for page in PAGES if page in files},
        read_text(card) if card.is_file() else "",
    )


def working_edition(project: Project, name: str = "") -> Edition:
    """What `tawsim build` would make of the annotations now, withheld texts left out, as it is published.

    DataError where the annotations have errors.
    """
    made = assemble(project, [])
    if has_errors(made.findings):
        what = "the annotations have errors, so there is nothing to compare"
        raise DataError(what, where=str(project.annotations), fix="Run `tawsim validate`, and correct them.")
    with TemporaryDirectory() as aside:
        folder = Path(aside) / "dataset"
        build(project, made, folder)
        return read_edition(folder, name or "the working annotations")


def check_release(folder: Path, previous: Edition) -> None:
    """Refuses a dataset folder whose version may not follow a previous release, as `check_version` does."""
    new = read_edition(folder)
    changes = changes_between(previous, new)
    check_version(new.version, previous.version, previous.digest, new.digest, changes)


def _columns(folder: Path, paths: list[str]) -> Columns:
    """The columns of each config, as the first of its files has them."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    found: dict[str, dict[str, str]] = {}
    for path in sorted(paths):
        config = path.partition("/")[0]
        if config not in found:
            try:
                found[config] = dict(_flat(pq.read_schema(folder / path)))
            except (pa.ArrowException, OSError) as error:
                what = f"not a Parquet file that can be read: {str(error).splitlines()[0]}"
                raise DataError(what, where=str(folder / path), fix="Run `tawsim build` again.") from error
    return found


def _flat(fields: "pa.Schema | pa.StructType", prefix: str = "") -> Iterator[tuple[str, str]]:
    """Each field with its type: `meta.event`, and `entities[].start` for what the items of a list have."""
    import pyarrow as pa

    for field in fields:
        name, kind = f"{prefix}{field.name}", field.type
        while pa.types.is_list(kind) or pa.types.is_large_list(kind):
            name, kind = f"{name}[]", kind.value_type
        if pa.types.is_struct(kind):
            yield from _flat(kind, f"{name}.")
        else:
            yield name, str(kind)
