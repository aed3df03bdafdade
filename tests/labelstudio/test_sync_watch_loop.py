"""When a watch pulls, what it says of a pull that did not work, and what its options and its secret have to be."""

import stat
from collections.abc import Callable

import pytest
from demo_project import DATASET
from sync_project import LABELS

from toolkit.commands.watching import Place
from toolkit.errors import ConfigError, IncompleteError, UsageError
from toolkit.labelstudio.client import UnansweredError
from toolkit.labelstudio.server.credentials import webhook_keys
from toolkit.labelstudio.server.locking import SyncRunningError
from toolkit.labelstudio.sync.listening import Notices
from toolkit.labelstudio.sync.watching import BUSY, FIRST, MOST, Cause, delay, only_watch, watch
from toolkit.project import Project

AWAY = UnansweredError("the server is not to be reached", where="http://a", fix="Run the command again.")
RUNNING = SyncRunningError("another sync is running", fix="Run this again.")


class Scripted(Notices):
    """Notifications that come or not as listed; Ctrl-C after the last. `waited` are the seconds that were asked for."""

    def __init__(self, *comes: bool) -> None:
        super().__init__()
        self.comes, self.waited = list(comes), list[float]()

    def wait(self, seconds: float) -> bool:
        self.waited.append(seconds)
        if not self.comes:
            raise KeyboardInterrupt
        return self.comes.pop(0)


def played(*script: int | Exception, comes: str = "") -> tuple[int, list[str], list[str], list[float]]:
    """A watch whose pulls go as the script says: its exit code, the causes, what was said, how long it waited."""
    steps, causes, said = list(script), list[str](), list[str]()
    notices = Scripted(*(letter == "x" for letter in comes.ljust(len(script) - 1, ".")))

    def attempt(cause: Cause) -> int:
        causes.append(cause.name)
        step = steps.pop(0)
        if isinstance(step, Exception):
            raise step
        return step

    return watch(attempt, notices, 60, said.append), causes, said, notices.waited


def test_it_pulls_at_the_start_after_notifications_and_when_none_comes():
    assert played(0, 0, 0, 0, comes="x.x") == (0, ["START", "NOTIFIED", "TIMER", "NOTIFIED"], [], [60] * 4)


def test_the_last_pull_decides_the_exit_code():
    assert [played(*script)[0] for script in ((0, 1), (1, 0), (0, AWAY), (1, RUNNING))] == [1, 0, 3, 1]


def test_a_server_that_is_away_is_told_once_and_asked_less_and_less():
    code, causes, said, waited = played(0, AWAY, AWAY, AWAY, 1, AWAY, comes="..x")
    assert code == 3
    assert causes == ["START", "TIMER", "AGAIN", "AGAIN", "AGAIN", "TIMER"]
    assert said == ["cannot pull, trying again: http://a: the server is not to be reached"] * 2
    assert waited == [60, 5, 10, 20, 60, 5]


def test_another_problem_is_told_too():
    wrong = ConfigError("is broken", where="labelstudio.yaml", fix="Mend it.")
    _, _, said, _ = played(0, AWAY, wrong, wrong, AWAY)
    assert [line.partition("again: ")[2] for line in said] == [
        "http://a: the server is not to be reached",
        "labelstudio.yaml: is broken. Mend it.",
        "http://a: the server is not to be reached",
    ]


def test_the_pauses_after_failures_end_somewhere():
    assert [delay(n, 60) for n in (1, 2, 3)] == [FIRST, 2 * FIRST, 4 * FIRST]
    assert delay(10_000, 60) == MOST
    assert delay(10_000, 3600) == 3600


@pytest.mark.parametrize("problem", [AWAY, UsageError("no project"), IncompleteError("full")])
def test_what_keeps_the_first_pull_from_working_is_raised(problem):
    with pytest.raises(type(problem)):
        played(problem, 0)


def test_a_sync_of_another_process_is_waited_for_also_at_the_start():
    code, causes, said, waited = played(RUNNING, RUNNING, 0, RUNNING, 1)
    assert (code, causes) == (1, ["START", "START", "START", "TIMER", "AGAIN"])
    assert said == ["waiting: another sync is running"] * 2
    assert waited == [BUSY, BUSY, 60, BUSY, 60]


