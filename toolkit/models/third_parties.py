"""Kinds of models that other distributions add, by the entry-point group `tawsim.models`.

The name of an entry point is the kind; its value, `module:function`, takes a Request and returns a Predictor.
"""

from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points

from toolkit.errors import UsageError
from toolkit.models.predictor import Predictor, Request

GROUP = "tawsim.models"


def kinds() -> dict[str, str]:
    """The kinds that are declared, each with the distributions that declare it. Nothing of them is imported."""
    found: dict[str, set[str]] = {}
    for point in entry_points(group=GROUP):
        found.setdefault(point.name, set()).add(_package(point))
    return {name: ", ".join(sorted(packages)) for name, packages in sorted(found.items())}


def find(kind: str) -> Callable[[Request], Predictor]:
    """The loader of a kind; nothing but its own module is imported.

    UsageError where it cannot be imported, or two distributions declare the kind.
    """
    points = list({(point.value, _package(point)): point for point in entry_points(group=GROUP, name=kind)}.values())
    if len(points) != 1:
        packages = " and ".join(sorted(_package(point) for point in points))
        raise UsageError(f"the kind {kind!r} is declared by {packages or 'nobody'}", fix="Uninstall all but one.")
    point = points[0]
    try:
        loader = point.load()
    except Exception as error:
        what = " ".join(f"{point.value} cannot be imported: {type(error).__name__}: {error}".split())
        fix = f"Update or uninstall {_package(point)}, which declares the kind {kind!r}."
        raise UsageError(what, where=f"entry point {kind}", fix=fix) from error
    if not callable(loader):
        raise UsageError(f"{point.value} is no function", where=f"entry point {kind}", fix=f"Update {_package(point)}.")
    found: Callable[[Request], Predictor] = loader
    return found


def _package(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else "an unknown package"
