"""Datasets built once for the tests of the release room, and a `load_dataset` that asks no network."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import huggingface_hub
import pytest
from small_corpus import Built, build_project, write_copies, write_project

from toolkit.project import Project, find_project


@pytest.fixture(scope="session")
def hugging_face_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty HF_HOME for the whole session."""
    return tmp_path_factory.mktemp("hugging-face")


@pytest.fixture(scope="session")
def load(hugging_face_home: Path) -> Callable[..., Any]:
    """`datasets.load_dataset` of a folder, offline, with its cache in a temporary place."""

    def load_offline(folder: Path, *names: str, **options: Any) -> Any:
        with pytest.MonkeyPatch.context() as patch:
            for module in (datasets.config, huggingface_hub.constants):
                patch.setattr(module, "HF_HUB_OFFLINE", True)
            return datasets.load_dataset(str(folder), *names, cache_dir=str(hugging_face_home / "cache"), **options)

    return load_offline


@pytest.fixture(scope="session")
def small_project(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Project:
    """The composed project. Tests read it and do not change it."""
    return write_project(tmp_path_factory.mktemp("small-project"), repository)


@pytest.fixture(scope="session")
def wire_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The withheld texts of the composed project."""
    return write_copies(tmp_path_factory.mktemp("wire"))


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory, small_project: Project) -> Built:
    """The composed project as a dataset, withheld texts not at hand."""
    return build_project(small_project, tmp_path_factory.mktemp("small") / "dataset")


@pytest.fixture(scope="session")
def full(tmp_path_factory: pytest.TempPathFactory, small_project: Project, wire_folder: Path) -> Built:
    """The composed project as a dataset, with every text."""
    return build_project(small_project, tmp_path_factory.mktemp("full") / "dataset", [wire_folder])


@pytest.fixture(scope="session")
def own(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Built:
    """The dataset of this repository, as anybody builds it."""
    if not (repository / "annotations" / "sample").is_dir():
        pytest.skip("the repository has no annotations/sample yet")
    return build_project(find_project(repository), tmp_path_factory.mktemp("own") / "dataset")


@pytest.fixture(scope="session")
def own_full(tmp_path_factory: pytest.TempPathFactory, own: Built, articles: Path) -> Built:
    """The dataset of this repository with the text of the withheld articles."""
    return build_project(own.project, tmp_path_factory.mktemp("own-full") / "dataset", [articles])


@pytest.fixture(params=["small", "full", "own", "own_full"])
def built(request: pytest.FixtureRequest) -> Built:
    """Each dataset in turn."""
    found: Built = request.getfixturevalue(request.param)
    return found
