"""YAML files read into typed settings. Every problem of a file is told at once, each with its line and key."""

from collections.abc import Hashable
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from toolkit.errors import ConfigError, FileError
from toolkit.files import read_text

Model = TypeVar("Model", bound=BaseModel)


class Settings(BaseModel):
    """Base of everything that is read from YAML: frozen, and an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def read_settings(path: Path, model: type[Model]) -> Model:
    """A YAML file as `model`. ConfigError lists syntax errors, double keys, unknown keys and wrong values."""
    if not path.is_file():
        raise ConfigError("is not there", where=str(path), fix="`tawsim --project DIR` names another project.")
    return parse_settings(read_text(path), model, str(path))


def parse_settings(text: str, model: type[Model], where: str) -> Model:
    """`read_settings` of a text; `where` stands for the file in messages."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        what = f"not valid YAML: {error.problem or error.context}"
        raise ConfigError(what, where=f"{where}{line}") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"not valid YAML: {str(error).splitlines()[0]}", where=where) from error
    problems = [f"{where}:{number}: key {key!r} stands here a second time" for number, key in _double_keys(root)]
    if problems:
        raise ConfigError("\n".join(problems))
    try:
        return model.model_validate(yaml.safe_load(text) or {})
    except ValidationError as error:
        problems = [f"{where}:{_line_of(root, p['loc'])}: {_in_words(p, model)}" for p in error.errors()]
        raise ConfigError("\n".join(problems)) from error
    except yaml.YAMLError as error:  # composed, yet not constructed: an impossible date, an unknown !tag
        raise ConfigError(f"not valid YAML: {str(error).splitlines()[0]}", where=where) from error


def _in_words(problem: Any, model: type[BaseModel]) -> str:
    key = ".".join(str(part) for part in problem["loc"] if part != "[key]")
    match problem["type"]:
        case "extra_forbidden":
            return f"unknown key {key!r}; known here: {', '.join(_known_keys(model, problem['loc'][:-1]))}"
        case "missing":
            return f"key {key!r} is missing"
        case _:
            message = problem["msg"].removeprefix("Value error, ")
            return f"{key}: {message}" if key else message


def _known_keys(model: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    """The fields of the model that a location leads to; names of mappings and positions of lists lead into values."""
    current: Any = model
    for part in location:
        if isinstance(current, type) and issubclass(current, BaseModel):
            field = current.model_fields.get(str(part))
            current = field.annotation if field else None
        else:
            values = [argument for argument in get_args(current) if argument is not Ellipsis]
            current = values[-1] if values else None
        if get_origin(current) in (Union, UnionType):
            current = next((a for a in get_args(current) if isinstance(a, type) and issubclass(a, BaseModel)), None)
    if isinstance(current, type) and issubclass(current, BaseModel):
        return sorted(current.model_fields)
    return ["none"]


def _line_of(root: yaml.Node | None, location: tuple[int | str, ...]) -> int:
    """The line of the deepest part of a location that the file has."""
    node, line = root, 1
    for part in location:
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == str(part):
                    node, line = value, key.start_mark.line + 1
                    break
            else:
                return line
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            return line
    return line


def _double_keys(node: yaml.Node | None) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    if isinstance(node, yaml.MappingNode):
        seen: set[Hashable] = set()
        for key, value in node.value:
            if key.value in seen and isinstance(key.value, str):
                found.append((key.start_mark.line + 1, key.value))
            if isinstance(key.value, str):
                seen.add(key.value)
            found += _double_keys(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            found += _double_keys(value)
    return found


def check_folder(path: Path, what: str) -> Path:
    """The folder itself; FileError in one line where it is not one."""
    if not path.is_dir():
        raise FileError(f"is no folder; {what} is looked for there", where=str(path), fix="Check the path.")
    return path
