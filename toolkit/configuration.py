"""YAML files read into typed settings. Every problem of a file is told at once, each with its line and key."""

from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from toolkit.errors import ConfigError, DataError, FileError
from toolkit.files import friendly, read_text

Model = TypeVar("Model", bound=BaseModel)


class Settings(BaseModel):
    """Base of everything that is read from YAML: frozen, and an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def read_settings(path: Path, model: type[Model]) -> Model:
    """A YAML file as `model`. ConfigError lists syntax errors, double keys, unknown keys and wrong values."""
    with friendly(path):
        if not path.is_file():
            raise ConfigError("is not there", where=str(path), fix="`tawsim --project DIR` names another project.")
    try:
        text = read_text(path)
    except DataError as error:
        raise ConfigError(error.what, where=error.where, fix=error.fix) from error
    return parse_settings(text, model, str(path))


def parse_settings(text: str, model: type[Model], where: str) -> Model:
    """`read_settings` of a text; `where` stands for the file in messages."""
    root, value = _load(text, where)
    problems = [f"{where}:{number}: {what}" for number, what in _key_problems(root)]
    if problems:
        raise ConfigError("\n".join(problems))
    try:
        return model.model_validate({} if value is None else value)
    except ValidationError as error:
        problems = [f"{where}:{_line_of(root, p['loc'])}: {_in_words(p, model)}" for p in error.errors()]
        raise ConfigError("\n".join(problems)) from error


class _Loader(yaml.SafeLoader):
    """The safe loader, which tells here the line of a value which its type cannot hold: an impossible date, 0x_."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except ValueError as error:
            raise yaml.constructor.ConstructorError(None, None, str(error), node.start_mark) from error


def _load(text: str, where: str) -> tuple[yaml.Node | None, Any]:
    """The nodes of a YAML text, which know their lines, and its value."""
    try:
        return yaml.compose(text, Loader=_Loader), yaml.load(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        what = f"not valid YAML: {error.problem or error.context}"
        raise ConfigError(what, where=f"{where}{line}") from error
    except yaml.reader.ReaderError as error:
        line = f":{text.count(chr(10), 0, error.position) + 1}"
        raise ConfigError(f"not valid YAML: {str(error).splitlines()[0]}", where=f"{where}{line}") from error
    except RecursionError as error:
        raise ConfigError("not valid here: nested too deeply", where=where) from error


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


# Kinds of keys that YAML reads from plain words: NO is false, ~ is nothing, 1.0 and 2024-01-01 are no strings.
_NO_KEYS = {f"tag:yaml.org,2002:{kind}" for kind in ("bool", "null", "float", "timestamp")}


def _key_problems(root: yaml.Node | None) -> list[tuple[int, str]]:
    """Line and description of every key that stands twice in its mapping or is not read as it is written."""
    found: list[tuple[int, str]] = []
    waiting, visited = [root], set()
    while waiting:
        node = waiting.pop()
        if id(node) in visited:  # an alias of what was looked at
            continue
        visited.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            waiting += node.value
        elif isinstance(node, yaml.MappingNode):
            waiting += [value for _, value in node.value]
            seen: set[str] = set()
            for key, _ in node.value:
                if key.value in seen:
                    found.append((key.start_mark.line + 1, f"key {key.value!r} stands here a second time"))
                if key.tag in _NO_KEYS:
                    found.append((key.start_mark.line + 1, f"key {key.value!r} is no string in YAML; put it in quotes"))
                seen.add(key.value)
    return sorted(found)


def check_folder(path: Path, what: str) -> Path:
    """The folder itself; FileError in one line where it is not one."""
    with friendly(path):
        if not path.is_dir():
            raise FileError(f"is no folder; {what} is looked for there", where=str(path), fix="Check the path.")
    return path
