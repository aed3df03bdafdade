"""The article of a raw task: which string of `data` is the text, the article's id, and what else is known of it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from toolkit.files import is_safe_id, sha256
from toolkit.labelstudio.reading.cleaning import cleaned, id_of
from toolkit.labelstudio.reading.journal import Journal, quoted
from toolkit.labelstudio.reading.repair import agrees
from toolkit.native import RESERVED, kind_of

_SHA256 = re.compile(r"[0-9a-f]{64}")
_ADDRESS_OF_TEXT = re.compile(r"(?:https?|s3|gs|azure-blob)://\S+|/data/\S+")
_HOW = "name its key as tags.data_key in configs/labelstudio.yaml, or hand the labelling configuration in with --labels"

Span = tuple[int, int, str | None]


@dataclass(frozen=True, slots=True)
class Article:
    """What `data` says: a safe id, the text exactly as stored, the sha256 of its UTF-8 bytes, and the rest."""

    id: str
    text: str
    sha256: str
    data: Mapping[str, Any]


def read_article(
    data: Mapping[str, Any], meta: Any, spans: Sequence[Span], data_key: str, journal: Journal
) -> Article | None:
    """The article of a task's `data`; None, with errors in the journal, where text or id are not usable.

    `spans` are the offsets and texts of all the task's regions: they tell which string is the text where `data_key`
    is not in the data. A non-empty `meta` is kept as `data.meta`. E-mail addresses go, except from the text.
    """
    key = _text_key(data, spans, data_key, journal)
    text = data.get(key) if key else None
    if key is None or not isinstance(text, str) or not _is_usable(text, key, journal):
        return None
    digest = sha256(text.encode("utf-8"))
    stored = data.get("sha256")
    if isinstance(stored, str) and _SHA256.fullmatch(stored) and stored != digest:
        what = f"data.{key} has the sha256 {digest[:12]}, data.sha256 says {stored[:12]}"
        journal.error("text-changed", f"the text was changed after it was registered: {what}")
        return None
    article_id = _article_id(data, digest, journal)
    if article_id is None:
        return None
    rest = _rest(data, key, {"sha256": digest, "length": len(text)}, journal)
    if isinstance(meta, Mapping) and meta:
        rest = {**rest, _free_key("meta", rest): meta}
    fit: dict[str, Any] = {}
    for name, value in rest.items():
        fit |= cleaned({name: value}, journal, f"data.{_shown(name)}")
    return Article(article_id, text, digest, fit)


def _text_key(data: Mapping[str, Any], spans: Sequence[Span], data_key: str, journal: Journal) -> str | None:
    if data.get(data_key) is not None:
        if isinstance(data[data_key], str):
            return data_key
        journal.error("text-type", f"data.{data_key} is {_told(data[data_key])}, expected a string")
        return None
    if data.get("text") is None and _SHA256.fullmatch(str(data.get("sha256"))) and "length" in data:
        what = "the text is withheld: this is an annotation file of Tawsim, stand-off, and needs no import"
        journal.error("text-missing", what)
        return None
    strings = {key: value for key, value in data.items() if isinstance(value, str) and key not in RESERVED[:1]}
    for key, value in strings.items():
        if key != "sha256" and sha256(value.encode("utf-8", "surrogatepass")) == data.get("sha256"):
            return key
    fits = {key: sum(agrees(value, *span) for span in spans) for key, value in strings.items()}
    best = [key for key in fits if fits[key] and fits[key] == max(fits.values())]
    if len(best) == 1:
        return best[0]
    if best:
        what = f"the task has no data.{data_key}, and {' and '.join(map(_shown, best))} could each be the text"
        journal.error("text-ambiguous", f"{what}; {_HOW}")
        return None
    why = "the offsets fit none of them" if spans else "nothing annotated tells whether one of them is the text"
    there = f"; the strings in data are {', '.join(map(_shown, strings))}, and {why}" if strings else ""
    journal.error("text-missing", f"the task has no text in data.{data_key}{there}; {_HOW}")
    return None


def _shown(name: str) -> str:
    return id_of(name) or "(unnamed)"


def _told(value: Any) -> str:
    return f"{kind_of(value)} ({value})" if isinstance(value, int | float) else kind_of(value)


def _is_usable(text: str, key: str, journal: Journal) -> bool:
    if not text.strip():
        journal.error("text-empty", f"data.{key} is empty")
    elif _ADDRESS_OF_TEXT.fullmatch(text.strip()):
        what = f"data.{key} is the address of the text ({quoted(text.strip())}), not the text"
        journal.error("text-address", f"{what}; import the texts into Label Studio themselves, without valueType=url")
    else:
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            what = f"data.{key} has half of a surrogate pair at {error.start}, which UTF-8 cannot hold"
            journal.error("text-encoding", what)
        else:
            return True
    return False


def _article_id(data: Mapping[str, Any], digest: str, journal: Journal) -> str | None:
    given = data.get("article_id")
    if given is None:
        return f"text-{digest[:12]}"
    if isinstance(given, int) and not isinstance(given, bool):
        given = str(given)
    if is_safe_id(given):
        return str(given)
    told = quoted(given) if isinstance(given, str) else kind_of(given)
    what = f"data.article_id is {told}, which cannot be a file name; letters, digits, - _ and single dots can"
    journal.error("article-id", what)
    return None


def _rest(data: Mapping[str, Any], key: str, true: Mapping[str, Any], journal: Journal) -> dict[str, Any]:
    """`data` without the text and what is computed; a foreign field of a reserved name gets another name."""
    rest = {name: value for name, value in data.items() if name != key and name not in RESERVED}
    for name in ("text", "sha256", "length"):
        if name == key or data.get(name) is None or data[name] == true.get(name):
            continue
        other = _free_key(name, data)
        rest[other] = data[name]
        journal.note("data-renamed", f"data.{name} is not what an annotation file has there; it is data.{other} now")
    return rest


def _free_key(name: str, taken: Mapping[str, Any]) -> str:
    while name in taken or name in RESERVED:
        name = f"other_{name}"
    return name