def test_one_that_is_ended_before_its_first_pull_is_incomplete():
    def interrupted(_: Cause) -> int:
        raise KeyboardInterrupt

    assert watch(interrupted, Notices(), 60, print) == 3


def options(**given: object) -> dict[str, object]:
    names = ("port", "every", "listen", "public_url")
    return {f"--{name.replace('_', '-')}": given.get(name) for name in names}


def test_by_default_only_this_machine_is_listened_to():
    assert Place.of(True, options()) == Place("127.0.0.1", 0, None, 60)
    assert Place.of(False, options()) is None


def test_a_server_elsewhere_needs_an_address_that_leads_here():
    given = {"listen": "0.0.0.0", "port": 9100, "public_url": "https://hooks.example.org/team/", "every": 300}
    assert Place.of(True, options(**given)) == Place("0.0.0.0", 9100, "https://hooks.example.org/team", 300)
    assert Place.of(True, options(listen="192.0.2.7")) == Place("192.0.2.7", 0, None, 60)


@pytest.mark.parametrize(
    ("given", "part"),
    [
        ({"listen": "0.0.0.0"}, "--listen 0.0.0.0 names no address to register"),
        ({"listen": "::"}, "--listen :: names no address to register"),
        ({"public_url": "https://hooks.example.org"}, "Add --port"),
        ({"public_url": "hooks.example.org", "port": 1}, "--public-url: is no address of a server"),
        ({"public_url": "https://a:b@c.example", "port": 1}, "no name, password"),
    ],
)
def test_options_that_lead_nowhere_are_told(given, part):
    with pytest.raises(UsageError) as caught:
        Place.of(True, options(**given))
    assert part in str(caught.value)


def test_options_of_a_watch_go_with_one():
    with pytest.raises(UsageError, match="--port and --every: only with --watch"):
        Place.of(False, options(port=1, every=5))


@pytest.fixture
def project(tmp_path, monkeypatch) -> Project:
    monkeypatch.delenv("TAWSIM_WEBHOOK_SECRET", raising=False)
    (tmp_path / "configs").mkdir()
    for name, text in (("labels", LABELS), ("dataset", DATASET)):
        (tmp_path / "configs" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return Project(tmp_path)


def test_the_secret_is_made_once_for_its_owner_only_and_the_environment_s_goes_before_it(project, monkeypatch):
    made = webhook_keys(project)
    assert webhook_keys(project) == made
    assert len(made.secret) >= 40
    path = project.cache / "watch" / "webhook.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    monkeypatch.setenv("TAWSIM_WEBHOOK_SECRET", "  composed-for-this-test ")
    given = webhook_keys(project)
    assert (given.name, given.secret) == (made.name, "composed-for-this-test")
    assert given.secret not in path.read_text()
    assert given.secret not in repr(given)


@pytest.mark.parametrize(
    "secret", ["short", "with a blank in its middle", "سر-طويل-بما-يكفي-للاختبار", "a" * 20 + "\x07"]
)
def test_a_secret_that_is_none_is_refused_without_being_told(project, monkeypatch, secret):
    monkeypatch.setenv("TAWSIM_WEBHOOK_SECRET", secret)
    with pytest.raises(UsageError, match="TAWSIM_WEBHOOK_SECRET: a secret has at least 16 characters") as caught:
        webhook_keys(project)
    assert secret not in str(caught.value)


def edited(change: Callable[[str], str]) -> Callable[[Project], None]:
    def apply(project: Project) -> None:
        path = project.cache / "watch" / "webhook.json"
        path.write_text(change(path.read_text()))

    return apply


def opened(project: Project) -> None:
    (project.cache / "watch" / "webhook.json").chmod(0o644)


@pytest.mark.parametrize(
    ("damage", "part"),
    [
        (opened, "others than its owner may use this file"),
        (edited(lambda _: "[]"), "needs an object with name and secret"),
        (edited(lambda text: text.replace('"name": "', '"name": "../')), "needs an object with name and secret"),
    ],
)
def test_a_file_of_keys_that_is_damaged_or_open_is_refused(project, damage, part):
    made = webhook_keys(project)
    damage(project)
    with pytest.raises(ConfigError, match=part) as caught:
        webhook_keys(project)
    assert made.secret not in str(caught.value)


def test_a_folder_has_one_watch_at_a_time(project):
    with only_watch(project), pytest.raises(UsageError, match="is running"), only_watch(project):
        pass
    with only_watch(project):
        pass
