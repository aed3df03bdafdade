"""`tawsim score`."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from toolkit.commands.options import ModelOption, ProjectOption
from toolkit.commands.printing import Format, say

if TYPE_CHECKING:
    from toolkit.document import Document
    from toolkit.evaluation.predictions.prediction import Predictions
    from toolkit.evaluation.scoring.strata import KnownMentions
    from toolkit.project import Project
    from toolkit.release.reading import Dataset


class InvalidTags(StrEnum):
    """What `--invalid-tags` takes."""

    CONLLEVAL = "conlleval"
    DISCARD = "discard"
    RAISE = "raise"


def command(
    model: Annotated[str, typer.Argument(metavar="MODEL|FILE", help="kind:target, or a predictions file.")],
    data: Annotated[Path | None, typer.Option("--data", metavar="DIR", help="Dataset folder. Default: build.")] = None,
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
    option: ModelOption = None,
    how: Annotated[Format, typer.Option("--format", help="text or json.")] = Format.TEXT,
    project: ProjectOption = None,
) -> None:
    """Score a model, or the predictions of any other tool, against a dataset. seqeval computes the headline.

    Writes result.json and report.md, and predictions.jsonl of a model that was run. Exits with 3 where a document has
    no prediction or was not read to its end, or the predictions file has errors. `tawsim models` lists the models. With
    --data no project is needed.

    \b
    Examples:
      tawsim score baseline:gazetteer
      tawsim score baseline:crf --split validation --out results/crf
      tawsim score predictions.jsonl --data full --format json
      tawsim score predictions.conll --label-map conll --invalid-tags discard
    """
    from toolkit.evaluation.predictions.source import folder_name
    from toolkit.evaluation.scoring.label_maps import find_label_map
    from toolkit.evaluation.scoring.result import DatasetName, evaluate
    from toolkit.project import find_project
    from toolkit.release.reading import read_dataset

    here = find_project(project, or_here=data is not None)
    settings = here.evaluation
    named = label_map or settings.label_map
    mapped = find_label_map(named, here) if named else None
    folder = out or here.root / "results" / folder_name(model)
    dataset = read_dataset(data or here.root / "build")
    split = split or settings.split
    documents = dataset.documents(split)
    without_text = tuple(a.id for a in dataset.articles if a.split == split and a.text is None)
    name = DatasetName.of(dataset.manifest, split, without_text)
    labels = {label: kind.en or kind.ar or label for label, kind in dataset.schema.entities.items()}
    if mapped:
        labels = {label: label for label in mapped.map.model}
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
    _write(result, folder, how)
    # Gates belong here: one call that judges `result`, and whose exit code outranks that of an incomplete result.
    if result["status"] != "complete":
        for reason in result["reasons"]:
            say(f"incomplete: {reason}")
        raise typer.Exit(3)


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
    from toolkit.commands.progress import progress
    from toolkit.evaluation.predictions.files import write_predictions
    from toolkit.evaluation.predictions.source import is_file, obtain
    from toolkit.models.options import Options
    from toolkit.models.predictor import Training

    digest = str(dataset.manifest["content_digest"])
    training = Training(lambda: dataset.documents("train"), dataset.schema, here.evaluation.crf, here.cache, digest)
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


def _write(result: dict[str, Any], folder: Path, how: Format) -> None:
    """Writes the result and its report, and prints it."""
    from toolkit.commands.printing import print_table
    from toolkit.evaluation.reports.score_report import account, markdown, table
    from toolkit.files import to_json, write_text

    text = to_json(result)
    write_text(folder / "result.json", text)
    write_text(folder / "report.md", markdown(result))
    if how is Format.JSON:
        print(text, end="")
    else:
        print_table(table(result))
        for line in account(result):
            say(line)
        print(folder / "result.json", folder / "report.md", sep="\n")
