"""What the adapters of CAMeL Tools, GLiNER and Stanza do around their libraries, where those are not installed.

The stand-ins behave as the libraries were seen to behave; `test_models_elsewhere.py` runs the real ones.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from toolkit.errors import DataError, UsageError
from toolkit.models import camel, gliner, stanza
from toolkit.models.predictor import Answer, Span
from toolkit.tokens import words

MARKS = "\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652"


class Tagger:
    """NERecognizer: a tag for every word that its tokenizer makes something of, and none for a lone vowel sign."""

    def __init__(self, lost: int = 0) -> None:
        self.tokenizer = SimpleNamespace(tokenize=lambda word: [letter for letter in word if letter not in MARKS])
        self._lost = lost

    def predict(self, asked: Sequence[Sequence[str]], batch: int) -> list[list[str]]:
        found = []
        for strings in asked:
            kept = [string for string in strings if self.tokenizer.tokenize(string)]
            tags = ["I-PERS" if string in ("كريم", "العطار") else "O" for string in kept]
            found.append(tags[: len(tags) - self._lost])
        return found


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    (tmp_path / "config.json").write_text("{}")
    return tmp_path


def test_camel_tags_stay_with_their_words_although_a_lone_vowel_sign_has_none(checkpoint: Path) -> None:
    text = "وصل \u064e كريم العطار.\nعاد كريم"
    assert len(words(text)) == 7
    (answer,) = camel.Recognizer(Tagger(), "own", checkpoint, 8).predict([text])
    assert [text[span.start : span.end] for span in answer.spans] == ["كريم العطار", "كريم"]
    assert answer.counts == {"words_without_tag": 1}


def test_camel_tags_that_nobody_can_place_are_an_error(checkpoint: Path) -> None:
    with pytest.raises(DataError, match="gave 1 tags for 2 words"):
        camel.Recognizer(Tagger(lost=1), "own", checkpoint, 8).predict(["وصل كريم"])


def gliner_words(text: str) -> Iterator[tuple[str, int, int]]:
    """The splitter that GLiNER uses by default."""
    for match in re.finditer(r"\w+(?:[-_]\w+)*|\S", text):
        yield match.group(), match.start(), match.end()


def test_a_vocalised_word_is_one_word_to_gliner_and_others_are_as_it_splits_them() -> None:
    split = gliner._without_lone_marks(gliner_words)
    text = "قَالَ (مُحَمَّدٌ)، وعبد-الله: 3.5 \u064e"
    assert len(list(gliner_words(text))) == 22
    assert [string for string, _, _ in split(text)] == [
        "قَالَ", "(", "مُحَمَّدٌ", ")", "،", "وعبد-الله", ":", "3", ".", "5", "\u064e",
    ]  # fmt: skip
    assert all(text[start:end] == string for string, start, end in split(text))
    plain = "قال محمد لـsales-team في A_1، أمس."
    assert list(split(plain)) == list(gliner_words(plain))


class Model:
    """GLiNER: cuts what is longer than `max_len` of its words, or than its tokenizer takes, and says nothing."""

    def __init__(self, most: int, pieces: int = 10**30) -> None:
        self.config = SimpleNamespace(max_len=most, ent_token="<<ENT>>", sep_token="<<SEP>>")
        tokenizer = _Tokenizer(pieces)
        self.data_processor = SimpleNamespace(words_splitter=gliner_words, transformer_tokenizer=tokenizer)

    def inference(self, texts: Sequence[str], labels: Sequence[str], **settings: Any) -> list[list[dict[str, Any]]]:
        found = []
        for text in texts:
            read = list(self.data_processor.words_splitter(text))
            pieces = len(self.data_processor.transformer_tokenizer([s for s, _, _ in read])["input_ids"])
            assert len(read) <= self.config.max_len and pieces <= self.data_processor.transformer_tokenizer.limit
            names = [(start, end) for string, start, end in read if string == "كريم"]
            found.append([{"start": a, "end": b, "label": labels[0], "score": 0.5} for a, b in names])
        return found


class _Tokenizer:
    def __init__(self, limit: int) -> None:
        self.model_max_length = self.limit = limit

    def __call__(self, strings: Sequence[str], **settings: Any) -> dict[str, list[int]]:
        return {"input_ids": [0] * sum(map(len, strings))}


@pytest.mark.parametrize(("most", "pieces"), [(10, 10**30), (384, 120), (10, 120), (1, 10**30)])
def test_gliner_reads_every_word_of_a_long_text_in_passages_that_it_takes_whole(most: int, pieces: int) -> None:
    text = "".join(f"وصل كريم في {day} أمس. ثم {'كلام ' * (day % 25)}عاد كريم\n" for day in range(60))
    model = gliner.Gliner(Model(most, pieces), {"a person": "PER"}, {"name": "gliner:own"}, 0.5, False)
    (answer,) = model.predict([text])
    places = [match.span() for match in re.finditer("كريم", text)]
    assert len(places) == 120 and answer == Answer([Span(*place, "PER", 0.5) for place in places])


def test_a_word_that_gliner_can_never_take_is_not_said_to_be_read() -> None:
    text = f"وصل {'ه' * 200} كريم"
    model = gliner.Gliner(Model(384, 120), {"a person": "PER"}, {"name": "gliner:own"}, 0.5, False)
    (answer,) = model.predict([text])
    assert answer.spans == [Span(205, 209, "PER", 0.5)] and answer.seen == [(0, 3), (205, 209)]


def test_prompts_stand_for_one_label_each() -> None:
    assert gliner._prompts({"PER": "people", "GPE": "cities"}, "meanings") == {"people": "PER", "cities": "GPE"}
    assert gliner._prompts({"PER": "people", "GPE": "cities"}, "names") == {"PER": "PER", "GPE": "GPE"}
    with pytest.raises(UsageError, match="two labels have the same meaning"):
        gliner._prompts({"PER": "names", "GPE": "names"}, "meanings")
    with pytest.raises(UsageError, match="no labels to ask GLiNER for"):
        gliner._prompts({}, "meanings")


def test_an_offset_of_stanza_that_leads_elsewhere_is_an_error() -> None:
    text = "وصل كريم\n العطار"
    token = SimpleNamespace(text="كريم العطار", start_char=4, end_char=16)
    entity = SimpleNamespace(tokens=[token], start_char=4, end_char=16, type="PER")
    assert stanza._span(text, entity) == Span(4, 16, "PER")
    token.start_char = 3
    token.text = "ذكريم"
    with pytest.raises(DataError, match="Stanza says that 'ذكريم' stands at 3, where there is"):
        stanza._span(text, entity)
