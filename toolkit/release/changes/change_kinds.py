"""What can change between two datasets: the kinds of change, each change with its place on either side."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

# JSON facts of one side of a change. A mention has start, end (code points, end exclusive) and label.
Facts = Mapping[str, Any]


class Kind(StrEnum):
    """The kinds, in the order in which they are told."""

    DOCUMENT_ADDED = "document-added"
    DOCUMENT_REMOVED = "document-removed"
    DOCUMENT_TEXT_CHANGED = "document-text-changed"
    DOCUMENT_TEXT_ADDED = "document-text-added"
    DOCUMENT_TEXT_REMOVED = "document-text-removed"
    DOCUMENT_MOVED = "document-moved"
    MENTION_ADDED = "mention-added"
    MENTION_REMOVED = "mention-removed"
    MENTION_REBOUNDED = "mention-rebounded"
    MENTION_RELABELLED = "mention-relabelled"
    RELATION_ADDED = "relation-added"
    RELATION_REMOVED = "relation-removed"
    RELATION_RETYPED = "relation-retyped"
    RELATION_REVERSED = "relation-reversed"
    RELATION_REATTACHED = "relation-reattached"
    LABEL_ADDED = "label-added"
    LABEL_REMOVED = "label-removed"
    LABEL_RENAMED = "label-renamed"
    LABELS_REORDERED = "labels-reordered"
    LABEL_REDEFINED = "label-redefined"
    TAGS_CHANGED = "tags-changed"
    LABELLING_CHANGED = "labelling-changed"
    TOKENIZER_CHANGED = "tokenizer-changed"
    CONFIG_ADDED = "config-added"
    CONFIG_REMOVED = "config-removed"
    COLUMN_ADDED = "column-added"
    COLUMN_REMOVED = "column-removed"
    COLUMN_RENAMED = "column-renamed"
    COLUMN_RETYPED = "column-retyped"
    COLUMNS_REORDERED = "columns-reordered"
    SETTING_CHANGED = "setting-changed"
    DOCUMENT_METADATA_CHANGED = "document-metadata-changed"
    DOCUMENT_REWRITTEN = "document-rewritten"
    PAGE_CHANGED = "page-changed"


_NOUNS = {
    Kind.DOCUMENT_TEXT_CHANGED: ("document with another text", "documents with another text"),
    Kind.DOCUMENT_TEXT_ADDED: ("document that has its text now", "documents that have their text now"),
    Kind.DOCUMENT_TEXT_REMOVED: ("document without its text now", "documents without their text now"),
    Kind.DOCUMENT_MOVED: ("document in another split", "documents in another split"),
    Kind.MENTION_REBOUNDED: ("mention with other boundaries", "mentions with other boundaries"),
    Kind.RELATION_RETYPED: ("relation with another label", "relations with another label"),
    Kind.RELATION_REATTACHED: ("relation with another head or tail", "relations with another head or tail"),
    Kind.LABELS_REORDERED: ("list of labels in another order", "lists of labels in another order"),
    Kind.TAGS_CHANGED: ("other list of tags in ner", "other lists of tags in ner"),
    Kind.LABELLING_CHANGED: ("labelling setting changed", "labelling settings changed"),
    Kind.COLUMN_RETYPED: ("column of another type", "columns of another type"),
    Kind.COLUMNS_REORDERED: ("config with columns in another order", "configs with columns in another order"),
    Kind.DOCUMENT_METADATA_CHANGED: ("document with other metadata", "documents with other metadata"),
    Kind.DOCUMENT_REWRITTEN: ("document with the same gold under other ids", "documents with the same gold, other ids"),
}
_MIRRORED = {kind: Kind(f"{kind.removesuffix('added')}removed") for kind in Kind if kind.endswith("-added")}
_MIRRORED |= {removed: added for added, removed in _MIRRORED.items()}


@dataclass(frozen=True, slots=True)
class Change:
    """One change: its kind, what stood there (None where nothing did), what stands there now, and in which document.

    `splits` are those of the document on either side, `withheld` whether its text may not be passed on; a change of
    labels, columns or settings has no document and no split.
    """

    kind: Kind
    old: Facts | None
    new: Facts | None
    document: str = ""
    splits: tuple[str, ...] = ()
    withheld: bool = False

    def mirrored(self) -> "Change":
        """The change from the new side back to the old one."""
        kind = _MIRRORED.get(self.kind, self.kind)
        return Change(kind, self.new, self.old, self.document, self.splits, self.withheld)

    def as_json(self) -> dict[str, Any]:
        """Kind, document with its splits where it has one, and both sides."""
        place = {"document": self.document, "splits": list(self.splits)} if self.document else {}
        return {"kind": self.kind.value, **place, "old": self.old, "new": self.new}


def in_words(kind: Kind, count: int) -> str:
    """A count of changes of a kind: `1 mention added`, `3 documents in another split`."""
    noun, _, verb = kind.partition("-")
    one, several = _NOUNS.get(kind, (f"{noun} {verb}", f"{noun}s {verb}"))
    return f"{count} {one if count == 1 else several}"
