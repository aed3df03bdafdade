"""`tawsim pull --watch` against a real Label Studio: webhooks, polling, servers that go away, other syncs meanwhile."""

import json
import signal
import stat
import threading
from urllib.parse import urlsplit

import pytest
from between import Answer, Handle, passed_on, serving
from sync_project import OTHER, TEXT, Sync, article, region
from watched import watching

from toolkit.labelstudio.server.locking import only_sync
from toolkit.labelstudio.sync.webhooks import ACTIONS, HEADER
from toolkit.project import Project

pytestmark = [pytest.mark.labelstudio, pytest.mark.xdist_group("labelstudio")]
NEVER = ("--every", 3600)


def prepared(sync: Sync) -> None:
    sync.write(article("visit-1", TEXT, sync.visit(1)))
    sync.write(article("other-1", OTHER))
    sync.ok("push", "--annotations")


def webhooks(sync: Sync) -> list[dict]:
    return sync.studio.json("GET", f"/api/webhooks/?project={sync.number}")


def test_a_change_on_the_server_is_here_without_polling(sync: Sync):
    prepared(sync)
    with watching(sync, *NEVER) as watched:
        assert watched.pulls == ["unchanged 2"]
        number = sync.annotate("other-1")
        watched.says("pulled: written 1 (other-1)")
        assert len(json.loads(sync.files()["other-1"])["annotations"]) == 1
        sync.studio.call("DELETE", f"/api/annotations/{number}/")
        watched.says("warning[annotation-deleted]")
        sync.studio.call("DELETE", f"/api/tasks/{sync.tasks()['other-1']['id']}/")
        watched.says("warning[remote-gone] other-1")
        sync.annotate("visit-1")
        watched.says("pulled: written 1 (visit-1)")
        assert watched.ends() == 0
    assert "".join(watched.out).count("remote-gone") == 1, "what stays as it is, is told once"
    assert watched.err[-1].startswith("removed webhook ")
    assert webhooks(sync) == []


def test_our_webhook_sends_no_payload_and_brings_the_secret(sync: Sync):
    prepared(sync)
    with watching(sync, *NEVER) as watched:
        (hook,) = webhooks(sync)
        assert (hook["send_payload"], hook["send_for_all_actions"], hook["is_active"]) == (False, False, True)
        assert sorted(hook["actions"]) == sorted(ACTIONS)
        assert hook["headers"] == {HEADER: watched.keys["secret"]}
        assert urlsplit(hook["url"]).hostname == "127.0.0.1"
        assert watched.notify({"action": "ANNOTATION_CREATED"}, secret="") == 401
        assert watched.notify({"action": "ANNOTATION_CREATED"}, secret="wrong") == 401
        assert watched.notify({"action": "ANNOTATION_CREATED", "project": {"id": sync.number + 1}}) == 204
        assert watched.ends(signal.SIGTERM) == 0
    assert len(watched.pulls) == 1
    path = sync.folder / ".tawsim" / "watch" / "webhook.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (path.parent / ".gitignore").read_text() == "*\n"


def test_a_webhook_that_a_person_made_may_send_all_it_has_and_nothing_of_it_is_kept(sync: Sync):
    prepared(sync)
    sent: list[bytes] = []

    def other(*request) -> Answer:
        sent.append(request[-1])
        return 200, {}, b""

    with watching(sync, *NEVER) as watched, serving(other) as url:
        (ours,) = webhooks(sync)
        sync.studio.call("DELETE", f"/api/webhooks/{ours['id']}/")
        for target in (url, ours["url"]):
            made = {"project": sync.number, "url": target, "headers": {HEADER: watched.keys["secret"]}}
            assert sync.studio.json("POST", "/api/webhooks/", made)["send_payload"]
        sync.annotate("other-1")
        watched.says("pulled: written 1 (other-1)")
        assert watched.ends() == 0
    token = json.loads(sent[0])["project"]["token"]
    assert len(token) > 20
    kept = [path.read_text("utf-8") for path in sync.folder.rglob("*") if path.is_file()]
    assert not any(token in text for text in (*watched.out, *watched.err, *kept))


def test_a_hundred_changes_need_few_pulls(sync: Sync):
    prepared(sync)
    with watching(sync, *NEVER) as watched:
        task = sync.tasks()["other-1"]["id"]
        body = {"result": [], "completed_by": sync.studio.lead}

        def work() -> None:
            for _ in range(25):
                sync.studio.call("POST", f"/api/tasks/{task}/annotations/", body)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        watched.until(lambda: len(json.loads(sync.files()["other-1"])["annotations"]) == 100)
        assert watched.ends() == 0
    assert len(watched.pulls) <= 10, watched.out


