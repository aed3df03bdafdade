"""One side of a difference: a dataset with everything about it that a reader can come to rely on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from toolkit.corpus.article import Article
from toolkit.schema import Schema

# config: column: type, in the order of the file; the fields of a struct and of a list's items count as columns.
Columns = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Edition:
    """A dataset as it is, or would be, published.

    `articles` are in the order of ids. `pages` are the digests of what people wrote about it, `card` is README.md.
    """

    name: str
    version: str
    digest: str
    articles: tuple[Article, ...]
    schema: Schema
    columns: Columns
    tokenizer: str
    settings: Mapping[str, Any]
    annotators: Mapping[str, Any]
    pages: Mapping[str, str]
    card: str

    def as_json(self) -> dict[str, Any]:
        """What names it, and how much is in it."""
        return {
            "name": self.name,
            "version": self.version,
            "content_digest": self.digest,
            "documents": len(self.articles),
            "mentions": sum(len(article.entities) for article in self.articles),
            "relations": sum(len(article.relations) for article in self.articles),
        }
