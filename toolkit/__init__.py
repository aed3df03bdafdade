"""Tawsim: Label Studio annotations to a versioned Hugging Face dataset, and NER models scored against it."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.version import __version__

if TYPE_CHECKING:
    from toolkit.document import Document

__all__ = ["__version__", "load"]


def load(
    name: str | Path, *, articles: str | Path | Sequence[str | Path] | None = None, split: str | None = None
) -> "list[Document]":
    """The documents of a dataset folder, or of `NS/NAME@vX.Y.Z` on the Hub, that have their text; all splits or one.

    With `articles`, folders of the reader's own copies, withheld articles are joined with their text, each proven by
    its hash or mention by mention; DataError names those that cannot be. Without it they are left out.
    """
    from toolkit.release.hub.source import load_documents

    return load_documents(name, articles=articles, split=split)
