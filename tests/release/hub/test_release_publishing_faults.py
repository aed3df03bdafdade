"""Whatever goes wrong while publishing, and wherever: in the end there is one release, or none and one clear line."""

import os
import random
import signal
from dataclasses import replace

import pytest
from hub_server import Fault
from tiny_corpus import assert_released_once, releases

# `resolve` is the read-back: its faults wait until the version is tagged.
PLACES = ("create", "preupload", "lfs-batch", "lfs-put", "commit", "tag", "resolve")
LIMIT = {"RateLimit": '"api";r=0;t=0', "RateLimit-Policy": '"fixed window";"api";q=500;w=300'}
FAULTS = {
    "429": Fault("", 429, headers=LIMIT),
    "500": Fault("", 500),
    "503": Fault("", 503),
    "cut before": Fault("", "cut"),
    "cut after": Fault("", "cut", after=True),
    "truncated": Fault("", "truncated"),
    "foreign": Fault("", "foreign"),
}
CELLS = [(place, kind) for place in PLACES for kind in FAULTS]
FAULTS["500 after"] = Fault("", 500, after=True)
CELLS += [("create", "500 after"), ("commit", "500 after"), ("tag", "500 after")]
CELLS += [("validate", "503"), ("validate", "cut before"), ("lfs-verify", "cut after")]


@pytest.mark.parametrize(("place", "kind"), CELLS)
def test_one_fault_ends_in_one_release(place, kind, hub, publisher, tiny):
    fault = replace(FAULTS[kind], place=place, tagged=place == "resolve")
    hub.faults.append(fault)
    done = publisher.publish(tiny.folder)
    assert done.code == 0, done.err
    assert fault.times == 0
    repo = hub.repos["lab/news"]
    assert_released_once(repo, tiny.folder)
    foreign = [commit for commit in repo.commits.values() if commit.author == "somebody"]
    assert len(repo.commits) == 2 + len(foreign)
    assert len(foreign) == (kind == "foreign")


@pytest.mark.parametrize(("place", "kind"), [("revision", "cut"), ("tree", 503), ("lfs-get", "truncated")])
def test_a_fault_of_the_read_back_is_overcome(place, kind, hub, publisher, tiny):
    hub.faults.append(Fault(place, kind, tagged=True))
    done = publisher.publish(tiny.folder)
    assert done.code == 0, done.err
    assert "loaded back" in done.err
    assert_released_once(hub.repos["lab/news"], tiny.folder)


@pytest.mark.parametrize(
    ("place", "kind", "headers", "commits", "says"),
    [
        ("create", 500, {"Retry-After": "0"}, 0, "lab/news: the Hub answers HTTP 500"),
        ("lfs-put", 503, {"Retry-After": "0"}, 0, "lab/news: the Hub answers HTTP 503"),
        ("commit", 503, {"Retry-After": "0"}, 0, "lab/news: the Hub answers HTTP 503"),
        ("commit", "cut", {}, 0, "lab/news: the Hub broke the connection"),
        ("commit", 429, {"RateLimit": '"api";r=0;t=3600'}, 0, "lab/news: the Hub answers HTTP 429"),
        ("tag", 503, {"Retry-After": "0"}, 1, "lab/news: the Hub answers HTTP 503"),
        ("revision", 503, {"Retry-After": "0"}, 0, "lab/news: the Hub answers HTTP 503"),
    ],
)
def test_a_fault_that_stays_is_one_line_and_the_next_run_goes_on(
    place, kind, headers, commits, says, hub, publisher, tiny
):
    hub.faults.append(Fault(place, kind, times=99, headers=headers))
    done = publisher.publish(tiny.folder)
    assert done.code == 3
    (line,) = [line for line in done.err.splitlines() if line.startswith("error: ")]
    assert says in line and "Run the same command again" in line
    repo = hub.repos.get("lab/news")
    assert (len(releases(repo)), repo.tags) == (commits, {}) if repo else commits == 0
    hub.faults.clear()
    assert publisher.publish(tiny.folder).code == 0
    assert_released_once(hub.repos["lab/news"], tiny.folder)


def test_a_read_back_that_fails_is_told_and_the_release_stays(hub, publisher, tiny):
    hub.faults.append(Fault("lfs-get", 403, times=999, tagged=True))
    done = publisher.publish(tiny.folder)
    assert done.code == 3
    assert "is published, but could not be loaded back" in done.err
    assert_released_once(hub.repos["lab/news"], tiny.folder)


def test_it_waits_as_long_as_the_hub_asks(hub, publisher, tiny):
    hub.faults.append(Fault("commit", 429, headers={"RateLimit": '"api";r=0;t=2'}))
    done = publisher.publish(tiny.folder)
    assert done.code == 0
    assert "the Hub answers HTTP 429; trying again in 2 seconds" in done.err
    assert_released_once(hub.repos["lab/news"], tiny.folder)


@pytest.mark.parametrize("seed", range(5))
def test_killed_at_any_moment_the_next_run_ends_in_one_release(seed, hub, publisher, tiny):
    """Four kills in a row, each while the Hub handles a request, before or after its work."""
    draw = random.Random(seed)
    for _ in range(4):
        left, moment, running = draw.randrange(34), draw.choice(["before", "after"]), []

        def kill(now, moment=moment, running=running):
            nonlocal left
            if running and now == moment:
                left -= 1
                if left < 0:
                    hub.interrupt = None
                    os.kill(running[0].pid, signal.SIGKILL)

        hub.interrupt = kill
        running.append(publisher.start("publish", "--data", tiny.folder, "--repo", "lab/news"))
        assert running[0].wait()["code"] == -signal.SIGKILL
    hub.interrupt = None
    assert publisher.publish(tiny.folder).code == 0
    assert_released_once(hub.repos["lab/news"], tiny.folder)


@pytest.mark.parametrize("publishers", [2, 4])
def test_publishers_at_once_make_one_release(publishers, hub, publisher, tiny):
    running = [publisher.start("publish", "--data", tiny.folder, "--repo", "lab/news") for _ in range(publishers)]
    ends = [command.wait() for command in running]
    assert [end["code"] for end in ends] == [0] * publishers, ends
    assert_released_once(hub.repos["lab/news"], tiny.folder)
