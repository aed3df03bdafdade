"""The workflow that releases, step by step, against the Hub's protocol on loopback."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.request import ProxyHandler, Request, build_opener

import hub_server
import pytest
from github_machine import Machine
from workflow_runner import Job

pytestmark = pytest.mark.xdist_group("workflows")
REPO = "lab/news"


@pytest.fixture
def hub() -> Iterator[hub_server.Hub]:
    with hub_server.running() as hub:
        yield hub


@pytest.fixture
def releasing(made: Machine, hub: hub_server.Hub, tmp_path: Path) -> Machine:
    """A clone with a history of its own. The Hub has an empty repository, and trusts the workflow to publish to it."""
    checkout = tmp_path / "clone"
    shutil.copytree(made.checkout, checkout, ignore=shutil.ignore_patterns("build", "results", ".tawsim"))
    git(checkout, "init", "--quiet")
    commit(checkout)
    made_there = Request(
        f"{hub.url}/api/repos/create",
        json.dumps({"name": "news", "organization": "lab", "type": "dataset"}).encode(),
        {"Authorization": "Bearer hf_ada_write", "Content-Type": "application/json"},
    )
    build_opener(ProxyHandler({})).open(made_there).close()
    hf = {"HF_ENDPOINT": hub.url, "HF_HUB_DISABLE_XET": "1", "HF_HOME": str(tmp_path / "hf")}
    id_tokens = {
        "ACTIONS_ID_TOKEN_REQUEST_URL": hub.url + hub_server.ID_TOKENS,
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": hub_server.ID_TOKEN_KEY,
    }
    environment = {**made.environment, **hf}
    return replace(made, checkout=checkout, temporary=tmp_path, environment=environment, id_tokens=id_tokens)


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=Lead", "-c", "user.email=lead@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def commit(folder: Path) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "a state")


def release(machine: Machine, event: str, ref: str, repo: str = REPO) -> Job:
    """What the workflow does after the installation."""
    variables = {"DATASET_REPO": repo} if repo else {}
    return machine.run("release", begin_with="validate", event=event, ref=ref, variables=variables)


def replaced(machine: Machine, old: str, new: str) -> None:
    settings = machine.checkout / "configs" / "dataset.yaml"
    text = settings.read_text("utf-8")
    assert old in text
    settings.write_text(text.replace(old, new), "utf-8")
    commit(machine.checkout)


def test_a_tag_is_published_and_the_next_version_is_held_to_its_changes(
    releasing: Machine, hub: hub_server.Hub
) -> None:
    git(releasing.checkout, "tag", "v0.1.0")
    job = release(releasing, "push", "v0.1.0")
    assert job.codes == [], job.printed
    published = hub.repos[REPO]
    assert list(published.tags) == ["v0.1.0"]
    head = published.tags["v0.1.0"]

    replaced(releasing, "version: 0.1.0", "version: 0.1.1")
    job = release(releasing, "pull_request", "7/merge")
    assert job.codes == [], job.printed
    assert "0.1.1" in job.summary and f"{REPO} (public), on {head[:12]}: v0.1.1 is " in job.printed

    (releasing.checkout / "annotations" / "sample" / "floods-01.json").unlink()
    tawsim = [releasing.programs / "tawsim", "datasheet"]
    environment = {**os.environ, **releasing.environment}
    subprocess.run(tawsim, cwd=releasing.checkout, env=environment, check=True, capture_output=True)
    commit(releasing.checkout)
    job = release(releasing, "pull_request", "7/merge")
    assert job.codes == [1] and "1.0.0" in job.printed, job.printed
    assert published.tags == {"v0.1.0": head}, "a pull request publishes nothing"


def test_a_tag_that_is_not_the_version_publishes_nothing(releasing: Machine, hub: hub_server.Hub) -> None:
    git(releasing.checkout, "tag", "v0.2.0")
    job = release(releasing, "push", "v0.2.0")
    assert job.codes == [1] and "::error::tag v0.2.0, but configs/dataset.yaml has version 0.1.0" in job.printed
    assert not hub.repos[REPO].tags


def test_without_a_repository_everything_is_checked_and_nothing_is_sent(
    releasing: Machine, hub: hub_server.Hub
) -> None:
    job = release(releasing, "pull_request", "7/merge", repo="")
    assert job.codes == [] and "content digest" in job.printed
    assert hub.requests == [("create", "POST", 200)], "but for what the test itself asked for"
