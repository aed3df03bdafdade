"""`tawsim score`."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.commands.options import DataOption, ModelOption, ProjectOption
from toolkit.commands.printing import Format, say

if TYPE_CHECKING:
    from toolkit.document import Document
    from toolkit.evaluation.comparing.gates import Judgement
    from toolkit.evaluation.comparing.stored import Json
    from toolkit.evaluation.predictions.prediction import Predictions
    from toolkit.evaluation.scoring.strata import KnownMentions
    from toolkit.project import Project
    from toolkit.release.tables.reading import Dataset


class InvalidTags(StrEnum):
    """What `--invalid-tags` takes."""

    CONLLEVAL = "conlleval"
    DISCARD = "discard"
    RAISE = "raise"


def command(
    model: Annotated[str, typer.Argument(metavar="MODEL|FILE", help="kind:target, or a predictions file.")],
    data: DataOption = None,
    split: Annotated[str | None, typer.Option("--split", help="Default: that of configs/evaluation.yaml.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Folder of the results. Default: results/MODEL.")
    ] = None,
    label_map: Annotated[
        str | None,
        typer.Option("--label-map", metavar="NAME|FILE", help="Score in a common scheme: a map of configs/label_maps."),
    ] = None,
    invalid_tags: Annotated[
        InvalidTags | None, typer.Option("--invalid-tags", help="What becomes of tags where an I- continues nothing.")
    ] = None,
    allow_partial: Annotated[
        bool, typer.Option("--allow-partial", help="A model that did not read every text to its end is no failure.")
    ] = False,
    gold_entities: Annotated[
        bool, typer.Option("--gold-entities", help="The model was given the gold mentions: score its relations alone.")
    ] = False,
    gates: Annotated[
        Path | None,
        typer.Option("--gates", metavar="FILE", help="Hold the scores to the gates of this file, or of its `gates`."),
    ] = None,
    baseline: Annotated[
        Path | None,
        typer.Option("--baseline", metavar="RESULT", help="An earlier result, for gates on drops. File or folder."),
    ] = None,
    quotes: Annotated[
        bool, typer.Option("--quotes/--no-quotes", help="Whether report.html shows the errors in their sentences.")
    ] = True,
    hub_results: Annotated[
        bool,
        typer.Option("--hub-results", help="Write .eval_results and a model-index for the model's Hub repository."),
    ] = False,
    hub_results_pr: Annotated[
        str | None, typer.Option("--hub-results-pr", metavar="NS/NAME", help="Propose them there by a pull request.")
    ] = None,
    option: ModelOption = None,
    how: Annotated[Format, typer.Option("--format", help="text or json.")] = Format.TEXT,
    project: ProjectOption = None,
) -> None:
    """Score a model, or the predictions of any other tool, against a dataset. seqeval computes the headline.

    Writes result.json, report.md and report.html, files for CI, and predictions.jsonl of a model that was run. Exits
    with 3 where a document has no prediction or was not read to its end, or the predictions file has errors. With
    --data no project is needed. report.html alone quotes the texts. `tawsim models` lists the models.

    Gates are judged with --gates only, and their verdicts written to gates.json. Then the exit code is theirs: 1 where
    one failed; else 3 where one cannot be decided, the result is incomplete or empty, or the baseline is not
    comparable; else 0. What did not pass is told a line each, and the verdict over all in one.

    \b
    Examples:
      tawsim score baseline:gazetteer
      tawsim score baseline:crf --split validation --out results/crf
      tawsim score predictions.jsonl --data full --format json
      tawsim score baseline:crf --data NS/NAME@v1.2.0
      tawsim score predictions.conll --label-map conll --invalid-tags discard
      tawsim score baseline:crf --gates configs/evaluation.yaml --baseline results/baseline-gazetteer
    """
    from toolkit.commands.asking import asked_labels
    from toolkit.commands.score_output import for_hub, write
    from toolkit.evaluation.comparing.gate_scores import check_gates
    from toolkit.evaluation.comparing.gates import judge_gates
    from toolkit.evaluation.comparing.stored import read_result
    from toolkit.evaluation.predictions.source import folder_name
    from toolkit.evaluation.reports.examples import QuotedTexts
    from toolkit.evaluation.reports.hub_results import HubDataset
    from toolkit.evaluation.scoring.label_maps import find_label_map, scheme_of
    from toolkit.evaluation.scoring.result import DatasetName, evaluate
    from toolkit.project import find_project, read_gates
    from toolkit.release.hub.source import commit_of, dataset_folder
    from toolkit.release.tables.reading import read_dataset

    here = find_project(project, or_here=data is not None)
    settings = here.evaluation
    named = label_map or settings.label_map
    mapped = find_label_map(named, here) if named else None
    folder = out or here.root / "results" / folder_name(model)
    dataset = read_dataset(dataset_folder(data or here.root / "build", say))
    split = split or settings.split
    documents = dataset.documents(split)
    without_text = tuple(a.id for a in dataset.articles if a.split == split and a.text is None)
    name = DatasetName.of(dataset.manifest, split, without_text, commit_of(dataset.folder))
    # A model may run for hours: what is wrong with gates, baseline and repository is told before.
    on_hub = HubDataset.of(dataset.manifest) if hub_results or hub_results_pr else None
    rules = read_gates(gates) if gates else None
    against = read_result(baseline) if baseline else None
    if rules:
        keys = ("relations", "given") if gold_entities else ("scores", settings.headline)
        check_gates(rules, scheme_of(dataset.schema, mapped).schema, keys, str(gates))
    labels = asked_labels(dataset.schema, mapped)
    predictions = _obtain(model, documents, dataset, here, labels, option or [], folder)
    result = evaluate(
        documents,
        predictions,
        dataset.schema,
        name,
        settings.headline,
        label_map=mapped,
        invalid_tags=invalid_tags.value if invalid_tags else settings.invalid_tags,
        train_mentions=_train_mentions(dataset, split),
        allow_partial=allow_partial,
        gold_entities=gold_entities,
    )
    judgement = judge_gates(result, rules, against) if rules else None
    withheld = frozenset(article.id for article in dataset.articles if article.meta.withheld)
    texts = QuotedTexts(documents, dataset.schema, withheld) if quotes else None
    write(result, folder, how, judgement, against, texts)
    if on_hub:
        for_hub(result, folder / "hub", on_hub, hub_results_pr, judgement)
    _end(result, how, judgement, against)


def _obtain(
    model: str,
    documents: "list[Document]",
    dataset: "Dataset",
    here: "Project",
    labels: dict[str, str],
    option: list[str],
    folder: Path,
) -> "Predictions":
    """The predictions of a file, or of a model that is run; what a model says is written to `folder`."""
    from toolkit.commands.asking import training_of
    from toolkit.commands.progress import progress
    from toolkit.evaluation.predictions.files import write_predictions
    from toolkit.evaluation.predictions.source import is_file, obtain
    from toolkit.models.options import Options

    training = training_of(dataset, here)
    with progress("predicting", len(documents)) as advance:
        found = obtain(model, documents, training, advance, labels=labels, options=Options.parse(option))
    if not is_file(model):
        write_predictions(folder / "predictions.jsonl", found.by_document.values(), documents)
    return found


def _train_mentions(dataset: "Dataset", split: str) -> "KnownMentions | None":
    """The mentions of the train split; None where its texts are not here, or it is what is scored."""
    from toolkit.evaluation.scoring.cleaning import clean
    from toolkit.evaluation.scoring.strata import known_mentions

    articles = [article for article in dataset.articles if article.split == "train" and article.text is not None]
    if split == "train" or not articles:
        return None
    documents = (article.document() for article in articles)
    return known_mentions(
        (d.text, clean(d.text, [(e.start, e.end, e.label) for e in d.entities]).spans) for d in documents
    )


def _end(result: "Json", how: Format, judgement: "Judgement | None", baseline: "Json | None") -> None:
    """Tells what the result lacks, how it stands to the baseline and the verdict of the gates. Exits with its code."""
    from toolkit.commands.printing import print_table
    from toolkit.evaluation.comparing.comparison import compare
    from toolkit.evaluation.comparing.stored import differences
    from toolkit.evaluation.reports.comparison_report import headline_line
    from toolkit.evaluation.reports.gate_report import gate_lines, gate_table

    if judgement:
        if how is Format.TEXT:
            print_table(gate_table(judgement))
        for line in gate_lines(judgement):
            say(line)
        raise typer.Exit(judgement.exit_code)
    code = 3 if result["status"] != "complete" else 0
    for reason in result["reasons"]:
        say(f"incomplete: {reason}")
    if baseline is not None and (found := differences(baseline, result)):
        say(f"not comparable with the baseline: {'; '.join(found)}")
        code = 3
    elif baseline is not None:
        say(headline_line(compare(baseline, [result])))
    if code:
        raise typer.Exit(code)
