"""The rules of gold as dataset.yaml writes them."""

from pathlib import Path

import pytest
import yaml

from toolkit.configuration import parse_settings
from toolkit.errors import ConfigError
from toolkit.gold_rules import gold_rules
from toolkit.project import DatasetSettings, Project


@pytest.fixture
def written(repository: Path) -> dict:
    return yaml.safe_load((repository / "configs" / "dataset.yaml").read_text(encoding="utf-8"))


def settings(written: dict, gold: object) -> DatasetSettings:
    return parse_settings(yaml.safe_dump({**written, "gold": gold}), DatasetSettings, "dataset.yaml")


def told(rules) -> list[str]:
    return [str(rule) for rule in rules]


@pytest.mark.parametrize(
    ("gold", "expected"),
    [
        ("ground_truth", ["ground_truth", "single"]),
        ("single", ["single"]),
        ("majority", ["ground_truth", "single", "majority"]),
        ("first", ["ground_truth", "single", "first"]),
        (["ground_truth"], ["ground_truth"]),
        (["ground_truth", {"adjudicator": "lina"}, "majority"], ["ground_truth", "adjudicator: lina", "majority"]),
    ],
)
def test_a_list_or_one_name(gold, expected, written):
    found = settings(written, gold)
    assert told(found.gold) == expected == told(gold_rules(gold))
    again = DatasetSettings.model_validate(found.model_dump(mode="json"))
    assert again == found


def test_settings_that_say_nothing_have_the_default(written):
    del written["gold"]
    assert told(parse_settings(yaml.safe_dump(written), DatasetSettings, "x").gold) == ["ground_truth", "single"]


@pytest.mark.parametrize(
    ("gold", "message"),
    [
        ("last", "gold.0: 'last' is no rule; there are ground_truth, single, majority, first and adjudicator: NAME"),
        (["single", "last"], "gold.1: 'last' is no rule"),
        ([{"adjudicator": 7}], "gold.0: adjudicator needs an annotator's name"),
        ([{"adjudicator": ""}], "gold.0: adjudicator needs an annotator's name"),
        ([{"judge": "lina"}], "gold.0: {'judge': 'lina'} is no rule"),
        (["adjudicator"], "gold.0: 'adjudicator' is no rule"),
        ([], "gold: "),
        ({"adjudicator": "lina"}, "gold: "),
        (7, "gold: "),
    ],
)
def test_what_is_no_rule_is_told_with_its_key(gold, message, written):
    with pytest.raises(ConfigError, match=r"dataset\.yaml:\d+: ") as error:
        settings(written, gold)
    assert message in str(error.value)


def test_an_adjudicator_that_nobody_declared(repository, tmp_path, written):
    (tmp_path / "configs").mkdir()
    for name in ("labelstudio.yaml", "labels.yaml"):
        (tmp_path / "configs" / name).write_bytes((repository / "configs" / name).read_bytes())
    path = tmp_path / "configs" / "dataset.yaml"
    path.write_text(yaml.safe_dump({**written, "gold": ["single", {"adjudicator": "lina"}]}), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"gold\.1\.adjudicator: 'lina' is not among the annotators \(draft-1\)"):
        _ = Project(tmp_path).gold_rules
    path.write_text(yaml.safe_dump({**written, "gold": [{"adjudicator": "draft-1"}]}), encoding="utf-8")
    assert told(Project(tmp_path).gold_rules) == ["adjudicator: draft-1"]
