"""Imports go one way, heavy libraries have one room each, and starting the command loads none of them."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = "toolkit"
GROUND, TOP = "the ground floor", "cli"
# A room may import itself and every room of a lower floor.
FLOORS = {GROUND: 0, "labelstudio": 1, "corpus": 1, "models": 1, "release": 2, "evaluation": 2, "exports": 2}
FLOORS |= {"commands": 3, TOP: 4}
# Within a large room: a part may import itself and the parts before it. The files of the room itself are the part "".
PARTS = {
    "evaluation": ("predictions", "scoring", "comparing", "reports"),
    "labelstudio": ("", "reading", "server", "sync"),
    "release": ("tables", "pages", "building", "changes", "hub"),
}
SIDEWAYS = {("release", "corpus"), ("evaluation", "models"), ("exports", "release")}
ONLY_IN = {
    "label_studio_sdk": "toolkit/labelstudio/client.py",
    "datasets": "toolkit/release/tables/records.py",
    "seqeval": "toolkit/evaluation/scoring/scores.py",
}
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "misc"}
HEAVY = ("torch", "transformers", "datasets", "sklearn", "label_studio_sdk")


def imports_of(tree, root):
    """(line, dotted name, relative) of every import of a module, also inside functions and by importlib."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name, False) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                is_module = any((root / f"{inner.replace('.', '/')}{end}").exists() for end in ("", ".py"))
                yield node.lineno, inner if is_module else str(node.module), node.level > 0
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in ("import_module", "__import__"):
                yield node.lineno, str(node.args[0].value), False


def room_of(parts):
    """The room of a module from its path below the package."""
    if len(parts) > 1:
        return parts[0]
    return TOP if parts[0] in ("cli", "__main__", "__init__") else GROUND


def wrong_part(room, importer, imported):
    """What is wrong with an import within a room that has parts; None where nothing is."""
    parts = PARTS.get(room, ())
    one, other = (path[1] if len(path) > 2 else "" for path in (importer, imported))
    if not parts or (one in parts and other in parts and parts.index(one) >= parts.index(other)):
        return None
    return f"{room}/{one or importer[-1]} imports {room}/{other or imported[-1]}"


def wrong_edges(root):
    """What is wrong with the imports of the package in `root`, one line each."""
    found = []
    for path in sorted((root / PACKAGE).rglob("*.py")):
        name = path.relative_to(root).as_posix()
        here = room_of(path.relative_to(root / PACKAGE).with_suffix("").parts)
        if here not in FLOORS:
            found.append(f"{name}: {here} is no room of the design")
            continue
        if EMPTY_NAMES & {path.stem, path.parent.name}:
            found.append(f"{name}: a name that says nothing")
        for line, target, is_relative in imports_of(ast.parse(path.read_text(encoding="utf-8")), root):
            head, *rest = target.split(".")
            if is_relative:
                found.append(f"{name}:{line}: a relative import")
            elif head in ONLY_IN and name != ONLY_IN[head]:
                found.append(f"{name}:{line}: {head} is imported in {ONLY_IN[head]} only")
            elif head == PACKAGE and rest:
                there = room_of(rest) if len(rest) > 1 or not (root / PACKAGE / rest[0]).is_dir() else rest[0]
                if there != here and FLOORS.get(there, 9) >= FLOORS[here] and (here, there) not in SIDEWAYS:
                    found.append(f"{name}:{line}: {here} imports {there}")
                elif there == here and (problem := wrong_part(here, path.relative_to(root / PACKAGE).parts, rest)):
                    found.append(f"{name}:{line}: {problem}")
    return found


def test_imports_of_the_package_go_one_way(repository):
    assert (repository / PACKAGE / "document.py").is_file()
    assert wrong_edges(repository) == []


