"""A project's articles, or those of exports, as a dataset folder."""

from pathlib import Path
from typing import Any

from toolkit.corpus.assemble import Assembled
from toolkit.files import read_text
from toolkit.project import Project
from toolkit.release.writing import PAGES, Release, write_dataset


def build(project: Project, made: Assembled, out: Path) -> dict[str, Any]:
    """Writes the dataset folder of assembled articles and returns its manifest."""
    sources = {"DATASHEET.md": project.datasheet, "CHANGELOG.md": project.dataset_changelog}
    release = Release(
        project.dataset,
        project.schema,
        project.labelstudio.annotators,
        {name: read_text(sources[name]) for name in PAGES if sources[name].is_file()},
    )
    return write_dataset(made.articles, release, out, held_back=made.assignment.held_back)
