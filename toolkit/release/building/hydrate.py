"""A stand-off dataset folder written again with the reader's own copies of the articles in it."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from toolkit.corpus.hydration import Hydrated, hydrate
from toolkit.errors import DataError
from toolkit.files import read_text
from toolkit.project import Annotator, DatasetSettings
from toolkit.release.building.writing import PAGES, Release, write_dataset
from toolkit.release.tables.manifest import MANIFEST
from toolkit.release.tables.reading import Dataset, read_dataset


def hydrate_dataset(source: Path, folders: Sequence[Path], out: Path) -> list[Hydrated]:
    """Writes `source` to `out` with every article that has a proven copy in `folders`; what became of each article."""
    dataset = read_dataset(source)
    results = [hydrate(article, folders) for article in dataset.articles]
    release = release_of(dataset)
    held_back = dataset.manifest["held_back"]
    write_dataset([result.article for result in results], release, out, held_back=held_back)
    return results


def release_of(dataset: Dataset) -> Release:
    """What went into a dataset folder beside its articles. DataError where another version of the toolkit wrote it."""
    try:
        settings = DatasetSettings.model_validate(dataset.manifest["settings"])
        annotators = {name: Annotator.model_validate(found) for name, found in dataset.manifest["annotators"].items()}
    except ValidationError as error:
        key = ".".join(map(str, error.errors()[0]["loc"]))
        what = f"has settings that this version of the toolkit does not read: {key}"
        raise DataError(
            what, where=str(dataset.folder / MANIFEST), fix="Build it again, or use that version."
        ) from error
    pages = {name: read_text(dataset.folder / name) for name in PAGES if (dataset.folder / name).is_file()}
    return Release(settings, dataset.schema, annotators, pages)
