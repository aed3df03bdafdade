"""What publishing leaves on the Hub and what it refuses: plans, pull requests, rights, versions, leaks."""

import json
import shutil

import pytest
from hub_server import TOKENS, Fault
from small_corpus import MARKET, TREATY, WIRE, build_project, compose, write_copies, write_project
from tiny_corpus import TITLE, assert_holds, assert_released_once, releases, write_tiny

from toolkit.files import sha256, to_json
from toolkit.release.tables.records import card_disagreements


def sends(hub):
    """The requests that could have changed something."""
    places = ("create", "preupload", "lfs-batch", "lfs-put", "commit", "tag")
    return [place for place, _, _ in hub.requests if place in places]


def plan_of(done):
    assert done.code == 0, done.err
    return json.loads(done.out)


def changes(plan):
    return {file["path"]: file["change"] for file in plan["files"]}


@pytest.fixture(scope="module")
def build(tmp_path_factory, repository):
    """A dataset of the tiny project with other settings or tasks, built at a path of its own."""

    def made(folders=(), **settings):
        root = tmp_path_factory.mktemp("clone")
        return build_project(write_tiny(root, repository, **settings), root / "built" / "dataset", folders).folder

    return made


def test_a_dry_run_prints_every_path_and_sends_nothing(hub, publisher, tiny):
    done = publisher.publish(tiny.folder, "--dry-run", "--private", "--format", "json", token=None)
    plan = plan_of(done)
    files = {path.relative_to(tiny.folder).as_posix(): path for path in tiny.folder.rglob("*") if path.is_file()}
    assert {file["path"]: file["bytes"] for file in plan["files"]} == {n: p.stat().st_size for n, p in files.items()}
    assert set(changes(plan).values()) == {"new"}
    assert (plan["tag"], plan["parent"], plan["visibility"], plan["state"]) == (
        "v1.2.3",
        None,
        "private",
        "to be committed",
    )
    assert sends(hub) == [] and hub.repos == {}
    assert "private" in done.err and "v1.2.3" in done.err


def test_publishing_again_changes_nothing_and_says_so(hub, publisher, tiny):
    assert publisher.publish(tiny.folder).code == 0
    before = len(hub.repos["lab/news"].commits)
    hub.requests.clear()
    done = publisher.publish(tiny.folder)
    assert done.code == 0
    assert "nothing was changed: v1.2.3 is released already" in done.err
    assert sends(hub) == []
    assert len(hub.repos["lab/news"].commits) == before
    assert_released_once(hub.repos["lab/news"], tiny.folder)


def test_two_clones_publish_one_release(hub, publisher, build, tmp_path):
    one, two = build(), build([write_copies(tmp_path / "copies", [WIRE])])
    assert json.loads((two / "manifest.json").read_bytes())["documents"]["wire-01"]["text"]
    assert publisher.publish(one).code == 0
    repo = hub.repos["lab/news"]
    digest = json.loads(repo.head.tree["manifest.json"].data)["content_digest"]
    assert digest == json.loads((one / "manifest.json").read_bytes())["content_digest"]
    done = publisher.publish(two)
    assert done.code == 0
    assert "the text of 1 withheld articles is in the folder and is not sent" in done.err
    assert "nothing was changed" in done.err
    assert_released_once(repo, one)


def test_another_repository_than_the_configured_one_is_named_in_its_card(hub, publisher, tiny):
    assert publisher.publish(tiny.folder, repo="ada/copy").code == 0
    card = hub.repos["ada/copy"].head.tree["README.md"].data.decode()
    assert 'load_dataset("ada/copy")' in card and "lab/news" not in card
    assert "tawsim hydrate ada/copy@v1.2.3 --articles FOLDER --out full" in card


