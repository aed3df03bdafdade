"""Gates as they are written: names of scores, ranges, what is informational."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.configuration import parse_settings
from toolkit.errors import ConfigError, FileError
from toolkit.gate_rules import GateRules, score_keys
from toolkit.project import EvaluationSettings, find_project, read_gates

METRICS = ("precision", "recall", "f1")


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("micro.f1", ("scores", "word", "micro", "f1")),
        ("macro.recall", ("scores", "word", "macro", "recall")),
        ("PER.recall", ("scores", "word", "labels", "PER", "recall")),
        ("PER.sub.f1", ("scores", "word", "labels", "PER.sub", "f1")),
        ("scores.char.micro.f1", ("scores", "char", "micro", "f1")),
        ("scores.char.labels.PER.sub.f1", ("scores", "char", "labels", "PER.sub", "f1")),
        ("scores.word.labels.micro.f1", ("scores", "word", "labels", "micro", "f1")),
        ("seqeval.strict.macro.precision", ("seqeval", "strict", "macro", "precision")),
        ("relations.boundaries.labels.HEAD_OF.f1", ("relations", "boundaries", "labels", "HEAD_OF", "f1")),
        ("partial_credit.type.f1", ("partial_credit", "type", "f1")),
        ("lengths.4-5.recall", ("lengths", "4-5", "recall")),
        ("seen_mentions.unseen.recall", ("seen_mentions", "unseen", "recall")),
        ("collections.news.char.f1", ("collections", "news", "char", "f1")),
        ("coverage.characters", ("coverage", "characters")),
    ],
)
def test_a_score_is_named_by_its_path_or_in_short(name: str, keys: tuple[str, ...]) -> None:
    assert score_keys(name) == keys


def test_a_short_name_is_of_the_headline() -> None:
    assert score_keys("micro.f1", ("relations", "given")) == ("relations", "given", "micro", "f1")
    assert score_keys("X.f1", ("scores", "char")) == ("scores", "char", "labels", "X", "f1")
    assert score_keys("scores.word.micro.f1", ("scores", "char"))[1] == "word"


@pytest.mark.parametrize(
    "name",
    [
        *("", "f1", "micro", "micro.f2", "PER", "PER.support", "PER.", ".f1.", "scores", "scores.words.micro.f1"),
        *("scores.word.mikro.f1", "scores.word.micro.tp", "scores.word.micro.f1.x", "scores.word.labels.f1"),
        *("seqeval.lenient.micro.f1", "relations.micro.f1", "coverage.documents", "seen_mentions.unseen.f1"),
        *("lengths.7.f1", "collections.news.f1", "collections.news.clitic.f1", "partial_credit.ent_type.f1"),
    ],
)
def test_a_misspelt_name_is_an_error_with_its_line(name: str) -> None:
    with pytest.raises(ConfigError, match=r"^gates\.yaml:3: floors\..*no result has a score"):
        parse_settings(f'# ours\nfloors:\n  "{name}": 0.5\n', GateRules, "gates.yaml")


@given(st.text(max_size=40))
def test_any_name_is_a_score_or_an_error_in_words(name: str) -> None:
    try:
        keys = score_keys(name)
    except ValueError as error:
        assert str(error).startswith("no result has a score")
    else:
        assert keys[-1] in (*METRICS, "characters") and len(keys) >= 2


@pytest.mark.parametrize("value", ["1.5", "-0.1", ".nan", ".inf", "yes", "'0.5'", "80"])
@pytest.mark.parametrize("kind", ["floors", "max_drop"])
def test_what_is_no_share_of_1_is_an_error(kind: str, value: str) -> None:
    with pytest.raises(ConfigError, match=rf"^g:2: {kind}\.micro\.f1: "):
        parse_settings(f"{kind}:\n  micro.f1: {value}\n", GateRules, "g")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("floor: {micro.f1: 0.8}", "unknown key 'floor'; known here: floors, informational, max_drop, min_support, "),
        ("floors: {micro.f1: 0.8}\nmin_support: 0", "g:2: min_support: "),
        ("significance: 1", "significance: "),
        ("floors: {micro.f1: 0.8}\ninformational: [macro.f1]", "informational names 'macro.f1', which is none of"),
        ("max_drop: {micro.f1: 0.1}\ninformational: [significance]", "gates: drop micro.f1"),
        ("floors: {micro.f1: 0.1}\ninformational: [drop micro.f1]", "gates: floor micro.f1"),
    ],
)  # fmt: skip
def test_other_mistakes_are_told(text: str, what: str) -> None:
    with pytest.raises(ConfigError) as refused:
        parse_settings(text, GateRules, "g")
    assert what in str(refused.value)


def test_gates_are_named_in_order_and_a_score_or_one_gate_of_it_is_informational() -> None:
    text = "floors: {micro.f1: 1, A.f1: 0}\nmax_drop: {micro.f1: 0.1}\nsignificance: 0.05\ninformational: "
    rules = parse_settings(f"{text}[drop micro.f1, significance]", GateRules, "g")
    assert rules.names == ("floor micro.f1", "floor A.f1", "drop micro.f1", "significance")
    assert [rules.is_informational(name) for name in rules.names] == [False, False, True, True]
    both = parse_settings(f"{text}[micro.f1]", GateRules, "g")
    assert [both.is_informational(name) for name in both.names] == [True, False, True, False]
    assert not rules.is_empty and GateRules().is_empty and GateRules(min_support=3).is_empty


def test_a_file_holds_gates_alone_or_among_the_settings_of_scoring(tmp_path: Path) -> None:
    alone, among = tmp_path / "gates.yaml", tmp_path / "evaluation.yaml"
    alone.write_text("floors:\n  micro.f1: 0.5\n")
    among.write_text("headline: char\ngates:\n  floors:\n    micro.f1: 0.5\n")
    assert read_gates(alone) == read_gates(among) == GateRules(floors={"micro.f1": 0.5})
    among.write_text("headline: char\ngates:\n  floors:\n    micro.f2: 0.5\n")
    with pytest.raises(ConfigError, match=r"evaluation\.yaml:4: gates\.floors\.micro\.f2: "):
        read_gates(among)
    among.write_text("headline: char\n")
    with pytest.raises(ConfigError, match="unknown key 'headline'"):
        read_gates(among)
    with pytest.raises(FileError, match="no such file with gates"):
        read_gates(tmp_path / "none.yaml")


def test_the_gates_of_this_repository_are_read(repository: Path) -> None:
    found = read_gates(repository / "configs" / "evaluation.yaml")
    assert found == find_project(repository).evaluation.gates and "floor micro.f1" in found.names
    assert EvaluationSettings().gates.is_empty
