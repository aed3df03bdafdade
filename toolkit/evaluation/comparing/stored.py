"""Results read back from result.json, and whether two of them may be set side by side."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from toolkit.errors import DataError, FileError, UsageError
from toolkit.evaluation.scoring.result import SCHEMA_VERSION
from toolkit.files import friendly, parse_json, read_bytes

Json = Mapping[str, Any]
_NEEDED = ("signature", "headline", "status", "model", "dataset", "scores", "documents", "coverage")


def read_result(path: Path) -> Json:
    """A result.json, or that of a folder. FileError where there is none, DataError where the file is no result."""
    with friendly(path):
        file = path / "result.json" if path.is_dir() else path
        if not file.is_file():
            raise FileError("no result there", where=str(file), fix="`tawsim score MODEL --out DIR` writes one.")
    found = parse_json(read_bytes(file), str(file))
    if not isinstance(found, dict) or any(key not in found for key in _NEEDED):
        raise DataError("is no result of `tawsim score`", where=str(file), fix="Name a result.json or its folder.")
    if found["schema_version"] != SCHEMA_VERSION:
        what = f"is a result of schema version {found['schema_version']}; this tawsim reads {SCHEMA_VERSION}"
        raise UsageError(what, where=str(file), fix="Score again.")
    return found


def model_label(result: Json) -> str:
    """The name of a result's model, for tables."""
    return str(result["model"].get("name", "model"))


def differences(first: Json, second: Json) -> list[str]:
    """Why two results are not comparable, each reason in words with both values; empty where they are.

    Comparable results share data, split, words, label map, policies and scored documents, and both are complete.
    """
    one, other = ({**dict(_parts(r["signature"])), **_settings(r)} for r in (first, second))
    found = [
        f"{name}: {one.get(name, 'none')} and {other.get(name, 'none')}"
        for name in dict.fromkeys((*one, *other))
        if one.get(name) != other.get(name)
    ]
    missing = len(first["documents"].keys() ^ second["documents"].keys())
    if missing:
        found.append(f"documents: {missing} are in one result only")
    unfinished = [result for result in (first, second) if result["status"] != "complete"]
    return found + [f"status: the result of {model_label(each)} is {each['status']}" for each in unfinished]


def _parts(signature: str) -> list[tuple[str, str]]:
    """The named parts of a signature; those without a name count by their place."""
    parts = [part.partition(":") for part in signature.split("|")]
    return [(name if sign else f"part {place}", value or name) for place, (name, sign, value) in enumerate(parts)]


def _settings(result: Json) -> dict[str, Any]:
    label_map = result.get("label_map")
    return {
        "content digest": result["dataset"]["content_digest"],
        "label map": f"{label_map['name']} ({label_map['digest'][:12]})" if label_map else "none",
        "policies": ", ".join(f"{key} {value}" for key, value in sorted((result.get("policies") or {}).items())),
    }
