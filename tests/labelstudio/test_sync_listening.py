"""What the webhook listener answers, whatever is sent to it, and that nothing of it is told or kept."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.errors import UsageError
from toolkit.labelstudio.server.credentials import WebhookKeys
from toolkit.labelstudio.sync import listening
from toolkit.labelstudio.sync.listening import Expected, Listener, Notices, read_notification
from toolkit.labelstudio.sync.webhooks import HEADER, endpoint

SECRET = "composed-secret-of-a-test"
TOKEN = "composed-token-of-a-project"
OURS = endpoint("http://hooks.example.org/team", WebhookKeys("abc123", SECRET))
PATH, PROJECT = "/tawsim/abc123", 7
GOOD = json.dumps({"action": "ANNOTATION_CREATED", "project": {"id": PROJECT, "token": TOKEN}}).encode()


@dataclass
class Running:
    """A listener that runs, and what it told."""

    listener: Listener
    notices: Notices
    told: list[str] = field(default_factory=list)

    def ask(self, body: bytes = GOOD, method: str = "POST", path: str = PATH, **headers: str) -> int:
        """The status of the answer to a request with the secret, unless `headers` say otherwise."""
        return self.answer(body, method, path, **headers)[0]

    def answer(self, body: bytes, method: str, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        connection = HTTPConnection("127.0.0.1", self.listener.port, timeout=20)
        sent = {HEADER: SECRET} | {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, sent)
        answer = connection.getresponse()
        found = answer.status, dict(answer.headers), answer.read()
        connection.close()
        return found

    def raw(self, *pieces: bytes, pause: float = 0, end: bool = True) -> bytes:
        """All that comes back for bytes that are sent one piece after the other."""
        with socket.create_connection(("127.0.0.1", self.listener.port), timeout=20) as client:
            try:
                for piece in pieces:
                    client.sendall(piece)
                    time.sleep(pause)
                if end:
                    client.shutdown(socket.SHUT_WR)
                return b"".join(iter(lambda: client.recv(4096), b""))
            except (BrokenPipeError, ConnectionResetError):
                return b""

    def serves(self) -> bool:
        """Whether a notification is taken."""
        before = self.notices.total
        return self.ask() == 202 and self.notices.total == before + 1


@pytest.fixture
def running() -> Iterator[Running]:
    notices, told = Notices(), []
    with Listener("127.0.0.1", 0, Expected(OURS.paths, SECRET, PROJECT), notices, told.append) as listener:
        thread = threading.Thread(target=listener.serve_forever, args=(0.02,))
        thread.start()
        yield Running(listener, notices, told)
        listener.shutdown()
        thread.join()


def head(length: object, *more: str) -> bytes:
    lines = [f"POST {PATH} HTTP/1.1", "Host: x", f"{HEADER}: {SECRET}", f"Content-Length: {length}", *more]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def test_a_notification_is_taken_at_its_whole_address_and_at_what_a_proxy_leaves_of_it(running: Running):
    assert running.ask() == 202
    assert running.ask(path=f"/team{PATH}?again=1") == 202
    assert running.ask(b'{"action": "TASKS_DELETED"}') == 202, "our own webhook sends no payload"
    assert running.notices.total == 3
    assert running.told == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", [PATH, "/", "/elsewhere", "//", "ftp://["])
@pytest.mark.parametrize("given", ["", "wrong", SECRET[:-1], SECRET + "x", "é" * 20])
def test_without_the_secret_everything_is_401(running: Running, method, path, given):
    status, headers, body = running.answer(GOOD, method, path, **{HEADER: given})
    assert (status, headers["WWW-Authenticate"], body) == (401, HEADER, b"")
    assert running.notices.total == 0


def test_a_secret_elsewhere_is_none(running: Running):
    request = f"POST {PATH}?secret={SECRET} HTTP/1.1\r\nAuthorization: Token {SECRET}\r\nContent-Length: 0\r\n\r\n"
    assert running.raw(request.encode()).startswith(b"HTTP/1.0 401 ")


@pytest.mark.parametrize("path", ["/", "/tawsim/", "/tawsim/abc1234", "/tawsim/abc123/", "/other/tawsim/abc123", "//"])
def test_another_path_is_404(running: Running, path):
    assert running.ask(path=path) == 404
    assert running.notices.total == 0


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_another_method_is_405(running: Running, method):
    status, headers, _ = running.answer(GOOD, method, PATH)
    assert (status, headers["Allow"]) == (405, "POST")
    assert running.notices.total == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"garbage",
        b"\xff\xfe",
        b"[]",
        b"null",
        b'"ANNOTATION_CREATED"',
        b'{"action": 5}',
        b'{"event": "ANNOTATION_CREATED"}',
        b"[" * 100_000,
        b'{"action": ' * 5_000,
    ],
)
def test_what_is_no_notification_is_400(running: Running, body):
    assert running.ask(body) == 400
    assert running.notices.total == 0
    assert running.serves()


@pytest.mark.parametrize("length", ["-1", "1.5", "x", "9" * 5000, "٣", "0x10"])
def test_a_length_that_is_no_number_is_400(running: Running, length):
    assert running.raw(head(length), GOOD).startswith(b"HTTP/1.0 400 ")


def test_a_body_without_a_length_is_411(running: Running):
    chunked = f"POST {PATH} HTTP/1.1\r\n{HEADER}: {SECRET}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
    assert running.raw(chunked.encode()).startswith(b"HTTP/1.0 411 ")


def test_a_body_that_ends_early_is_400(running: Running):
    assert running.raw(head(len(GOOD) + 1), GOOD).startswith(b"HTTP/1.0 400 ")
    assert running.notices.total == 0


def test_a_body_that_is_too_large_is_413_and_its_sender_gets_to_read_that(running: Running):
    body = GOOD + b" " * (3 * listening.LIMIT)
    assert running.ask(body) == 413
    assert running.ask(body, **{HEADER: "wrong"}) == 401
    assert running.raw(head(10**14)).startswith(b"HTTP/1.0 413 ")
    assert running.notices.total == 0
    assert running.ask(GOOD + b" " * (listening.LIMIT - len(GOOD))) == 202


@pytest.mark.parametrize(
    "content",
    [
        {"action": "ANNOTATION_CREATED", "project": {"id": PROJECT + 1, "token": TOKEN}},
        {"action": "ANNOTATION_CREATED", "project": PROJECT + 1},
        {"action": "PROJECT_UPDATED", "project": {"id": PROJECT}},
        {"action": "SOMETHING_NEW"},
    ],
)
def test_another_project_and_what_brings_nothing_to_pull_is_let_pass(running: Running, content):
    assert running.ask(json.dumps(content).encode()) == 204
    assert running.notices.total == 0


@pytest.mark.parametrize("noise", [b"", b"\x16\x03\x01\x02\x00\x01\x00", b"\r\n\r\n", b"GET\r\n", b"A" * 70_000, b"\0"])
def test_what_is_no_http_does_no_harm(running: Running, noise):
    running.raw(noise)
    assert running.serves()


def test_one_who_drips_has_ten_seconds_for_all_of_it(running: Running, monkeypatch):
    assert listening.PATIENCE == 10
    monkeypatch.setattr(listening, "PATIENCE", 0.3)
    began = time.monotonic()
    drops = [bytes([byte]) for byte in head(len(GOOD))]
    assert running.raw(*drops, pause=0.05, end=False) == b""
    assert running.raw(head(len(GOOD)), *(b" " for _ in range(12)), pause=0.05, end=False).startswith(b"HTTP/1.0 408 ")
    assert running.raw(head(10**9, "Expect: x"), GOOD, end=False).startswith(b"HTTP/1.0 413 ")
    assert time.monotonic() - began < 15
    assert running.serves()


def test_no_more_than_so_many_are_served_at_once(running: Running, monkeypatch):
    monkeypatch.setattr(listening, "PATIENCE", 1.0)
    place = ("127.0.0.1", running.listener.port)
    idle = [socket.create_connection(place, timeout=20) for _ in range(listening.MOST)]
    assert running.raw(b"").startswith(b"HTTP/1.0 503 ")
    for client in idle:
        assert client.recv(100) == b""
        client.close()
    assert running.serves()


def test_nothing_that_was_sent_is_told(running: Running, capfd):
    for headers in ({}, {HEADER: "wrong"}, {"Content_Type": TOKEN}):
        for path in (PATH, f"/{TOKEN}"):
            for body in (GOOD, GOOD + b" " * listening.LIMIT, GOOD[:-1]):
                running.ask(body, path=path, **headers)
    running.raw(f"{TOKEN}\r\n{SECRET}\r\n\r\n".encode())
    printed = capfd.readouterr()
    assert (printed.out, printed.err) == ("", "")
    assert sorted(running.told) == [
        "refused a request to the webhook address: Bad Request (HTTP 400)",
        "refused a request to the webhook address: Not Found (HTTP 404)",
        "refused a request to the webhook address: Request Entity Too Large (HTTP 413)",
        "refused a request to the webhook address: Unauthorized (HTTP 401)",
    ], "each kind once, so that nobody can fill a log"
    assert SECRET not in repr((OURS, running.listener.expected, WebhookKeys("abc123", SECRET)))


def test_a_port_that_is_taken_and_an_address_of_another_machine_are_told(running: Running):
    expected = running.listener.expected
    with pytest.raises(UsageError, match=f"cannot listen on 127.0.0.1 port {running.listener.port}: .*in use"):
        Listener("127.0.0.1", running.listener.port, expected, Notices(), print)
    with pytest.raises(UsageError, match=r"cannot listen on 192\.0\.2\.1"):
        Listener("192.0.2.1", 0, expected, Notices(), print)


@given(st.one_of(st.binary(), st.recursive(st.none() | st.integers() | st.text(), st.lists).map(repr).map(str.encode)))
def test_no_body_is_too_odd_to_be_read(body: bytes):
    assert read_notification(body) is None


@given(st.dictionaries(st.sampled_from(["action", "project", "x"]), st.none() | st.text() | st.integers(0, 9)))
def test_a_notification_needs_no_more_than_its_action(content: dict[str, object]):
    found = read_notification(json.dumps(content).encode())
    action, project = content.get("action"), content.get("project")
    assert found == ((action, project if isinstance(project, int) else None) if isinstance(action, str) else None)


def test_a_burst_of_notifications_is_one(monkeypatch):
    monkeypatch.setattr(listening, "QUIET", 0.2)
    notices = Notices()

    def burst():
        for _ in range(100):
            notices.add()
            time.sleep(0.002)

    threading.Thread(target=burst).start()
    assert notices.wait(10)
    assert not notices.wait(0.05)
    assert notices.total == 100


def test_a_stream_of_notifications_that_never_rests_is_answered_all_the_same(monkeypatch):
    monkeypatch.setattr(listening, "QUIET", 0.2)
    monkeypatch.setattr(listening, "LATEST", 0.5)
    notices, stop = Notices(), threading.Event()

    def stream():
        while not stop.wait(0.02):
            notices.add()

    thread = threading.Thread(target=stream)
    thread.start()
    began = time.monotonic()
    assert notices.wait(10)
    assert notices.wait(10)
    assert time.monotonic() - began < 8
    stop.set()
    thread.join()
