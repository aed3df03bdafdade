"""Where predictions come from: a model that is run now, or a file that another tool wrote."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from toolkit.document import Document
from toolkit.errors import FileError
from toolkit.evaluation.predict import predict
from toolkit.evaluation.prediction import Predictions
from toolkit.evaluation.predictions import read_predictions
from toolkit.models.predictor import Training
from toolkit.models.registry import load_model

_LOOKS_LIKE_A_FILE = re.compile(r"[^:]*\.(jsonl|ndjson|json|conll|iob2?|bio|tsv|txt)|\.{0,2}/.*", re.IGNORECASE)


def is_file(model: str) -> bool:
    """Whether `model` names a predictions file. FileError where it looks like one that is not there."""
    if Path(model).is_file():
        return True
    if _LOOKS_LIKE_A_FILE.fullmatch(model):
        raise FileError("no such predictions file", where=model, fix="Check the path.")
    return False


def obtain(
    model: str, documents: Sequence[Document], training: Training, advance: Callable[[int], None] = lambda _: None
) -> Predictions:
    """The predictions of `kind:target` or of a file for `documents`; `advance` is told of documents done.

    Raises what `load_model` and `read_predictions` raise.
    """
    if is_file(model):
        return read_predictions(Path(model), documents)
    predictor = load_model(model, training)
    found = {prediction.id: prediction for prediction in predict(predictor, documents, advance)}
    return Predictions(found, {"name": model, **predictor.describe()})


def folder_name(model: str) -> str:
    """A folder name for the results of a model or of a predictions file."""
    name = model.removesuffix(Path(model).suffix) if is_file(model) else model
    return re.sub(r"[^\w.-]+", "-", name).strip("-.") or "model"