def test_the_next_version_deletes_what_an_earlier_one_wrote_and_nothing_else(
    hub, publisher, tiny, build, repository, tmp_path
):
    assert publisher.publish(tiny.folder).code == 0
    repo = hub.repos["lab/news"]
    repo.commit_foreign("LOGO.png", b"png")
    repo.commit_foreign("ner/notes.md", b"mine")
    project = write_tiny(tmp_path / "next", repository, version="2.0.0")
    (project.annotations / "news" / "market-01.json").unlink()
    folder = build_project(project, tmp_path / "next-built").folder
    plan = plan_of(publisher.publish(folder, "--dry-run", "--format", "json"))
    gone = {"documents/test-00000-of-00001.parquet", "ner/test-00000-of-00001.parquet"}
    assert {path for path, change in changes(plan).items() if change == "deleted"} == {
        *gone,
        "relations/test-00000-of-00001.parquet",
    }
    assert changes(plan)["DATASHEET.md"] == "same"
    assert changes(plan)["README.md"] == "changed"
    assert publisher.publish(folder).code == 0
    assert gone.isdisjoint(repo.head.tree)
    assert {"LOGO.png", "ner/notes.md", ".gitattributes"} <= repo.head.tree.keys()
    assert set(repo.tags) == {"v1.2.3", "v2.0.0"}
    assert_holds(repo.commits[repo.tags["v1.2.3"]], tiny.folder)
    assert_holds(repo.head, folder)


@pytest.mark.parametrize("path", ["ner/train-00007-of-00009.parquet", ".huggingface.yaml", "news.py"])
def test_a_stranger_that_load_dataset_would_obey_is_named(path, hub, publisher, tiny):
    hub.repo("lab/news").commit_foreign(path, b"PAR1")
    done = publisher.publish(tiny.folder)
    assert done.code == 1
    assert path in done.err
    assert sends(hub) == []


def test_a_file_that_the_repository_ignores_is_missed_before_the_tag(hub, publisher, tiny):
    repo = hub.repo("lab/news")
    repo.commit_foreign(".gitignore", b"*.json\n")
    done = publisher.publish(tiny.folder)
    assert done.code == 1
    assert "does not hold croissant.json, manifest.json, so it was not tagged" in done.err
    assert repo.tags == {}
    repo.commit_foreign(None, delete=".gitignore")
    assert publisher.publish(tiny.folder).code == 0
    assert_holds(repo.commits[repo.tags["v1.2.3"]], tiny.folder)


def test_a_version_is_never_changed(hub, publisher, tiny, build):
    assert publisher.publish(tiny.folder).code == 0
    hub.requests.clear()
    done = publisher.publish(build(summary="Other words."))
    assert done.code == 1
    assert "version 1.2.3 is published already with other content" in done.err
    assert sends(hub) == []
    assert_released_once(hub.repos["lab/news"], tiny.folder)


def test_a_version_on_main_that_was_not_tagged_is_not_overwritten(hub, publisher, tiny, build):
    hub.faults.append(Fault("tag", 503, times=99))
    assert publisher.publish(tiny.folder).code == 3
    hub.faults.clear()
    done = publisher.publish(build(summary="Other words."))
    assert done.code == 1
    assert "main holds version 1.2.3 already, with other content and not tagged" in done.err
    assert publisher.publish(tiny.folder).code == 0
    assert_released_once(hub.repos["lab/news"], tiny.folder)


def test_the_release_of_other_tools_is_the_same_release(hub, publisher, tiny, tmp_path):
    assert publisher.publish(tiny.folder).code == 0
    folder = shutil.copytree(tiny.folder, tmp_path / "elsewhere")
    manifest = json.loads((folder / "manifest.json").read_bytes())
    manifest["tools"]["pyarrow"] = "99.0.0"
    (folder / "manifest.json").write_text(to_json(manifest), encoding="utf-8")
    done = publisher.publish(folder)
    assert (done.code, "nothing was changed" in done.err) == (0, True)
    assert_released_once(hub.repos["lab/news"], tiny.folder)


def test_a_version_smaller_than_the_changes_ask_for_is_refused(hub, publisher, tiny, repository, tmp_path):
    assert publisher.publish(tiny.folder).code == 0
    project = write_tiny(tmp_path / "next", repository, version="1.2.4")
    (project.annotations / "news" / "market-01.json").unlink()
    hub.requests.clear()
    done = publisher.publish(build_project(project, tmp_path / "built").folder)
    assert done.code == 1
    assert "version 1.2.4 is too small after 1.2.3" in done.err and "2.0.0" in done.err
    assert sends(hub) == []


