"""`tawsim studio` around a stand-in of the server: one at a time, the account, what is printed, how it ends."""

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from stand_in import ANSWERS, DIES, Run, command, end_all, is_alive, studio

# In one worker with the other servers: two that start at the same moment would want the same port.
pytestmark = pytest.mark.xdist_group("labelstudio")
Start = Callable[..., Run]


@pytest.fixture
def project(repository: Path, tmp_path: Path) -> Path:
    root = tmp_path / "project"
    shutil.copytree(repository / "configs", root / "configs")
    return root


@pytest.fixture
def start(project: Path, tmp_path: Path) -> Iterator[Start]:
    """Starts `tawsim studio --no-push` with a stand-in; ends it after the test."""
    runs: list[Run] = []

    def started(*options: str, source: str = ANSWERS) -> Run:
        runs.append(studio(project, command(tmp_path, source), "--no-push", *options))
        return runs[-1]

    yield started
    end_all(runs)


def credentials(project: Path) -> dict[str, str]:
    loaded: dict[str, str] = json.loads((project / ".tawsim/studio/credentials.json").read_text(encoding="utf-8"))
    return loaded


def pids(project: Path) -> list[int]:
    """The server and its child."""
    return [int(pid) for pid in (project / ".tawsim/studio/data/pids").read_text().split()]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_the_server_and_its_children_and_exits_0(number: int, project: Path, start: Start) -> None:
    run = start().until_ready()
    group = pids(project)
    assert len(group) == 2
    assert all(map(is_alive, group))
    assert run.end(number) == 0, run.said
    assert not any(map(is_alive, group))
    assert "stopped" in run.err
    assert "Traceback" not in run.said


def test_address_user_and_file_are_printed_and_no_secret(project: Path, start: Start) -> None:
    run = start().until_ready()
    run.end(signal.SIGTERM)
    account = credentials(project)
    assert run.out.splitlines() == [
        f"Label Studio: {account['url']}",
        f"user name: {account['username']}",
        f"password and API key: in {project}/.tawsim/studio/credentials.json",
    ]
    assert len(account["password"]) >= 20
    assert len(account["key"]) == 40
    assert account["password"] not in run.said
    assert account["key"] not in run.said
    folder = project / ".tawsim" / "studio"
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.iterdir())}
    assert modes["studio"] == 0o700
    assert modes["credentials.json"] == modes["server.log"] == 0o600
    assert (folder / ".gitignore").read_text() == "*\n"


def test_the_account_stays_and_the_file_follows_the_port(project: Path, start: Start) -> None:
    start().until_ready().end(signal.SIGTERM)
    first = credentials(project)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    start("--port", str(port)).until_ready().end(signal.SIGTERM)
    assert credentials(project) == first | {"url": f"http://127.0.0.1:{port}"}
    again = start().until_ready()
    assert f"Label Studio: http://127.0.0.1:{port}\n" in again.out


def test_a_lost_account_is_replaced_by_another_user(project: Path, start: Start) -> None:
    start().until_ready().end(signal.SIGTERM)
    first = credentials(project)
    (project / ".tawsim/studio/credentials.json").unlink()
    start().until_ready().end(signal.SIGTERM)
    second = credentials(project)
    assert all(second[name] != first[name] for name in ("username", "password", "key"))


def test_the_key_of_another_server_is_not_written_over(project: Path, start: Start) -> None:
    path = project / ".tawsim/studio/credentials.json"
    path.parent.mkdir(parents=True)
    path.write_text('{"url": "https://studio.example.org", "key": "theirs"}', encoding="utf-8")
    run = start()
    assert run.end() == 2
    assert str(path) in run.err
    assert "theirs" in path.read_text(encoding="utf-8")
    assert "theirs" not in run.said


def test_a_second_one_says_where_the_first_runs(project: Path, start: Start) -> None:
    first = start().until_ready()
    second = start()
    assert second.end() == 2
    assert f"{credentials(project)['url']}: this project's Label Studio runs already" in second.err
    assert str(first.process.pid) in second.err
    assert all(map(is_alive, pids(project)))


def test_a_server_whose_studio_was_killed_is_stopped_and_another_started(project: Path, start: Start) -> None:
    first = start().until_ready()
    left = pids(project)
    first.end(signal.SIGKILL)
    assert is_alive(left[0])
    second = start().until_ready()
    assert "left behind" in second.err + os.read(second.process.stderr.fileno(), 4096).decode()
    assert not any(map(is_alive, left))
    assert all(map(is_alive, pids(project)))


def test_what_a_lock_says_that_nobody_holds_does_no_harm(project: Path, start: Start) -> None:
    with subprocess.Popen(["sleep", "600"], start_new_session=True) as other:
        try:
            lock = project / ".tawsim" / "studio" / "lock"
            lock.parent.mkdir(parents=True)
            lock.write_text(json.dumps({"pid": 2**30, "url": "http://127.0.0.1:8080", "group": other.pid}))
            start().until_ready().end(signal.SIGTERM)
            assert is_alive(other.pid)
        finally:
            other.kill()


def test_a_port_that_is_taken_is_told_before_anything_starts(project: Path, start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        run = start("--port", str(port))
        assert run.end() == 2
    assert f"port {port} cannot be used: another program listens there" in run.err
    assert "--port" in run.err
    assert not (project / ".tawsim/studio/credentials.json").exists()


def test_two_projects_run_side_by_side_on_ports_of_their_own(
    repository: Path, tmp_path: Path, project: Path, start: Start
) -> None:
    first = start().until_ready()
    other = tmp_path / "other"
    shutil.copytree(repository / "configs", other / "configs")
    run = studio(other, command(tmp_path, ANSWERS), "--no-push")
    try:
        run.until_ready()
        assert run.out.splitlines()[0] != first.out.splitlines()[0]
        assert all(map(is_alive, pids(project) + pids(other)))
    finally:
        end_all([run])


def test_a_server_that_dies_at_once_is_quoted_without_the_secrets(project: Path, start: Start) -> None:
    run = start(source=DIES)
    assert run.end() == 3
    assert "exit code 1" in run.err
    assert "disk is on fire [secret]" in run.err
    assert str(project / ".tawsim/studio/server.log") in run.err
    assert "Traceback" not in run.said
    assert credentials(project)["password"] not in run.said


def test_a_server_that_dies_later_ends_the_command(project: Path, start: Start) -> None:
    run = start().until_ready()
    server, child = pids(project)
    os.kill(server, signal.SIGKILL)
    assert run.end() == 3
    assert "ended by itself" in run.err
    assert str(project / ".tawsim/studio/server.log") in run.err
    assert not is_alive(child)


def test_interrupted_while_it_starts(project: Path, start: Start) -> None:
    run = start(source="#!{python}\nimport time\ntime.sleep(600)\n")
    lock = project / ".tawsim" / "studio" / "lock"
    deadline = time.monotonic() + 30
    while not (lock.exists() and b'"group": null' not in lock.read_bytes() and lock.stat().st_size):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    group = json.loads(lock.read_bytes())["group"]
    assert is_alive(group)
    assert run.end(signal.SIGINT) == 130
    assert not is_alive(group)
    assert "Traceback" not in run.said


def test_a_command_that_is_not_there(project: Path) -> None:
    run = studio(project, "/nowhere/label-studio", "--no-push")
    assert run.end() == 2
    assert "LABEL_STUDIO names /nowhere/label-studio" in run.err
