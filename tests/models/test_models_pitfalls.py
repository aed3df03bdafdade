"""What the pipeline of transformers does wrong, each shown with the pipeline itself, and what the adapter does instead.

The tokenizers and the pipeline are real; the models are made by hand, so that it is known what they say of each piece.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from tiny_tokenizers import WORDS, metaspace, save, word_piece
from tokenizers import Tokenizer
from transformers import pipeline

from toolkit.models.options import Options
from toolkit.models.predictor import Request, Training
from toolkit.models.transformers import load
from toolkit.project import CrfSettings
from toolkit.schema import Schema

LABELS = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC", "B-ORG", "I-ORG"]
PER, LOC = {"B-PER": 0.9}, {"B-LOC": 0.9}
NAMES = {"محمد": PER, "▁محمد": PER, "▁مصر": LOC, "مصر": LOC}
BY_WORD = ("first", "average", "max")
Named = list[tuple[str, str]]
Ours = Callable[..., Named]


def model(folder: Path, tokenizer: Tokenizer, odds: Mapping[str, Mapping[str, float]] = NAMES, **more: Any) -> Path:
    known = {piece: chances for piece, chances in odds.items() if tokenizer.token_to_id(piece) is not None}
    return save(folder, tokenizer, LABELS, known, **more)


def theirs(folder: Path, text: str, strategy: str, **more: Any) -> Named:
    """What the pipeline says of a text: label and words, without the blanks at their edges."""
    found = pipeline("token-classification", model=str(folder), aggregation_strategy=strategy, **more)(text)
    return [(row["entity_group"], text[row["start"] : row["end"]].strip()) for row in found]


@pytest.fixture
def ours(schema: Schema, tmp_path: Path) -> Ours:
    """What the adapter says of a text, with the default options or others."""

    def ask(folder: Path, text: str, **options: str) -> Named:
        training = Training(list, schema, CrfSettings(), tmp_path, "")
        (answer,) = load(Request(str(folder), training, {}, Options(options))).predict([text])
        assert answer.seen is None
        return [(span.label, text[span.start : span.end]) for span in answer.spans]

    return ask


@pytest.mark.parametrize("strategy", BY_WORD)
def test_names_on_both_sides_of_a_line_break_are_two(strategy: str, ours: Ours, tmp_path: Path) -> None:
    folder, text = model(tmp_path / "m", metaspace()), "قال محمد\nمصر في"
    assert theirs(folder, text, strategy) == [("PER", "محمد\nمصر")]
    assert ours(folder, text) == ours(folder, text, aggregation="pieces") == [("PER", "محمد"), ("LOC", "مصر")]


def test_a_name_that_goes_on_behind_a_line_break_is_cut_there(ours: Ours, tmp_path: Path) -> None:
    folder = model(tmp_path / "m", metaspace(), {"▁محمد": {"I-PER": 0.9}})
    assert theirs(folder, "محمد\nمحمد", "simple") == [("PER", "محمد\nمحمد")]
    assert ours(folder, "محمد\nمحمد") == [("PER", "محمد"), ("PER", "محمد")]


@pytest.mark.parametrize("strategy", ["first", "average"])
def test_a_name_in_brackets_is_found(strategy: str, ours: Ours, tmp_path: Path) -> None:
    # The pipeline takes the bracket and the name for one word, of which the first piece, and the average, are outside.
    folder, text = model(tmp_path / "m", metaspace(), {"محمد": {"B-PER": 0.9}}), "قال (محمد) في"
    assert theirs(folder, text, strategy) == []
    assert ours(folder, text) == ours(folder, text, aggregation="pieces") == [("PER", "محمد")]


def test_a_vocalised_name_is_found_where_the_tokenizer_takes_the_signs_out(ours: Ours, tmp_path: Path) -> None:
    folder, text = model(tmp_path / "m", word_piece()), "قال مُحَمَّدٌ في"
    assert theirs(folder, "قال محمد في", "first") == [("PER", "محمد")]
    assert theirs(folder, text, "first") == []
    assert ours(folder, text) == ours(folder, text, aggregation="pieces") == [("PER", "مُحَمَّدٌ")]


def test_where_windows_overlap_the_one_with_most_context_speaks_and_not_the_longest_span(
    ours: Ours, tmp_path: Path
) -> None:
    """A model that is sure of a person within a window, and takes it for a longer organisation where the window begins.

    One of our windows begins there too: it reads the name for context, and another one answers.
    """
    odds = {
        "كريم": {"B-PER": 0.9, "B-ORG": 0.05},
        "العطار": {"I-PER": 0.9, "I-ORG": 0.05},
        "الحلبي": {"O": 0.9, "I-ORG": 0.05},
    }
    edge = {place: {"B-ORG": 27.0, "I-ORG": 27.0} for place in (1, 2, 3)}
    folder = model(tmp_path / "m", word_piece(), odds, shifts=edge, limit=18, stated=18)
    text = " ".join([*["كلمة"] * 12, "كريم العطار الحلبي", *["كلمة"] * 12])
    rows = pipeline("token-classification", model=str(folder), aggregation_strategy="simple", stride=4)(text)
    assert [(row["entity_group"], text[row["start"] : row["end"]]) for row in rows] == [("ORG", "كريم العطار الحلبي")]
    assert 0.55 < rows[0]["score"] < 0.65
    assert theirs(folder, "كلمة كلمة كلمة كريم العطار الحلبي كلمة", "simple") == [("PER", "كريم العطار")]
    assert ours(folder, text) == [("PER", "كريم العطار")]


def five_thousand_words() -> str:
    """Paragraphs of common words, and a name in the last of them."""
    paragraph = " ".join(["كلمة", "ثم"] * 50) + "."
    return "\n".join([*[paragraph] * 50, "قال محمد في مصر."])


def test_the_last_paragraph_of_a_long_document_is_read(ours: Ours, tmp_path: Path) -> None:
    folder, text = model(tmp_path / "m", word_piece(), stated=512), five_thousand_words()
    assert len(text.split()) > 5_000
    assert theirs(folder, text, "simple") == []
    assert ours(folder, text) == [("PER", "محمد"), ("LOC", "مصر")]


def test_a_tokenizer_without_a_maximum_is_no_reason_to_fail(ours: Ours, tmp_path: Path) -> None:
    folder, text = model(tmp_path / "m", word_piece()), five_thousand_words()
    with pytest.raises(RuntimeError, match="size of the tensor"):
        theirs(folder, text, "simple")
    assert ours(folder, text) == [("PER", "محمد"), ("LOC", "مصر")]


def test_a_name_at_the_border_of_two_windows_is_whole(ours: Ours, tmp_path: Path) -> None:
    odds = {"كريم": {"B-PER": 0.9}, "العطار": {"I-PER": 0.9}}
    folder = model(tmp_path / "m", word_piece(), odds, limit=18, stated=18)
    whole = [("PER", "كريم العطار")]
    text = " ".join([*["كلمة"] * 15, "كريم العطار", *["كلمة"] * 20])
    assert theirs(folder, text, "simple", stride=0) == [("PER", "كريم"), ("PER", "العطار")]
    for before in range(24):
        assert ours(folder, " ".join([*["كلمة"] * before, "كريم العطار", *["كلمة"] * 20])) == whole, before


def test_the_words_of_the_toy_vocabulary_are_words() -> None:
    assert {word_piece().encode(word, add_special_tokens=False).tokens[0] for word in WORDS} == set(WORDS)