class TestPullRequests:
    def test_one_is_opened_and_found_again(self, hub, publisher, tiny):
        repo = hub.repo("lab/news")
        for _ in range(2):
            assert publisher.publish(tiny.folder, "--pr").out == "lab/news: pull request 1\n"
        assert [pull.title for pull in repo.pull_requests.values()] == [TITLE]
        assert len(releases(repo)) == 1 and repo.tags == {}
        assert repo.head.title == "initial commit"
        assert_holds(repo.resolve("refs/pr/1"), tiny.folder)

    @pytest.mark.parametrize("kind", ["cut", 500])
    def test_a_lost_answer_opens_no_second_one(self, kind, hub, publisher, tiny):
        repo = hub.repo("lab/news")
        hub.faults.append(Fault("commit", kind, after=True))
        assert publisher.publish(tiny.folder, "--pr").code == 0
        assert len(repo.pull_requests) == len(releases(repo)) == 1

    def test_it_is_brought_up_to_date_and_tagged_when_it_is_merged(self, hub, publisher, tiny, build):
        repo = hub.repo("lab/news")
        assert publisher.publish(tiny.folder, "--pr").code == 0
        other = build(summary="Better words.")
        assert publisher.publish(other, "--pr").out == "lab/news: pull request 1\n"
        assert_holds(repo.resolve("refs/pr/1"), other)
        repo.merge(1)
        done = publisher.publish(other, "--pr")
        assert (done.code, "main has this release already" in done.err) == (2, True)
        assert publisher.publish(other).code == 0
        assert repo.tags == {"v1.2.3": repo.head.id}
        assert_holds(repo.head, other)

    def test_somebody_else_may_open_one(self, hub, publisher, tiny):
        hub.repo("lab/news")
        assert publisher.publish(tiny.folder, "--pr", token="hf_bob_write").code == 0

    def test_there_must_be_a_repository(self, hub, publisher, tiny):
        done = publisher.publish(tiny.folder, "--pr")
        assert (done.code, "is not on the Hub" in done.err) == (2, True)


@pytest.mark.parametrize(
    ("repo", "token", "says"),
    [
        ("lab/news", None, "there is no token for the Hub"),
        ("lab/news", "hf_made_up_secret", "the Hub does not accept the token"),
        ("lab/news", "hf_ada_read", "the token does not permit this"),
        ("lab/news", "hf_bob_write", "the token does not permit this"),
        ("club/new", "hf_ada_write", "the token does not permit this"),
        ("lab/new", "hf_oidc", "the Hub does not accept the token"),
        ("lab/secret", "hf_bob_write", "the token does not permit this"),
        ("a/b/c", "hf_ada_write", "is no name of a repository"),
    ],
)
def test_what_one_may_not_do_is_one_clear_line(repo, token, says, hub, publisher, tiny):
    hub.repo("lab/news")
    hub.repo("lab/secret", private=True)
    done = publisher.publish(tiny.folder, repo=repo, token=token)
    assert done.code == 2
    (line,) = [line for line in done.err.splitlines() if line.startswith("error: ")]
    assert says in line and repo in line
    assert all(not repo.tags and len(repo.commits) == 1 for repo in hub.repos.values())
    assert [secret for secret in (*TOKENS, "hf_made_up_secret") if secret in done.err + done.out] == []


@pytest.mark.parametrize("token", ["hf_ada_write", "hf_oidc"])
def test_private_and_gated_repositories_of_an_organisation(token, hub, publisher, tiny):
    repo = hub.repo("lab/news", private=True, gated="manual")
    done = publisher.publish(tiny.folder, "--private", token=token)
    assert done.code == 0, done.err
    assert "lab/news (private, gated)" in done.err
    assert_released_once(repo, tiny.folder)


def test_private_is_for_a_new_repository(hub, publisher, tiny):
    assert publisher.publish(tiny.folder, "--private", repo="lab/secret").code == 0
    assert hub.repos["lab/secret"].private
    hub.repo("lab/news")
    done = publisher.publish(tiny.folder, "--private")
    assert (done.code, "is public" in done.err) == (2, True)


