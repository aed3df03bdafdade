"""Where predictions come from: a model that is run now, or a file that another tool wrote."""

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import toolkit
from toolkit.document import Document
from toolkit.errors import DataError, FileError, IncompleteError
from toolkit.evaluation.predictions.files import read_predictions
from toolkit.evaluation.predictions.journal import Journal
from toolkit.evaluation.predictions.predict import predict
from toolkit.evaluation.predictions.prediction import Prediction, Predictions
from toolkit.evaluation.predictions.quiet import stdout_on_stderr
from toolkit.files import canonical_json, list_files, read_bytes, sha256
from toolkit.models.options import Options
from toolkit.models.predictor import Predictor, Training
from toolkit.models.registry import load_model
from toolkit.version import __version__

_LOOKS_LIKE_A_FILE = re.compile(r"[^:]*\.(jsonl|ndjson|json|conll|iob2?|bio|tsv|txt)|\.{0,2}/.*", re.IGNORECASE)
_LONGEST_NAME = 60
_PACKAGE = Path(toolkit.__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Run:
    """What running a model came to; `resumed` is how many documents an earlier run had done."""

    predictions: tuple[Prediction, ...]
    model: Mapping[str, str]
    resumed: int

    @property
    def failed(self) -> dict[str, str]:
        """The errors by document."""
        return {prediction.id: prediction.error for prediction in self.predictions if prediction.error is not None}


def is_file(model: str) -> bool:
    """Whether `model` names a predictions file. FileError where it looks like one that is not there."""
    try:
        if Path(model).is_file():
            return True
    except (OSError, ValueError):  # a name that no file can have
        return False
    if _LOOKS_LIKE_A_FILE.fullmatch(model):
        raise FileError("no such predictions file", where=model, fix="Check the path.")
    return False


def obtain(
    model: str,
    documents: Sequence[Document],
    training: Training,
    advance: Callable[[int], None] = lambda _: None,
    *,
    labels: Mapping[str, str] | None = None,
    options: Options | None = None,
    fresh: bool = False,
) -> Predictions:
    """The predictions of `kind:target` or of a file for `documents`; `advance` is told of documents done.

    Raises what `run` and `read_predictions` raise, and UsageError where options are given with a file.
    """
    if is_file(model):
        (options or Options()).done()
        return read_predictions(Path(model), documents)
    done = run(model, documents, training, advance, labels=labels, options=options, fresh=fresh)
    return Predictions({prediction.id: prediction for prediction in done.predictions}, done.model)


def run(
    model: str,
    documents: Sequence[Document],
    training: Training,
    advance: Callable[[int], None] = lambda _: None,
    *,
    labels: Mapping[str, str] | None = None,
    options: Options | None = None,
    fresh: bool = False,
) -> Run:
    """Runs `kind:target`. What it says is kept under `training.cache` as it comes, and a later run goes on from there.

    `fresh` has every document asked again. Raises what `load_model` raises; DataError where the model ends the program
    while it loads; IncompleteError where memory or the disk is full: what was done is kept.
    """
    options = options or Options()
    with stdout_on_stderr():
        try:
            predictor = load_model(model, training, labels, options)
            about = {str(key): str(value) for key, value in predictor.describe().items()}
            identity = [about, dict(labels or {}), options.done(), _version(predictor)]
            path = (
                training.cache / "predictions" / f"{folder_name(model)}-{sha256(canonical_json(identity))[:16]}.jsonl"
            )
            journal = Journal(path, documents)
            if fresh:
                journal.forget()
            known = journal.read()
            found = predict(predictor, documents, advance, known=known, keep=journal.append)
        except SystemExit as error:
            raise DataError(f"the model ended its program with code {error.code} while it was loaded") from error
        except MemoryError as error:
            what = "there is no memory left; what was predicted so far is kept"
            raise IncompleteError(what, fix="Run the same command again to go on.") from error
    return Run(tuple(found), {"name": _without_secrets(model), **about}, len(known))


def _version(predictor: Predictor) -> str:
    """The code that an answer comes from, as a hash: the ground floor, the adapters and the predictor's module."""
    files = [*list_files(_PACKAGE, "*.py"), *list_files(_PACKAGE / "models", "*.py")]
    own = getattr(sys.modules.get(type(predictor).__module__), "__file__", None)
    if own and Path(own) not in files and Path(own).is_file():
        files.append(Path(own))
    return sha256(canonical_json([__version__, *(sha256(read_bytes(file)) for file in files)]))


def folder_name(model: str) -> str:
    """A folder name for the results of a model or of a predictions file, of at most 60 characters.

    It holds no secret that stands in the arguments of a command or in an address; a hash stands for what is left out.
    """
    if is_file(model):
        whole = plain = model.removesuffix(Path(model).suffix)
    else:
        whole, plain = re.sub(r"https?://", "", model), _without_secrets(model)
    slug = re.sub(r"[^\w.-]+", "-", plain).strip("-.") or "model"
    if plain == whole and len(slug) <= _LONGEST_NAME:
        return slug
    return f"{slug[: _LONGEST_NAME - 9].rstrip('-.')}-{sha256(model.encode('utf-8', 'surrogatepass'))[:8]}"


def _without_secrets(model: str) -> str:
    """The program of a command, without its folder and its arguments; addresses without user, query and fragment."""
    kind, _, target = model.partition(":")
    if kind == "command":
        return f"{kind}:{Path((target.split() or [''])[0]).name}"
    return re.sub(r"https?://(?:[^/\s]*@)?([^?#\s]*)\S*", r"\1", model)
