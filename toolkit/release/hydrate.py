"""A stand-off dataset folder written again with the reader's own copies of the articles in it."""

from collections.abc import Sequence
from pathlib import Path

from toolkit.corpus.hydration import Hydrated, hydrate
from toolkit.files import read_text
from toolkit.project import Annotator, DatasetSettings
from toolkit.release.reading import read_dataset
from toolkit.release.writing import PAGES, Release, write_dataset


def hydrate_dataset(source: Path, folders: Sequence[Path], out: Path) -> list[Hydrated]:
    """Writes `source` to `out` with every article that has a proven copy in `folders`; what became of each article."""
    dataset = read_dataset(source)
    results = [hydrate(article, folders) for article in dataset.articles]
    release = Release(
        DatasetSettings.model_validate(dataset.manifest["settings"]),
        dataset.schema,
        {name: Annotator.model_validate(found) for name, found in dataset.manifest["annotators"].items()},
        {name: read_text(source / name) for name in PAGES if (source / name).is_file()},
    )
    held_back = dataset.manifest["held_back"]
    write_dataset([result.article for result in results], release, out, held_back=held_back)
    return results
