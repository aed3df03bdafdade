"""A project in step with a Label Studio of its own: what `tawsim pull` finds where nothing changed."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.work import native_export
from toolkit.errors import ToolkitError
from toolkit.files import to_json, write_text
from toolkit.labelstudio.client import connect
from toolkit.labelstudio.reading.template import labelling_config
from toolkit.labelstudio.server.credentials import KEY_VARIABLE, URL_VARIABLE
from toolkit.labelstudio.server.server import Say
from toolkit.labelstudio.server.studio import opened
from toolkit.labelstudio.sync.locating import batches
from toolkit.project import Project

_BATCH = 1000


@contextmanager
def in_step(configs: Path, folder: Path, tasks: int, say: Say) -> Iterator[Path]:
    """A file that tells `benchmarks.sides` of a running server with `tasks` annotated articles, all pulled once.

    The project is made anew in `folder`, with these settings. ToolkitError where the server or the pull fails.
    """
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(configs, folder / "configs")
    project = Project(folder)
    with opened(project, None, say) as studio:
        say(f"sending {tasks:,} tasks and pulling them once")
        yield fill(project, studio.server.url, studio.server.account.key, tasks)


def fill(project: Project, url: str, key: str, tasks: int) -> Path:
    """Puts generated tasks on a server, annotated by its first account, and pulls them; the file that tells of it."""
    client = connect(url, key)
    number = int(client.create_project(project.labelstudio.title, _config(project))["id"])
    for batch in batches(native_export(tasks, project.schema), _BATCH):
        client.import_tasks(number, [{name: native[name] for name in ("data", "annotations")} for native in batch])
    _pull(project, url, key)
    file = project.root / "side.json"
    write_text(file, to_json({"folder": str(project.root), "url": url, "key": key, "number": number}), secret=True)
    return file


def _config(project: Project) -> str:
    return labelling_config(project.schema, project.labelstudio.tags)


def _pull(project: Project, url: str, key: str) -> None:
    collection = next(iter(project.dataset.collections))
    command = [sys.executable, "-m", "toolkit", "pull", "--collection", collection, "--project", str(project.root)]
    env = {**os.environ, URL_VARIABLE: url, KEY_VARIABLE: key}
    if subprocess.run(command, env=env, stdout=subprocess.DEVNULL, check=False).returncode != 0:
        raise ToolkitError("the first pull failed", where=str(project.root))
