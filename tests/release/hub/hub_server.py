"""A server on loopback that speaks the Hub's protocol, for the real clients: strict where the Hub is, and out of order
where a test wants it to be.

LFS objects are on a second server, another origin as on the Hub. Clients must run with HF_HUB_DISABLE_XET=1.
"""

import base64
import hashlib
import json
import re
import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatch
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, unquote, urlsplit

import yaml
from hub_repositories import RefusalError, Repo, wants_lfs

PAGE = 5
LICENCES = {"cc-by-4.0", "cc-by-sa-4.0", "cc0-1.0", "apache-2.0", "mit", "other", "unknown"}
TASKS = {"token-classification", "text-classification", "question-answering"}


@dataclass(frozen=True)
class User:
    """Whose token it is, what it may do, and in which organisations. `only` is the repository of an OIDC token."""

    name: str
    role: str = "write"
    organisations: dict = field(default_factory=dict)
    only: str | None = None

    def may_write(self, namespace, name):
        if self.only is not None:
            return self.only == f"{namespace}/{name}"
        return self.role == "write" and (namespace == self.name or self.organisations.get(namespace) == "write")

    def may_read(self, repo):
        return self.only == repo.name or repo.name.split("/")[0] in (self.name, *self.organisations)


TOKENS = {
    "hf_ada_write": User("ada", organisations={"lab": "write", "club": "read"}),
    "hf_ada_read": User("ada", role="read", organisations={"lab": "write"}),
    "hf_bob_write": User("bob"),
    "hf_oidc": User("workflow", only="lab/news"),
}

# Where GitHub would give a job its id token, and the key for it.
ID_TOKENS, ID_TOKEN_KEY = "/github/id-token", "of the job"


@dataclass
class Fault:
    """What goes wrong at the next `times` requests of a place: before the work is done, or after it.

    `kind` is a status, `cut`, `truncated` (the answer), or `foreign`: somebody else commits just before.
    With `tagged` it waits until the repository has a tag.
    """

    place: str
    kind: int | str
    after: bool = False
    times: int = 1
    headers: dict = field(default_factory=lambda: {"Retry-After": "0"})
    tagged: bool = False


class Hub:
    """The Hub: its repositories, users, faults to come, and what it was asked. `with running() as hub`."""

    def __init__(self):
        self.repos, self.faults, self.requests = {}, [], []
        self.lock = threading.RLock()
        self.interrupt = None
        self.main = self._server(HubHandler)
        self.storage = self._server(StorageHandler)

    def _server(self, handler):
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.daemon_threads, server.hub = True, self
        return server

    @property
    def url(self):
        return f"http://127.0.0.1:{self.main.server_port}"

    def storage_url(self, repo, oid):
        return f"http://127.0.0.1:{self.storage.server_port}/{repo.name}/{oid}?signature=x{oid[:8]}"

    def repo(self, name, **settings):
        """The repository of this name, made if there is none."""
        if name not in self.repos:
            self.repos[name] = Repo(name, **settings)
        return self.repos[name]

    def fault_at(self, place, repo):
        """The fault that waits at this place, used up once."""
        with self.lock:
            for fault in self.faults:
                if fault.place == place and fault.times > 0 and (not fault.tagged or (repo and repo.tags)):
                    fault.times -= 1
                    return fault
        return None

    def asked(self, place):
        """How often a place was asked."""
        return sum(where == place for where, _, _ in self.requests)


@contextmanager
def running():
    """A Hub that serves until the block ends."""
    hub = Hub()
    threads = [
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True) for server in (hub.main, hub.storage)
    ]
    for thread in threads:
        thread.start()
    try:
        yield hub
    finally:
        for server in (hub.main, hub.storage):
            server.shutdown()
            server.server_close()


