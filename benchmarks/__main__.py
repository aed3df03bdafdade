"""`python -m benchmarks`: generates the work, measures ours beside the peers, prints the table and writes it."""

import argparse
import os
import platform
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.classifier import save_classifier
from benchmarks.measure import Comparison, Side, alternate
from benchmarks.studio import in_step
from benchmarks.table import to_markdown, to_object
from benchmarks.work import DENSITY, NOISE, SEED, native_export, tagged_documents
from toolkit import __version__
from toolkit.errors import ToolkitError
from toolkit.files import canonical_json, to_json, write_bytes, write_text
from toolkit.labelstudio.server.installation import COMMAND_VARIABLE
from toolkit.project import Project

PROJECT = Project(Path(__file__).resolve().parent.parent)


def main() -> None:
    """Our time beside that of the libraries that do the same. A budget that is not met is told and is no error."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=main.__doc__)
    for name, number, what in (
        ("--rounds", 5, "measured runs of each program"),
        ("--words", 200_000, "words to score, at least 1,000: seqeval fails where nothing is a mention"),
        ("--tasks", 1_000, "tasks to import"),
        ("--tagged", 48, "articles to tag with a token classifier"),
        ("--synced", 5_000, "tasks on a Label Studio, of which none changed since the last pull"),
    ):
        parser.add_argument(name, type=int, default=number, metavar="N", help=f"{what} (default {number:,})")
    options = parser.parse_args()
    if min(options.rounds, options.tasks, options.tagged, options.synced, options.words // 1_000) < 1:
        parser.error("--rounds, --tasks, --tagged and --synced must be at least 1, --words at least 1,000")
    folder = PROJECT.cache / "bench"
    found = [*_comparisons(options, folder), *_tag(options, folder)]
    if skipped := not_measured():
        print(skipped, file=sys.stderr)
    else:
        found.append(_pull(options, folder))
    about = f"{_about(options.rounds)} {skipped}".strip()
    table = to_markdown(found, about)
    write_text(folder / "results.md", table)
    write_text(folder / "results.json", to_json(to_object(found, about)))
    print(table, folder / "results.md", folder / "results.json", sep="\n")


def _comparisons(options: argparse.Namespace, folder: Path) -> Iterator[Comparison]:
    """The budgets are those of the design."""
    tags, export = folder / "tags.json", folder / "export.json"
    write_bytes(tags, canonical_json(tagged_documents(options.words, PROJECT.schema.flat_labels)))
    write_bytes(export, canonical_json(native_export(options.tasks, PROJECT.schema)))
    score = (_side("tawsim", "score_ours", tags), _side("two bare seqeval calls", "seqeval_bare", tags))
    read = (_side("tawsim", "import_ours", export), _side("json.load", "json_load", export))
    harness = (_side("tawsim", "predict_ours", export), _side("bare loop", "predict_bare", export))
    start = (
        Side("tawsim --help", (str(Path(sys.executable).with_name("tawsim")), "--help"), tells=False),
        Side("python -c pass", (sys.executable, "-c", "pass"), tells=False),
    )
    whole_build = "the rest of the way to a dataset folder, at 10,000 tasks"
    for work, sides, budget, beyond in (
        (f"score {options.words:,} words: views, both modes, diagnosis, intervals", score, 0.3, ""),
        (f"import {options.tasks:,} tasks, {export.stat().st_size / 2**20:.1f} MiB", read, 1.5, whole_build),
        (f"predict {options.tasks:,} articles, baseline:gazetteer", harness, 1.1, ""),
        ("start", start, 8, ""),
    ):
        print(f"measuring: {work}", file=sys.stderr)
        rounds = alternate(*sides, options.rounds, PROJECT.root)
        yield Comparison(work, (sides[0].name, sides[1].name), rounds, budget, beyond)


def _tag(options: argparse.Namespace, folder: Path) -> Iterator[Comparison]:
    """The harness around a token classifier. Beside the pipeline nothing is budgeted but to be no slower."""
    texts = [task["data"]["text"] for task in native_export(options.tagged, PROJECT.schema)]
    save_classifier(folder / "classifier", texts)
    file = folder / "classifier.json"
    write_bytes(file, canonical_json({"folder": str(folder / "classifier"), "texts": texts}))
    ours = _side("tawsim", "tag_ours", file)
    for name, function, budget in (
        ("bare loop, batches by length", "tag_bare", 1.1),
        ("pipeline, text by text", "pipeline_singly", 1),
        ("pipeline, in batches", "pipeline_batched", 1),
    ):
        work = f"tag {options.tagged:,} articles, transformers:FOLDER"
        _say(f"measuring: {work} beside {name}")
        rounds = alternate(ours, _side(name, function, file), options.rounds, PROJECT.root)
        yield Comparison(work, (ours.name, name), rounds, budget)


def not_measured() -> str:
    """What this machine cannot measure, in a sentence; empty where it can measure all."""
    if os.environ.get(COMMAND_VARIABLE):
        return ""
    return f"Not measured: `pull` with nothing changed; {COMMAND_VARIABLE} names no Label Studio to start."


def _pull(options: argparse.Namespace, folder: Path) -> Comparison:
    """The server does most of the work, in a process that is not measured: wall time tells what it costs."""
    work = f"pull {options.synced:,} tasks, none of which changed"
    print(f"measuring: {work}", file=sys.stderr)
    with in_step(PROJECT.root / "configs", folder / "project", options.synced, _say) as file:
        sides = _side("tawsim pull", "pull_ours", file), _side("full export", "export_all", file)
        rounds = alternate(*sides, options.rounds, PROJECT.root)
    return Comparison(work, (sides[0].name, sides[1].name), rounds, 0.1, held="wall")


def _say(line: str) -> None:
    print(line, file=sys.stderr)


def _side(name: str, function: str, file: Path) -> Side:
    return Side(name, (sys.executable, "-m", "benchmarks.sides", function, str(file)))


def _about(rounds: int) -> str:
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {machine}, tawsim {__version__}. Median (lowest–highest) of {rounds} rounds, "
        "the two programs in turn. CPU is user and system time of the work after imports and loading; process CPU and "
        "peak memory are of the whole process, which `start` is anyway. The budget names the ratio it is held against. "
        f"About {DENSITY:.0%} of the words are in mentions, {NOISE:.0%} of these predicted wrongly; seed {SEED}."
    )


if __name__ == "__main__":
    try:
        main()
    except ToolkitError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
