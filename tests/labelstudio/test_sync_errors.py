"""What can stand between Tawsim and a server is one clear line each, without the key and without a cookie."""

import json
import os
import time

import pytest
from between import as_json, page, serving
from sync_project import LABELS, OTHER, Sync, article

from toolkit.errors import ConfigError, UsageError
from toolkit.labelstudio.server.credentials import credentials_file, read_key
from toolkit.labelstudio.sync.state import state_file
from toolkit.project import Project

KEY = "composed-key-for-a-test"
CLOSED = "http://127.0.0.1:9"


class NoServer:
    """Stands for the server where none is asked."""

    url = "http://127.0.0.1:9"
    lead = 1

    @staticmethod
    def user(_: str) -> int:
        return 2


@pytest.fixture
def apart(tmp_path, capsys, monkeypatch) -> Sync:
    """A project whose server the test names itself."""
    for name in ("LABEL_STUDIO_URL", "LABEL_STUDIO_API_KEY", "TAWSIM_ARTICLES", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    made = Sync(tmp_path / "project", NoServer(), "demo", capsys, monkeypatch)  # type: ignore[arg-type]
    made.configure(LABELS)
    made.write(article("other-1", OTHER))
    return made


def one_line(apart: Sync, url: str, code: int, part: str, *arguments: str) -> None:
    """Every command fails with this code and one line on stderr."""
    apart.patch.setenv("LABEL_STUDIO_URL", url)
    apart.patch.setenv("LABEL_STUDIO_API_KEY", KEY)
    for command in ("push", "pull", "status"):
        done = apart.run(command, *arguments)
        assert done.code == code, done.err
        assert part in done.err
        assert (done.err.startswith(f"error: {url}"), done.err.count("\n")) == (True, 1), done.err
        for secret in (KEY, "sessionid", "Traceback"):
            assert secret not in done.out + done.err
    assert not (apart.folder / ".tawsim").exists()


def test_a_login_page(apart: Sync):
    with serving(page()) as url:
        one_line(apart, url, 2, "answers with a web page")


def test_a_redirect_to_a_login_page(apart: Sync):
    with serving(page(302, Location="/user/login?next=secret")) as url:
        one_line(apart, url, 2, "sends on to another address (HTTP 302)")


def test_a_key_that_is_not_accepted(apart: Sync):
    with serving(lambda *_: as_json(401, {"detail": f"Invalid token {KEY}"})) as url:
        one_line(apart, url, 2, "the server does not accept the key (HTTP 401)")


def test_json_of_another_service(apart: Sync):
    with serving(lambda *_: as_json(200, ["hello"])) as url:
        one_line(apart, url, 2, "answers with a web page or something else")


def test_a_gateway_without_a_server_behind_it(apart: Sync):
    with serving(page(503)) as url:
        one_line(apart, url, 3, "answered HTTP 503")


def test_a_slow_server(apart: Sync):
    def slow(*_):
        time.sleep(0.4)
        return as_json(200, {})

    with serving(slow) as url:
        one_line(apart, url, 3, "did not answer within 0.05 seconds", "--timeout", "0.05")


def test_a_server_that_is_down(apart: Sync):
    with serving(page()) as url:
        pass
    one_line(apart, url, 3, "the server is not to be reached")


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_this_machine_is_reached_past_a_proxy(apart: Sync, monkeypatch, variable, host):
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, CLOSED)
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", KEY)
    with serving(lambda *_: as_json(200, {"id": 1, "results": []})) as url:
        monkeypatch.setenv("LABEL_STUDIO_URL", url.replace("127.0.0.1", host))
        assert "there is no project 'demo' on the server" in apart.run("status").err


def test_other_servers_are_reached_through_the_proxy(apart: Sync, monkeypatch):
    asked: list[str] = []

    def proxy(method: str, path: str, *_):
        asked.append(path)
        return as_json(200, {"id": 1, "results": []})

    monkeypatch.setenv("LABEL_STUDIO_URL", "http://labels.example.org")
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", KEY)
    with serving(proxy) as url:
        monkeypatch.setenv("HTTP_PROXY", url)
        assert "there is no project 'demo' on the server" in apart.run("status").err
    assert asked[0] == "http://labels.example.org/api/current-user/whoami"


