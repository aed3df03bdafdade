"""The README is true: its commands run as they stand, and it names what there is."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from toolkit.annotation import Annotation, Region, Task
from toolkit.cli import COMMANDS
from toolkit.files import sha256
from toolkit.native import to_native
from toolkit.project import ARTICLES_VARIABLE

_BLOCK = re.compile(r"```bash\n(.*?)```", re.DOTALL)
TEXT = "زارت سلمى الراوي كولانة أمس."


def commands(readme: str) -> list[list[str]]:
    """The lines of the bash blocks, block by block."""
    return [block.strip().splitlines() for block in _BLOCK.findall(readme)]


def test_every_command_is_in_the_readme(repository: Path) -> None:
    readme = (repository / "README.md").read_text(encoding="utf-8")
    missing = [name for name in COMMANDS if f"tawsim {name}" not in readme]
    assert missing == []


def test_make_targets_of_the_readme_exist(repository: Path) -> None:
    makefile = (repository / "Makefile").read_text(encoding="utf-8")
    lines = [line for block in commands((repository / "README.md").read_text(encoding="utf-8")) for line in block]
    targets = [line.removeprefix("make ") for line in lines if line.startswith("make ")]
    assert targets[:2] == ["demo", "test"]
    for target in targets:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_commands_of_the_readme_run(repository: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    for name in ("configs", "annotations"):
        shutil.copytree(repository / name, project / name)
    shutil.copy(repository / "DATASHEET.md", project / "DATASHEET.md")
    _export(project / "export.json")
    environment = {key: value for key, value in os.environ.items() if key != ARTICLES_VARIABLE}
    articles = Path(os.environ.get(ARTICLES_VARIABLE, tmp_path / "nowhere"))
    if articles.is_dir():
        (tmp_path / "articles").symlink_to(articles.resolve())
    ran = 0
    for block in commands((repository / "README.md").read_text(encoding="utf-8")):
        if any("../articles" in line for line in block) and not articles.is_dir():
            continue
        for line in block:
            if line.startswith("export "):
                key, value = line.removeprefix("export ").split("=")
                environment[key] = value
            if not line.startswith("tawsim "):
                continue
            done = subprocess.run(
                [sys.executable, "-m", "toolkit", *line.split()[1:]],
                cwd=project,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
            ran += 1
            if line == "tawsim score baseline:gazetteer":
                shutil.copy(project / "results" / "baseline-gazetteer" / "predictions.jsonl", project)
    assert ran >= 8


def _export(path: Path) -> None:
    """A Label Studio export of one composed article."""
    region = Region("a", 5, 16, ("PER",), TEXT[5:16])
    task = Task("visit-01", TEXT, sha256(TEXT.encode()), len(TEXT), {}, (Annotation("u-1", "draft-1", (region,)),))
    native = to_native(task)
    native["annotations"][0]["completed_by"] = 1
    path.write_text(json.dumps([{"id": 1, **native}], ensure_ascii=False), encoding="utf-8")
