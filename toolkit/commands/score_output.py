"""What `tawsim score` writes and prints of a result, and what it hands to GitHub and to the Hub."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.commands.printing import Format, say

if TYPE_CHECKING:
    from toolkit.evaluation.comparing.gates import Judgement
    from toolkit.evaluation.comparing.stored import Json
    from toolkit.evaluation.reports.examples import QuotedTexts
    from toolkit.evaluation.reports.hub_results import HubDataset


def write(
    result: "Json",
    folder: Path,
    how: Format,
    judgement: "Judgement | None",
    baseline: "Json | None",
    texts: "QuotedTexts | None",
) -> None:
    """Writes the result, its reports and the verdicts, and prints the result; a run of GitHub Actions shows them."""
    from toolkit.commands.printing import print_table
    from toolkit.evaluation.reports.account import account
    from toolkit.evaluation.reports.annotations import annotations
    from toolkit.evaluation.reports.files import write_reports
    from toolkit.evaluation.reports.score_terminal import tables
    from toolkit.files import to_json

    named = os.environ.get("GITHUB_STEP_SUMMARY")
    summary = Path(named) if named else None
    written = write_reports(folder, result, judgement=judgement, baseline=baseline, texts=texts, summary=summary)
    if how is Format.JSON:
        print(to_json(result), end="")
    else:
        for table in tables(result):
            print_table(table)
        for line in account(result):
            say(line)
        print(*written[:3], sep="\n")
    if texts and (private := len(texts.withheld & result["documents"].keys())):
        say(f"{folder / 'report.html'} quotes {private} documents whose text may not be passed on; keep it to yourself")
    if judgement and os.environ.get("GITHUB_ACTIONS"):
        for line in annotations(judgement):
            say(line)


def for_hub(
    result: "Json", folder: Path, dataset: "HubDataset", repo: str | None, judgement: "Judgement | None"
) -> None:
    """Writes the result as the Hub takes it, and proposes it to a repository if one is named and no gate is against."""
    from toolkit.evaluation.reports.files import write_hub_results
    from toolkit.evaluation.reports.hub_request import propose
    from toolkit.release.hub.faults import in_words

    for path in write_hub_results(folder, result, dataset):
        say(str(path))
    if repo and judgement and judgement.exit_code:
        say(f"not proposed to {repo}: the gates did not pass")
    elif repo:
        with in_words(repo):
            say(f"proposed: {propose(repo, result, dataset)}")
