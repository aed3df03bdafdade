"""Datasets read from the Hub by version: the commit that the tag leads to now, whole and checked, or one clear line."""

import json
import shutil
from pathlib import Path

import hub_server
import pytest
from hub_repositories import Blob
from hub_server import Fault
from small_corpus import WIRE, build_project, write_copies
from tiny_corpus import write_tiny

import toolkit
from toolkit.errors import DataError, UsageError
from toolkit.release.hub.source import HubName, dataset_folder, hub_name, newest_version
from toolkit.release.tables.reading import read_dataset

LATER = "v2.0.0"


@pytest.fixture(scope="module")
def other(tmp_path_factory, repository):
    """Version 2.0.0 of the tiny dataset, with a document less."""
    root = tmp_path_factory.mktemp("other")
    project = write_tiny(root, repository, version="2.0.0")
    (project.annotations / "news" / "market-01.json").unlink()
    return build_project(project, root / "dataset")


@pytest.fixture
def released(hub, tiny, other):
    """A repository with two versions, put there without any client."""
    repo = hub.repo("lab/news")
    for built, tag in ((tiny, "v1.2.3"), (other, LATER)):
        files = {p.relative_to(built.folder).as_posix(): p for p in built.folder.rglob("*") if p.is_file()}
        tree = {name: Blob(path.read_bytes(), name.endswith(".parquet")) for name, path in files.items()}
        for blob in tree.values():
            repo.objects |= {blob.sha256: blob.data} if blob.is_lfs else {}
        repo.refs["main"] = repo.add(repo.head.id, tree, f"Release {tag}", "", "ada").id
        repo.tags[tag] = repo.head.id
    return repo


def hydrate(publisher, name, copies, out, **options):
    return publisher.run("hydrate", name, "--articles", copies, "--out", out, **options)


@pytest.fixture
def copies(tmp_path):
    return write_copies(tmp_path / "copies", [WIRE])


@pytest.mark.parametrize("named", ["tag", "commit"])
def test_a_version_is_read_as_it_was_published(named, released, publisher, tiny, copies, tmp_path):
    revision = "v1.2.3" if named == "tag" else released.tags["v1.2.3"]
    done = hydrate(publisher, f"lab/news@{revision}", copies, tmp_path / "full")
    assert done.code == 0, done.err
    full = read_dataset(tmp_path / "full")
    assert {article.id for article in full.articles} == set(tiny.manifest["documents"])
    assert all(article.text for article in full.articles)
    assert full.manifest["version"] == "1.2.3"


def test_export_and_diff_take_a_version(released, publisher, tmp_path):
    done = publisher.run("export", "bigbio", "--data", "lab/news@v1.2.3", "--split", "train", "--out", tmp_path / "out")
    assert done.code == 0, done.err
    done = publisher.run("diff", "lab/news@v1.2.3", f"lab/news@{released.tags[LATER]}", "--format", "json")
    assert "document-removed" in done.out, done.err


def test_score_and_predict_take_a_version(released, publisher, tiny, tmp_path):
    for revision, documents in (("v1.2.3", 1), (released.tags["v1.2.3"], 1)):
        predictions = tmp_path / f"{revision}.jsonl"
        done = publisher.run("predict", "baseline:gazetteer", "--data", f"lab/news@{revision}", "--out", predictions)
        assert done.code == 0, done.err
        assert len(predictions.read_text("utf-8").splitlines()) == documents
    done = publisher.run("score", "baseline:gazetteer", "--data", "lab/news@v1.2.3", "--out", tmp_path / "results")
    assert done.code == 0, done.err
    result = json.loads((tmp_path / "results" / "result.json").read_bytes())
    assert result["dataset"]["content_digest"] == tiny.manifest["content_digest"]
    assert result["dataset"]["revision"] == released.tags["v1.2.3"]


