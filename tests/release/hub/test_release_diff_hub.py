"""A version on the Hub as the old side of a difference, and as the release that a build must not fall behind."""

import json

import pytest
from hub_server import Fault
from planted_changes import edited
from small_corpus import MARKET, TREATY, WIRE, build_project, write_project


@pytest.fixture
def changed(repository, tmp_path):
    """The tiny project with a relation of its test split less, and the version still the published one."""
    market = edited(MARKET, links=())
    return write_project(tmp_path / "changed", repository, news=[TREATY, market], withheld=[WIRE])


def test_a_published_version_is_compared_with_the_annotations(hub, publisher, tiny, changed):
    assert publisher.publish(tiny.folder).code == 0
    done = publisher.run("diff", "lab/news@v1.2.3", changed.root, "--format", "json")
    assert done.code == 0, done.err
    found = json.loads(done.out)
    assert found["old"]["name"] == "lab/news@v1.2.3"
    assert found["counts"]["relation-removed"] == 1
    assert found["version"]["smallest"] == "1.3.0"
    same = publisher.run("diff", "lab/news@v1.2.3", tiny.folder, "--check")
    assert (same.code, "Nothing changed" in same.out) == (0, True), same.err


def test_a_build_and_a_publication_fall_behind_the_published_version_alike(hub, publisher, tiny, changed, tmp_path):
    assert publisher.publish(tiny.folder).code == 0
    out = tmp_path / "out"
    built = publisher.run("build", "--project", changed.root, "--out", out, "--previous", "lab/news@v1.2.3")
    published = publisher.publish(build_project(changed, tmp_path / "dataset").folder)
    assert (built.code, published.code) == (1, 1)
    assert "version 1.2.3 exists already with other content: 1 relation removed in the test split" in built.err
    assert "version 1.2.3 is published already with other content" in published.err
    assert not out.exists()
    assert set(hub.repos["lab/news"].tags) == {"v1.2.3"}


def test_a_hub_that_is_away_is_told_and_nothing_is_compared(hub, publisher, tiny):
    assert publisher.publish(tiny.folder).code == 0
    hub.faults.append(Fault("refs", 503, times=99, headers={"Retry-After": "0"}))
    done = publisher.run("diff", "lab/news@v1.2.3", tiny.folder)
    assert (done.code, done.out) == (3, "")
    assert "lab/news" in done.err
