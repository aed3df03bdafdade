"""What the benchmark of `tawsim pull` with nothing changed compares: the same tasks on both sides. Never the time."""

import shutil
import stat

import pytest
from studio_server import TOKEN, Studio

from benchmarks.sides import export_all, pull_ours
from benchmarks.studio import fill
from toolkit.labelstudio.server.credentials import KEY_VARIABLE, URL_VARIABLE
from toolkit.project import Project


@pytest.mark.labelstudio
@pytest.mark.xdist_group("labelstudio")
def test_a_pull_with_nothing_changed_knows_the_tasks_of_a_full_export(
    studio: Studio, repository, tmp_path, monkeypatch
):
    monkeypatch.setenv(URL_VARIABLE, "http://127.0.0.1:9")
    monkeypatch.setenv(KEY_VARIABLE, "of-another-server")
    shutil.copytree(repository / "configs", tmp_path / "configs")
    settings = tmp_path / "configs" / "labelstudio.yaml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("title: Tawsim News", "title: benchmark"))
    file = fill(Project(tmp_path), studio.url, TOKEN, 12)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    ours, whole = (list(side(file))[-1] for side in (pull_ours, export_all))
    assert ours == whole == [12, "pulled: nothing changed\n"]
    assert len(list((tmp_path / "annotations").rglob("*.json"))) == 12
