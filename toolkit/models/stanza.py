"""`stanza:LANGUAGE`: Stanza's named entities of a language, with a tagger of your own where the option `ner` names one.

The words are Stanza's own, or with words=tawsim ours: then no tokenizer of Stanza is needed, as for a tagger trained on
our sentences. Nothing is fetched unless download=yes.
"""

import tempfile
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from toolkit.errors import DataError, UsageError
from toolkit.files import canonical_json, sha256, write_bytes
from toolkit.models.fingerprint import fingerprint
from toolkit.models.loading import loading
from toolkit.models.predictor import Answer, Request, Span
from toolkit.models.sentence_words import sentence_words

_RESOURCES = "resources.json"


class Pipeline:
    """A Stanza pipeline; `words` says whose they are, `stanza` or `tawsim`."""

    def __init__(self, pipeline: Any, language: str, words: str) -> None:
        self._pipeline, self._language, self._words = pipeline, language, words
        paths = sorted(str(value) for key, value in pipeline.config.items() if key.endswith("_path") and value)
        files = [Path(path) for found in paths for path in found.split(";")]
        self._digest = sha256(canonical_json([fingerprint(file) for file in files if file.exists()]))[:16]

    def predict(self, texts: Sequence[str]) -> list[Answer]:
        """The mentions of each text. DataError where Stanza's offsets do not lead to its words."""
        if self._words == "tawsim":
            return [Answer(list(self._of_our_words(text))) for text in texts]
        documents = self._pipeline.bulk_process(list(texts))
        return [Answer([_span(text, ent) for ent in of.ents]) for text, of in zip(texts, documents, strict=True)]

    def describe(self) -> dict[str, str]:
        """Language, a hash of the files of its models, whose words they are, and the version of Stanza."""
        return {
            "name": f"stanza:{self._language}",
            "digest": self._digest,
            "words": self._words,
            "processors": ", ".join(self._pipeline.processors),
            "stanza": version("stanza"),
        }

    def _of_our_words(self, text: str) -> Iterator[Span]:
        parts = sentence_words(text)
        if not parts:
            return
        found = self._pipeline([[text[start:end] for start, end in words] for words in parts])
        for words, sentence in zip(parts, found.sentences, strict=True):
            if len(sentence.tokens) != len(words):
                raise DataError(f"Stanza has {len(sentence.tokens)} words where it was given {len(words)}")
            for ent in sentence.ents:
                first, last = ent.tokens[0].id[0] - 1, ent.tokens[-1].id[-1] - 1  # Stanza counts from 1
                yield Span(words[first][0], words[last][1], ent.type)


def load(request: Request) -> Pipeline:
    """The pipeline, on a GPU where there is one. UsageError where a model is not there, or does not fit."""
    import stanza

    options, language = request.options, request.target
    where = f"stanza:{language}"
    ner, package = options.text("ner"), options.text("package", "default")
    words = options.text("words", "stanza", choices=("stanza", "tawsim"))
    folder = options.text("dir", stanza.resources.common.DEFAULT_MODEL_DIR)
    downloads = options.text("download", "no", choices=("no", "yes")) == "yes"
    if ner and not Path(ner).is_file():
        raise UsageError(f"there is no tagger {ner}", where=where, fix="Check the option ner.")
    settings: dict[str, Any] = {"ner_model_path": ner} if ner else {}
    if words == "tawsim":
        settings["tokenize_pretokenized"] = True
    with tempfile.TemporaryDirectory() as empty:
        if not downloads and not (Path(folder) / _RESOURCES).is_file():
            if not ner or words != "tawsim":
                raise UsageError(f"there are no models of Stanza in {folder}", where=where, fix=_fix(language))
            # A tagger of one's own on our words needs nothing of Stanza's, but Stanza wants a list of what there is.
            settings["resources_filepath"] = str(Path(empty) / _RESOURCES)
            write_bytes(Path(empty) / _RESOURCES, b"{}")
        method = stanza.DownloadMethod.REUSE_RESOURCES if downloads else stanza.DownloadMethod.NONE
        with loading(where, "has no model that can be loaded", "" if downloads or ner else _fix(language)):
            pipeline = stanza.Pipeline(
                language,
                dir=folder,
                package=package,
                processors={"tokenize": package, "ner": package},
                download_method=method,
                allow_unknown_language=bool(ner),
                verbose=False,
                **settings,
            )
    return Pipeline(pipeline, language, words)


def _fix(language: str) -> str:
    return f"download=yes fetches those of {language}; dir=FOLDER names where they lie."


def _span(text: str, entity: Any) -> Span:
    """A mention with Stanza's offsets. DataError where its first or last word does not stand there."""
    for token in (entity.tokens[0], entity.tokens[-1]):
        there = text[token.start_char : token.end_char]
        if "".join(there.split()) != "".join(token.text.split()):
            what = f"Stanza says that {token.text[:40]!r} stands at {token.start_char}, where there is {there[:40]!r}"
            raise DataError(what)
    return Span(entity.start_char, entity.end_char, entity.type)
