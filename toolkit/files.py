"""Reading and writing files: hashes, JSON with equal bytes for equal content, writes that happen whole or not."""

import errno
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from toolkit.errors import DataError, FileError, IncompleteError, ToolkitError

# A file name holds 255 bytes; some are left for the suffix and for what a dataset's name adds.
_ID_BYTES = 200
_SAFE_ID = re.compile(r"[^\W_](?:[\w-]|\.(?!\.))*")


def is_safe_id(name: object) -> bool:
    """Whether a document id can be a file name: letters, digits, `_`, `-` and single dots, no path in it."""
    return isinstance(name, str) and bool(_SAFE_ID.fullmatch(name)) and len(name.encode()) <= _ID_BYTES


def sha256(data: bytes) -> str:
    """The sha256 of bytes, in hex."""
    return hashlib.sha256(data).hexdigest()


def file_sha256(path: Path) -> str:
    """The sha256 of a file's bytes, in hex, read in pieces. FileError where it cannot be read."""
    with friendly(path), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def to_json(value: Any) -> str:
    """JSON with sorted keys, real Arabic letters, two blanks of indent and a newline at the end.

    DataError where the value holds NaN or Infinity.
    """
    try:
        return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True, allow_nan=False) + "\n"
    except ValueError as error:
        raise DataError(f"cannot be written as JSON: {error}") from error


def canonical_json(value: Any) -> bytes:
    """The shortest JSON of a value with sorted keys: what digests are computed over.

    DataError where JSON in UTF-8 has no form for it: half a surrogate pair, an integer of more than 64 bits.
    """
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError as error:
        raise DataError(f"cannot be written as JSON: {error}") from error


def read_bytes(path: Path) -> bytes:
    """The bytes of a file. FileError where it cannot be read."""
    with friendly(path):
        return path.read_bytes()


def read_text(path: Path) -> str:
    """The text of a UTF-8 file, line ends untouched. DataError names the first byte that is not UTF-8."""
    data = read_bytes(path)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _not_utf8(error, str(path)) from error


def _not_utf8(error: UnicodeDecodeError, where: str) -> DataError:
    return DataError(f"byte {error.start} is not UTF-8", where=where, fix="Save the file as UTF-8 and try again.")


def read_json(path: Path) -> Any:
    """A JSON file. DataError names line and column where it is broken or cut off."""
    return parse_json(read_bytes(path), str(path))


def parse_json(data: bytes, where: str) -> Any:
    """JSON bytes. DataError names line and column where they are broken or cut off.

    NaN and Infinity, which Python writes and JSON does not know, are read as null.
    """
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as fast:
        try:
            # The standard parser takes a byte order mark, lone surrogates and constants too.
            return json.loads(data, parse_constant=lambda _: None)
        except UnicodeDecodeError as error:
            raise _not_utf8(error, where) from error
        except (ValueError, RecursionError) as error:
            place = f"line {fast.lineno} column {fast.colno}"
            raise DataError(
                f"not valid JSON at {place}: {fast.msg}",
                where=where,
                fix="The file may be cut off; export or copy it again.",
            ) from error


def list_files(folder: Path, pattern: str) -> list[Path]:
    """The files of a folder that match, sorted by name. FileError where the folder cannot be read."""
    with friendly(folder):
        os.scandir(folder).close()  # glob() takes an unreadable folder for an empty one
        return sorted(path for path in folder.glob(pattern) if path.is_file())


@contextmanager
def friendly(path: Path) -> Iterator[None]:
    """Turns what the operating system says of a path into one clear line and the right exit code."""
    try:
        yield
    except ToolkitError:
        raise
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise IncompleteError(
                "no space left on the disk; nothing was changed", where=str(path), fix="Free some space and run again."
            ) from error
        fixes = {
            errno.ENOENT: "Check the path.",
            errno.EACCES: "Check the permissions.",
            errno.EROFS: "Choose a folder that can be written to.",
        }
        what = (error.strerror or str(error)).lower()
        raise FileError(what, where=str(path), fix=fixes.get(error.errno or 0, "")) from error


def write_bytes(path: Path, data: bytes, *, secret: bool = False) -> bool:
    """Writes a file whole or not at all; the old one stays until then. False where it held these bytes already.

    A `secret` file is readable for its owner only, at every moment.
    """
    with friendly(path):
        if path.is_file() and path.stat().st_size == len(data) and path.read_bytes() == data:
            if secret:
                path.chmod(0o600)
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
                os.fchmod(file.fileno(), 0o600 if secret else 0o644)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    return True


def write_text(path: Path, text: str, *, secret: bool = False) -> bool:
    """`write_bytes` of a text in UTF-8, line ends untouched. DataError where UTF-8 has no bytes for a character."""
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise DataError(
            f"character {error.start} is half a surrogate pair; nothing was written", where=str(path)
        ) from error
    return write_bytes(path, data, secret=secret)


@contextmanager
def folder_written_whole(target: Path, *, marker: str) -> Iterator[Path]:
    """A new folder to fill, put in the place of `target` only when everything in it is written.

    A `target` that exists must be empty or hold the file `marker`, which says that we wrote it: FileError otherwise.
    """
    with friendly(target):
        if target.exists() and (not target.is_dir() or (any(target.iterdir()) and not (target / marker).is_file())):
            raise FileError(
                f"is there already and was not written by this command (no {marker} in it)",
                where=str(target),
                fix="Choose another --out, or move it away.",
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
        try:
            aside.chmod(0o755)
            yield aside
            _put_in_place(aside, target)
        except BaseException:
            shutil.rmtree(aside, ignore_errors=True)
            raise


def _put_in_place(new: Path, target: Path) -> None:
    """Renames `new` to `target`; what stood there goes when that is done, and comes back where it fails."""
    old = new.with_name(new.name + ".old")
    if target.exists():
        target.rename(old)
    try:
        new.rename(target)
    except BaseException:
        if old.exists():
            old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)
