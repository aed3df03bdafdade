"""`spacy:NAME|FOLDER`: a spaCy pipeline, installed as a package or saved in a folder.

It gives its entities, or with the option `spans` the group of that name in `doc.spans`, which may overlap and nest.
"""

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from toolkit.errors import UsageError
from toolkit.models.fingerprint import fingerprint
from toolkit.models.loading import loading
from toolkit.models.passages import passages
from toolkit.models.predictor import Answer, Request, Span
from toolkit.tokens import Span as Extent

# At a time, of a text that is longer than spaCy takes at once.
_WORDS = 50_000
# What these write, no component of the second line reads; a rule or a component of one's own could.
_UNREAD = {"tagger", "morphologizer", "lemmatizer", "trainable_lemmatizer", "textcat", "textcat_multilabel"}
_LEARNED = {"tok2vec", "transformer", "ner", "beam_ner", "spancat", "spancat_singlelabel", "parser", "senter"}


class Pipeline:
    """A loaded pipeline. `group` is the name of a group of `doc.spans`; empty for the entities."""

    def __init__(self, nlp: Any, name: str, group: str) -> None:
        self._nlp, self._name, self._group = nlp, name, group
        self._digest = fingerprint(Path(nlp.path))

    def predict(self, texts: Sequence[str]) -> list[Answer]:
        """The spans of each text as spaCy gives them, with scores where its component knows some."""
        parts = [(place, *extent) for place, text in enumerate(texts) for extent in self._extents(text)]
        docs = self._nlp.pipe(texts[place][start:end] for place, start, end in parts)
        spans: list[list[Span]] = [[] for _ in texts]
        for (place, start, _), doc in zip(parts, docs, strict=True):
            spans[place] += self._spans(doc, start)
        return [Answer(found) for found in spans]

    def describe(self) -> dict[str, str]:
        """Name, the pipeline's own name and version, a hash of its files, what of it runs, spaCy's version."""
        meta = self._nlp.meta
        return {
            "name": f"spacy:{self._name}",
            "pipeline": f"{meta['lang']}_{meta['name']} {meta['version']}",
            "digest": self._digest,
            "components": ", ".join(self._nlp.pipe_names),
            "spans": self._group,
            "spacy": version("spacy"),
        }

    def _extents(self, text: str) -> list[Extent]:
        return [(0, len(text))] if len(text) <= self._nlp.max_length else passages(text, _WORDS)

    def _spans(self, doc: Any, offset: int) -> list[Span]:
        found = doc.spans.get(self._group) if self._group else doc.ents
        if found is None:
            known = ", ".join(doc.spans) or "none"
            raise UsageError(f"there is no group {self._group!r} in doc.spans; groups: {known}", where=self._name)
        scores = found.attrs.get("scores") if self._group else None
        values = [None] * len(found) if scores is None or len(scores) != len(found) else [float(s) for s in scores]
        return [
            Span(offset + span.start_char, offset + span.end_char, span.label_, value)
            for span, value in zip(found, values, strict=True)
        ]


def load(request: Request) -> Pipeline:
    """The pipeline, with what no entity depends on switched off. Nothing is downloaded.

    UsageError where there is no such pipeline, or no component of it gives what is asked for.
    """
    import spacy

    name, group = request.target, request.options.text("spans")
    where = f"spacy:{name}"
    with loading(where, "is no spaCy pipeline", "Name one that is installed, or a folder with config.cfg."):
        nlp = spacy.load(name)
    attribute = "doc.spans" if group else "doc.ents"
    if not any(attribute in _written(nlp, component) for component in nlp.pipe_names):
        known = ", ".join(nlp.pipe_names) or "none"
        what = f"no component of the pipeline gives {attribute}; its components: {known}"
        fix = "spans=GROUP asks for doc.spans. " if not group and nlp.pipe_names else ""
        raise UsageError(what, where=where, fix=f"{fix}A component of your own must declare what it assigns.")
    factories = {component: nlp.get_pipe_meta(component).factory for component in nlp.pipe_names}
    if set(factories.values()) <= _UNREAD | _LEARNED:
        nlp.select_pipes(disable=[component for component, factory in factories.items() if factory in _UNREAD])
    return Pipeline(nlp, Path(name).name, group)


def _written(nlp: Any, component: str) -> set[str]:
    """What a component says that it assigns; a ruler that makes entities of its spans does not say so."""
    makes_entities = getattr(nlp.get_pipe(component), "annotate_ents", False)
    return {*nlp.get_pipe_meta(component).assigns, *(["doc.ents"] if makes_entities else [])}
