"""Where the label-studio command comes from; installed by the real pip, from a wheel composed here."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from toolkit.errors import IncompleteError, UsageError
from toolkit.labelstudio.server.installation import COMMAND_VARIABLE, LABEL_STUDIO_VERSION, label_studio_command


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only place where pip looks, empty."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.delenv(COMMAND_VARIABLE, raising=False)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def add_wheel(folder: Path) -> None:
    """A label-studio of the wanted version whose command prints its own name."""
    name = f"label_studio-{LABEL_STUDIO_VERSION}"
    files = {
        "composed_studio.py": "def main():\n    print('composed')\n",
        f"{name}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: label-studio\nVersion: {LABEL_STUDIO_VERSION}\n",
        f"{name}.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{name}.dist-info/entry_points.txt": "[console_scripts]\nlabel-studio = composed_studio:main\n",
    }
    record = "".join(f"{file},,\n" for file in (*files, f"{name}.dist-info/RECORD"))
    with zipfile.ZipFile(folder / f"{name}-py3-none-any.whl", "w") as wheel:
        for file, content in (files | {f"{name}.dist-info/RECORD": record}).items():
            wheel.writestr(file, content)


def test_it_is_installed_once_and_again_where_it_was_moved(wheels: Path, tmp_path: Path) -> None:
    add_wheel(wheels)
    folder, said = tmp_path / "studio", list[str]()
    folder.mkdir()
    command = label_studio_command(folder, said.append)
    assert subprocess.run([command], capture_output=True, text=True, check=True).stdout == "composed\n"
    assert any(LABEL_STUDIO_VERSION in line and str(folder / "venv") in line for line in said)
    said.clear()
    assert label_studio_command(folder, said.append) == command
    assert said == []

    moved = tmp_path / "moved"
    folder.rename(moved)
    command = label_studio_command(moved, said.append)
    assert said
    assert subprocess.run([command], capture_output=True, text=True, check=True).stdout == "composed\n"


def test_a_failed_installation_quotes_pip(wheels: Path, tmp_path: Path) -> None:
    folder = tmp_path / "studio"
    folder.mkdir()
    with pytest.raises(
        IncompleteError, match=f"No matching distribution.*label-studio=={LABEL_STUDIO_VERSION}"
    ) as told:
        label_studio_command(folder, lambda line: None)
    assert str(folder / "install.log") in str(told.value)
    add_wheel(wheels)
    assert Path(label_studio_command(folder, lambda line: None)).is_file()


def test_the_variable_names_a_command_or_is_told_to_be_wrong(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(COMMAND_VARIABLE, sys.executable)
    assert label_studio_command(tmp_path, lambda line: None) == sys.executable
    monkeypatch.setenv(COMMAND_VARIABLE, "no-such-label-studio")
    with pytest.raises(UsageError, match="no-such-label-studio"):
        label_studio_command(tmp_path, lambda line: None)
    assert list(tmp_path.iterdir()) == []


def test_the_tests_run_against_the_version_that_is_installed(repository: Path) -> None:
    found = re.findall(r"^LABEL_STUDIO_VERSION=(\S+)$", (repository / ".ci" / "run").read_text(), re.MULTILINE)
    assert found == [LABEL_STUDIO_VERSION]
