"""The formats that a dataset is exported to, by the name that the command line gives them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from toolkit.corpus.article import Article
from toolkit.errors import UsageError
from toolkit.exports import bigbio, brat, conll, gliner, labelstudio, spacy
from toolkit.exports.losses import Export
from toolkit.schema import Schema


@dataclass(frozen=True, slots=True)
class Format:
    """A format: the end of its files' names (empty where an export is a folder), and whether it can lose anything."""

    name: str
    suffix: str
    loses: bool
    render: Callable[[Sequence[Article], Schema], Export]


FORMATS = {
    form.name: form
    for form in (
        Format("conll", ".conll", True, conll.render),
        Format("brat", "", False, brat.render),
        Format("spacy", ".spacy", True, spacy.render),
        Format("gliner", ".json", True, gliner.render),
        Format("bigbio", ".jsonl", False, bigbio.render),
        Format("labelstudio", ".json", False, labelstudio.render),
    )
}


def find_format(name: str) -> Format:
    """The format of that name. UsageError suggests the nearest."""
    if name in FORMATS:
        return FORMATS[name]
    close = get_close_matches(name.lower(), FORMATS, 1)
    hint = f"Did you mean {close[0]}? " if close else ""
    raise UsageError(f"no format {name!r}", fix=f"{hint}There are: {', '.join(FORMATS)}.")
