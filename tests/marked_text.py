"""Documents from texts with their mentions in braces: `وصل إلى {GPE تونس}`."""

import re

from toolkit.document import Document, Entity

_OPEN = re.compile(r"\{([A-Z]+) ")


def marked(name: str, source: str, **meta: object) -> Document:
    """The document that a marked text describes; mentions nest."""
    text, place, opened = "", 0, []
    found: list[tuple[int, int, str]] = []
    while place < len(source):
        match = _OPEN.match(source, place)
        if match:
            opened.append((len(text), match[1]))
            place = match.end()
        elif source[place] == "}":
            start, label = opened.pop()
            found.append((start, len(text), label))
            place += 1
        else:
            text += source[place]
            place += 1
    assert not opened, source
    entities = tuple(Entity(start, end, label, f"m{n}") for n, (start, end, label) in enumerate(sorted(found)))
    return Document(name, text, entities, (), meta)


def mentions(document: Document) -> list[tuple[str, str]]:
    """Label and words of each mention, in text order."""
    return [(entity.label, document.mention(entity)) for entity in document.entities]
