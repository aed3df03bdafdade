"""Exports written: a file or a folder, for each split where several are asked for. Nothing of others is overwritten."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from toolkit.errors import FileError
from toolkit.exports.formats import Format
from toolkit.exports.losses import Export, ExportLoss
from toolkit.files import folder_written_whole, friendly, list_files, read_bytes, to_json, write_bytes, write_text

# No file of ours: a folder that people annotate in is never written over, whatever is in it.
_NO_MARKER = ".tawsim-export"
_ANOTHER = "Choose another --out, or move it away."


def write_exports(form: Format, exports: Mapping[str, Export], out: Path, *, by_split: bool) -> list[Path]:
    """Writes the exports of the splits and returns their paths: SPLIT with the format's ending in the folder `out`,
    or `out` itself where it is not `by_split`, for the only one.

    What a format lost stands beside its file. A file is replaced; a folder that holds anything else than these very
    bytes is left alone. FileError where something is in the way.
    """
    paths = {split: out / f"{split}{form.suffix}" if by_split else out for split in exports}
    if by_split and out.exists() and not out.is_dir():
        raise FileError("is a file; several splits need a folder", where=str(out), fix=_ANOTHER)
    for split, export in exports.items():
        _check_free(paths[split], export)
    for split, export in exports.items():
        path, content = paths[split], export.content
        if isinstance(content, bytes):
            write_bytes(path, content)
        elif not _holds(path, content):
            with folder_written_whole(path, marker=_NO_MARKER) as folder:
                for name, data in content.items():
                    write_bytes(folder / name, data)
        if form.loses:
            write_text(losses_file(path), to_json(rows_of(export.losses)))
    return list(paths.values())


def losses_file(export: Path) -> Path:
    """Where the losses of an export file are written."""
    return export.with_name(f"{export.name}.losses.json")


def rows_of(losses: Sequence[ExportLoss]) -> list[dict[str, object]]:
    """Losses as JSON rows."""
    return [loss.as_json() for loss in losses]


def _check_free(path: Path, export: Export) -> None:
    """FileError where the export cannot be written to this path, before anything is."""
    with friendly(path):
        if isinstance(export.content, bytes):
            if path.is_dir():
                raise FileError("is a folder; this export is one file", where=str(path), fix="Name a file with --out.")
        elif path.exists() and not path.is_dir():
            raise FileError("is a file; this export is a folder", where=str(path), fix=_ANOTHER)
        elif path.is_dir() and any(path.iterdir()) and not _holds(path, export.content):
            what = "holds other files, maybe somebody's annotations; it was left as it is"
            raise FileError(what, where=str(path), fix=_ANOTHER)


def _holds(folder: Path, content: Mapping[str, bytes]) -> bool:
    """Whether a folder holds these files and no others."""
    if not folder.is_dir() or {path.name for path in folder.iterdir()} != content.keys():
        return False
    return all(path.name in content and read_bytes(path) == content[path.name] for path in list_files(folder, "*"))
