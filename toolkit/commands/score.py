"""`tawsim score`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from toolkit.commands.options import ProjectOption
from toolkit.commands.printing import Format

if TYPE_CHECKING:
    from toolkit.document import Document
    from toolkit.evaluation.prediction import Predictions
    from toolkit.models.predictor import Training


def command(
    model: Annotated[str, typer.Argument(metavar="MODEL|FILE", help="kind:target, or a predictions file.")],
    data: Annotated[Path | None, typer.Option("--data", metavar="DIR", help="Dataset folder. Default: build.")] = None,
    split: Annotated[str | None, typer.Option("--split", help="Default: that of configs/evaluation.yaml.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Folder of the results. Default: results/MODEL.")
    ] = None,
    how: Annotated[Format, typer.Option("--format", help="text or json.")] = Format.TEXT,
    project: ProjectOption = None,
) -> None:
    """Score a model, or the predictions of any other tool, against a dataset. seqeval computes the headline.

    Writes result.json and report.md, and predictions.jsonl of a model that was run. Exits with 3 where a document has
    no prediction or the predictions file has errors. `tawsim models` lists the models. With --data no project is
    needed.

    \b
    Examples:
      tawsim score baseline:gazetteer
      tawsim score baseline:crf --split validation --out results/crf
      tawsim score predictions.jsonl --data full --format json
    """
    from toolkit.evaluation.predictions import write_predictions
    from toolkit.evaluation.result import DatasetName, evaluate
    from toolkit.evaluation.source import folder_name, is_file
    from toolkit.models.predictor import Training
    from toolkit.project import find_project
    from toolkit.release.reading import read_dataset

    here = find_project(project, or_here=data is not None)
    folder = out or here.root / "results" / folder_name(model)
    dataset = read_dataset(data or here.root / "build")
    split = split or here.evaluation.split
    documents = dataset.documents(split)
    without_text = tuple(a.id for a in dataset.articles if a.split == split and a.text is None)
    name = DatasetName.of(dataset.manifest, split, without_text)
    training = Training(
        lambda: dataset.documents("train"), dataset.schema, here.evaluation.crf, here.cache, name.content_digest
    )
    predictions = _obtain(model, documents, training)
    if not is_file(model):
        write_predictions(folder / "predictions.jsonl", predictions.by_document.values(), documents)
    _show(evaluate(documents, predictions, dataset.schema, name, here.evaluation.headline), folder, how)


def _obtain(model: str, documents: "list[Document]", training: "Training") -> "Predictions":
    import sys

    from rich.console import Console
    from rich.progress import Progress

    from toolkit.evaluation.source import obtain

    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("predicting", total=len(documents))
        return obtain(model, documents, training, lambda done: bar.advance(task, done))


def _show(result: dict[str, Any], folder: Path, how: Format) -> None:
    """Writes the result and prints it. Exits with 3 where it is incomplete."""
    from toolkit.commands.printing import print_table, say
    from toolkit.evaluation.report import account, markdown, table
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
    if result["status"] != "complete":
        say("incomplete: what was not predicted counts as missed")
        raise typer.Exit(3)