@pytest.mark.labelstudio
@pytest.mark.xdist_group("labelstudio")
def test_a_personal_access_token_works_and_a_wrong_one_is_told(sync: Sync):
    try:
        token = sync.studio.json("POST", "/api/token")["token"]
    except Exception:  # one token a user; another test of this session may have made it
        listed = sync.studio.json("GET", "/api/token")
        for found in listed:
            sync.studio.call("POST", "/api/token/blacklist", {"refresh": found["token"]})
        token = sync.studio.json("POST", "/api/token")["token"]
    sync.write(article("other-1", OTHER))
    sync.patch.setenv("LABEL_STUDIO_API_KEY", token)
    sync.patch.setenv("HTTP_PROXY", CLOSED)  # the token is renewed past the proxy too
    assert "created 1" in sync.ok("push").out
    assert "other-1" in sync.ok("status").out
    sync.patch.setenv("LABEL_STUDIO_API_KEY", token[:-4] + "AAAA")
    done = sync.run("push")
    assert (done.code, "does not accept the key" in done.err) == (2, True)
    assert token[:-4] not in done.out + done.err
    sync.patch.setenv("LABEL_STUDIO_API_KEY", "wrong")
    assert "does not accept the key" in sync.run("pull").err


def credentials(apart: Sync, mode: int = 0o600, **content: object) -> Project:
    project = Project(apart.folder)
    path = credentials_file(project)
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(content), encoding="utf-8")
    path.chmod(mode)
    return project


def test_the_key_is_read_from_the_file_that_only_its_owner_may_read(apart: Sync):
    project = credentials(apart, url="http://localhost:8080/", key=KEY)
    assert read_key(project) == ("http://localhost:8080", KEY)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_file_that_others_may_read_is_refused(apart: Sync, mode):
    project = credentials(apart, mode, url="http://localhost:8080", key=KEY)
    with pytest.raises(ConfigError, match="others than its owner") as caught:
        read_key(project)
    assert KEY not in str(caught.value)


def test_the_environment_wins_and_the_key_of_the_file_goes_to_its_server_only(apart: Sync, monkeypatch):
    project = credentials(apart, url="http://localhost:8080", key=KEY)
    monkeypatch.setenv("LABEL_STUDIO_URL", "https://labels.example.org/studio/")
    with pytest.raises(UsageError, match="names another server than the file with the key"):
        read_key(project)
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", "other")
    assert read_key(project) == ("https://labels.example.org/studio", "other")
    monkeypatch.delenv("LABEL_STUDIO_URL")
    with pytest.raises(UsageError, match="LABEL_STUDIO_API_KEY is set and LABEL_STUDIO_URL is not"):
        read_key(project)


@pytest.mark.parametrize("url", ["localhost:8080", "ftp://a.example", "http://", "http://a:b@c.example", "http://[x"])
def test_what_is_no_address_is_told(apart: Sync, monkeypatch, url):
    monkeypatch.setenv("LABEL_STUDIO_URL", url)
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", KEY)
    with pytest.raises(UsageError, match=r"LABEL_STUDIO_URL: .*address"):
        read_key(Project(apart.folder))


def test_without_key_and_address_the_next_step_is_told(apart: Sync):
    assert "LABEL_STUDIO_URL" not in os.environ
    done = apart.run("status")
    assert done.code == 2
    assert "Set LABEL_STUDIO_URL and LABEL_STUDIO_API_KEY" in done.err


def test_a_damaged_state_file_is_told(apart: Sync, monkeypatch):
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", KEY)
    with serving(lambda *_: as_json(200, {"id": 1})) as url:
        monkeypatch.setenv("LABEL_STUDIO_URL", url)
        path = state_file(Project(apart.folder), url)
        path.parent.mkdir(parents=True)
        for content in ('{"version": 1, "tasks": {"x": {}}}', "[]", '{"version": 1}'):
            path.write_text(content, encoding="utf-8")
            done = apart.run("pull")
            assert done.code == 1
            assert "Delete the file" in done.err


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "[::1]", "LOCALHOST"])
def test_the_names_of_this_machine_are_one_server(apart: Sync, monkeypatch, name):
    project = credentials(apart, url="http://127.0.0.1:8080", key=KEY)
    monkeypatch.setenv("LABEL_STUDIO_URL", f"http://{name}:8080/")
    url, key = read_key(project)
    assert (url, key) == ("http://127.0.0.1:8080", KEY)
    assert state_file(project, f"http://{name}:8080") == state_file(project, url)


@pytest.mark.parametrize(
    "other",
    [
        "http://127.0.0.1:8081",
        "https://127.0.0.1:8080",
        "http://127.0.0.1",
        "http://127.0.0.1:8080/studio",
        "http://a:8080",
    ],
)
def test_other_servers_have_a_state_of_their_own(tmp_path, other):
    project = Project(tmp_path)
    assert state_file(project, other) != state_file(project, "http://127.0.0.1:8080")
