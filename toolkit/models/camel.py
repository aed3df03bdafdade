"""`camel:NAME|FOLDER`: the named entity recognizer of CAMeL Tools, one of its catalogue or a checkpoint in a folder.

It takes words and gives tags without offsets, and none at all for a word that its tokenizer makes nothing of, as a lone
vowel sign. So the words are ours, and the tags are held against them sentence by sentence.
"""

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from toolkit.errors import DataError, UsageError
from toolkit.models.fingerprint import fingerprint
from toolkit.models.loading import loading
from toolkit.models.predictor import Answer, Request, Span
from toolkit.models.sentence_words import sentence_words, tagged
from toolkit.tokens import Span as Extent

_FETCH = "`camel_data -i ner-arabert` fetches it; CAMELTOOLS_DATA names its folder."


class Recognizer:
    """A recognizer of CAMeL Tools; `folder` is where its checkpoint lies."""

    def __init__(self, recognizer: Any, name: str, folder: Path, batch: int) -> None:
        self._recognizer, self._name, self._batch = recognizer, name, batch
        self._digest = fingerprint(folder)

    def predict(self, texts: Sequence[str]) -> list[Answer]:
        """The mentions of each text, none across a sentence end; `words_without_tag` counts what it said nothing of."""
        parts = [(place, words) for place, text in enumerate(texts) for words in sentence_words(text)]
        asked = [[texts[place][start:end] for start, end in words] for place, words in parts]
        found = self._recognizer.predict(asked, self._batch)
        if len(found) != len(asked):
            raise DataError(f"CAMeL Tools gave {len(found)} sentences for {len(asked)}")
        spans: list[list[Span]] = [[] for _ in texts]
        untagged = [0] * len(texts)
        for (place, words), strings, tags in zip(parts, asked, found, strict=True):
            kept = self._tagged_words(words, strings, len(tags))
            spans[place] += tagged(kept, tags)
            untagged[place] += len(words) - len(kept)
        counts = [{"words_without_tag": number} if number else {} for number in untagged]
        return [Answer(of, counts=number) for of, number in zip(spans, counts, strict=True)]

    def describe(self) -> dict[str, str]:
        """Name, a hash of the checkpoint's files, and the versions of CAMeL Tools and of what runs the checkpoint."""
        return {
            "name": f"camel:{self._name}",
            "digest": self._digest,
            "camel-tools": version("camel-tools"),
            "transformers": version("transformers"),
        }

    def _tagged_words(self, words: Sequence[Extent], strings: Sequence[str], tags: int) -> Sequence[Extent]:
        """The words that the tags are for, in order. DataError where that cannot be known."""
        if tags == len(words):
            return words
        tokenize = self._recognizer.tokenizer.tokenize
        kept = [word for word, string in zip(words, strings, strict=True) if tokenize(string)]
        if tags != len(kept):
            raise DataError(f"CAMeL Tools gave {tags} tags for {len(kept)} words; nobody knows which are for which")
        return kept


def load(request: Request) -> Recognizer:
    """The recognizer, on a GPU where there is one. CAMeL Tools itself is not asked to fetch a model.

    UsageError where there is no such model, or its labels are no IOB2 tags.
    """
    where, batch = f"camel:{request.target}", request.options.integer("batch", 32)
    with loading(where, "CAMeL Tools, which fetches its catalogue when it is imported, has none", _FETCH):
        from camel_tools.data import CATALOGUE
        from camel_tools.ner import NERecognizer
    folder = Path(request.target)
    if not folder.is_dir():
        known = CATALOGUE.get_component("NamedEntityRecognition").datasets
        if request.target not in known:
            raise UsageError(f"is no folder and no model of CAMeL Tools: {', '.join(known) or 'none'}", where=where)
        folder = Path(known[request.target].path)
    if not (folder / "config.json").is_file():
        raise UsageError(f"there is no config.json in {folder}", where=where, fix=_FETCH)
    with loading(where, "is no BERT checkpoint that CAMeL Tools can load"):
        recognizer = NERecognizer(str(folder))
    tags = set(recognizer.labels_map.values())
    if "O" not in tags or not all(tag == "O" or (tag[:2] in ("B-", "I-") and tag[2:]) for tag in tags):
        raise UsageError(f"its labels are no IOB2 tags: {', '.join(sorted(tags)[:8])}", where=where)
    return Recognizer(recognizer, Path(request.target).name, folder, batch)
