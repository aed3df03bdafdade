"""Dataset repositories as the Hub keeps them: git blobs, LFS objects, commits, tags, pull requests. In memory."""

import hashlib
from dataclasses import dataclass, field


class RefusalError(Exception):
    """What the Hub answers instead of doing it: status, words, its error code where it has one, and what it adds."""

    def __init__(self, status, message, code=None, **more):
        self.status, self.message, self.code, self.more = status, message, code, more
        super().__init__(message)


def git_oid(data):
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


@dataclass(frozen=True)
class Blob:
    """A file of a commit. Of an LFS object the git blob is its pointer; `data` is the object itself."""

    data: bytes
    is_lfs: bool

    @property
    def sha256(self):
        return hashlib.sha256(self.data).hexdigest()

    @property
    def pointer(self):
        return f"version https://git-lfs.github.com/spec/v1\noid sha256:{self.sha256}\nsize {len(self.data)}\n".encode()

    @property
    def oid(self):
        return git_oid(self.pointer if self.is_lfs else self.data)


@dataclass(frozen=True)
class Commit:
    id: str
    parent: str | None
    title: str
    description: str
    author: str
    tree: dict[str, Blob]


@dataclass
class PullRequest:
    number: int
    title: str
    author: str
    status: str = "open"


def wants_lfs(path, size):
    """Parquet by the repository's .gitattributes, and whatever is larger than 10 MB."""
    return size > 0 and (path.endswith((".parquet", ".arrow", ".zip")) or size > 10_000_000)


@dataclass
class Repo:
    """One dataset repository. A new one has the Hub's own first commit, with .gitattributes."""

    name: str
    private: bool = False
    gated: str | bool = False
    commits: dict[str, Commit] = field(default_factory=dict)
    refs: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    pull_requests: dict[int, PullRequest] = field(default_factory=dict)
    objects: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self):
        attributes = Blob(b"*.parquet filter=lfs diff=lfs merge=lfs -text\n", is_lfs=False)
        self.refs["main"] = self.add(None, {".gitattributes": attributes}, "initial commit", "", "system").id

    def add(self, parent, tree, title, description, author):
        """A commit of its own id, even where nothing differs: the Hub dates them."""
        facts = [str(parent), title, description, author, str(len(self.commits))]
        facts += [f"{path} {blob.oid}" for path, blob in sorted(tree.items())]
        commit = Commit(
            hashlib.sha1("\n".join([self.name, *facts]).encode()).hexdigest(), parent, title, description, author, tree
        )
        self.commits[commit.id] = commit
        return commit

    def resolve(self, revision):
        for names in (self.refs, self.tags):
            if revision in names:
                return self.commits[names[revision]]
        if revision in self.commits:
            return self.commits[revision]
        raise RefusalError(404, f"Invalid rev id: {revision}", "RevisionNotFound")

    @property
    def head(self):
        return self.resolve("main")

    def history(self, revision):
        commit = self.resolve(revision)
        while commit is not None:
            yield commit
            commit = self.commits.get(commit.parent)

    def commit_foreign(self, path="notes.txt", data=b"from somebody else", ref="main", delete=None):
        """Somebody else commits a file to a branch."""
        parent = self.resolve(ref)
        tree = {name: blob for name, blob in parent.tree.items() if name != delete}
        tree |= {path: Blob(data, wants_lfs(path, len(data)))} if path else {}
        self.refs[ref] = self.add(parent.id, tree, f"Change {path or delete}", "", "somebody").id

    def changed(self, parent, operations):
        """The tree after the operations of a commit, each checked as the Hub does."""
        tree = dict(parent.tree)
        if not operations:
            raise RefusalError(400, "No operations in commit")
        for key, value in operations:
            path = value.get("path", "")
            if not path or path.startswith("/") or {"..", ".", ".git", ""} & set(path.rstrip("/").split("/")):
                raise RefusalError(400, f"Invalid path {path!r}")
            if key == "file":
                data = value["content"]
                if wants_lfs(path, len(data)):
                    raise RefusalError(400, f"{path} must be uploaded with LFS")
                tree[path] = Blob(data, is_lfs=False)
            elif key == "lfsFile":
                data = self.objects.get(value["oid"])
                if value.get("algo") != "sha256" or data is None or len(data) != value["size"]:
                    raise RefusalError(400, f"LFS pointer points to a file that does not exist: {path}")
                tree[path] = Blob(data, is_lfs=True)
            elif key == "deletedFile":
                if tree.pop(path, None) is None:
                    raise RefusalError(404, f"A file with this name doesn't exist: {path}", "EntryNotFound")
            elif key == "deletedFolder":
                gone = [name for name in tree if name.startswith(path.rstrip("/") + "/")]
                if not gone:
                    raise RefusalError(404, f"A file with this name doesn't exist: {path}", "EntryNotFound")
                for name in gone:
                    del tree[name]
            else:
                raise RefusalError(400, f"Unknown operation {key!r}")
        return tree

    def commit(self, ref, header, operations, author, create_pr):
        """Head of `ref` moved by one commit, or a pull request opened from `parentCommit`. 412 on a stale parent."""
        if not header.get("summary"):
            raise RefusalError(400, "Missing commit summary")
        if ref not in self.refs:
            raise RefusalError(404, f"Invalid rev id: {ref}", "RevisionNotFound")
        expected = header.get("parentCommit")
        head = self.resolve(ref)
        if create_pr and expected:
            head = self.resolve(expected)
        elif expected and expected != head.id:
            raise RefusalError(412, "A commit has happened since. Please refresh and try again.")
        made = self.add(head.id, self.changed(head, operations), header["summary"], header["description"], author)
        number = None
        if create_pr:
            number = len(self.pull_requests) + 1
            self.pull_requests[number] = PullRequest(number, made.title, author)
            ref = f"refs/pr/{number}"
        self.refs[ref] = made.id
        return made, number

    def merge(self, number):
        """A pull request merged by a person, with a merge commit of the same tree."""
        tree = self.resolve(f"refs/pr/{number}").tree
        self.refs["main"] = self.add(self.head.id, tree, self.pull_requests[number].title, "", "somebody").id
        self.pull_requests[number].status = "merged"
