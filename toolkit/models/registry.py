"""Models by name, `kind:target`. An adapter is imported when it is asked for, its library no sooner."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from importlib.util import find_spec

from toolkit.errors import MissingDependencyError, ToolkitError, UsageError
from toolkit.models import third_parties
from toolkit.models.options import Options
from toolkit.models.predictor import Predictor, Request, Training


@dataclass(frozen=True, slots=True)
class Adapter:
    """`load` is `module:function`, which takes a Request; `libraries` are the modules that it needs.

    `target` is what stands behind the colon; empty where the name is the whole of it. `install` is the line that
    installs the libraries; empty where none are needed.
    """

    what: str
    load: str
    target: str = ""
    libraries: tuple[str, ...] = ()
    install: str = ""

    @property
    def missing(self) -> list[str]:
        """The libraries that cannot be found; none is imported to find out."""
        return [library for library in self.libraries if not _is_there(library)]


def _extra(name: str) -> str:
    return f"pip install 'tawsim[{name}]'"


_APART = "in an environment of its own, scored as 'command:ITS-PYTHON -m toolkit.models.serve MODEL'"


ADAPTERS = {
    "baseline:gazetteer": Adapter(
        "longest match of the mentions of the train split, clitic-aware", "toolkit.models.gazetteer:load"
    ),
    "baseline:crf": Adapter(
        "linear-chain CRF over words, trained on the train split and kept under .tawsim",
        "toolkit.models.crf:load",
        libraries=("pycrfsuite",),
        install=_extra("crf"),
    ),
    "transformers": Adapter(
        "token classification checkpoint, local or on the Hub",
        "toolkit.models.transformers:load",
        "ID|FOLDER",
        ("transformers", "torch"),
        _extra("transformers"),
    ),
    "spacy": Adapter(
        "spaCy pipeline with named entities", "toolkit.models.spacy:load", "NAME|FOLDER", ("spacy",), _extra("spacy")
    ),
    "stanza": Adapter(
        "Stanza's named entities of a language", "toolkit.models.stanza:load", "LANGUAGE", ("stanza",), _extra("stanza")
    ),
    "flair": Adapter(
        "Flair sequence tagger",
        "toolkit.models.flair:load",
        "ID|FILE",
        ("flair",),
        f"pip install 'flair>=0.15' orjson pydantic pyyaml  ({_APART}: it excludes ours)",
    ),
    "gliner": Adapter(
        "GLiNER, prompted with the meanings of the labels",
        "toolkit.models.gliner:load",
        "ID|FOLDER",
        ("gliner",),
        f"{_extra('gliner')}  (an older one; the newest {_APART})",
    ),
    "camel": Adapter(
        "CAMeL Tools named entity recognizer",
        "toolkit.models.camel:load",
        "NAME|FOLDER",
        ("camel_tools",),
        _extra("camel"),
    ),
    "hf-inference": Adapter(
        "inference provider or endpoint of Hugging Face", "toolkit.models.hf_inference:load", "ID|URL"
    ),
    "openai": Adapter(
        "language model behind any OpenAI-compatible endpoint (option base_url)", "toolkit.models.openai:load", "MODEL"
    ),
    "http": Adapter("your own service: JSON lines posted, JSON lines back", "toolkit.models.http:load", "URL"),
    "command": Adapter(
        "your own program that reads and prints JSON lines, as for Flair, GLiNER and SinaTools in environments of"
        " their own",
        "toolkit.models.command:load",
        "PROGRAM ARGUMENTS…",
    ),
    "python": Adapter(
        "what your own function returns, also from the working directory",
        "toolkit.models.python_factory:load",
        "MODULE:FUNCTION",
    ),
}
PREDICTIONS = {
    "FILE.jsonl": "predictions of any other tool, one document a line",
    "FILE.conll": "predictions as words and IOB2 tags, on the words of the config ner",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the `models` table; `install` is empty where nothing needs to be installed.

    `package` is the distribution that adds the kind; empty for those that come with this one.
    """

    model: str
    what: str
    is_installed: bool
    install: str = ""
    package: str = ""


