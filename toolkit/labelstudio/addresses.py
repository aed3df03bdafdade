"""Addresses of servers: what is one, which of them are this machine, and when two name the same server."""

from ipaddress import ip_address
from urllib.parse import urlsplit, urlunsplit

from toolkit.errors import UsageError

_PORTS = {"http": 80, "https": 443}
_THIS_MACHINE = "127.0.0.1"


def is_loopback(url: str) -> bool:
    """Whether the address is this machine itself: localhost, 127.0.0.0/8 or ::1."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def same_for_same_server(url: str) -> str:
    """The address in one form: localhost and ::1 as 127.0.0.1, no default port, small letters, no slash at the end."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    host = _THIS_MACHINE if host in ("localhost", "::1") else f"[{host}]" if ":" in host else host
    port = "" if parts.port in (None, _PORTS.get(parts.scheme)) else f":{parts.port}"
    return urlunsplit((parts.scheme, host + port, parts.path.rstrip("/"), "", ""))


def usable_address(url: str, where: str) -> str:
    """The address without a slash at its end. UsageError, which names `where`, for what is no address of a server."""
    try:
        parts = urlsplit(url.strip())
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise UsageError("is no address of a server, expected one like http://localhost:8080", where=where)
    if parts.username or parts.password or parts.query or parts.fragment:
        what = "the address holds more than a server: no name, password, ? or # may be in it"
        raise UsageError(what, where=where)
    return url.strip().rstrip("/")
