"""`tawsim diff`."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.commands.options import ProjectOption

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.project import Project
    from toolkit.release.changes.change_kinds import Change
    from toolkit.release.changes.edition import Edition


class DiffFormat(StrEnum):
    """What `--format` of diff takes."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


def command(
    old: Annotated[str, typer.Argument(metavar="OLD", help="A dataset folder, NS/NAME@vX.Y.Z, or a project folder.")],
    new: Annotated[
        str | None, typer.Argument(metavar="NEW", help="The same. Without it: the annotations of the project.")
    ] = None,
    how: Annotated[DiffFormat, typer.Option("--format", help="text, json or markdown.")] = DiffFormat.TEXT,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write it there, not to the screen.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Fail where the version that NEW declares is too small, or taken.")
    ] = False,
    changelog: Annotated[
        bool, typer.Option("--changelog", help="Write the changes into the version's section of CHANGELOG.md.")
    ] = False,
    project: ProjectOption = None,
) -> None:
    """What changed between two datasets, with every place, and the version that it asks for.

    The annotations of a project are compared as `tawsim build` would publish them now. Words are quoted only where
    the text may be passed on. Changes are no error: exits with 1 only with --check or --changelog, where the declared
    version will not do, and where annotations have errors.

    \b
    Examples:
      tawsim diff build
      tawsim diff NS/NAME@v1.0.0 build --check
      tawsim diff NS/NAME@v1.0.0 --changelog
      tawsim diff old new --format markdown --out changes.md
    """
    from toolkit.commands.printing import say
    from toolkit.errors import UsageError
    from toolkit.files import to_json, write_text
    from toolkit.release.changes import changes_report
    from toolkit.release.changes.changes import changes_between
    from toolkit.release.changes.versions import check_version

    before, after = _working(old, project), _working(new, project)
    if changelog and after is None:
        raise UsageError("--changelog is about the annotations of a project", fix="Leave NEW out, or name a project.")
    one, other = _read(old, before), _read(new, after)
    changes = changes_between(one, other)
    if how is DiffFormat.JSON:
        told = to_json(changes_report.as_json(one, other, changes))
    else:
        told = (changes_report.text if how is DiffFormat.TEXT else changes_report.markdown)(one, other, changes)
    if out is None:
        print(told, end="")
    else:
        write_text(out, told)
        print(out)
    if check or changelog:
        check_version(other.version, one.version, one.digest, other.digest, changes)
    if changelog and after is not None:
        path = after.dataset_changelog
        say(f"{path}: {'written' if _write_section(path, one, other, changes) else 'nothing to change'}")


def _working(name: str | None, start: Path | None) -> "Project | None":
    """The project whose annotations are meant; None where a dataset is."""
    from toolkit.project import find_project
    from toolkit.release.tables.manifest import MANIFEST

    if name is None:
        return find_project(start)
    folder = Path(name)
    is_project = (folder / "configs" / "dataset.yaml").is_file() and not (folder / MANIFEST).is_file()
    return find_project(folder) if is_project else None


def _read(name: str | None, project: "Project | None") -> "Edition":
    from toolkit.commands.printing import say
    from toolkit.release.changes.editions import read_edition, working_edition
    from toolkit.release.hub.source import dataset_folder

    if project is not None:
        return working_edition(project, "annotations" if name is None else name)
    return read_edition(dataset_folder(str(name), say), str(name))


def _write_section(path: Path, old: "Edition", new: "Edition", changes: "Sequence[Change]") -> bool:
    """Whether the changelog is another one now."""
    from toolkit.files import read_text, write_text
    from toolkit.release.changes.changelog import with_section

    if not changes:
        return False
    text = read_text(path) if path.is_file() else ""
    return write_text(path, with_section(text, old, new, changes, str(path)))