@pytest.mark.parametrize(
    ("name", "source", "problem"),
    [
        ("tokens.py", "from toolkit.corpus import store", ":1: the ground floor imports corpus"),
        ("tokens.py", "import toolkit.corpus.store", ":1: the ground floor imports corpus"),
        ("tokens.py", "def f():\n    from toolkit.models.crf import Crf", ":2: the ground floor imports models"),
        ("tokens.py", "from toolkit import cli", ":1: the ground floor imports cli"),
        ("tokens.py", "from toolkit import corpus", ":1: the ground floor imports corpus"),
        ("corpus/store.py", "from toolkit.labelstudio.reading.export import x", ":1: corpus imports labelstudio"),
        ("corpus/store.py", "from toolkit.release.building.build import x", ":1: corpus imports release"),
        (
            "models/crf.py",
            "import importlib\nimportlib.import_module('toolkit.commands.score')",
            ":2: models imports commands",
        ),
        ("release/build.py", "from toolkit.evaluation.scoring.scores import x", ":1: release imports evaluation"),
        ("evaluation/scoring/result.py", "from toolkit.corpus.store import x", None),
        (
            "evaluation/scoring/result.py",
            "from toolkit.release.tables.manifest import x",
            ":1: evaluation imports release",
        ),
        ("evaluation/scoring/result.py", "from toolkit.models.crf import x", None),
        (
            "evaluation/scoring/result.py",
            "from toolkit.evaluation.reports.score_report import x",
            ":1: evaluation/scoring imports evaluation/reports",
        ),
        ("evaluation/reports/score_report.py", "from toolkit.evaluation.scoring.result import x", None),
        ("labelstudio/client.py", "from toolkit.labelstudio.addresses import x", None),
        (
            "labelstudio/client.py",
            "from toolkit.labelstudio.sync.pull import x",
            ":1: labelstudio/client.py imports labelstudio/sync",
        ),
        (
            "evaluation/stray.py",
            "from toolkit.evaluation.scoring.result import x",
            ":1: evaluation/stray.py imports evaluation/scoring",
        ),
        ("exports/conll.py", "from toolkit.release.tables.reading import x\nfrom toolkit.exports.brat import y", None),
        ("exports/conll.py", "from toolkit.evaluation.scoring.result import x", ":1: exports imports evaluation"),
        ("commands/build.py", "from toolkit.release.building.build import x\nfrom toolkit.errors import y", None),
        ("commands/build.py", "from toolkit.cli import main", ":1: commands imports cli"),
        ("cli.py", "from toolkit.commands import build\nfrom toolkit import __version__", None),
        ("__main__.py", "from toolkit.cli import main", None),
        ("corpus/store.py", "from . import standoff", ":1: a relative import"),
        ("corpus/store.py", "from .standoff import x", ":1: a relative import"),
        ("corpus/helpers.py", "", ": a name that says nothing"),
        ("corpus/common/x.py", "", ": a name that says nothing"),
        ("attic/old.py", "", ": attic is no room of the design"),
        ("release/build.py", "import datasets", ":1: datasets is imported in toolkit/release/tables/records.py only"),
        ("release/tables/records.py", "import datasets", None),
        (
            "evaluation/scoring/views.py",
            "from seqeval.metrics import f1_score",
            ":1: seqeval is imported in toolkit/evaluation/",
        ),
        ("evaluation/scoring/scores.py", "from seqeval.metrics import f1_score", None),
        ("labelstudio/client.py", "from label_studio_sdk.client import LabelStudio", None),
        (
            "labelstudio/export.py",
            "import label_studio_sdk",
            ":1: label_studio_sdk is imported in toolkit/labelstudio/",
        ),
    ],
)
def test_a_wrong_edge_is_found(name, source, problem, tmp_path):
    for room in FLOORS.keys() - {GROUND, TOP}:
        (tmp_path / PACKAGE / room).mkdir(parents=True)
    (tmp_path / PACKAGE / "cli.py").touch()
    path = tmp_path / PACKAGE / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source)
    expected = [] if problem is None else [f"toolkit/{name}{problem}"]
    assert [line[: len(expected[0])] if expected else line for line in wrong_edges(tmp_path)] == expected


def loaded_by(modules, repository):
    """The heavy libraries that a fresh Python has loaded after it imported these modules."""
    code = f"import importlib, sys\nfor name in {modules!r}: importlib.import_module(name)\n"
    code += f"print(*(name for name in {HEAVY!r} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=repository, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_the_ground_floor_the_command_line_and_its_commands_load_nothing_heavy(repository):
    package = repository / PACKAGE
    light = [path for path in (*package.glob("*.py"), *package.glob("commands/*.py")) if path.stem != "__main__"]
    names = [".".join(Path(PACKAGE, path.relative_to(package)).with_suffix("").parts) for path in sorted(light)]
    assert "toolkit.native" in names
    assert loaded_by([name.removesuffix(".__init__") for name in names], repository) == []


def test_a_heavy_library_would_be_noticed(repository):
    assert "datasets" in loaded_by(["datasets"], repository)
