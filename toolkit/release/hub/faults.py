"""What the Hub, or the way to it, answers instead of doing what was asked: one clear line each; and how long to go on.

No message holds a token or a signed address.
"""

import random
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from json import JSONDecodeError
from typing import TYPE_CHECKING, TypeVar

from toolkit.errors import ConfigError, DataError, IncompleteError, ToolkitError, UsageError

if TYPE_CHECKING:
    from huggingface_hub.errors import HfHubHTTPError

Value = TypeVar("Value")
Say = Callable[[str], None]
TRIES = 5
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 900.0
_BUSY = {408, 425, 429, 500, 502, 503, 504}
_LOG_IN = "Run `hf auth login`, or set HF_TOKEN; in CI see Trusted Publishers."
# Requests that the library itself repeats five times, waiting longer each time.
_REPEATED = re.compile(r"/preupload/|/info/lfs/|/tree/|/commits/")
_SECRET = re.compile(r"hf_\w+|https?://\S+")
_SHOWN = 300


class MissingError(UsageError):
    """The Hub has no such repository, revision or file, or does not show it."""


class UnansweredError(IncompleteError):
    """No answer that tells what became of the request. `wait` are the seconds asked for; `final`: was repeated."""

    def __init__(self, what: str, *, where: str = "", wait: float | None = None, final: bool = False) -> None:
        self.wait, self.final = wait, final
        super().__init__(what, where=where, fix="Run the same command again later; it goes on from there.")


class ConflictError(UnansweredError):
    """Somebody else changed the repository at the same moment, so this request did nothing."""


def persistently(attempt: Callable[[], Value], say: Say) -> Value:
    """What the attempt returns, tried up to five times where the Hub does not answer, with the waits it asks for.

    A wait is said when it is a second or longer; where the Hub asks for more than 15 minutes there is no other try.
    """
    for number in range(TRIES):
        try:
            return attempt()
        except UnansweredError as error:
            wait = _FIRST_WAIT * 2**number * random.uniform(0.75, 1.25) if error.wait is None else error.wait
            if error.final or number == TRIES - 1 or wait > _LONGEST_WAIT:
                error.final = True  # an outer loop is not to begin again
                raise
            if wait >= 1:
                say(f"{error.what}; trying again in {wait:.0f} seconds")
            time.sleep(wait)
    raise AssertionError("unreachable: the last try returns or raises")


@contextmanager
def in_words(name: str) -> Iterator[None]:
    """Turns what huggingface_hub raises about the repository `name` into one of our errors."""
    try:
        yield
    except ToolkitError:
        raise
    except Exception as error:
        found = fault(error, name)
        if found is None:
            raise
        raise found from error


def fault(error: BaseException, name: str) -> ToolkitError | None:
    """Our error for one of huggingface_hub or its HTTP library; None where it is none of the Hub."""
    import httpx2
    from huggingface_hub import errors

    match error:
        case RuntimeError() | errors.LocalEntryNotFoundError() if error.__cause__ is not None:
            return fault(error.__cause__, name)  # an upload in a thread, a file that is not in the cache either
        case errors.OfflineModeIsEnabled() | errors.LocalEntryNotFoundError():
            return UnansweredError("the Hub cannot be reached, or HF_HUB_OFFLINE is set", where=name, final=True)
        case errors.LocalTokenNotFoundError() | errors.OIDCError():
            return ConfigError(f"no token for the Hub: {_shown(error)}", where=name, fix=_LOG_IN)
        case errors.HfHubHTTPError():
            return _of_status(error, name)
        case httpx2.HTTPError():
            request = getattr(error, "_request", None)
            what = f"the Hub broke the connection or cannot be reached ({type(error).__name__})"
            return UnansweredError(what, where=name, final=request is not None and _was_repeated(request))
        case JSONDecodeError():
            return UnansweredError("the Hub answers with something that is not JSON", where=name)
        case errors.HFValidationError():
            return UsageError("is no name of a repository, expected NAMESPACE/NAME", where=name)
        case ValueError() if "metadata in README.md" in str(error):
            return DataError(f"the Hub refuses the card: {_shown(error)}", where="README.md")
        case OSError() if "Consistency check failed" in str(error):
            return UnansweredError("a file came shorter than it is", where=name)
        case _:
            return None


def _of_status(error: "HfHubHTTPError", name: str) -> ToolkitError:
    from huggingface_hub.errors import GatedRepoError

    response = error.response
    status, code = response.status_code, response.headers.get("X-Error-Code")
    is_anonymous = "authorization" not in response.request.headers
    match status:
        case _ if isinstance(error, GatedRepoError):
            what = "is gated, and this account has no access to its files"
            return ConfigError(what, where=name, fix="Ask for access on its page, and log in.")
        case _ if status in _BUSY:
            wait, is_final = _wait(response.headers), _was_repeated(response.request)
            return UnansweredError(f"the Hub answers HTTP {status}", where=name, wait=wait, final=is_final)
        case 401 if is_anonymous:
            return MissingError("is not on the Hub, or not for everybody", where=name, fix=_LOG_IN)
        case 401:
            return ConfigError("the Hub does not accept the token", where=name, fix=_LOG_IN)
        case 403:
            what = f"the token does not permit this: {_shown(error)}"
            return ConfigError(what, where=name, fix="It needs the right to write there.")
        case 404:
            lacking = {"RevisionNotFound": "has no such revision", "EntryNotFound": "has no such file"}
            return MissingError(lacking.get(code or "", "is not on the Hub, or hidden from this token"), where=name)
        case 409 | 412:
            return ConflictError("somebody else changed the repository in between", where=name, wait=0.1)
        case _:
            return DataError(f"the Hub refuses this (HTTP {status}): {_shown(error)}", where=name)


def _wait(headers: Mapping[str, str]) -> float | None:
    """The seconds that a busy Hub asks to wait."""
    from huggingface_hub.utils._http import parse_ratelimit_headers

    limit = parse_ratelimit_headers(headers)
    if limit is not None and limit.remaining == 0:
        return float(limit.reset_in_seconds)
    asked = headers.get("Retry-After", "")
    return float(asked) if asked.isdigit() else None


def _was_repeated(request: object) -> bool:
    url, method = str(getattr(request, "url", "")), getattr(request, "method", "")
    return method == "PUT" or bool(_REPEATED.search(url))


def _shown(error: BaseException) -> str:
    """What the server says, or else the error, in one line without secrets."""
    said = getattr(error, "server_message", None) or str(error)
    return _SECRET.sub("…", " ".join(said.split()))[:_SHOWN].rstrip(".")