@pytest.mark.parametrize(
    "fault",
    [
        Fault("refs", 503, times=99),
        Fault("refs", 429, times=99, headers={"RateLimit": '"api";r=0;t=3600'}),
        Fault("refs", 500, times=99),
    ],
    ids=lambda fault: str(fault.kind),
)
def test_with_the_hub_out_of_order_no_other_revision_is_taken(fault, hub, released, publisher, copies, tmp_path):
    assert hydrate(publisher, f"lab/news@{LATER}", copies, tmp_path / "cached", home="same").code == 0
    hub.faults.append(fault)
    for version in ("v1.2.3", LATER):
        done = hydrate(publisher, f"lab/news@{version}", copies, tmp_path / "full", home="same")
        assert done.code == 3
        (line,) = done.err.splitlines()
        assert f"error: lab/news@{version}" in line and "nothing else was taken in its place" in line
        assert not (tmp_path / "full").exists()


def test_with_the_hub_away_only_a_whole_copy_of_the_named_commit_will_do(released, warm, publisher, copies, tmp_path):
    commit = released.tags["v1.2.3"]
    assert hydrate(publisher, "lab/news@v1.2.3", copies, tmp_path / "cached", home="same").code == 0
    away = {"home": "same", "HF_HUB_OFFLINE": "1", "HF_ENDPOINT": "http://127.0.0.1:9"}
    code = "import sys, toolkit; print(sorted(d.id for d in toolkit.load(sys.argv[1])))"
    done = publisher.python(code, f"lab/news@{commit}", **away)
    assert (done.returncode, done.stdout) == (0, "['market-01', 'treaty']\n"), done.stderr
    for revision in ("v1.2.3", released.tags[LATER]):
        done = publisher.python(code, f"lab/news@{revision}", **away)
        assert done.returncode == 1
        assert "IncompleteError" in done.stderr or "cannot be reached" in done.stderr


def test_a_tag_that_was_moved_is_followed_and_never_the_old_copy(released, publisher, copies, tmp_path):
    assert hydrate(publisher, "lab/news@v1.2.3", copies, tmp_path / "one", home="same").code == 0
    released.tags["v1.2.3"] = released.tags[LATER]
    assert hydrate(publisher, "lab/news@v1.2.3", copies, tmp_path / "two", home="same").code == 0
    assert read_dataset(tmp_path / "two").manifest["version"] == "2.0.0"


@pytest.mark.parametrize("kind", ["truncated", "cut", 503])
def test_a_download_that_breaks_off_is_taken_up_again(kind, hub, released, publisher, copies, tmp_path):
    hub.faults.append(Fault("lfs-get", kind))
    done = hydrate(publisher, "lab/news@v1.2.3", copies, tmp_path / "full")
    assert done.code == 0, done.err
    read_dataset(tmp_path / "full").verify()


def test_a_damaged_copy_in_the_cache_is_fetched_again(released, publisher, copies, tmp_path):
    assert hydrate(publisher, "lab/news@v1.2.3", copies, tmp_path / "one", home="same").code == 0
    (blob,) = {path.resolve() for path in (tmp_path / "same").rglob("documents/test-*.parquet")}
    blob.write_bytes(b"PAR1" + blob.read_bytes()[4:-8] + b"damaged!")
    assert hydrate(publisher, "lab/news@v1.2.3", copies, tmp_path / "two", home="same").code == 0
    read_dataset(tmp_path / "two").verify()


def test_files_that_are_not_those_of_the_manifest_are_refused(released, publisher, copies, tmp_path):
    released.commit_foreign("documents/train-00000-of-00001.parquet", b"PAR1 of somebody else")
    blob = released.head.tree["documents/train-00000-of-00001.parquet"]
    released.objects[blob.sha256] = blob.data
    released.tags["v3.0.0"] = released.head.id
    released.refs["main"] = released.tags["v1.2.3"]
    done = hydrate(publisher, "lab/news@v3.0.0", copies, tmp_path / "full")
    assert done.code == 1
    assert "is not the file that was built, also after it was fetched again" in done.err


