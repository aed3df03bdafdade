"""The benchmarks' work is what it says, both sides come to the same answer, the table tells it. Never the time."""

import json
import resource
import sys
from itertools import pairwise

import numpy as np
import pytest

from benchmarks import coverage
from benchmarks.__main__ import not_measured
from benchmarks.classifier import save_classifier
from benchmarks.measure import Comparison, Run, Side, alternate, run
from benchmarks.sides import (
    import_ours,
    json_load,
    pipeline_batched,
    pipeline_singly,
    score_ours,
    seqeval_bare,
    tag_bare,
    tag_ours,
)
from benchmarks.table import to_markdown, to_object
from benchmarks.work import native_export, tag_rows, tagged_documents
from toolkit.errors import ToolkitError
from toolkit.flat import flatten
from toolkit.labelstudio.reading.importing import import_exports
from toolkit.labelstudio.server.installation import COMMAND_VARIABLE
from toolkit.models.iob import segments
from toolkit.project import Project
from toolkit.schema import FlatLayer
from toolkit.tokens import covered, sentences, words

LABELS = ("PER", "ORG", "GPE")


def test_tags_have_the_size_density_and_noise_that_are_told():
    rows = tag_rows(20_000, LABELS)
    assert sum(len(gold) for gold, _ in rows) == 20_000
    assert all(len(gold) == len(predicted) for gold, predicted in rows)
    gold, found = ({(n, s) for n, row in enumerate(rows) for s in segments(row[side])} for side in (0, 1))
    assert all(segment.is_opened for _, segment in gold)
    assert {segment.label for _, segment in gold} == set(LABELS)
    assert sum(s.last - s.first for _, s in gold) / 20_000 == pytest.approx(0.08, abs=0.01)
    assert len(gold - found) / len(gold) == pytest.approx(0.15, abs=0.03)
    assert {s.is_opened for _, s in found - gold} == {True, False}


def test_equal_seeds_give_equal_work_and_others_do_not(schema):
    assert tag_rows(500, LABELS, 7) == tag_rows(500, LABELS, 7) != tag_rows(500, LABELS, 8)
    assert native_export(2, schema, 7) == native_export(2, schema, 7) != native_export(2, schema, 8)


def test_documents_to_score_are_the_tags_that_they_come_with(schema):
    found = tagged_documents(3_000, LABELS)
    rows = iter(found["rows"])
    for document in found["documents"]:
        places = words(document["text"])
        sides = [flatten(map(tuple, document[side]), places, FlatLayer()) for side in ("gold", "predicted")]
        for extent in sentences(document["text"]):
            first, last = covered(places, *extent)
            assert next(rows) == tuple(side.tags(len(places))[first:last] for side in sides)
    assert next(rows, None) is None


def test_the_export_is_imported_without_a_finding(schema, repository, tmp_path):
    path = tmp_path / "export.json"
    native = native_export(20, schema)
    path.write_text(json.dumps(native, ensure_ascii=False), encoding="utf-8")
    imported = import_exports([path], schema, Project(repository).labelstudio)
    assert (imported.findings, imported.held_back, len(imported.tasks)) == ((), 0, 20)
    texts = "".join(task.text for task in imported.tasks)
    assert all(sign in texts for sign in ("😀", "🇲🇦", "\u200d", "ٌ", "ـ", "\n"))
    items = [item for task in native for item in task["annotations"][0]["result"] if item["type"] == "labels"]
    assert any("\\n" in item["value"]["text"] for item in items)
    for task in imported.tasks:
        (annotation,) = task.annotations
        labels = {region.id: region.labels[0] for region in annotation.regions}
        assert (len(labels), len(annotation.links)) == (20, 6)
        assert all(one.end <= other.start for one, other in pairwise(annotation.regions))
        for link in annotation.links:
            assert schema.relations[link.labels[0]].allows(labels[link.head], labels[link.tail])


def test_ours_and_the_peers_come_to_the_same_answer(schema, repository, tmp_path, monkeypatch):
    monkeypatch.chdir(repository)
    tags, export = tmp_path / "tags.json", tmp_path / "export.json"
    tags.write_text(json.dumps(tagged_documents(2_000, schema.flat_labels)))
    export.write_text(json.dumps(native_export(3, schema)))
    ours, bare = (list(side(tags))[-1] for side in (score_ours, seqeval_bare))
    assert json.loads(json.dumps(ours)) == bare
    assert 0.7 < bare[0][0][2] < 1
    assert list(import_ours(export))[-1] == list(json_load(export))[-1] == [3, 60, 18]


def test_the_harness_and_its_peers_tag_the_same_words(schema, repository, tmp_path, monkeypatch):
    monkeypatch.chdir(repository)
    texts = [task["data"]["text"] for task in native_export(5, schema)]
    save_classifier(tmp_path / "classifier", texts)
    file = tmp_path / "classifier.json"
    file.write_text(json.dumps({"folder": str(tmp_path / "classifier"), "texts": texts}))
    peers = (tag_ours, tag_bare, pipeline_singly, pipeline_batched)
    documents, mentions = list(tag_bare(file))[-1]
    assert documents == 5 and 50 < mentions < 900
    assert [list(peer(file))[-1] for peer in peers] == [[5, mentions]] * 4


