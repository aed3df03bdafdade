"""`baseline:crf`: a linear-chain CRF over the words of the flat layer, trained on the train split and kept."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from toolkit.document import Document
from toolkit.errors import IncompleteError
from toolkit.files import canonical_json, folder_written_whole, friendly, read_json, sha256, write_bytes
from toolkit.flat import flatten
from toolkit.models.features import VERSION, lexicon_hits, sentence_features
from toolkit.models.gazetteer import check_mentions
from toolkit.models.iob import segments
from toolkit.models.lexicon import Lexicon, learn
from toolkit.models.predictor import Request, Span, Training
from toolkit.normalise import comparison_key
from toolkit.schema import Schema
from toolkit.tokens import Span as Extent
from toolkit.tokens import covered, sentences, words

NAME = "baseline:crf"
_MODEL, _LEXICON = "model.crfsuite", "lexicon.json"


class Crf:
    """A trained tagger. Its spans leave out the proclitics of their first word where something speaks for it."""

    def __init__(self, tagger: Any, lexicon: Lexicon, description: dict[str, str]) -> None:
        self._tagger, self._lexicon, self._description = tagger, lexicon, description

    def predict(self, texts: Sequence[str]) -> list[list[Span]]:
        """The flat mentions of each text, none across a sentence end.

        A proclitic is left out where what follows it begins a mention in training or elsewhere in the same text.
        """
        return [self._spans(text) for text in texts]

    def describe(self) -> dict[str, str]:
        """Name, what it was trained on, training settings, version of the features and of the library."""
        return dict(self._description)

    def _spans(self, text: str) -> list[Span]:
        found: list[tuple[Extent, int, str]] = []
        for sentence in _sentences(text, self._lexicon):
            for segment in segments(self._tagger.tag(sentence.features())):
                last = sentence.words[segment.last - 1]
                found.append((sentence.words[segment.first], last[1], segment.label))
        here = {comparison_key(text[start:end]) for (start, end), _, _ in found}
        return [
            Span(word[0] + self._lexicon.proclitic_length(text[slice(*word)], here), end, label)
            for word, end, label in found
        ]


def load(request: Request) -> Crf:
    """The CRF for a train split: the one kept under the cache, else a newly trained one.

    ImportError without python-crfsuite; DataError where the split has no documents or no mentions.
    """
    import pycrfsuite

    training = request.training
    description = {
        "name": NAME,
        "trained_on": training.digest,
        "c1": str(training.crf.c1),
        "c2": str(training.crf.c2),
        "max_iterations": str(training.crf.max_iterations),
        "features": VERSION,
        "python-crfsuite": version("python-crfsuite"),
    }
    schema = training.schema
    key = canonical_json([description, schema.flat_labels, schema.proclitics, schema.flat_layer.model_dump()])
    folder = training.cache / "models" / f"crf-{sha256(key)[:16]}"
    if not (folder / _LEXICON).is_file():
        _train(training, folder, pycrfsuite)
    lexicon = Lexicon(read_json(folder / _LEXICON), schema.proclitics)
    tagger = pycrfsuite.Tagger()
    with friendly(folder / _MODEL):
        tagger.open(str(folder / _MODEL))
    return Crf(tagger, lexicon, description)


@dataclass(frozen=True, slots=True)
class _Sentence:
    """Words of a text from word number `first` on, their forms and what the lexicon says of them."""

    first: int
    words: Sequence[Extent]
    forms: Sequence[str]
    hits: Sequence[str]
    proclitics: Sequence[str]

    def features(self, hidden: Sequence[int] = ()) -> list[list[str]]:
        return sentence_features(self.forms, self.proclitics, self.hits, hidden)


def _sentences(text: str, lexicon: Lexicon, keep: Sequence[Extent] = ()) -> Iterator[_Sentence]:
    spans = words(text)
    hits = lexicon_hits(lexicon.find(text), len(spans))
    for start, end in sentences(text, keep):
        first, last = covered(spans, start, end)
        inside = spans[first:last]
        yield _Sentence(first, inside, [text[a:b] for a, b in inside], hits[first:last], lexicon.proclitics)


def _train(training: Training, folder: Path, pycrfsuite: Any) -> None:
    documents = sorted(training.documents(), key=lambda document: document.id)
    check_mentions(len(documents), sum(len(document.entities) for document in documents), NAME)
    # A mention of one document only would always be a hit here and never again: it would teach to trust the lexicon.
    shared = learn(documents, training.schema, least_documents=2)
    trainer = pycrfsuite.Trainer(verbose=False)
    trainer.set_params({"c1": training.crf.c1, "c2": training.crf.c2, "max_iterations": training.crf.max_iterations})
    for document in documents:
        for features, tags in _examples(document, shared, training.schema):
            trainer.append(features, tags)
    with folder_written_whole(folder, marker=_LEXICON) as aside:
        trainer.train(str(aside / _MODEL))
        if not (aside / _MODEL).is_file():
            raise IncompleteError("python-crfsuite wrote no model", where=str(folder), fix="Is the disk full?")
        write_bytes(aside / _LEXICON, canonical_json(learn(documents, training.schema).labels))


def _examples(document: Document, lexicon: Lexicon, schema: Schema) -> Iterator[tuple[list[list[str]], list[str]]]:
    """Each sentence with its tags, and a second time with its mentions unknown, so that context is learned too."""
    gold = [(entity.start, entity.end, entity.label) for entity in document.entities]
    spans = words(document.text)
    all_tags = flatten(gold, spans, schema.flat_layer).tags(len(spans))
    for sentence in _sentences(document.text, lexicon, [(start, end) for start, end, _ in gold]):
        tags = all_tags[sentence.first : sentence.first + len(sentence.words)]
        yield sentence.features(), tags
        mentions = [place for place, tag in enumerate(tags) if tag != "O"]
        if mentions:
            yield sentence.features(mentions), tags
