"""A dataset folder as it may be published: copied aside in stand-off form, and looked through before it leaves."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from toolkit.errors import DataError
from toolkit.files import friendly
from toolkit.findings import Finding, Severity
from toolkit.release.building.hydrate import release_of
from toolkit.release.building.writing import write_dataset
from toolkit.release.hub.leaks import find_leaks, withheld_texts
from toolkit.release.tables.manifest import MANIFEST
from toolkit.release.tables.reading import Dataset, read_dataset

_CONFIGURED = "configs/dataset.yaml"


@dataclass(frozen=True, slots=True)
class Staged:
    """The folder whose bytes are sent, and what is wrong with them.

    `left_out` are the articles whose text stays here; `unseen` those withheld whose text was not there to look for.
    """

    folder: Path
    manifest: Mapping[str, Any]
    findings: tuple[Finding, ...]
    left_out: tuple[str, ...]
    unseen: tuple[str, ...]

    @property
    def paths(self) -> list[str]:
        """Every file of it, sorted."""
        return sorted([MANIFEST, *self.manifest["files"]])


@contextmanager
def staged(source: Path, repo: str, articles: Sequence[Path]) -> Iterator[Staged]:
    """The dataset in `source` as the repository `repo` is to have it, in a folder that goes with the block.

    UsageError where there is no dataset, DataError where its files are not those that were built.
    """
    dataset = read_dataset(source)
    dataset.verify()
    texts = withheld_texts(dataset, articles)
    left_out = [article.id for article in dataset.articles if article.meta.withheld and article.text is not None]
    unseen = [article.id for article in dataset.articles if article.meta.withheld and article.id not in texts]
    with TemporaryDirectory(prefix="tawsim-publish-") as aside:
        folder = Path(aside) / "dataset"
        if left_out or dataset.manifest["settings"].get("repo") != repo:
            _write_standoff(dataset, repo, folder)
        else:
            _copy(dataset, folder)
        sent = read_dataset(folder)
        sent.verify()
        paths = [MANIFEST, *sent.manifest["files"]]
        findings = [*_provenance(sent.manifest), *_card(folder), *find_leaks(folder, paths, sent, texts)]
        yield Staged(folder, sent.manifest, tuple(findings), tuple(left_out), tuple(unseen))


def _write_standoff(dataset: Dataset, repo: str, out: Path) -> None:
    """The dataset again, without the text of withheld articles, its card naming the repository."""
    release = release_of(dataset)
    release = replace(release, dataset=release.dataset.model_copy(update={"repo": repo}))
    articles = [replace(a, text=None) if a.meta.withheld else a for a in dataset.articles]
    write_dataset(articles, release, out, held_back=dataset.manifest["held_back"])


def _copy(dataset: Dataset, out: Path) -> None:
    """What the manifest lists, and nothing else that lies in the folder."""
    for name in (MANIFEST, *dataset.manifest["files"]):
        with friendly(dataset.folder / name):
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(dataset.folder / name, out / name)


def _provenance(manifest: Mapping[str, Any]) -> list[Finding]:
    """Collections, and articles, that do not say under which licence they come and where from."""
    settings, documents = manifest["settings"], manifest["documents"]
    lacking = [] if settings["license"].strip() else ["license is empty"]
    for name in sorted({entry["collection"] for entry in documents.values()}):
        found = settings["collections"].get(name, {})
        empty = [key for key in ("license", "source") if not str(found.get(key) or "").strip()]
        lacking += [f"collections.{name}.{key} is empty" for key in empty]
    lacking += [f"{name} has no source" for name, entry in documents.items() if not entry["source"].strip()]
    return [Finding("provenance", Severity.ERROR, _CONFIGURED, what) for what in lacking]


def _card(folder: Path) -> list[Finding]:
    from toolkit.release.tables.records import card_disagreements

    return [Finding("card", Severity.ERROR, "README.md", what) for what in card_disagreements(folder)]


def check_findings(found: Staged) -> None:
    """DataError where anything is wrong with what would be sent; the findings themselves tell what."""
    if found.findings:
        count = len(found.findings)
        raise DataError(f"nothing was sent: {count} thing{'s' if count > 1 else ''} in it may not leave as it is")
