"""What every model is here: texts in, labelled character spans out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from toolkit.document import Document
from toolkit.project import CrfSettings
from toolkit.schema import Schema


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A predicted mention: `[start, end)` in code points of the text given to `predict`."""

    start: int
    end: int
    label: str
    score: float | None = None


class Predictor(Protocol):
    """A model that is ready to predict."""

    def predict(self, texts: Sequence[str]) -> list[list[Span]]:
        """The spans of each text, one list a text, in the order of the texts."""
        ...

    def describe(self) -> dict[str, str]:
        """What identifies the model in a result: name, revision, settings, versions."""
        ...


@dataclass(frozen=True, slots=True)
class Training:
    """What a model that is trained on demand needs.

    `documents` reads the train split when it is called; `digest` is the content digest of the dataset; trained models
    are kept under `cache`.
    """

    documents: Callable[[], Sequence[Document]]
    schema: Schema
    crf: CrfSettings
    cache: Path
    digest: str