def available() -> list[Row]:
    """Every kind of model that can be scored, and the install line of those whose library is not there."""
    rows = []
    for name, adapter in ADAPTERS.items():
        shown = f"{name}:{adapter.target}" if adapter.target else name
        is_installed = not adapter.missing
        rows.append(Row(shown, adapter.what, is_installed, "" if is_installed else adapter.install))
    for name, package in third_parties.kinds().items():
        if name not in ADAPTERS:
            rows.append(Row(f"{name}:…", f"a kind that {package} adds", True, package=package))
    return rows + [Row(name, what, True) for name, what in PREDICTIONS.items()]


def load_model(
    name: str, training: Training, labels: Mapping[str, str] | None = None, options: Options | None = None
) -> Predictor:
    """The model `kind:target`, ready to predict.

    UsageError lists the known ones where there is no such model, and tells in one line what an adapter raises that is
    no error of ours; MissingDependencyError names the install line where its library is not there.
    """
    options = options or Options()
    kind, target = _kind_and_target(name)
    adapter = ADAPTERS.get(kind)
    request = Request(target, training, labels or {}, options)
    try:
        if adapter is None:
            loaded = third_parties.find(kind)(request)
        else:
            _check(kind, adapter, target)
            module, function = adapter.load.split(":")
            loaded = getattr(import_module(module), function)(request)
    except (ToolkitError, MemoryError):
        raise
    except ImportError as error:
        raise _not_imported(name, adapter, error) from error
    except Exception as error:
        what = " ".join(f"{type(error).__name__}: {error}".split())
        raise UsageError(f"cannot be loaded: {what}", where=name) from error
    for method in ("predict", "describe"):
        if not callable(getattr(loaded, method, None)):
            what = f"it gives a {type(loaded).__name__}, which has no method {method}"
            raise UsageError(what, where=name, fix="See toolkit.models.predictor.Predictor for what a model is.")
    options.done()
    predictor: Predictor = loaded
    return predictor


def _kind_and_target(name: str) -> tuple[str, str]:
    """A name in two; an address is a service, `baseline:crf` a kind by itself."""
    if name.startswith(("http://", "https://")):
        return "http", name
    if name in ADAPTERS:
        return name, ""
    kind, _, target = name.partition(":")
    if kind not in ADAPTERS and kind not in third_parties.kinds():
        raise _unknown(name)
    return kind, target


def _check(kind: str, adapter: Adapter, target: str) -> None:
    if adapter.target and not target.strip():
        raise UsageError(f"{kind}: names no model", fix=f"Write {kind}:{adapter.target}.")
    if missing := adapter.missing:
        what = f"{kind}: {' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not installed"
        raise MissingDependencyError(what, fix=adapter.install)


def _not_imported(name: str, adapter: Adapter | None, error: ImportError) -> ToolkitError:
    """An import that failed although the adapter's libraries are there: one of theirs is not, or they do not fit."""
    absent = (error.name or "").partition(".")[0]
    if isinstance(error, ModuleNotFoundError) and absent and not _is_there(absent):
        fix = f"Install it, or all of them again: {adapter.install}" if adapter and adapter.install else "Install it."
        return MissingDependencyError(f"needs {absent}, which is not installed", where=name, fix=fix)
    what = " ".join(f"its library is installed but cannot be imported: {error}".split())
    return UsageError(what, where=name, fix="Its version may not fit the others: `pip check` tells.")


def _unknown(name: str) -> UsageError:
    kinds = [*ADAPTERS, *third_parties.kinds()]
    close = get_close_matches(name, kinds, n=1) or get_close_matches(name.partition(":")[0], kinds, n=1)
    hint = f"Did you mean {close[0]}? " if close else ""
    known = ", ".join([*(f"{kind}:…" if ":" not in kind else kind for kind in kinds), *PREDICTIONS])
    return UsageError(f"no model {name!r} and no file of that name", fix=f"{hint}There are: {known}.")


def _is_there(module: str) -> bool:
    """Whether a library can be found. A folder of that name without code, which Python would import too, is none."""
    spec = find_spec(module)
    return spec is not None and spec.origin is not None
