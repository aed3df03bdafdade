"""`python -m benchmarks`: generates the work, measures ours beside the peers, prints the table and writes it."""

import argparse
import os
import platform
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.measure import Comparison, Side, alternate
from benchmarks.table import to_markdown, to_object
from benchmarks.work import DENSITY, NOISE, SEED, native_export, tag_rows
from toolkit import __version__
from toolkit.errors import ToolkitError
from toolkit.files import canonical_json, to_json, write_bytes, write_text
from toolkit.project import Project

PROJECT = Project(Path(__file__).resolve().parent.parent)


def main() -> None:
    """Our time beside that of the libraries that do the same. A budget that is not met is told and is no error."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=main.__doc__)
    for name, number, what in (
        ("--rounds", 5, "measured runs of each program"),
        ("--words", 200_000, "words to score, at least 1,000: seqeval fails where nothing is a mention"),
        ("--tasks", 1_000, "tasks to import"),
    ):
        parser.add_argument(name, type=int, default=number, metavar="N", help=f"{what} (default {number:,})")
    options = parser.parse_args()
    if min(options.rounds, options.tasks, options.words // 1_000) < 1:
        parser.error("--rounds and --tasks must be at least 1, --words at least 1,000")
    folder = PROJECT.cache / "bench"
    found = list(_comparisons(options, folder))
    about = _about(options.rounds)
    table = to_markdown(found, about)
    write_text(folder / "results.md", table)
    write_text(folder / "results.json", to_json(to_object(found, about)))
    print(table, folder / "results.md", folder / "results.json", sep="\n")


def _comparisons(options: argparse.Namespace, folder: Path) -> Iterator[Comparison]:
    """The budgets are those of the design."""
    tags, export = folder / "tags.json", folder / "export.json"
    write_bytes(tags, canonical_json(tag_rows(options.words, PROJECT.schema.flat_labels)))
    write_bytes(export, canonical_json(native_export(options.tasks, PROJECT.schema)))
    score = (_side("tawsim", "seqeval_ours", tags), _side("two bare seqeval calls", "seqeval_bare", tags))
    read = (_side("tawsim", "import_ours", export), _side("json.load", "json_load", export))
    start = (
        Side("tawsim --help", (str(Path(sys.executable).with_name("tawsim")), "--help"), tells=False),
        Side("python -c pass", (sys.executable, "-c", "pass"), tells=False),
    )
    whole_score = "projection onto words, the char view and intervals, at 1 M words"
    whole_build = "the rest of the way to a dataset folder, at 10,000 tasks"
    for work, sides, budget, beyond in (
        (f"score {options.words:,} words, both modes", score, 0.3, whole_score),
        (f"import {options.tasks:,} tasks, {export.stat().st_size / 2**20:.1f} MiB", read, 1.5, whole_build),
        ("start", start, 8, ""),
    ):
        print(f"measuring: {work}", file=sys.stderr)
        rounds = alternate(*sides, options.rounds, PROJECT.root)
        yield Comparison(work, (sides[0].name, sides[1].name), rounds, budget, beyond)


def _side(name: str, function: str, file: Path) -> Side:
    return Side(name, (sys.executable, "-m", "benchmarks.sides", function, str(file)))


def _about(rounds: int) -> str:
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {machine}, tawsim {__version__}. Median (lowest–highest) of {rounds} rounds, "
        "the two programs in turn. CPU is user and system time of the work after imports and loading, and the budget "
        "is held against its ratio; process CPU and peak memory are of the whole process, which `start` is anyway. "
        f"About {DENSITY:.0%} of the words are in mentions, {NOISE:.0%} of these predicted wrongly; seed {SEED}."
    )


if __name__ == "__main__":
    try:
        main()
    except ToolkitError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
