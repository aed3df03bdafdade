"""The address of the Label Studio server and the key to it: from the environment, else from a file nobody else reads.

The key is never written anywhere by this module, and no message holds it.
"""

import os
import stat
from pathlib import Path
from urllib.parse import urlsplit

from toolkit.errors import ConfigError, UsageError
from toolkit.files import friendly, read_json
from toolkit.labelstudio.addresses import same_for_same_server
from toolkit.project import Project

URL_VARIABLE = "LABEL_STUDIO_URL"
KEY_VARIABLE = "LABEL_STUDIO_API_KEY"
_HOW = f"Set {URL_VARIABLE} and {KEY_VARIABLE} (Account & Settings in Label Studio shows a key)."


def credentials_file(project: Project) -> Path:
    """Where `tawsim studio` keeps address and key, as {"url", "key"}; only its owner may read it."""
    return project.cache / "studio" / "credentials.json"


def read_key(project: Project) -> tuple[str, str]:
    """The server's address, without a slash at its end, and the key: a legacy token or a personal access token.

    UsageError where they are not given, ConfigError where the file is no such file or others may read it. The key of
    the file goes to the file's server only.
    """
    url, key = os.environ.get(URL_VARIABLE, "").strip(), os.environ.get(KEY_VARIABLE, "").strip()
    if url and key:
        return _address(url, URL_VARIABLE), _fit(key, KEY_VARIABLE)
    path = credentials_file(project)
    with friendly(path):
        there = path.is_file()
    if key or (url and not there):
        given, missing = (KEY_VARIABLE, URL_VARIABLE) if key else (URL_VARIABLE, KEY_VARIABLE)
        raise UsageError(f"{given} is set and {missing} is not", fix=_HOW)
    if not there:
        raise UsageError("it is not known which Label Studio server to use", fix=f"{_HOW} Or run `tawsim studio`.")
    known, key = _read(path)
    if url and same_for_same_server(_address(url, URL_VARIABLE)) != same_for_same_server(known):
        raise UsageError(f"{URL_VARIABLE} names another server than the file with the key", where=str(path), fix=_HOW)
    return known, key


def _read(path: Path) -> tuple[str, str]:
    with friendly(path):
        mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise ConfigError(
            "others than its owner may use this file, which holds a key", where=str(path), fix="chmod 600."
        )
    content = read_json(path)
    found = (content.get("url"), content.get("key")) if isinstance(content, dict) else (None, None)
    if not isinstance(found[0], str) or not isinstance(found[1], str):
        raise ConfigError("needs an object with url and key, both strings", where=str(path), fix=_HOW)
    return _address(found[0], str(path)), _fit(found[1], str(path))


def _address(url: str, where: str) -> str:
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


def _fit(key: str, where: str) -> str:
    key = key.strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise UsageError("the key is empty, or has characters in it that no key has", where=where, fix=_HOW)
    return key
