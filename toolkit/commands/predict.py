"""`tawsim predict`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.commands.options import DataOption, ModelOption, ProjectOption

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.document import Document
    from toolkit.evaluation.predictions.prediction import Prediction
    from toolkit.evaluation.predictions.source import Run
    from toolkit.findings import Finding
    from toolkit.project import Project
    from toolkit.release.tables.reading import Dataset

_SHOWN = 10


def command(
    models: Annotated[list[str], typer.Argument(metavar="MODEL|FILES", help="kind:target; files with --merge.")],
    data: DataOption = None,
    split: Annotated[str | None, typer.Option("--split", help="Default: that of configs/evaluation.yaml.")] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Default: results/MODEL/predictions.jsonl, with --shard its part."),
    ] = None,
    shard: Annotated[str | None, typer.Option("--shard", metavar="I/N", help="Only the I-th of N parts.")] = None,
    limit: Annotated[int | None, typer.Option("--limit", metavar="N", min=1, help="Only the first N.")] = None,
    option: ModelOption = None,
    label_map: Annotated[
        str | None,
        typer.Option("--label-map", metavar="NAME|FILE", help="Ask a prompted model for the labels of this map."),
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Ask again what an earlier run has answered.")] = False,
    merge: Annotated[bool, typer.Option("--merge", help="Join the predictions files of shards in --out.")] = False,
    project: ProjectOption = None,
) -> None:
    """Run a model over a split and write its predictions, one document a line.

    What was predicted is kept as it comes: the same command goes on where it was stopped, and asks failed documents
    again. Parts of --shard are about equally long and run on as many machines as you like; --merge joins them, in any
    order to the same bytes. Exits with 3 where a document failed, is missing or is predicted differently by two files.
    With --data no project is needed.

    \b
    Examples:
      tawsim predict baseline:gazetteer
      tawsim predict baseline:crf --split validation --out crf.jsonl
      tawsim predict baseline:crf --shard 2/4
      tawsim predict --merge results/baseline-crf/predictions-*-of-00004.jsonl --out crf.jsonl
    """
    from toolkit.commands.printing import say
    from toolkit.errors import DataError, UsageError
    from toolkit.project import find_project
    from toolkit.release.hub.source import dataset_folder
    from toolkit.release.tables.reading import read_dataset

    if merge and (shard or limit or option or label_map or fresh):
        raise UsageError("--merge joins files, it runs no model", fix="Leave out the options of a run.")
    if merge and out is None:
        raise UsageError("--merge needs a file to write", fix="Name it with --out FILE.")
    if not merge and len(models) > 1:
        raise UsageError(f"{len(models)} models are named", fix="Name one, or join predictions files with --merge.")
    here = find_project(project, or_here=data is not None)
    dataset = read_dataset(dataset_folder(data or here.root / "build", say))
    split = split or here.evaluation.split
    documents = dataset.documents(split)
    if not documents:
        raise DataError(f"split {split} has no documents with text", where=str(dataset.folder))
    if merge and out is not None:
        _merge([Path(name) for name in models], documents, out)
    else:
        _predict(models[0], here, dataset, documents[:limit], out, shard, option or [], label_map, fresh)


def _predict(
    model: str,
    here: "Project",
    dataset: "Dataset",
    documents: "list[Document]",
    out: Path | None,
    shard: str | None,
    option: list[str],
    label_map: str | None,
    fresh: bool,
) -> None:
    from toolkit.commands.asking import asked_labels, training_of
    from toolkit.commands.printing import say
    from toolkit.commands.progress import progress
    from toolkit.errors import UsageError
    from toolkit.evaluation.predictions.files import write_predictions
    from toolkit.evaluation.predictions.shards import Shard
    from toolkit.evaluation.predictions.source import folder_name, is_file, run
    from toolkit.evaluation.scoring.label_maps import find_label_map
    from toolkit.models.options import Options

    options = Options.parse(option)
    if is_file(model):
        raise UsageError("is a predictions file already", where=model, fix="Name a model, or join files with --merge.")
    part = Shard.parse(shard) if shard else None
    documents = part.pick(documents) if part else documents
    out = out or here.root / "results" / folder_name(model) / (part.file_name if part else "predictions.jsonl")
    training = training_of(dataset, here)
    named = label_map or here.evaluation.label_map
    labels = asked_labels(dataset.schema, find_label_map(named, here) if named else None)
    try:
        with progress("predicting", len(documents)) as advance:
            done = run(model, documents, training, advance, labels=labels, options=options, fresh=fresh)
    except KeyboardInterrupt:
        say("what was predicted is kept; the same command goes on from there")
        raise
    write_predictions(out, done.predictions, documents)
    _tell(done, out)


def _tell(done: "Run", out: Path) -> None:
    """What the run came to, the path on stdout. Exits with 3 where a document failed."""
    from toolkit.commands.printing import say

    failed = done.failed
    for name, error in list(failed.items())[:_SHOWN]:
        say(f"failed: {name}: {error}")
    if len(failed) > _SHOWN:
        say(f"failed: {len(failed) - _SHOWN} more, in the file")
    asked = len(done.predictions) - done.resumed - len(failed)
    say(f"predicted {asked}, failed {len(failed)}, resumed {done.resumed}")
    print(out)
    if failed:
        raise typer.Exit(3)


def _merge(paths: "Sequence[Path]", documents: "Sequence[Document]", out: Path) -> None:
    from toolkit.commands.printing import say
    from toolkit.evaluation.predictions.files import read_predictions, write_predictions
    from toolkit.evaluation.predictions.shards import merge
    from toolkit.findings import has_errors

    files: dict[str, dict[str, Prediction]] = {}
    findings: list[Finding] = []
    for path in paths:
        read = read_predictions(path, documents)
        files[str(path)] = dict(read.by_document)
        findings += read.findings
    merged = merge(files, documents)
    write_predictions(out, merged, documents)
    there = {prediction.id for prediction in merged}
    missing = [document.id for document in documents if document.id not in there]
    failed = sum(prediction.error is not None for prediction in merged)
    for finding in findings:
        say(str(finding))
    if missing:
        say(f"no prediction: {', '.join(missing)}")
    say(f"merged {len(merged) - failed}, failed {failed}, missing {len(missing)}")
    print(out)
    if missing or failed or has_errors(findings):
        raise typer.Exit(3)