@pytest.mark.parametrize(
    ("name", "token", "code", "says"),
    [
        ("lab/news@v9.9.9", "hf_ada_write", 2, "has no version v9.9.9. There are: v1.2.3, v2.0.0."),
        ("lab/news@main", "hf_ada_write", 2, "'main' is no version"),
        ("lab/news", "hf_ada_write", 2, "no such folder, and for a dataset of the Hub no version"),
        ("lab/none@v1.0.0", "hf_ada_write", 2, "is not on the Hub, or hidden from this token"),
        ("lab/none@v1.0.0", None, 2, "is not on the Hub, or not for everybody"),
        ("lab/empty@v1.0.0", "hf_ada_write", 2, "has no such file, or is no dataset of this toolkit"),
        ("lab/gated@v1.2.3", "hf_bob_write", 2, "is gated, and this account has no access"),
        ("lab/news@v1.2.3", "hf_made_up", 2, "the Hub does not accept the token"),
    ],
)
def test_what_cannot_be_read_is_one_clear_line(name, token, code, says, hub, released, publisher, copies, tmp_path):
    hub.repo("lab/empty").tags["v1.0.0"] = hub.repo("lab/empty").head.id
    gated = hub.repo("lab/gated", gated="auto")
    gated.commits |= released.commits
    gated.tags["v1.2.3"] = released.tags["v1.2.3"]
    done = hydrate(publisher, name, copies, tmp_path / "full", token=token)
    assert done.code == code
    (line,) = done.err.splitlines()
    assert line.startswith("error: ") and says in line
    assert "hf_" not in line


def test_load_gives_documents_in_one_line(released, publisher, copies):
    code = """
import json, sys, toolkit
name, copies = sys.argv[1:]
loaded = [toolkit.load(name), toolkit.load(name, articles=copies), toolkit.load(name, split="train")]
print(json.dumps([[[d.id, len(d.text), len(d.entities)] for d in documents] for documents in loaded]))
"""
    done = publisher.python(code, "lab/news@v1.2.3", copies)
    assert done.returncode == 0, done.stderr
    own, full, train = json.loads(done.stdout)
    assert [name for name, *_ in own] == ["treaty", "market-01"]
    assert [name for name, *_ in full] == ["treaty", "market-01", "wire-01"]
    assert [name for name, *_ in train] == ["treaty"]
    assert full[-1][1] == len(WIRE.text)
    assert all(length and entities for _, length, entities in full)


def test_load_takes_a_folder_and_names_articles_that_it_cannot_join(tiny, tmp_path, copies):
    assert [document.id for document in toolkit.load(tiny.folder)] == ["treaty", "market-01"]
    assert [document.id for document in toolkit.load(tiny.folder, articles=[copies], split="test")] == [
        "market-01",
        "wire-01",
    ]
    (copies / "wire-01.txt").write_text("نص آخر تماما.", encoding="utf-8")
    with pytest.raises(DataError, match=r"not joined with their text: wire-01 \(refused\)"):
        toolkit.load(tiny.folder, articles=copies)
    with pytest.raises(UsageError, match="no split 'dev'"):
        toolkit.load(tiny.folder, split="dev")


def test_names_of_folders_and_of_the_hub(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    commit = "0123456789" * 4
    assert hub_name("build") is None
    assert hub_name(str(tmp_path / "not" / "there")) is None
    assert hub_name("lab/news@v1.0.0") == HubName("lab/news", "v1.0.0")
    assert hub_name(f"lab/news@{commit}") == HubName("lab/news", commit)
    assert not HubName("lab/news", "v1.0.0").is_commit and HubName("lab/news", commit).is_commit
    Path("lab/news@v1.0.0").mkdir(parents=True)
    assert dataset_folder("lab/news@v1.0.0") == Path("lab/news@v1.0.0")
    shutil.rmtree("lab")
    for name in ("lab/news", "lab/news@1.0.0", "lab/news@v1.0", "lab/news@v01.0.0", "lab/news@abc"):
        with pytest.raises(UsageError, match=r"Name a version, as in NS/NAME@v1\.0\.0"):
            hub_name(name)


def test_the_newest_version_is_the_highest_number():
    assert newest_version(["v1.10.0", "v1.9.9", "v1.2.3", "latest", "v9", "v2.0.0-rc1"]) == "v1.10.0"
    assert newest_version(["latest"]) is None


def test_the_storage_is_another_origin(hub):
    assert hub_server.urlsplit(hub.url).port != hub.storage.server_port
