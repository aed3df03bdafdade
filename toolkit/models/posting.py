"""Sending JSON to a service by HTTP: addresses without secrets, tokens from the environment, faults in one line."""

import http.client
import os
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from math import isfinite
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit, urlunsplit
from urllib.request import BaseHandler, HTTPRedirectHandler, ProxyHandler, Request, build_opener

from toolkit.errors import DataError, UsageError
from toolkit.models.retrying import BusyError, Persistence, SilentError
from toolkit.version import __version__

# 500 is not among them: as a rule it is the text that the service fails on.
_BUSY = {408, 425, 429, 502, 503, 504}
# What is wrong with the address or the key is wrong for every text.
_REFUSED = {401: "does not accept the key", 403: "does not accept the key", 404: "knows no such path or model"}
_REFUSED |= {405: "takes no POST there", 407: "is behind a proxy that wants a password"}
_BLOCK = 2**16
_LARGEST = 64 * 2**20
_SHOWN = 300


class Endpoint:
    """The address `url` of a service; `token` is sent as a bearer token, `timeout` in seconds holds for each try.

    Proxies of the environment are used, but never for this machine itself; redirects are not followed.
    """

    def __init__(self, url: str, token: str | None, timeout: float, persistence: Persistence) -> None:
        self.shown = shown(url)
        self._url, self._token, self._timeout, self._persistence = url, token, timeout, persistence
        handlers: list[BaseHandler] = [_NoRedirects()]
        if is_loopback(url):
            handlers.append(ProxyHandler({}))
        self._opener = build_opener(*handlers)

    def post(self, body: bytes, content_type: str = "application/json") -> bytes:
        """The body of the answer to `body`, which is sent again while the service is busy.

        UsageError where the service would refuse every text, DataError where it refuses this one, cannot be reached,
        breaks off or does not answer in time.
        """
        return self._persistence.call(lambda: self._attempt(body, content_type))

    def _attempt(self, body: bytes, content_type: str) -> bytes:
        request = Request(self._url, body, {"Content-Type": content_type, "User-Agent": f"tawsim/{__version__}"})
        if self._token:
            request.add_unredirected_header("Authorization", f"Bearer {self._token}")
        deadline = time.monotonic() + self._timeout
        try:
            with self._opener.open(request, timeout=self._timeout) as response:
                return self._read(response, deadline)
        except HTTPError as error:
            with error:
                raise fault(
                    self.shown,
                    error.code,
                    {name.lower(): value for name, value in error.headers.items()},
                    self._said(error),
                ) from None
        except TimeoutError:
            raise self._late() from None
        except URLError as error:
            if isinstance(error.reason, TimeoutError):
                raise self._late() from None
            raise BusyError(f"{self.shown} is not to be reached: {_reason(error.reason)}") from None
        except (http.client.HTTPException, OSError) as error:
            raise BusyError(f"{self.shown} broke the connection ({type(error).__name__})") from None

    def _read(self, response: http.client.HTTPResponse, deadline: float) -> bytes:
        """The whole body; a service that sends a byte now and then is not waited for longer than any other."""
        parts, size = [], 0
        while part := response.read1(_BLOCK):
            parts.append(part)
            size += len(part)
            if size > _LARGEST:
                raise DataError(f"{self.shown} answers with more than {_LARGEST:,} bytes")
            if time.monotonic() > deadline:
                raise TimeoutError
        if response.length:  # read1 tells nothing of a body that is shorter than it was announced
            raise http.client.IncompleteRead(b"", response.length)
        return b"".join(parts)

    def _late(self) -> SilentError:
        return SilentError(f"{self.shown} did not answer within {self._timeout:g} seconds")

    def _said(self, error: HTTPError) -> str:
        """What the service says of its fault, the token blotted out if it is repeated there."""
        try:
            text = error.read(4 * _BLOCK).decode("utf-8", "replace")
        except (OSError, http.client.HTTPException):
            return ""
        if self._token:
            text = text.replace(self._token, "…")
        return text


class _NoRedirects(HTTPRedirectHandler):
    """urllib would send a GET without the body to wherever the service points."""

    def redirect_request(self, *args: object, **kwargs: object) -> None:
        return None


def fault(where: str, status: int, headers: Mapping[str, str], said: str) -> Exception:
    """What an HTTP status other than 2xx comes to; `said` is what the service says of it. Names of headers are small.

    BusyError where it is worth another try, UsageError where every text would be refused, DataError otherwise.
    """
    what = f"{where} answers HTTP {status}"
    if 300 <= status < 400:
        to = shown(headers.get("location") or "") or "another address"
        return UsageError(f"{what}: it has moved to {to}", fix="Give that address.")
    line = " ".join(said.split())[:_SHOWN]
    line = f": {line}" if line else ""
    if status in _BUSY:
        return BusyError(what + line, _wait(headers.get("retry-after")))
    if status in _REFUSED:
        return UsageError(f"{where} {_REFUSED[status]} (HTTP {status}){line}")
    return DataError(what + line)


def checked_url(url: str) -> str:
    """The address itself. UsageError where it is none, or has a password in it."""
    try:
        parts = urlsplit(url)
        is_one = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_one = False
    if not is_one or not url.isascii() or any(char <= " " for char in url):
        raise UsageError(
            f"{shown(url) or 'the address'} is no address of a service", fix="Write http://HOST:PORT/PATH."
        )
    if "@" in parts.netloc:
        what = f"the address {shown(url)} holds a user or a password"
        raise UsageError(what, fix="Put a token into an environment variable and name it: --option token_env=NAME.")
    return url


def shown(url: str) -> str:
    """The address without user, password, query and fragment."""
    try:
        parts = urlsplit(url)
        return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
    except ValueError:
        return ""


def is_loopback(url: str) -> bool:
    """Whether the address is this machine itself: localhost, 127.0.0.0/8 or ::1."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def token_of(variable: str) -> str | None:
    """The token in an environment variable; None where no variable is named. UsageError where it holds none."""
    if not variable:
        return None
    token = os.environ.get(variable, "").strip()
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        what = "is not set" if not token else "holds no token"
        raise UsageError(f"the environment variable {variable} {what}", fix=f"export {variable}=…")
    return token


def _wait(header: str | None) -> float | None:
    """The seconds that Retry-After asks for, as a number or as a date."""
    if not header:
        return None
    try:
        seconds = float(header)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(header).timestamp() - time.time()
        except ValueError:
            return None
    return max(0.0, seconds) if isfinite(seconds) else None


def _reason(reason: object) -> str:
    text = getattr(reason, "strerror", None) or str(reason)
    return " ".join(str(text).lower().split())