class Handler(BaseHTTPRequestHandler):
    """Faults, answers and bodies; what is answered is a subclass's."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm, wbufsize = True, -1

    def log_message(self, *_):
        pass

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        place, work = "unknown", None
        try:
            place, repo, work = self.route(body)
            fault = self.hub.fault_at(place, repo)
            if fault and fault.kind == "foreign":
                self.somebody_else(place, repo, body)
                fault = None
            if fault and not fault.after and fault.kind != "truncated":
                return self.fail(place, fault)
            self.interrupted("before")
            with self.hub.lock:
                status, headers, data = work()
            self.interrupted("after")
            if fault and fault.kind == "truncated":
                return self.answer(place, status, headers, data, cut=True)
            if fault:
                return self.fail(place, fault)
        except RefusalError as refusal:
            status, data = refusal.status, json.dumps({"error": refusal.message, **refusal.more}).encode()
            headers = {"X-Error-Message": refusal.message, "Content-Type": "application/json"}
            headers |= {"X-Error-Code": refusal.code} if refusal.code else {}
        return self.answer(place, status, headers, data)

    do_GET = do_POST = do_PUT = do_HEAD = handle_any  # noqa: N815

    @property
    def hub(self):
        return self.server.hub

    def interrupted(self, moment):
        """Tells the test that a request is about to be done, or has been done and is not answered yet."""
        if (interrupt := self.hub.interrupt) is not None:
            interrupt(moment)

    def fail(self, place, fault):
        if fault.kind == "cut":
            self.hub.requests.append((place, self.command, "cut"))
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        data = json.dumps({"error": f"out of order: {fault.kind}"}).encode()
        self.answer(place, fault.kind, {"Content-Type": "application/json", **fault.headers}, data)

    def answer(self, place, status, headers, data, cut=False):
        self.hub.requests.append((place, self.command, status))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if "Content-Length" not in headers:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data[: len(data) // 2] if cut else data)
        if cut:
            self.wfile.flush()
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)

    def partial(self, data, headers):
        """The whole, or the rest that a Range asks for."""
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or "")
        if not asked:
            return 200, headers, data
        first, last = int(asked[1]), int(asked[2] or len(data) - 1)
        if first >= len(data):
            return 416, {**headers, "Content-Range": f"bytes */{len(data)}"}, b""
        part = data[first : last + 1]
        return 206, {**headers, "Content-Range": f"bytes {first}-{first + len(part) - 1}/{len(data)}"}, part


class StorageHandler(Handler):
    """The object store behind LFS: signed addresses, no other credentials."""

    def route(self, body):
        address = urlsplit(self.path)
        namespace, name, oid = address.path.strip("/").split("/")
        repo = self.hub.repos[f"{namespace}/{name}"]
        place = "lfs-put" if self.command == "PUT" else "lfs-get"
        if self.headers.get("Authorization"):
            raise RefusalError(400, "Only one auth mechanism allowed")
        if parse_qs(address.query).get("signature") != [f"x{oid[:8]}"]:
            raise RefusalError(403, "SignatureDoesNotMatch")
        return place, repo, lambda: self.put(repo, oid, body) if place == "lfs-put" else self.get(repo, oid)

    def put(self, repo, oid, body):
        if hashlib.sha256(body).hexdigest() != oid:
            raise RefusalError(400, "BadDigest")
        repo.objects[oid] = body
        return 200, {"ETag": f'"{oid[:32]}"'}, b""

    def get(self, repo, oid):
        if oid not in repo.objects:
            raise RefusalError(404, "NoSuchKey")
        return self.partial(repo.objects[oid], {"Content-Type": "binary/octet-stream"})

    def somebody_else(self, place, repo, body):
        repo.commit_foreign()


class HubHandler(Handler):
    """The Hub's own API."""

    def route(self, body):
        address = urlsplit(self.path)
        path, query = address.path, parse_qs(address.query)
        if path == ID_TOKENS:
            return "id-token", None, lambda: self.id_token(query)
        if path == "/oauth/token":
            return "oauth", None, lambda: self.exchange(json.loads(body))
        self.user = self.who()
        if path == "/api/repos/create":
            return "create", None, lambda: self.create(json.loads(body))
        if path == "/api/validate-yaml":
            return "validate", None, lambda: self.validate(json.loads(body))
        if found := re.fullmatch(r"/datasets/([^/]+/[^/]+)\.git/info/lfs/(objects/batch|verify)", path):
            place = "lfs-batch" if found[2] != "verify" else "lfs-verify"
            repo = self.writable(found[1], pull_request=True)  # a pull request from outside has objects too
            handle = self.batch if place == "lfs-batch" else self.verify
            return place, repo, lambda: handle(repo, json.loads(body))
        if found := re.fullmatch(r"/datasets/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path):
            repo = self.readable(found[1], files=True)
            return "resolve", repo, lambda: self.resolve(repo, unquote(found[2]), unquote(found[3]))
        if found := re.fullmatch(r"/api/datasets/([^/]+/[^/]+?)(?:/([a-z-]+)(?:/([^/]+))?(?:/(.+))?)?", path):
            return self.api(found[1], found[2] or "revision", unquote(found[3] or "main"), found[4], query, body)
        raise RefusalError(404, f"Sorry, we can't find {path}")

    def api(self, name, what, revision, rest, query, body):
        match self.command, what:
            case "GET", "revision":
                repo = self.readable(name)
                return what, repo, lambda: self.info(repo, revision)
            case "GET", "tree":
                repo = self.readable(name)
                return what, repo, lambda: self.tree(repo, revision, unquote(rest or ""), query)
            case "POST", "paths-info":
                repo = self.readable(name)
                return what, repo, lambda: self.paths_info(repo, revision, parse_qs(body.decode())["paths"])
            case "GET", "commits":
                repo = self.readable(name)
                return what, repo, lambda: self.commits(repo, revision, query)
            case "GET", "refs":
                repo = self.readable(name)
                return what, repo, lambda: self.refs(repo, query)
            case "GET", "discussions":
                repo = self.readable(name)
                return what, repo, lambda: self.discussions(repo, query)
            case "POST", "preupload":
                repo = self.writable(name, pull_request="create_pr" in query or revision.startswith("refs/pr/"))
                return what, repo, lambda: self.preupload(repo, revision, json.loads(body))
            case "POST", "commit":
                repo = self.writable(name, pull_request="create_pr" in query or revision.startswith("refs/pr/"))
                return what, repo, lambda: self.commit(repo, revision, body, "create_pr" in query)
            case "POST", "tag":
                repo = self.writable(name)
                return what, repo, lambda: self.tag(repo, revision, json.loads(body))
        raise RefusalError(404, f"Sorry, we can't find {self.command} {what}")

    def id_token(self, query):
        """What GitHub's own service gives to a job that may have an id token."""
        if self.headers.get("Authorization") != f"Bearer {ID_TOKEN_KEY}":
            raise RefusalError(401, "Unauthorized")
        (audience,) = query["audience"]
        return self.json({"value": f"id token for {audience}"})

    def exchange(self, asked):
        """The token of a trusted publisher, for a repository that is there already."""
        if asked["subject_token"] != f"id token for {self.hub.url}":
            raise RefusalError(400, "invalid_grant")
        name = asked["resource"].removeprefix("datasets/")
        found = next((token for token, user in TOKENS.items() if user.only == name and name in self.hub.repos), None)
        if found is None:
            raise RefusalError(403, "no trusted publisher for this resource")
        return self.json({"access_token": found, "token_type": "bearer", "expires_in": 3600})

    def who(self):
        sent = self.headers.get("Authorization")
        if sent is None:
            return None
        token = sent.removeprefix("Bearer ")
        if token not in TOKENS:
            raise RefusalError(401, "Invalid credentials in Authorization header")
        return TOKENS[token]

    def readable(self, name, files=False):
        repo = self.hub.repos.get(name)
        hidden = repo is None or (repo.private and not (self.user and self.user.may_read(repo)))
        if hidden and self.user is None:
            raise RefusalError(401, "Invalid username or password.", "RepoNotFound")
        if hidden:
            raise RefusalError(404, "Repository not found", "RepoNotFound")
        if files and repo.gated and not (self.user and self.user.may_read(repo)):
            status = 403 if self.user else 401
            raise RefusalError(status, f"Access to dataset {name} is restricted.", "GatedRepo")
        return repo

    def writable(self, name, pull_request=False):
        repo = self.readable(name)
        if self.user is None:
            raise RefusalError(401, "Invalid username or password.")
        if not self.user.may_write(*name.split("/")) and not (pull_request and self.user.role == "write"):
            raise RefusalError(403, f"You don't have the required permissions to write to {name} with this token")
        return repo

    def json(self, value, **headers):
        return 200, {"Content-Type": "application/json", **headers}, json.dumps(value).encode()

    def create(self, asked):
        if self.user is None:
            raise RefusalError(401, "Invalid username or password.")
        namespace = asked.get("organization") or self.user.name
        name = f"{namespace}/{asked['name']}"
        if asked.get("type") != "dataset":
            raise RefusalError(400, "only datasets here")
        if name in self.hub.repos and self.user.may_write(namespace, asked["name"]):
            raise RefusalError(409, "You already created this dataset repo", url=f"{self.hub.url}/datasets/{name}")
        if self.user.only is not None:
            raise RefusalError(401, "This token cannot create repositories")
        if not self.user.may_write(namespace, asked["name"]):
            raise RefusalError(403, f'You don\'t have the rights to create a dataset under the namespace "{namespace}"')
        self.hub.repo(name, private=asked.get("visibility") == "private")
        return self.json({"url": f"{self.hub.url}/datasets/{name}", "name": name})

    def validate(self, asked):
        found = re.match(r"---\n(.*?)\n---", asked["content"], re.DOTALL)
        if not found:
            return self.json({"errors": [], "warnings": [{"message": "empty or missing yaml metadata in repo card"}]})
        errors = card_errors(found[1])
        status, headers, data = self.json({"errors": [{"message": error} for error in errors], "warnings": []})
        return (400 if errors else status), headers, data

    def preupload(self, repo, revision, asked):
        if len(asked["files"]) > 256:
            raise RefusalError(413, "too many files")
        tree = repo.resolve(revision).tree
        ignored = tree[".gitignore"].data.decode().split() if ".gitignore" in tree else []
        files = []
        for file in asked["files"]:
            base64.b64decode(file["sample"], validate=True)
            there = tree.get(file["path"])
            oid = None if there is None else there.sha256 if there.is_lfs else there.oid
            mode = "lfs" if wants_lfs(file["path"], file["size"]) else "regular"
            is_ignored = any(fnmatch(file["path"], pattern) for pattern in ignored)
            files.append({"path": file["path"], "uploadMode": mode, "shouldIgnore": is_ignored, "oid": oid})
        return self.json({"files": files, "commitOid": repo.resolve(revision).id})

    def batch(self, repo, asked):
        if asked["operation"] != "upload" or asked["hash_algo"] != "sha256":
            raise RefusalError(422, "unsupported LFS operation")
        objects = []
        for item in asked["objects"]:
            found = {"oid": item["oid"], "size": item["size"]}
            if item["oid"] not in repo.objects:
                found["actions"] = {
                    "upload": {"href": self.hub.storage_url(repo, item["oid"]), "header": {}},
                    "verify": {"href": f"{self.hub.url}/datasets/{repo.name}.git/info/lfs/verify", "header": {}},
                }
            objects.append(found)
        return self.json({"transfer": "basic", "objects": objects})

    def verify(self, repo, asked):
        if len(repo.objects.get(asked["oid"], b"")) != asked["size"]:
            raise RefusalError(404, "object is not there")
        return self.json({})

    def commit(self, repo, ref, body, create_pr):
        lines = [json.loads(line) for line in body.splitlines() if line.strip()]
        if not lines or lines[0]["key"] != "header":
            raise RefusalError(400, "the first line must be the header")
        operations = []
        for line in lines[1:]:
            value = dict(line["value"])
            if line["key"] == "file":
                value["content"] = base64.b64decode(value["content"], validate=True)
                found = re.match(rb"---\n(.*?)\n---", value["content"], re.DOTALL)
                if value["path"] == "README.md" and found and card_errors(found[1].decode()):
                    raise RefusalError(400, "Invalid metadata in README.md")
            operations.append((line["key"], value))
        made, number = repo.commit(ref, lines[0]["value"], operations, self.user.name, create_pr)
        base = f"{self.hub.url}/datasets/{repo.name}"
        answer = {"success": True, "commitOid": made.id, "commitUrl": f"{base}/commit/{made.id}", "hookOutput": ""}
        if number is not None:
            answer["pullRequestUrl"] = f"{base}/discussions/{number}"
        return self.json(answer)

    def tag(self, repo, revision, asked):
        commit = repo.resolve(revision)
        if not re.fullmatch(r"[\w.-]+", asked["tag"]):
            raise RefusalError(400, "Invalid tag name")
        if asked["tag"] in repo.tags:
            raise RefusalError(409, f"Tag {asked['tag']} already exists")
        repo.tags[asked["tag"]] = commit.id
        return self.json({})

    def info(self, repo, revision):
        commit = repo.resolve(revision)
        card = commit.tree.get("README.md")
        found = re.match(r"---\n(.*?)\n---", card.data.decode(), re.DOTALL) if card else None
        return self.json(
            {
                "_id": "0",
                "id": repo.name,
                "sha": commit.id,
                "private": repo.private,
                "gated": repo.gated,
                "disabled": False,
                "tags": [],
                "cardData": json.loads(json.dumps(yaml.safe_load(found[1]), default=str)) if found else {},
                "siblings": [{"rfilename": path} for path in sorted(commit.tree)],
            }
        )

    def entry(self, path, blob):
        found = {"type": "file", "oid": blob.oid, "size": len(blob.data), "path": path}
        if blob.is_lfs:
            found["lfs"] = {"oid": blob.sha256, "size": len(blob.data), "pointerSize": len(blob.pointer)}
        return found

    def page(self, items, query, path):
        """A page of PAGE items, with the address of the next in a Link header."""
        first = int(query.get("cursor", ["0"])[0])
        headers = {}
        if first + PAGE < len(items):
            kept = "&".join(f"{key}={quote(value)}" for key in query if key != "cursor" for value in query[key])
            headers["Link"] = f'<{self.hub.url}{path}?{kept}&cursor={first + PAGE}>; rel="next"'
        return self.json(items[first : first + PAGE], **headers)

    def tree(self, repo, revision, folder, query):
        tree = repo.resolve(revision).tree
        prefix = folder.strip("/") + "/" if folder.strip("/") else ""
        inside = {path: blob for path, blob in tree.items() if path.startswith(prefix)}
        if prefix and not inside:
            raise RefusalError(404, f"{folder} does not exist on {revision}", "EntryNotFound")
        is_deep = query.get("recursive", ["false"])[0].lower() == "true"
        folders = {
            path[: place.start()]
            for path in inside
            for place in list(re.finditer("/", path))
            if place.start() > len(prefix) and (is_deep or place.start() == path.find("/", len(prefix)))
        }
        items = [{"type": "directory", "oid": "0" * 40, "size": 0, "path": name} for name in sorted(folders)]
        items += [self.entry(p, b) for p, b in sorted(inside.items()) if is_deep or "/" not in p[len(prefix) :]]
        return self.page(items, query, urlsplit(self.path).path)

    def paths_info(self, repo, revision, paths):
        tree = repo.resolve(revision).tree
        items = []
        for path in paths:
            if path in tree:
                items.append(self.entry(path, tree[path]))
            elif any(name.startswith(f"{path}/") for name in tree):
                items.append({"type": "directory", "oid": "0" * 40, "size": 0, "path": path})
        return self.json(items)

    def commits(self, repo, revision, query):
        items = [
            {
                "id": commit.id,
                "title": commit.title,
                "message": commit.description,
                "authors": [{"user": commit.author}],
                "date": "2026-01-01T00:00:00.000Z",
            }
            for commit in repo.history(revision)
        ]
        return self.page(items, query, urlsplit(self.path).path)

    def refs(self, repo, query):
        def named(names, kind):
            return [{"name": n, "ref": f"refs/{kind}/{n}", "targetCommit": sha} for n, sha in sorted(names.items())]

        found = {
            "branches": named({n: sha for n, sha in repo.refs.items() if "/" not in n}, "heads"),
            "converts": [],
            "tags": named(repo.tags, "tags"),
        }
        if "include_prs" in query:
            pulls = {n.split("/")[-1]: sha for n, sha in repo.refs.items() if n.startswith("refs/pr/")}
            found["pullRequests"] = named(pulls, "pr")
        return self.json(found)

    def discussions(self, repo, query):
        first = 10 * int(query.get("p", ["0"])[0])
        status = query.get("status", [None])[0]
        items = [
            {
                "num": pull.number,
                "title": pull.title,
                "author": {"name": pull.author},
                "createdAt": "2026-01-01T00:00:00.000Z",
                "status": pull.status,
                "repo": {"name": repo.name, "type": "dataset"},
                "isPullRequest": True,
            }
            for pull in repo.pull_requests.values()
            if status in (None, "all", pull.status)
        ]
        return self.json({"discussions": items[first : first + 10], "count": len(items), "start": first})

    def resolve(self, repo, revision, path):
        commit = repo.resolve(revision)
        blob = commit.tree.get(path)
        if blob is None:
            raise RefusalError(404, f"{path} does not exist on {revision}", "EntryNotFound")
        headers = {"X-Repo-Commit": commit.id, "ETag": f'"{blob.oid}"', "Accept-Ranges": "bytes"}
        if blob.is_lfs:
            headers |= {"X-Linked-ETag": f'"{blob.sha256}"', "X-Linked-Size": str(len(blob.data))}
            return 302, {**headers, "Location": self.hub.storage_url(repo, blob.sha256)}, b""
        return self.partial(blob.data, headers)

    def somebody_else(self, place, repo, body):
        if place == "create":
            asked = json.loads(body)
            repo = self.hub.repo(f"{asked['organization']}/{asked['name']}")
        if repo is not None:
            repo.commit_foreign()


def card_errors(front):
    """What the Hub refuses in a card's metadata, as far as this toolkit writes any."""
    try:
        data = yaml.safe_load(front)
    except yaml.YAMLError as error:
        return [f"bad YAML: {error}"]
    if not isinstance(data, dict):
        return ["metadata must be an object"]
    errors = []
    if "license" in data and data["license"] not in LICENCES:
        errors.append('"license" must be one of the known licences')
    wrong = [name for name in data.get("language", []) if not re.fullmatch(r"[a-z]{2,3}(-[\w-]+)?", str(name))]
    errors += [f'"language" has no code {name!r}' for name in wrong]
    if not set(data.get("task_categories", [])) <= TASKS:
        errors.append('"task_categories" has an unknown task')
    names = [config.get("config_name") for config in data.get("configs", [])]
    if None in names or len(set(names)) != len(names):
        errors.append('"configs" must have unique names')
    if sum(bool(config.get("default")) for config in data.get("configs", [])) > 1:
        errors.append('"configs" has more than one default')
    files = [found for config in data.get("configs", []) for found in config.get("data_files", [])]
    if any(not isinstance(found, dict) or found.keys() != {"split", "path"} for found in files):
        errors.append('"data_files" must have split and path')
    return errors