def edited(folder, target, name, change, *, accept=True):
    """A copy of the dataset with one file changed, and the manifest made to fit it."""
    folder = shutil.copytree(folder, target)
    (folder / name).write_bytes(change((folder / name).read_bytes()))
    manifest = json.loads((folder / "manifest.json").read_bytes())
    if accept:
        manifest["files"][name]["sha256"] = sha256((folder / name).read_bytes())
    (folder / "manifest.json").write_text(to_json(manifest), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            b"'1': B-PER\n          '2': I-PER",
            b"'1': I-PER\n          '2': B-PER",
            "config ner, split train: the features",
        ),
        (b"dtype: int32", b"dtype: int64", "the features are not those of the files"),
        (b"num_examples: 1\n", b"num_examples: 7\n", "7 rows are told, and there are 1"),
        (b"path: ner/train-*", b"path: ner/dev-*", "config ner, split train: no file"),
    ],
)
def test_a_card_that_disagrees_with_the_files_is_caught_before_anything_is_sent(
    old, new, says, hub, publisher, tiny, tmp_path
):
    assert card_disagreements(tiny.folder) == []

    def change(data):
        assert old in data
        return data.replace(old, new, 1)

    folder = edited(tiny.folder, tmp_path / "dataset", "README.md", change)
    done = publisher.publish(folder)
    assert done.code == 1
    assert "README.md" in done.out and says in done.out
    assert hub.requests == []


def test_a_file_that_was_changed_by_hand_is_not_sent(hub, publisher, tiny, tmp_path):
    folder = edited(tiny.folder, tmp_path / "dataset", "README.md", lambda data: data + b"!", accept=False)
    done = publisher.publish(folder)
    assert (done.code, "README.md: is not the file that was built" in done.err) == (1, True)
    assert hub.requests == []


@pytest.mark.parametrize("key", ["license", "source"])
def test_a_collection_without_licence_or_source_is_refused(key, hub, publisher, build):
    known = {"description": "Composed for tests.", "source": "composed", "license": "CC-BY-4.0"}
    withheld = {**known, "text": "withheld", "split": "test"}
    folder = build(collections={"wire": withheld, "news": {**known, key: " "}})
    done = publisher.publish(folder)
    assert done.code == 1
    assert f"configs/dataset.yaml: collections.news.{key} is empty" in done.out.replace("error: ", "")
    assert hub.requests == []


SENTENCE = (WIRE.text or "").split("\n")[1]


@pytest.mark.parametrize(
    ("place", "says"),
    [
        ("text", "documents/train-00000-of-00001.parquet"),
        ("summary", "README.md"),
        ("changelog", "CHANGELOG.md"),
        ("datasheet", "DATASHEET.md"),
    ],
)
def test_a_planted_leak_stops_the_release_and_names_the_place(place, says, hub, publisher, repository, tmp_path):
    settings = {"repo": "lab/news"} | ({"summary": f"News. {SENTENCE}"} if place == "summary" else {})
    leak = compose("leaky", f"خبر قصير.\n{SENTENCE if place == 'text' else 'لا شيء'}")
    project = write_project(
        tmp_path / "project",
        repository,
        news=[TREATY, MARKET, leak],
        withheld=[WIRE],
        dataset=settings,
        splits={"treaty": "train", "market-01": "test", "leaky": "train"},
    )
    page = {"changelog": project.dataset_changelog, "datasheet": project.datasheet}.get(place)
    if page:
        page.write_text(f"# Page\n\nOne line.\n{SENTENCE}\n", encoding="utf-8")
    folder = build_project(project, tmp_path / "built").folder
    copies = write_copies(tmp_path / "copies", [WIRE])
    done = publisher.publish(folder, "--articles", copies)
    assert done.code == 1
    assert hub.requests == []
    assert says in done.out
    assert "of withheld article wire-01" in done.out
    if page:
        assert "line 4: 5 words in a row" in done.out
    if place == "text":
        assert "row leaky, column text: 5 words in a row" in done.out
    words = SENTENCE.split()
    assert not any(" ".join(words[i : i + 3]) in done.out + done.err for i in range(len(words) - 2))
    assert "error: nothing was sent" in done.err
