"""The Hub of the tests, held to what the real clients send and expect: huggingface_hub and datasets, unchanged."""

import json

import pytest
from hub_server import Fault

CLIENT = """
import json, sys
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, errors, snapshot_download
api = HfApi()
this = {"repo_id": "lab/news", "repo_type": "dataset"}
def add(path, data): return CommitOperationAdd(path, data)
def commit(*made, **more): return api.create_commit(**this, operations=list(made), commit_message="m", **more)
def refused(call):
    try: call()
    except errors.HfHubHTTPError as error: return error.response.status_code
    except Exception as error: return type(error).__name__
"""


def answer(done):
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_a_repository_is_made_filled_tagged_and_read_back(hub, python, small):
    code = """
from pathlib import Path
import datasets
api.create_repo(**this, private=True)
head = api.dataset_info("lab/news").sha
folder = Path(sys.argv[1])
made = commit(*(add(p.relative_to(folder).as_posix(), p) for p in folder.rglob("*") if p.is_file()), parent_commit=head)
api.create_tag(**this, tag="v1.2.3", revision=made.oid)
tree = [f.path for f in api.list_repo_tree(**this, recursive=True) if hasattr(f, "lfs")]
folders = [f.path for f in api.list_repo_tree(**this) if not hasattr(f, "lfs")]
copy = Path(snapshot_download("lab/news", repo_type="dataset", revision="v1.2.3"))
same = all((copy / p.relative_to(folder)).read_bytes() == p.read_bytes() for p in folder.rglob("*") if p.is_file())
rows = {}
for config in folders:
    builder = datasets.load_dataset_builder("lab/news", config, revision=made.oid)
    loaded = datasets.load_dataset("lab/news", config, revision=made.oid)
    rows[config] = [builder.hash == made.oid, {split: len(part) for split, part in loaded.items()}]
titles = [c.title for c in api.list_repo_commits(**this)]
unchanged = commit(add("README.md", folder / "README.md")).oid
tagged = api.list_repo_refs(**this).tags[0].target_commit
print(json.dumps([made.oid, tagged, tree, folders, same, rows, titles, unchanged]))
"""
    oid, tagged, tree, folders, same, rows, titles, unchanged = answer(python(CLIENT + code, small.folder))
    repo = hub.repos["lab/news"]
    assert repo.private and repo.head.id == oid == tagged == unchanged
    files = {path.relative_to(small.folder).as_posix() for path in small.folder.rglob("*") if path.is_file()}
    assert set(tree) == {*files, ".gitattributes"} and len(tree) > 5  # more than one page
    assert folders == ["documents", "ner", "relations", "standoff"]
    assert same
    assert rows == {
        config: [True, {s: n for s, n in small.manifest["configs"][config].items() if n}] for config in folders
    }
    assert titles == ["m", "initial commit"]


def test_what_the_hub_refuses(hub, python):
    hub.repo("lab/news")
    hub.repo("lab/secret", private=True)
    hub.repo("lab/gated", gated="auto").commit_foreign("a.txt")
    code = """
head = api.dataset_info("lab/news").sha
commit(add("a.txt", b"1"), parent_commit=head)
bob, reader, oidc = HfApi(token="hf_bob_write"), HfApi(token="hf_ada_read"), HfApi(token="hf_oidc")
wrong, nobody = HfApi(token="hf_made_up"), HfApi(token=False)
def again(): return dict(operations=[add("b.txt", b"1")], commit_message="m", repo_type="dataset")
pull = HfApi(token="hf_bob_write").create_commit("lab/news", create_pr=True, **again())
print(json.dumps({
  "stale parent": refused(lambda: commit(add("a.txt", b"2"), parent_commit=head)),
  "existing repository": refused(lambda: api.create_repo(**this)),
  "foreign namespace": refused(lambda: bob.create_repo("lab/other", repo_type="dataset")),
  "member who only reads": refused(lambda: api.create_repo("club/other", repo_type="dataset")),
  "oidc makes no repository": refused(lambda: oidc.create_repo("lab/other", repo_type="dataset")),
  "oidc commits": refused(lambda: oidc.create_commit("lab/news", **again())),
  "read-only token": refused(lambda: reader.create_commit("lab/news", **again())),
  "somebody else": refused(lambda: bob.create_commit("lab/news", **again())),
  "wrong token": refused(lambda: wrong.dataset_info("lab/news")),
  "no token": refused(lambda: nobody.create_commit("lab/news", **again())),
  "private": refused(lambda: bob.dataset_info("lab/secret")),
  "missing": refused(lambda: api.dataset_info("lab/none")),
  "missing, no token": refused(lambda: nobody.dataset_info("lab/none")),
  "gated": refused(lambda: bob.hf_hub_download("lab/gated", "a.txt", repo_type="dataset")),
  "no revision": refused(lambda: api.dataset_info("lab/news", revision="v9.9.9")),
  "no file": refused(lambda: api.hf_hub_download("lab/news", "none.txt", repo_type="dataset")),
  "delete what is not there": refused(lambda: commit(CommitOperationDelete("none.txt"))),
  "bad card": refused(lambda: commit(add("README.md", b"---\\nlicense: mine\\n---\\n"))),
  "tag": refused(lambda: api.create_tag(**this, tag="v1.0.0")),
  "tag again": refused(lambda: api.create_tag(**this, tag="v1.0.0", revision=head)),
  "pull request": [pull.pr_num, api.dataset_info("lab/news", revision="refs/pr/1").sha == pull.oid,
                   [d.title for d in api.get_repo_discussions(**this, discussion_type="pull_request")]],
}))
"""
    assert answer(python(CLIENT + code)) == {
        "stale parent": 412,
        "existing repository": 409,
        "foreign namespace": 403,
        "member who only reads": 403,
        "oidc makes no repository": 401,
        "oidc commits": None,
        "read-only token": 403,
        "somebody else": 403,
        "wrong token": 401,
        "no token": 401,
        "private": 404,
        "missing": 404,
        "missing, no token": 401,
        "gated": 403,
        "no revision": 404,
        "no file": 404,
        "delete what is not there": 404,
        "bad card": "ValueError",
        "tag": None,
        "tag again": 409,
        "pull request": [1, True, ["m"]],
    }


@pytest.mark.parametrize(
    ("fault", "raised", "commits"),
    [
        (Fault("commit", 503), 503, 1),
        (Fault("commit", 500, after=True), 500, 2),
        (Fault("commit", "cut"), "RemoteProtocolError", 1),
        (Fault("commit", "cut", after=True), "RemoteProtocolError", 2),
        (Fault("commit", "truncated"), "RemoteProtocolError", 2),
        (Fault("commit", "foreign"), 412, 2),
        (Fault("lfs-put", 500), None, 2),
        (Fault("preupload", "cut"), None, 2),
    ],
)
def test_faults_reach_the_client_as_on_the_hub(fault, raised, commits, hub, python):
    repo = hub.repo("lab/news")
    hub.faults.append(fault)
    code = """
head = api.dataset_info("lab/news").sha
print(json.dumps(refused(lambda: commit(add("a.txt", b"1"), add("b.parquet", b"PAR1"), parent_commit=head))))
"""
    assert answer(python(CLIENT + code)) == raised
    assert len(repo.commits) == commits
    assert fault.times == 0
