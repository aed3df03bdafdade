"""The address of the Label Studio server and the key to it, and the secret of our webhook: from the environment, else
from a file nobody else reads.

The server's key is never written anywhere by this module, and no message holds a secret.
"""

import os
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from toolkit.errors import ConfigError, UsageError
from toolkit.files import friendly, read_json, to_json, write_text
from toolkit.labelstudio.addresses import same_for_same_server, usable_address
from toolkit.project import Project

URL_VARIABLE = "LABEL_STUDIO_URL"
KEY_VARIABLE = "LABEL_STUDIO_API_KEY"
SECRET_VARIABLE = "TAWSIM_WEBHOOK_SECRET"
_SECRET_LENGTH = 16
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
        return usable_address(url, URL_VARIABLE), _fit(key, KEY_VARIABLE)
    path = credentials_file(project)
    with friendly(path):
        there = path.is_file()
    if key or (url and not there):
        given, missing = (KEY_VARIABLE, URL_VARIABLE) if key else (URL_VARIABLE, KEY_VARIABLE)
        raise UsageError(f"{given} is set and {missing} is not", fix=_HOW)
    if not there:
        raise UsageError("it is not known which Label Studio server to use", fix=f"{_HOW} Or run `tawsim studio`.")
    known, key = _read(path)
    if url and same_for_same_server(usable_address(url, URL_VARIABLE)) != same_for_same_server(known):
        raise UsageError(f"{URL_VARIABLE} names another server than the file with the key", where=str(path), fix=_HOW)
    return known, key


@dataclass(frozen=True, slots=True)
class WebhookKeys:
    """What tells our webhook from others on a server, and the secret that each of its requests has to bring."""

    name: str
    secret: str = field(repr=False)


def webhook_keys(project: Project) -> WebhookKeys:
    """Those of the project's folder, made on first use. The environment's secret goes before the stored one.

    ConfigError where the file is no such file or others may read it, UsageError for a secret that is too short.
    """
    path = watch_folder(project) / "webhook.json"
    with friendly(path):
        there = path.is_file()
    if not there:
        made = {"name": secrets.token_hex(8), "secret": secrets.token_urlsafe(32)}
        write_text(path.parent / ".gitignore", "*\n")
        write_text(path, to_json(made), secret=True)
    content = _read_private(path)
    name, kept = (content.get("name"), content.get("secret")) if isinstance(content, dict) else (None, None)
    if not isinstance(name, str) or not isinstance(kept, str) or not name.isalnum() or not name.isascii():
        fix = "Delete the file; a new one is made."
        raise ConfigError("needs an object with name and secret, both strings", where=str(path), fix=fix)
    given = os.environ.get(SECRET_VARIABLE, "").strip()
    secret, where = (given, SECRET_VARIABLE) if given else (kept, str(path))
    if len(secret) < _SECRET_LENGTH or not secret.isascii() or not secret.isprintable() or " " in secret:
        what = f"a secret has at least {_SECRET_LENGTH} characters, all of them ASCII and none a blank"
        raise UsageError(what, where=where)
    return WebhookKeys(name, secret)


def watch_folder(project: Project) -> Path:
    """Where `tawsim pull --watch` keeps what is its own: its lock, and the keys of its webhook."""
    return project.cache / "watch"


def _read_private(path: Path) -> Any:
    with friendly(path):
        mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise ConfigError(
            "others than its owner may use this file, which holds a key", where=str(path), fix="chmod 600."
        )
    return read_json(path)


def _read(path: Path) -> tuple[str, str]:
    content = _read_private(path)
    found = (content.get("url"), content.get("key")) if isinstance(content, dict) else (None, None)
    if not isinstance(found[0], str) or not isinstance(found[1], str):
        raise ConfigError("needs an object with url and key, both strings", where=str(path), fix=_HOW)
    return usable_address(found[0], str(path)), _fit(found[1], str(path))


def _fit(key: str, where: str) -> str:
    key = key.strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise UsageError("the key is empty, or has characters in it that no key has", where=where, fix=_HOW)
    return key
