"""`flair:ID|FILE`: a Flair sequence tagger from the Hub, as OWNER/NAME or OWNER/NAME@REVISION, or in a file.

Flair drops invisible characters from a text, which moves its offsets. So it gets our words, sentence by sentence, and
its mentions are read as runs of them. A model file of Flair is a pickle: it can run code, so load only what you trust.
"""

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from toolkit.errors import UsageError
from toolkit.models.fingerprint import fingerprint
from toolkit.models.loading import loading
from toolkit.models.predictor import Answer, Request, Span
from toolkit.models.sentence_words import sentence_words

# The longest sentence given whole to embeddings that cut; a word of Arabic is three to four pieces to most of them.
_WORDS = 100


class Tagger:
    """A Flair tagger. `longest` is the number of words of the longest sentence that it reads whole; None for any."""

    def __init__(self, tagger: Any, name: str, digest: str, batch: int, longest: int | None) -> None:
        self._tagger, self._name, self._digest = tagger, name, digest
        self._batch, self._longest = batch, longest

    def predict(self, texts: Sequence[str]) -> list[Answer]:
        """The mentions of each text with their scores, none across a sentence end."""
        # Text by text: Flair takes the sentences before and after as context, whosoever they are.
        return [Answer(self._spans(text)) for text in texts]

    def describe(self) -> dict[str, str]:
        """Name, a hash of the model's file, the longest sentence, and the version of Flair."""
        return {
            "name": f"flair:{self._name}",
            "digest": self._digest,
            "words": str(self._longest or "all"),
            "flair": version("flair"),
        }

    def _spans(self, text: str) -> list[Span]:
        from flair.data import Sentence

        parts = sentence_words(text, self._longest)
        asked = [Sentence([text[start:end] for start, end in words]) for words in parts]
        self._tagger.predict(asked, mini_batch_size=self._batch)
        found = []
        for words, sentence in zip(parts, asked, strict=True):
            for span in sentence.get_spans(self._tagger.tag_type):
                first, last = span.tokens[0].idx - 1, span.tokens[-1].idx - 1  # Flair counts from 1
                found.append(Span(words[first][0], words[last][1], span.tag, float(span.score)))
        return found


def load(request: Request) -> Tagger:
    """The tagger, on a GPU where there is one. UsageError where there is none of that name, or it tags no mentions."""
    from flair.models import SequenceTagger

    options, where = request.options, f"flair:{request.target}"
    batch, words = options.integer("batch", 32), options.integer("words", _WORDS)
    path = Path(request.target)
    if path.is_dir():
        raise UsageError("is a folder", where=where, fix="Name the file in it, as final-model.pt.")
    with loading(where, "is no file and no model that can be fetched"):
        file = Path(SequenceTagger._fetch_model(request.target))
    with loading(where, "is no sequence tagger of Flair"):
        tagger = SequenceTagger.load(str(file))
    if not tagger.predict_spans:
        raise UsageError(f"gives each word a tag of {tagger.tag_type!r}, no mentions", where=where)
    return Tagger(tagger, path.name, fingerprint(file), batch, words if _cuts(tagger) else None)


def _cuts(tagger: Any) -> bool:
    """Whether its embeddings read no more than the beginning of a long sentence."""
    return any(
        getattr(module, "truncate", False) and not getattr(module, "allow_long_sentences", True)
        for module in tagger.modules()
    )
