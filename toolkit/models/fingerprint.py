"""What a model on disk is known by, whatever its folder is called: a hash of its files."""

from pathlib import Path

from toolkit.errors import FileError
from toolkit.files import canonical_json, file_sha256, sha256

_LENGTH = 16


def fingerprint(path: Path) -> str:
    """16 hex digits over the bytes of a file, or over the names and bytes of all files of a folder.

    Hidden files and compiled Python code are no part of a model. FileError where nothing is there, or not readable.
    """
    if path.is_file():
        return file_sha256(path)[:_LENGTH]
    files = {
        file.relative_to(path).as_posix(): file
        for file in path.rglob("*")
        if file.is_file() and not any(part[0] == "." or part == "__pycache__" for part in file.relative_to(path).parts)
    }
    if not files:
        raise FileError("holds no file of a model", where=str(path), fix="Check the path.")
    return sha256(canonical_json([[name, file_sha256(file)] for name, file in sorted(files.items())]))[:_LENGTH]
