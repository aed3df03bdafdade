"""`python:package.module:function`: whatever your own function returns. The way in for any Python code."""

import sys
from collections.abc import Callable
from importlib import import_module
from inspect import signature
from pathlib import Path

from toolkit.errors import UsageError
from toolkit.models.predictor import Predictor, Request


def load(request: Request) -> Predictor:
    """What the function returns, called with the options as keyword arguments, each a string.

    A function with an argument `labels` is given the labels of the schema with their meanings. The module is looked for
    in the working directory too. UsageError where there is no such function, it does not take the options, or raises.
    """
    module, sign, name = request.target.partition(":")
    if not sign or not module or not name:
        raise UsageError(f"python:{request.target} names no function", fix="Write python:package.module:function.")
    factory = _factory(module, name)
    options: dict[str, object] = dict(request.options.rest())
    try:
        parameters = signature(factory)
    except (TypeError, ValueError):  # some classes written in C tell nothing
        parameters = None
    if parameters is not None:
        if "labels" in parameters.parameters:
            options.setdefault("labels", dict(request.labels))
        try:
            parameters.bind(**options)
        except TypeError as error:
            takes = ", ".join(parameters.parameters) or "none"
            fix = f"Its arguments: {takes}. Give them as --option KEY=VALUE."
            raise UsageError(f"the function {name} of {module} cannot be called: {error}", fix=fix) from error
    return factory(**options)


def _factory(module: str, name: str) -> Callable[..., Predictor]:
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)  # it stays: a module may import more when it predicts
    try:
        found: object = import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise  # one that the module needs
        fix = f"It was looked for in {here} and in what is installed."
        raise UsageError(f"there is no module {error.name}", fix=fix) from error
    for part in name.split("."):
        found = getattr(found, part, None)
    if not callable(found):
        file = getattr(sys.modules[module], "__file__", None) or module
        raise UsageError(f"has no function {name}", where=file, fix="Write python:package.module:function.")
    factory: Callable[..., Predictor] = found
    return factory
