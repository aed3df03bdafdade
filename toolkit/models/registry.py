"""Models by name, `kind:target`. An adapter is imported when it is asked for, its library no sooner."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from importlib.util import find_spec

from toolkit.errors import MissingDependencyError, UsageError
from toolkit.models.options import Options
from toolkit.models.predictor import Predictor, Request, Training


@dataclass(frozen=True, slots=True)
class Adapter:
    """`load` is `module:function`, which takes a Request; `library` is the module that it needs from `extra`."""

    what: str
    load: str
    library: str | None = None
    extra: str | None = None

    @property
    def is_installed(self) -> bool:
        """Whether the library can be imported; it is not imported to find out."""
        return self.library is None or find_spec(self.library) is not None

    @property
    def install(self) -> str:
        """The line that installs the library; empty where none is needed."""
        return f"pip install 'tawsim[{self.extra}]'" if self.extra else ""


ADAPTERS = {
    "baseline:gazetteer": Adapter(
        "longest match of the mentions of the train split, clitic-aware", "toolkit.models.gazetteer:load"
    ),
    "baseline:crf": Adapter(
        "linear-chain CRF over words, trained on the train split and kept under .tawsim",
        "toolkit.models.crf:load",
        library="pycrfsuite",
        extra="crf",
    ),
}
PREDICTIONS = {
    "FILE.jsonl": "predictions of any other tool, one document a line",
    "FILE.conll": "predictions as words and IOB2 tags, on the words of the config ner",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the `models` table; `install` is empty where nothing needs to be installed."""

    model: str
    what: str
    is_installed: bool
    install: str


def available() -> list[Row]:
    """Every kind of model that can be scored, and the install line of those whose library is not there."""
    rows = [
        Row(name, adapter.what, adapter.is_installed, "" if adapter.is_installed else adapter.install)
        for name, adapter in ADAPTERS.items()
    ]
    return rows + [Row(name, what, True, "") for name, what in PREDICTIONS.items()]


def load_model(
    name: str, training: Training, labels: Mapping[str, str] | None = None, options: Options | None = None
) -> Predictor:
    """The model `kind:target`, ready to predict.

    UsageError lists the known ones where there is no such model, MissingDependencyError names the install line where
    its library is not there; what else the adapter raises comes through.
    """
    adapter, target = _find(name)
    module, function = adapter.load.split(":")
    options = options or Options()
    try:
        request = Request(target, training, labels or {}, options)
        predictor: Predictor = getattr(import_module(module), function)(request)
    except ImportError as error:
        raise MissingDependencyError(f"{name}: {error}", fix=f"Install what it needs: {adapter.install}") from error
    options.done()
    return predictor


def _find(name: str) -> tuple[Adapter, str]:
    """The adapter of a model and the rest of the name."""
    adapter = ADAPTERS.get(name)
    if adapter is None:
        close = get_close_matches(name, ADAPTERS, n=1)
        hint = f"Did you mean {close[0]}? " if close else ""
        known = ", ".join((*ADAPTERS, *PREDICTIONS))
        raise UsageError(f"no model {name!r} and no file of that name", fix=f"{hint}There are: {known}.")
    return adapter, ""