def python(code, tells=True):
    return Side(code, (sys.executable, "-c", code), tells)


def test_a_run_is_of_its_own_process(tmp_path):
    ours = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    small = run(python("pass", tells=False), tmp_path)
    large = run(python("x = b'x' * 2**26; print('[1, 2, [3]]')"), tmp_path)
    assert small.peak < ours / 2
    assert large.peak > small.peak + 60
    assert (large.cpu, large.wall, large.answer) == (1, 2, [3])


def test_a_failure_and_another_answer_are_errors(tmp_path):
    with pytest.raises(ToolkitError, match="the program failed"):
        run(python("import sys; sys.exit(3)"), tmp_path)
    with pytest.raises(ToolkitError, match=r"says 5, .* says 6"):
        alternate(python("print('[1, 1, 5]')"), python("print('[1, 1, 6]')"), 1, tmp_path)


def compared(times, budget, beyond="", held="cpu"):
    """Ours takes `times` seconds round by round where the peer takes two, or four by the clock."""
    rounds = tuple((Run(time, time, 2 * time, 1234.5), Run(2, 4, 8, 50.25)) for time in times)
    return Comparison("reading", ("ours", "theirs"), rounds, budget, beyond, held)


def test_the_table_tells_medians_spread_and_the_budget():
    lines = to_markdown([compared([3, 1, 2], 0.5, "writing")], "About it.").splitlines()
    ratios = ["1 (0.5–1.5)", "0.5 (0.25–0.75)", "0.5 (0.25–0.75)", "CPU ≤ 0.5: not met"]
    assert lines[:3] == ["# Benchmarks", "", "About it."]
    assert [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[6:8]] == [
        ["reading", "ours", "2 (1–3)", "2 (1–3)", "1234 (1234–1234)", "4 (2–6)", *ratios],
        ["reading", "theirs", "2 (2–2)", "4 (4–4)", "50.2 (50.2–50.2)", "8 (8–8)", "1", "1", "1", ""],
    ]
    assert {line.count("|") for line in lines[4:8]} == {11}
    assert lines[9:] == ["- reading: the budget also covers writing."]


@pytest.mark.parametrize(
    ("budget", "beyond", "verdict"),
    [(1, "", "met"), (1, "more", "met by this part"), (0.99, "", "not met"), (0.99, "more", "not met")],
)
def test_the_verdict_is_of_the_median_ratio_and_a_part_is_not_the_whole(budget, beyond, verdict):
    comparison = compared([3, 1, 2], budget, beyond)
    assert comparison.verdict == verdict
    assert ("also covers" in to_markdown([comparison], "")) is bool(beyond)
    (row,) = json.loads(json.dumps(to_object([comparison], "")))["comparisons"]
    assert (row["verdict"], row["ratios"]["cpu"], len(row["rounds"])) == (verdict, [1.5, 0.5, 1.0], 3)


def test_a_budget_of_wall_time_is_held_against_wall_time():
    comparison = compared([3, 1, 2], 0.5, held="wall")
    assert comparison.verdict == "met"
    assert "| wall ≤ 0.5: met |" in to_markdown([comparison], "")


def test_what_is_not_measured_is_said(monkeypatch):
    monkeypatch.setenv(COMMAND_VARIABLE, "label-studio")
    assert not_measured() == ""
    monkeypatch.delenv(COMMAND_VARIABLE)
    assert not_measured().endswith("LABEL_STUDIO names no Label Studio to start.")


def test_simulated_documents_have_the_f1_that_is_told_and_differ_as_documents_do():
    (counts,) = coverage.documents(np.random.default_rng(3), 40_000, 0.86)
    right, predicted, gold = counts.T
    assert 2 * right.sum() / (predicted + gold).sum() == pytest.approx(0.86, abs=0.005)
    assert (right <= predicted).all() and (right <= gold).all()
    recall = (right / np.maximum(gold, 1))[gold > 20]
    assert recall.std() > 2 * np.sqrt(0.86 * 0.14 / gold[gold > 20]).mean() / 1.2
    one, other = coverage.documents(np.random.default_rng(3), 50, 0.86, models=2)
    assert (one[:, 2] == other[:, 2]).all() and (one[:, 0] != other[:, 0]).any()


def test_coverage_is_the_share_of_intervals_that_hold_the_truth():
    sets = [np.full((1, 3), number, dtype=float) for number in range(4)]
    ends = {0: None, 1: (0.1, 0.9), 2: (0.5, 0.9), 3: (0.6, 0.9)}
    assert coverage.coverage(lambda counts: ends[int(counts[0, 0])], sets, 0.5) == 0.5


def test_the_simulation_tells_both_tables():
    told = list(coverage.lines(8))
    assert sum(line.startswith(f"| {f1} | {n} |") for line in told for f1, n in coverage.CELLS) == len(coverage.CELLS)
    assert [line for line in told if line.startswith("| 100 |")]
