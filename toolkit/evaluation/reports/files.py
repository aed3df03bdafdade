"""Every file that a score leaves: result.json first, then the reports that are made from it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from toolkit.evaluation.comparing.gates import Judgement
from toolkit.evaluation.reports.badge import badge
from toolkit.evaluation.reports.benchmark import benchmark
from toolkit.evaluation.reports.examples import QuotedTexts
from toolkit.evaluation.reports.fitting import SUMMARY_BYTES
from toolkit.evaluation.reports.hub_results import HubDataset, eval_results_yaml, model_index_markdown
from toolkit.evaluation.reports.junit import junit
from toolkit.evaluation.reports.score_page import html
from toolkit.evaluation.reports.score_report import comment, markdown
from toolkit.evaluation.reports.verdicts import baseline_sections, gates_section
from toolkit.files import friendly, to_json, write_text

Json = Mapping[str, Any]


def write_reports(
    folder: Path,
    result: Json,
    *,
    judgement: Judgement | None = None,
    baseline: Json | None = None,
    texts: QuotedTexts | None = None,
    summary: Path | None = None,
) -> list[Path]:
    """Writes result.json, then the reports, each whole or not at all; the answer is their paths, result.json first.

    report.html alone quotes texts, and only those given. gates.json is there where gates were judged. `summary` is the
    file of GitHub's step summary, to which report.md is appended, cut to what fits into it.
    """
    against = [] if baseline is None else list(baseline_sections(result, baseline))
    verdicts = [*([gates_section(judgement)] if judgement else []), *against]
    write_text(folder / "result.json", to_json(result))
    made = {
        "report.md": markdown(result, verdicts),
        "report.html": html(result, against, judgement, texts),
        "junit.xml": junit(result, judgement),
        "benchmark.json": to_json(benchmark(result)),
        "badge.json": to_json(badge(result, judgement)),
        "comment.md": comment(result, verdicts),
        **({"gates.json": to_json(judgement.as_json())} if judgement else {}),
    }
    for name, text in made.items():
        write_text(folder / name, text)
    if not judgement:
        # Of an earlier run, and no verdict on this result.
        with friendly(folder):
            (folder / "gates.json").unlink(missing_ok=True)
    if summary is not None:
        with friendly(summary), summary.open("a", encoding="utf-8") as file:
            file.write(markdown(result, verdicts, limit=SUMMARY_BYTES - file.tell()))
    return [folder / name for name in ("result.json", *made)]


def write_hub_results(folder: Path, result: Json, dataset: HubDataset) -> list[Path]:
    """Writes what belongs into the model's repository on the Hub; the paths are as there, but for the front matter.

    IncompleteError where the result is incomplete or has no score.
    """
    made = {dataset.file: eval_results_yaml(result, dataset), "model-index.md": model_index_markdown(result, dataset)}
    for name, text in made.items():
        write_text(folder / name, text)
    return [folder / name for name in made]
