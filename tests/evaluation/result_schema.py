"""The published schema of result.json, for every test that makes a result."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

import toolkit.evaluation.scoring.judge
from toolkit.files import to_json


@cache
def validator() -> Draft202012Validator:
    path = Path(toolkit.evaluation.scoring.judge.__file__).with_name("result.schema.json")
    schema = json.loads(path.read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def checked(result: dict[str, Any]) -> dict[str, Any]:
    """The result itself; an assertion error tells the first place where it, as it is written, breaks the schema."""
    problem = next(validator().iter_errors(json.loads(to_json(result))), None)
    assert problem is None, f"{problem.json_path}: {problem.message}"
    return result