def test_a_killed_watch_leaves_its_webhook_to_the_next(sync: Sync, monkeypatch):
    prepared(sync)
    with watching(sync, *NEVER) as watched:
        first = watched.keys
        watched.process.kill()
    (left,) = webhooks(sync)
    more = {"project": sync.number, "url": left["url"], "headers": {}}
    sync.studio.json("POST", "/api/webhooks/", more)
    other = sync.studio.json("POST", "/api/webhooks/", more | {"url": "http://127.0.0.1:9/tawsim/other"})
    secret = "composed-for-a-test-of-rotation"
    monkeypatch.setenv("TAWSIM_WEBHOOK_SECRET", secret)
    with watching(sync, *NEVER) as watched:
        assert watched.keys == first
        hook, foreign = webhooks(sync)
        assert (hook["id"], foreign["id"]) == (left["id"], other["id"])
        assert hook["headers"] == {HEADER: secret}
        assert hook["url"] != left["url"], "another port"
        assert watched.notify({"action": "TASKS_CREATED"}, secret) == 202
        assert watched.notify({"action": "TASKS_CREATED"}) == 401
        assert sync.run("pull", "--watch").err.startswith(f"error: {sync.folder}: a tawsim pull --watch of this")
        assert watched.ends(signal.SIGHUP) == 0
        assert secret not in "".join(watched.out + watched.err)
    assert [hook["id"] for hook in webhooks(sync)] == [other["id"]]


def test_a_conflict_is_named_once_and_is_the_exit_code(sync: Sync):
    prepared(sync)
    with watching(sync, *NEVER) as watched:
        path = sync.write(article("visit-1", TEXT, sync.visit(1, more=(region(TEXT, "x", "إلى", "ORG"),))))
        sync.annotate("visit-1")
        watched.says("error[conflict]")
        watched.says("pulled: conflict 1 (visit-1)")
        for _ in range(2):
            pulls = len(watched.pulls)
            assert watched.notify({"action": "TASKS_CREATED"}) == 202
            watched.waits_for(pulls + 1)
        assert watched.ends() == 1
    assert sum("differs" in line or "on the server only" in line for line in watched.out) == 1
    assert sum("a conflict is still open" in line for line in watched.out) == 1
    path.write_bytes((sync.folder / ".tawsim" / "conflicts" / "visit-1.remote.json").read_bytes())
    with watching(sync, *NEVER) as watched:
        assert watched.ends() == 0


def refusing(sync: Sync) -> Handle:
    """The server as it is with the protection against addresses of its own network that it has by default."""
    what = "URL resolves to a reserved network address (block: 127.0.0.0/8)"
    body = json.dumps({"status_code": 403, "version": "1.23.2", "detail": what, "exc_info": None}).encode()

    def handle(method: str, path: str, headers: dict[str, str], content: bytes) -> Answer:
        if method == "POST" and path == "/api/webhooks/":
            return 403, {"Content-Type": "application/json"}, body
        return passed_on(sync.studio.url, method, path, headers, content)

    return handle


def test_where_the_server_refuses_webhooks_to_itself_the_setting_is_named_and_it_polls(sync: Sync, monkeypatch):
    prepared(sync)
    with serving(refusing(sync)) as url:
        monkeypatch.setenv("LABEL_STUDIO_URL", url)
        with watching(sync, "--every", 1) as watched:
            line = watched.says("refuses a webhook to http://127.0.0.1:")
            assert "SSRF_PROTECTION_ENABLED=false" in line
            assert line.endswith("Pulling every 1 seconds.")
            sync.annotate("other-1")
            watched.says("pulled: written 1 (other-1)")
            assert watched.ends() == 0
    assert sum("refuses" in line for line in watched.err) == 1
    assert len(watched.pulls) == 2, "a poll that finds nothing says nothing"


def test_a_refusal_that_quotes_the_headers_is_not_passed_on(sync: Sync, monkeypatch):
    prepared(sync)
    monkeypatch.setenv("TAWSIM_WEBHOOK_SECRET", "composed-for-a-test-of-quoting")
    with watching(sync, *NEVER, "--port", 9100, "--public-url", "http://no-full-name:9100") as watched:
        assert "(HTTP 400)" in watched.says("refuses a webhook to http://no-full-name:9100/tawsim/")
        assert watched.ends() == 0
        assert "composed-for-a-test" not in "".join(watched.out + watched.err)


