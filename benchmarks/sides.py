"""What is measured inside Python, ours and the peers': `python -m benchmarks.sides NAME FILE`, one a process.

Each is a generator of three steps: it loads what it needs, does the work, and tells what came out.
"""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def seqeval_ours(file: Path) -> Iterator[Any]:
    """Both modes of seqeval by the path of `tawsim score`, our own counts included."""
    from toolkit.evaluation.scores import CALLS, collapse, count_rows, seqeval_report
    from toolkit.evaluation.views import Row

    rows = [Row(*row) for row in json.loads(file.read_bytes())]
    yield
    short = collapse(rows)
    counts = count_rows(short)
    reports = {mode: seqeval_report(short, mode, counts[mode]) for mode in CALLS}
    yield
    yield [[report.micro, report.macro] for report in reports.values()]


def seqeval_bare(file: Path) -> Iterator[Any]:
    """The two calls that a user of seqeval writes."""
    from seqeval.metrics import classification_report
    from seqeval.scheme import IOB2

    gold, predicted = (list(side) for side in zip(*json.loads(file.read_bytes()), strict=True))
    yield
    strict = classification_report(gold, predicted, output_dict=True, mode="strict", scheme=IOB2, zero_division=0)
    default = classification_report(gold, predicted, output_dict=True, zero_division=0)
    yield
    averages = [[report[name] for name in ("micro avg", "macro avg")] for report in (strict, default)]
    yield [[[float(number) for number in average.values()] for average in report] for report in averages]


def import_ours(file: Path) -> Iterator[Any]:
    """An export to tasks, every offset checked; labels and settings are this repository's."""
    from toolkit.labelstudio.importing import import_exports
    from toolkit.project import find_project

    project = find_project()
    schema, settings = project.schema, project.labelstudio
    yield
    imported = import_exports([file], schema, settings)
    yield
    parts = [annotation for task in imported.tasks for annotation in task.annotations]
    yield [len(imported.tasks), sum(len(part.regions) for part in parts), sum(len(part.links) for part in parts)]


def json_load(file: Path) -> Iterator[Any]:
    """The same file by the standard parser, nothing checked."""
    yield
    with file.open("rb") as opened:
        tasks = json.load(opened)
    yield
    kinds = [item["type"] for task in tasks for annotation in task["annotations"] for item in annotation["result"]]
    yield [len(tasks), kinds.count("labels"), kinds.count("relation")]


if __name__ == "__main__":
    sides = {side.__name__: side for side in (seqeval_ours, seqeval_bare, import_ours, json_load)}
    steps = sides[sys.argv[1]](Path(sys.argv[2]))
    next(steps)
    cpu, wall = time.process_time(), time.perf_counter()
    next(steps)
    spent = time.process_time() - cpu, time.perf_counter() - wall
    print(json.dumps([*spent, next(steps)]))
