"""`gliner:ID|FOLDER`: a GLiNER model, prompted with the meanings of the labels of the schema.

GLiNER reads no more than a number of its own words and cuts the rest off. So it gets passages of whole sentences that
fit. It takes the vowel signs of Arabic for words of their own; here they stay with their letters.
"""

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from toolkit.errors import UsageError
from toolkit.models.fingerprint import fingerprint
from toolkit.models.loading import loading
from toolkit.models.passages import passages
from toolkit.models.predictor import Answer, Request, Span
from toolkit.tokens import covered, words

# A word as GLiNER's splitters yield it: the string and its `[start, end)`.
_Word = tuple[str, int, int]


class Gliner:
    """A GLiNER model; `labels` is the label that each prompt stands for."""

    def __init__(self, model: Any, labels: Mapping[str, str], about: Mapping[str, str], threshold: float, nested: bool):
        self._model, self._labels, self._about = model, dict(labels), dict(about)
        self._threshold, self._nested = threshold, nested
        self._splitter = _without_lone_marks(model.data_processor.words_splitter)
        model.data_processor.words_splitter = self._splitter
        self._most, self._room = model.config.max_len, _room(model, list(self._labels))

    def predict(self, texts: Sequence[str]) -> list[Answer]:
        """The mentions of each text with their scores; `seen` leaves out a word that is too long for the model."""
        parts = [(place, *part) for place, text in enumerate(texts) for part in self._parts(text, 0, self._most)]
        read = [(place, start, end) for place, start, end, fits in parts if fits]
        asked = [texts[place][start:end] for place, start, end in read]
        settings = {"threshold": self._threshold, "flat_ner": not self._nested}
        found = self._model.inference(asked, list(self._labels), **settings) if asked else []
        spans: list[list[Span]] = [[] for _ in texts]
        for (place, start, _), rows in zip(read, found, strict=True):
            spans[place] += [
                Span(start + row["start"], start + row["end"], self._labels[row["label"]], float(row["score"]))
                for row in rows
            ]
        seen = {
            place: [(start, end) for of, start, end in read if of == place] for place, _, _, fits in parts if not fits
        }
        return [Answer(found_here, seen=seen.get(place)) for place, found_here in enumerate(spans)]

    def describe(self) -> dict[str, str]:
        """Name, a hash of the model's files, its limit in words, threshold, prompts, versions."""
        return {
            **self._about,
            "threshold": f"{self._threshold:g}",
            "nested": "yes" if self._nested else "no",
            "words": str(self._most),
            "prompts": "; ".join(f"{label}: {prompt}" for prompt, label in self._labels.items()),
            "gliner": version("gliner"),
            "transformers": version("transformers"),
        }

    def _parts(self, text: str, offset: int, most: int) -> Iterator[tuple[int, int, bool]]:
        """The `[start, end)` of passages of whole sentences, and whether they fit.

        A sentence that does not comes in parts that do; only a single word may be left that does not either.
        """
        for start, end in passages(text, most):
            fits = self._fits(text[start:end])
            if fits or most == 1:
                yield offset + start, offset + end, fits
            else:
                yield from self._parts(text[start:end], offset + start, most // 2)

    def _fits(self, passage: str) -> bool:
        strings = [string for string, _, _ in self._splitter(passage)]
        if len(strings) > self._most:
            return False
        return self._room is None or _pieces(self._model.data_processor.transformer_tokenizer, strings) <= self._room


def load(request: Request) -> Gliner:
    """The model, fetched from the Hub where it is no folder. UsageError where there is none, or nothing to ask for."""
    from gliner import GLiNER
    from huggingface_hub import snapshot_download

    options, where = request.options, f"gliner:{request.target}"
    threshold, nested = options.number("threshold", 0.5), options.text("nested", "no", choices=("no", "yes")) == "yes"
    revision, device = options.text("revision"), options.text("device", "cpu")
    prompts = _prompts(request.labels, options.text("prompts", "meanings", choices=("meanings", "names")))
    folder = Path(request.target)
    about = {"name": f"gliner:{folder.name}"}
    if not folder.is_dir():
        with loading(where, "is no folder and no model that can be fetched"):
            folder = Path(snapshot_download(request.target, revision=revision or None))
        about = {"name": where, "revision": revision}
    with loading(where, "is no GLiNER model"):
        model = GLiNER.from_pretrained(str(folder), map_location=device)
    return Gliner(model, prompts, about | {"digest": fingerprint(folder)}, threshold, nested)


def _prompts(labels: Mapping[str, str], how: str) -> dict[str, str]:
    """The label of each prompt. UsageError where there is none, or two labels have one prompt."""
    if not labels:
        raise UsageError("there are no labels to ask GLiNER for", fix="Declare them in configs/labels.yaml.")
    prompts = {(meaning if how == "meanings" else label): label for label, meaning in labels.items()}
    if len(prompts) < len(labels):
        what = "two labels have the same meaning, and GLiNER cannot tell them apart"
        raise UsageError(what, fix="Give each a meaning of its own in configs/labels.yaml, or prompts=names.")
    return prompts


def _without_lone_marks(splitter: Callable[[str], Iterable[_Word]]) -> Callable[[str], Iterator[_Word]]:
    """The splitter, with its pieces of one word of ours put together where one of them is nothing but vowel signs."""

    def split(text: str) -> Iterator[_Word]:
        ours = words(text)
        last: _Word | None = None
        was_mark = False
        for string, start, end in splitter(text):
            is_mark = all(unicodedata.combining(char) for char in string)
            if last and last[2] == start and (is_mark or was_mark) and len(range(*covered(ours, last[1], end))) == 1:
                last = (text[last[1] : end], last[1], end)
            else:
                if last:
                    yield last
                last = (string, start, end)
            was_mark = is_mark
        if last:
            yield last

    return split


def _room(model: Any, prompts: Sequence[str]) -> int | None:
    """How many pieces of text the encoder takes beside the prompts; None where it sets no limit."""
    tokenizer, encoder = model.data_processor.transformer_tokenizer, getattr(model.config, "encoder_config", None)
    limits = [tokenizer.model_max_length]
    if getattr(encoder, "position_biased_input", True):  # DeBERTa reads on behind its number of positions
        limits.append(getattr(encoder, "max_position_embeddings", None) or tokenizer.model_max_length)
    if min(limits) > 2**20:  # what a tokenizer without a limit says
        return None
    prompt = [word for text in prompts for word in (model.config.ent_token, text)]
    return int(min(limits)) - _pieces(tokenizer, [*prompt, model.config.sep_token])


def _pieces(tokenizer: Any, strings: Sequence[str]) -> int:
    return len(tokenizer(list(strings), is_split_into_words=True, truncation=False)["input_ids"])
