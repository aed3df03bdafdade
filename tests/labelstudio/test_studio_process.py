"""Ports, environment, process groups and logs of the local server, without one."""

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from stand_in import is_alive

from toolkit.errors import FileError, UsageError
from toolkit.labelstudio.server.server import (
    PORT,
    Account,
    Server,
    address,
    choose_port,
    environment,
    process_group,
    quote_log,
    stop_group,
)

ACCOUNT = Account("lead@localhost", "composed-password", "composed-key")


def test_a_free_port_is_chosen_where_the_usual_one_is_taken() -> None:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", PORT))
        except OSError:
            pass  # somebody else's program has it, which is as good
        else:
            listener.listen()
        chosen = choose_port(None)
    assert chosen != PORT
    with socket.create_server(("127.0.0.1", chosen)):
        pass


def test_a_port_with_connections_closed_a_moment_ago_is_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            listener.accept()[0].close()  # the server's side closes first and waits
    assert choose_port(port) == choose_port(None, port) == port


def test_a_port_of_another_address_of_this_machine_is_taken_too() -> None:
    with socket.create_server(("0.0.0.0", 0)) as listener, pytest.raises(UsageError, match="--port"):
        choose_port(listener.getsockname()[1])


def test_the_server_sees_nothing_of_the_users_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    theirs = {"DEBUG": "release", "LABEL_STUDIO_HOST": "https://example.org", "HEARTEX_DJANGO_DB": "default"}
    theirs |= {"DATABASE_NAME": "/nowhere", "DJANGO_SETTINGS_MODULE": "mine", "HTTP_PROXY": "http://127.0.0.1:9"}
    for name, value in theirs.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("TZ", "Africa/Tunis")
    seen = environment(Server("label-studio", 8080, tmp_path, tmp_path / "log", ACCOUNT))
    assert theirs.keys() & seen.keys() == set()
    assert seen["TZ"] == "Africa/Tunis"
    assert seen["LABEL_STUDIO_BASE_DATA_DIR"] == str(tmp_path)
    assert seen["LABEL_STUDIO_COLLECT_ANALYTICS"] == seen["LABEL_STUDIO_LATEST_VERSION_CHECK"] == "false"
    assert seen["LABEL_STUDIO_SENTRY_DSN"] == seen["LABEL_STUDIO_FRONTEND_SENTRY_DSN"] == ""


def test_no_secret_is_in_how_an_account_is_shown(tmp_path: Path) -> None:
    server = Server("label-studio", 8080, tmp_path, tmp_path / "log", ACCOUNT)
    assert "composed" not in repr(server)
    assert server.url == address(8080) == "http://127.0.0.1:8080"


def test_a_group_is_gone_afterwards_also_where_its_leader_went_first(tmp_path: Path) -> None:
    script = "sleep 600 & echo $!; sleep 600 & echo $!"
    with process_group(["/bin/sh", "-c", script], {}, tmp_path / "log") as process:
        process.wait(10)
        children = [int(pid) for pid in (tmp_path / "log").read_text().split()]
        assert len(children) == 2
        assert all(map(is_alive, children))
    assert not any(map(is_alive, children))


def test_a_group_that_does_not_listen_is_killed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("toolkit.labelstudio.server.server._SECONDS_TO_STOP", 0.3)
    script = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
    )
    with process_group([sys.executable, "-c", script], {}, tmp_path / "log") as process:
        deadline = time.monotonic() + 20
        while not (tmp_path / "log").read_text():
            assert time.monotonic() < deadline
            time.sleep(0.02)
    assert process.returncode == -signal.SIGKILL


def test_a_group_that_is_gone_is_stopped_without_a_word() -> None:
    process = subprocess.Popen(["true"], start_new_session=True)
    process.wait()
    stop_group(process.pid, process)
    assert process.returncode == 0


def test_a_command_that_cannot_be_started_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "label-studio"
    with pytest.raises(FileError, match=str(missing)), process_group([str(missing)], {}, tmp_path / "log"):
        pass


def test_a_log_is_quoted_in_one_line_without_secrets(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"first\n\n\x1b[31msecond composed-key\x1b[0m\r\n\xff third\n  \nfourth composed-password\n")
    quoted = quote_log(log, (ACCOUNT.password, ACCOUNT.key))
    assert quoted == " [31msecond [secret] [0m / \ufffd third / fourth [secret]"
    log.write_text("")
    assert quote_log(log) == "it printed nothing"