def test_a_server_that_cannot_reach_this_machine_gets_no_webhook(sync: Sync, monkeypatch):
    prepared(sync)
    asked: list[str] = []

    def proxy(method: str, path: str, headers: dict[str, str], content: bytes) -> Answer:
        asked.append(f"{method} {path}")
        return passed_on(sync.studio.url, method, path.removeprefix("http://labels.example.org"), headers, content)

    monkeypatch.setenv("LABEL_STUDIO_URL", "http://labels.example.org")
    with serving(proxy) as url:
        monkeypatch.setenv("HTTP_PROXY", url)
        with watching(sync, "--every", 1) as watched:
            watched.says(
                "http://labels.example.org cannot reach this machine's 127.0.0.1; --listen, --port and --public"
            )
            sync.annotate("other-1")
            watched.says("pulled: written 1 (other-1)")
            assert watched.ends() == 0
    assert asked
    assert not any("webhooks" in line for line in asked)


def test_a_webhook_that_never_arrives_is_told(sync: Sync):
    prepared(sync)
    with watching(sync, "--every", 1, "--port", 9101, "--public-url", "http://192.0.2.1:9101/hooks") as watched:
        assert "to http://192.0.2.1:9101/hooks/tawsim/" in watched.says("registered webhook")
        (hook,) = webhooks(sync)
        sync.studio.call("PATCH", f"/api/webhooks/{hook['id']}/", {"is_active": False})
        sync.annotate("other-1")
        watched.says("no webhook told of that: the server may not reach http://192.0.2.1:9101/hooks/tawsim/")
        assert watched.ends() == 0


def test_a_server_that_goes_away_is_waited_for(sync: Sync, monkeypatch):
    prepared(sync)
    away = threading.Event()

    def handle(*request) -> Answer:
        if away.is_set():
            return 503, {"Content-Type": "text/html", "Set-Cookie": "sessionid=secret"}, b"<html>Back soon</html>"
        return passed_on(sync.studio.url, *request)

    with serving(handle) as url:
        monkeypatch.setenv("LABEL_STUDIO_URL", url)
        with watching(sync, "--every", 1) as watched:
            away.set()
            line = watched.says("cannot pull, trying again")
            assert "answered HTTP 503" in line
            assert "Run the command again" not in line
            sync.annotate("other-1")
            away.clear()
            watched.says("pulled: written 1 (other-1)")
            away.set()
            assert watched.ends() == 0
    assert "stays on the server until the next watch: the server, or a gateway before it" in watched.err[-1]
    assert sum("cannot pull" in line for line in watched.err) == 1


def test_what_keeps_the_first_pull_from_working_ends_it(sync: Sync):
    done = sync.run("pull", "--watch")
    assert (done.code, "Run `tawsim push`" in done.err) == (2, True)
    assert "Traceback" not in done.err


def test_a_push_and_a_watch_wait_for_each_other(sync: Sync):
    prepared(sync)
    with watching(sync, *NEVER) as watched:
        with only_sync(Project(sync.folder)):
            sync.annotate("other-1")
            watched.says("waiting: another tawsim push or pull of this project is running (process ")
        watched.says("pulled: written 1 (other-1)")
        for number in range(3):
            sync.write(article(f"more-{number}", OTHER))
            sync.annotate("other-1")
            assert "created 1" in sync.ok("push").out
        assert watched.ends() == 0


def test_a_push_waits_for_the_pull_of_a_watch(sync: Sync):
    prepared(sync)
    held, done = threading.Event(), []

    def hold() -> None:
        with only_sync(Project(sync.folder), watching=True):
            held.set()
            threading.Event().wait(1.5)
            done.append(True)

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(10)
    sync.ok("push")
    assert done
    thread.join()


def test_new_settings_are_used_without_a_restart(sync: Sync):
    prepared(sync)
    with watching(sync, *NEVER) as watched:
        sync.studio.import_tasks(sync.number, [{"data": {"text": OTHER, "article_id": "made-there"}}])
        watched.says("error[article-new] made-there")
        watched.says("pulled: held back 1 (made-there)")
        settings = sync.folder / "configs" / "labelstudio.yaml"
        good = settings.read_text("utf-8")
        settings.write_text("title: [", "utf-8")
        assert watched.notify({"action": "TASKS_CREATED"}) == 202
        assert "labelstudio.yaml" in watched.says("cannot pull, trying again")
        settings.write_text(good, "utf-8")
        watched.waits_for(3)
        assert watched.ends() == 1
