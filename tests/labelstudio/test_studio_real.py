"""`tawsim studio` with the real Label Studio: started twice with the same data, and pushed to."""

import json
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, ProxyHandler, Request, build_opener

import pytest
from stand_in import Run, end_all, is_alive, studio
from studio_server import DIRECT, MEMORY

from toolkit.labelstudio.reading.template import labelling_config
from toolkit.labelstudio.sync.plan import same_config
from toolkit.project import Project

pytestmark = [pytest.mark.labelstudio, pytest.mark.xdist_group("labelstudio")]
ARTICLES = ("sample/floods-01", "sample/floods-02", "summits/002_6a8588874f53bb72")


@dataclass
class Started:
    """What was seen while `tawsim studio` ran: the credentials, the projects, the tasks, the group."""

    run: Run
    code: int
    account: dict[str, str]
    projects: list[dict[str, Any]]
    tasks: list[dict[str, Any]]
    logged_in_as: str
    group: list[int]


def ask(account: dict[str, str], path: str) -> Any:
    request = Request(account["url"] + path, headers={"Authorization": f"Token {account['key']}"})
    with DIRECT.open(request, timeout=60) as answer:
        return json.load(answer)


def log_in(account: dict[str, str]) -> str:
    """The e-mail address of who a browser is after it has logged in with the password."""
    jar = CookieJar()
    browser = build_opener(ProxyHandler({}), HTTPCookieProcessor(jar))
    page = f"{account['url']}/user/login/"
    with browser.open(page, timeout=60):
        token = next(cookie.value for cookie in jar if cookie.name == "csrftoken")
    form = {"csrfmiddlewaretoken": token, "email": account["username"], "password": account["password"]}
    with browser.open(Request(page, urlencode(form).encode(), {"Referer": page}), timeout=60):
        pass
    with browser.open(f"{account['url']}/api/current-user/whoami", timeout=60) as answer:
        return str(json.load(answer)["email"])


def once(root: Path, label_studio: str) -> Started:
    """Starts `tawsim studio`, looks around, and stops it with Ctrl-C."""
    run = studio(root, label_studio)
    try:
        run.until_ready()
        account = json.loads((root / ".tawsim/studio/credentials.json").read_text(encoding="utf-8"))
        group = json.loads((root / ".tawsim/studio/lock").read_text())["group"]
        members = [int(path.name) for path in Path("/proc").glob("[0-9]*") if leader_of(path) == group]
        projects = ask(account, "/api/projects/")["results"]
        tasks = ask(account, f"/api/tasks/?project={projects[0]['id']}&fields=all")["tasks"]
        email = log_in(account)
    except BaseException:
        end_all([run])
        print(run.said)
        raise
    return Started(run, run.end(signal.SIGINT), account, projects, tasks, email, members)


def leader_of(process: Path) -> int | None:
    try:
        return os.getpgid(int(process.name))
    except ProcessLookupError:
        return None


@pytest.fixture(scope="module")
def root(repository: Path) -> Iterator[Path]:
    """A project with three articles, one of them without its text."""
    roomy = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > 256 * 2**20
    with tempfile.TemporaryDirectory(prefix="tawsim-studio-", dir=MEMORY if roomy else None) as folder:
        shutil.copytree(repository / "configs", Path(folder, "configs"))
        for name in ARTICLES:
            target = Path(folder, "annotations", f"{name}.json")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(repository / "annotations" / f"{name}.json", target)
        yield Path(folder)


@pytest.fixture(scope="module")
def twice(root: Path) -> tuple[Started, Started]:
    """The first and the second run in one project."""
    label_studio = os.environ.get("LABEL_STUDIO")
    if not label_studio:
        pytest.skip("needs a real Label Studio: set LABEL_STUDIO to its command")
    return once(root, label_studio), once(root, label_studio)


def test_both_end_with_0_and_leave_no_process(twice: tuple[Started, Started]) -> None:
    for started in twice:
        assert started.code == 0, started.run.said
        assert started.group
        assert not any(map(is_alive, started.group))
        assert "Traceback" not in started.run.said


def test_the_stored_credentials_log_in_and_are_not_printed(twice: tuple[Started, Started], root: Path) -> None:
    for started in twice:
        assert started.logged_in_as == started.account["username"]
        assert started.account["password"] not in started.run.said
        assert started.account["key"] not in started.run.said
    assert twice[0].account == twice[1].account
    log = (root / ".tawsim/studio/server.log").read_text(encoding="utf-8")
    assert twice[1].account["password"] not in log
    assert twice[1].account["key"] not in log


def test_the_project_has_the_generated_configuration_and_the_articles(
    twice: tuple[Started, Started], root: Path
) -> None:
    project = Project(root)
    (there,) = twice[0].projects
    assert there["title"] == project.labelstudio.title
    assert same_config(there["label_config"], labelling_config(project.schema, project.labelstudio.tags))
    assert sorted(task["data"]["article_id"] for task in twice[0].tasks) == ["floods-01", "floods-02"]


def test_the_second_start_is_faster_and_makes_nothing_twice(twice: tuple[Started, Started]) -> None:
    first, second = twice
    assert second.run.seconds < first.run.seconds
    assert [project["id"] for project in second.projects] == [project["id"] for project in first.projects]
    assert [task["id"] for task in second.tasks] == [task["id"] for task in first.tasks]
    assert "makes its database" in first.run.err
    assert "makes its database" not in second.run.err


def test_the_article_without_its_text_is_told(twice: tuple[Started, Started]) -> None:
    assert "002_6a8588874f53bb72" in twice[0].run.err
    assert "--articles" in twice[0].run.err


def test_an_account_that_stands_for_a_model_is_told_before_a_person_annotates_with_it(
    twice: tuple[Started, Started],
) -> None:
    told = "would be stored as by draft-1, a language model: configs/labelstudio.yaml maps account 1 to it"
    for started in twice:
        assert told in started.run.err
