"""A Label Studio server, spoken to through its SDK: the only importer of label_studio_sdk.

The SDK signs the requests and renews personal access tokens; its retries are off, because a POST that is repeated
blindly makes every task twice. Answers are the server's own JSON. No message holds a header, a cookie or the key.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import orjson

from toolkit.errors import DataError, IncompleteError, MissingDependencyError, UsageError
from toolkit.labelstudio.addresses import is_loopback

PAGE = 1000
_SHOWN = 300
Json = Mapping[str, Any]


class UnansweredError(IncompleteError):
    """No answer, or one from something in between: the server may or may not have done what it was asked."""


class RefusedError(DataError):
    """The server understood and refused; `status` is the HTTP status."""

    def __init__(self, status: int, what: str, where: str) -> None:
        self.status = status
        super().__init__(what, where=where)


def connect(url: str, key: str, timeout: float = 60) -> "Client":
    """A client of the server at `url`; `timeout` in seconds holds for each request. Nothing is sent yet.

    The proxies of the environment are used, but never for this machine itself.
    MissingDependencyError where the SDK is not installed.
    """
    try:
        import httpx
        import label_studio_sdk.client
        from label_studio_sdk.core.api_error import ApiError
    except ImportError as error:
        what = "label-studio-sdk is not installed"
        raise MissingDependencyError(what, fix="pip install 'tawsim[labelstudio]'") from error
    make: Any = label_studio_sdk.client.LabelStudio
    # The SDK renews personal access tokens through this too. Without NO_PROXY, httpx sends even localhost to a proxy.
    http = httpx.Client(timeout=timeout, trust_env=not is_loopback(url), follow_redirects=False)
    try:
        sdk = make(base_url=f"{url}/", api_key=key, timeout=timeout, max_retries=0, httpx_client=http)
    except ApiError:
        raise UsageError(
            "the key has expired, or is no key", where=url, fix="Make a new one in Label Studio."
        ) from None
    return Client(sdk, url, timeout)


class Client:
    """The requests that Tawsim makes. Each raises UsageError for a wrong key or address, RefusedError for what the
    server will not do, and UnansweredError where it is down, slow, or hidden behind a gateway that answers for it.
    `clock` is the server's time as its last answer told it.
    """

    def __init__(self, sdk: Any, url: str, timeout: float) -> None:
        self._http = sdk._client_wrapper.httpx_client
        self.url, self._timeout = url, timeout
        self.clock: datetime | None = None

    def users(self) -> set[int]:
        """The user ids of the organisation's accounts."""
        return {int(user["id"]) for user in self._list("GET", "api/users/")}

    def me(self) -> int:
        """The user id that the key belongs to."""
        return int(self._object("GET", "api/current-user/whoami")["id"])

    def projects(self, title: str) -> list[Json]:
        """The projects of exactly this title, oldest first."""
        answer = self._object("GET", "api/projects/", {"title": title, "page_size": PAGE})
        found = [project for project in answer.get("results", []) if project.get("title") == title]
        return sorted(found, key=lambda project: int(project["id"]))

    def project(self, number: int) -> Json | None:
        """A project, None where there is none of this number."""
        try:
            return self._object("GET", f"api/projects/{number}/")
        except RefusedError as error:
            if error.status == 404:
                return None
            raise

    def create_project(self, title: str, config: str) -> Json:
        """A new project with a labelling configuration."""
        return self._object("POST", "api/projects/", body={"title": title, "label_config": config})

    def set_config(self, project: int, config: str) -> None:
        """Replaces the labelling configuration."""
        self._object("PATCH", f"api/projects/{project}/", body={"label_config": config})

    def tasks(
        self, project: int, include: str, conditions: Sequence[Json] = (), *, whole: bool = False
    ) -> Iterator[Json]:
        """The tasks that meet all conditions, by id, with the fields named in `include`, page by page.

        `whole` lists predictions and annotators too, which costs the server more.
        """
        query: dict[str, Any] = {"ordering": ["tasks:id"]}
        if conditions:
            query["filters"] = {"conjunction": "and", "items": list(conditions)}
        parameters = {"project": project, "query": json.dumps(query), "include": include, "page_size": PAGE}
        parameters["fields"] = "all" if whole else "task_only"
        page = seen = 0
        while True:
            page += 1
            try:
                answer = self._object("GET", "api/tasks/", {**parameters, "page": page})
            except RefusedError as error:
                if error.status == 404 and page > 1:
                    return
                raise
            found = answer.get("tasks", [])
            yield from found
            seen += len(found)
            if not found or seen >= int(answer.get("total", 0)):
                return

    def task(self, number: int) -> Json | None:
        """A task with its annotations, drafts and predictions; None where there is none of this number."""
        try:
            return self._object("GET", f"api/tasks/{number}/")
        except RefusedError as error:
            if error.status == 404:
                return None
            raise

    def import_tasks(self, project: int, tasks: Sequence[Json]) -> None:
        """Creates tasks. Sending the same ones twice creates them twice."""
        self._object("POST", f"api/projects/{project}/import", body=tasks)

    def set_data(self, task: int, data: Json) -> None:
        """Replaces the data of a task."""
        self._object("PATCH", f"api/tasks/{task}/", body={"data": data})

    def export(self, project: int, tasks: Iterable[int]) -> list[Json]:
        """The raw tasks of these numbers as the server exports them, annotations and drafts in full."""
        numbers = "&".join(f"ids[]={number}" for number in tasks)
        path = f"api/projects/{project}/export?exportType=JSON&download_all_tasks=true&{numbers}"
        return self._list("GET", path)

    def add_annotation(self, task: int, native: Json) -> bool:
        """Adds an annotation; False where the server has one with this unique_id already."""
        try:
            self._object("POST", f"api/tasks/{task}/annotations/", body=native)
        except RefusedError as error:
            if error.status == 409:
                return False
            raise
        return True

    def prefer(self, project: int, model: str) -> None:
        """Makes the predictions of this model those that an annotation starts from. They have to be there already."""
        self._object("PATCH", f"api/projects/{project}/", body={"model_version": model})

    def delete_prediction(self, number: int) -> None:
        """Deletes a prediction; one that is gone already is no problem."""
        self._delete(f"api/predictions/{number}/")

    def add_predictions(self, project: int, predictions: Sequence[Json]) -> None:
        """Adds predictions, each an object with task, model_version, score and result."""
        self._object("POST", f"api/projects/{project}/import/predictions", body=predictions)

    def webhooks(self, project: int) -> list[Json]:
        """The webhooks of a project, oldest first."""
        return sorted(self._list("GET", f"api/webhooks/?project={project}"), key=lambda hook: int(hook["id"]))

    def create_webhook(self, webhook: Json) -> int:
        """A new webhook; its number. Sending the same one twice creates two. A refusal may quote its headers."""
        return int(self._object("POST", "api/webhooks/", body=webhook)["id"])

    def set_webhook(self, number: int, webhook: Json) -> None:
        """Replaces a webhook. A refusal may quote its headers."""
        self._object("PATCH", f"api/webhooks/{number}/", body=webhook)

    def delete_webhook(self, number: int) -> None:
        """Deletes a webhook; one that is gone already is no problem."""
        self._delete(f"api/webhooks/{number}/")

    def _delete(self, path: str) -> None:
        try:
            self._object("DELETE", path)
        except RefusedError as error:
            if error.status != 404:
                raise

    def _object(self, method: str, path: str, parameters: Json | None = None, body: Any = None) -> Json:
        answer = self._send(method, path, parameters, body)
        if not isinstance(answer, Mapping):
            raise self._foreign()
        return answer

    def _list(self, method: str, path: str) -> list[Json]:
        answer = self._send(method, path, None, None)
        if not isinstance(answer, list):
            raise self._foreign()
        return answer

    def _send(self, method: str, path: str, parameters: Json | None, body: Any) -> Any:
        content = None if body is None else orjson.dumps(body)
        headers = None if body is None else {"Content-Type": "application/json"}
        with self._told():
            answer = self._http.request(
                path,
                method=method,
                params=parameters,
                content=content,
                headers=headers,
                request_options={"max_retries": 0},
            )
            status, found = answer.status_code, answer.content
        self.clock = _moment(answer.headers.get("date"))
        if status >= 500 or status == 429:
            raise UnansweredError(f"the server, or a gateway before it, answered HTTP {status}", where=self.url)
        if 300 <= status < 400:
            what = f"sends on to another address (HTTP {status}): a login page, or the server has moved"
            raise UsageError(what, where=self.url, fix="Check LABEL_STUDIO_URL, its http or https too.")
        try:
            parsed = orjson.loads(found) if found.strip() else {}
        except orjson.JSONDecodeError:
            raise self._foreign() from None
        if status >= 400:
            raise self._refused(status, parsed, f"{method} {path.partition('?')[0]}")
        return parsed

    def _foreign(self) -> UsageError:
        what = "answers with a web page or something else that Label Studio's API does not: a login page, or a proxy"
        return UsageError(what, where=self.url, fix="Check LABEL_STUDIO_URL.")

    def _refused(self, status: int, parsed: Any, what: str) -> UsageError | RefusedError:
        if status == 401:
            fix = "Make a key in Label Studio (Account & Settings) and set LABEL_STUDIO_API_KEY to it."
            return UsageError(f"the server does not accept the key (HTTP {status})", where=self.url, fix=fix)
        detail = ""
        if isinstance(parsed, Mapping):
            detail = str(parsed.get("validation_errors") or parsed.get("detail") or "")[:_SHOWN]
        return RefusedError(status, f"the server refused {what} (HTTP {status}) {detail}".strip(), self.url)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Whatever the SDK and its HTTP library raise, in one line, without the exception's own text."""
        import httpx
        from label_studio_sdk.core.api_error import ApiError

        try:
            yield
        except httpx.ConnectError:
            fix = "Start it, or check LABEL_STUDIO_URL."
            raise UnansweredError("the server is not to be reached", where=self.url, fix=fix) from None
        except httpx.TimeoutException:
            what = f"the server did not answer within {self._timeout:g} seconds"
            raise UnansweredError(what, where=self.url, fix="Run the command again; it goes on where it was.") from None
        except httpx.TransportError as error:
            what = f"the connection broke ({type(error).__name__})"
            raise UnansweredError(what, where=self.url, fix="Run the command again; it goes on where it was.") from None
        except httpx.InvalidURL:
            raise UsageError("is no address of a server", where=self.url) from None
        except ApiError as error:  # of a token that could not be renewed
            if error.status_code is not None and error.status_code >= 500:
                what = f"the server, or a gateway before it, answered HTTP {error.status_code}"
                raise UnansweredError(what, where=self.url) from None
            raise self._refused(401, None, "") from None
        except ValueError:  # a page where a renewed token was expected
            raise self._foreign() from None


def _moment(date: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(date) if date else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo else None
