"""The labelling configuration: generated from the schema, and read from a foreign project."""

import re
from collections.abc import Iterator
from typing import Final
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr

from toolkit.errors import ConfigError
from toolkit.project import Tags
from toolkit.schema import EntityType, RelationType, Schema, TextDisplay

# .lsf-htx-richtext is the selector that works; the documented .htx-text changes nothing. The lines leave room for
# relation arrows, a nested mention lies inside the outer one, and a label beside Arabic text keeps its own direction.
_STYLE: Final = (
    ".lsf-htx-richtext{white-space:pre-wrap;font-size:18px;line-height:2.8}",
    ".lsf-htx-richtext .htx-highlight{padding:4px 0;border-radius:4px}",
    ".lsf-htx-richtext .htx-highlight .htx-highlight{padding:1px 0}",
    ".lsf-htx-richtext .htx-highlight::after{direction:ltr;unicode-bidi:isolate}",
    ".lsf-labels .lsf-label{margin:0;margin-block-end:8px;margin-inline-end:8px}",
    ".lsf-labels .lsf-label__hotkey{margin:0;margin-inline-start:8px}",
)
# The labels stay in view while a long text scrolls beneath them.
_LABELS_STYLE: Final = (
    "position: sticky; top: 0; z-index: 5; padding: 4px 0; background: var(--color-neutral-background)"
)
_BETWEEN: Final = " · "
_COLOR = re.compile(r"#(?:[0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})")
_HOTKEY = re.compile(r"(?:(?:ctrl|shift|alt|cmd|command|meta)\+)*(?:[a-z0-9]|f\d{1,2}|[-=\[\];',./`\\])")


def labelling_config(schema: Schema, tags: Tags) -> str:
    """The XML that Label Studio shows for a schema; the same schema always gives the same text.

    Labels and text are laid out in the schema's direction. The text keeps its blanks, shows each mention's label, and
    is selected by the character, since a proclitic has to stay outside a mention.
    """
    rtl = schema.text.direction == "rtl"
    style = "direction: rtl; text-align: right" if rtl else "direction: ltr; text-align: left"
    lines = [
        f'<View style="{style}">',
        "  <Style>",
        *(f"    {rule}" for rule in _STYLE),
        "  </Style>",
        "  <Relations>",
        *(f"    <Relation value={quoteattr(name)}/>" for name in schema.relations),
        "  </Relations>",
        f'  <View style="{_LABELS_STYLE}">',
        f"    <Labels name={quoteattr(tags.labels)} toName={quoteattr(tags.text)}>",
        *(f"      {_label(name, entity)}" for name, entity in schema.entities.items()),
        "    </Labels>",
        "  </View>",
        f"  <Text name={quoteattr(tags.text)} value={quoteattr('$' + tags.data_key)}"
        ' granularity="symbol" showLabels="true"/>',
        "</View>",
    ]
    return "\n".join(lines) + "\n"


def _label(name: str, entity: EntityType) -> str:
    attributes = {"value": name, "background": entity.color}
    if entity.hotkey:
        attributes["hotkey"] = entity.hotkey
    hint = _BETWEEN.join(part for part in (entity.ar, entity.en) if part)
    if hint:
        attributes["hint"] = hint
    return "<Label " + " ".join(f"{key}={quoteattr(value)}" for key, value in attributes.items()) + "/>"


def schema_from_config(xml: str, where: str = "the labelling configuration") -> tuple[Schema, Tags]:
    """The labels and tag names of a labelling configuration. Everything but Labels, Text and Relations is ignored.

    An alias is the label, since it is what exports hold. ConfigError names the line of broken XML, and says why where
    the configuration labels no plain text, or labels that only the task data holds.
    """
    try:
        root = ElementTree.fromstring(xml.removeprefix("\ufeff").strip())
    except ElementTree.ParseError as error:
        line, column = error.position
        line += xml[: len(xml) - len(xml.lstrip("\ufeff \t\r\n"))].count("\n")
        raise ConfigError(
            f"not valid XML: {str(error).partition(':')[0]}", where=f"{where}:{line}:{column + 1}"
        ) from error
    labels, text = _labelled_text(root, where)
    value = text.get("value", "")
    if text.get("valueType", "").lower() == "url":
        what = "the Text tag loads its text from an address (valueType=url), so exports do not hold the text"
        raise ConfigError(what, where=where, fix="Import the texts themselves into Label Studio.")
    if not value.startswith("$"):
        raise ConfigError(f"the Text tag has the value {value!r}, expected $ and a key of data", where=where)
    entities = dict(_entities(labels, where))
    if not entities:
        what = "the Labels tag has no Label in it"
        raise ConfigError(what, where=where, fix="Labels that come from the task data are not read.")
    relations = {name: RelationType() for tag in _all(root, "relation") if (name := tag.get("value"))}
    display = TextDisplay(language="und", direction="rtl" if _is_rtl(root) else "ltr")
    tags = Tags(labels=labels[0].get("name", ""), text=text.get("name", ""), data_key=value[1:])
    return Schema(entities=entities, relations=relations, text=display), tags


def _all(root: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    """The tags of a name, whatever its case, as Label Studio finds them."""
    return [element for element in root.iter() if element.tag.lower() == name]


def _labelled_text(root: ElementTree.Element, where: str) -> tuple[list[ElementTree.Element], ElementTree.Element]:
    """The Text tag that is labelled, with the Labels tags that label it."""
    texts = {text.get("name"): text for text in _all(root, "text")}
    labels = [tag for tag in _all(root, "labels") if tag.get("toName") in texts]
    targets = list(dict.fromkeys(tag.get("toName") for tag in labels))
    if len(targets) > 1:
        what = f"several Text tags are labelled ({', '.join(map(str, targets))}); one text a task can be read"
        raise ConfigError(what, where=where, fix="Remove the Labels tags of the others from a copy of the file.")
    if targets:
        return labels, texts[targets[0]]
    if _all(root, "hypertext"):
        what = "the labels are those of a HyperText tag, whose offsets do not lead back to the text"
        raise ConfigError(what, where=where, fix="Only Text tags are read; label the plain text instead.")
    there = ", ".join(sorted({element.tag for element in root.iter()}))
    raise ConfigError(f"no Labels tag points at a Text tag; the file has: {there}", where=where)


def _entities(labels: list[ElementTree.Element], where: str) -> Iterator[tuple[str, EntityType]]:
    seen: set[str] = set()
    hotkeys: set[str] = set()
    for label in (label for tag in labels for label in _all(tag, "label")):
        value = label.get("value")
        name = label.get("alias") or value
        if not name:
            raise ConfigError("a Label has no value", where=where)
        if name in seen:
            continue
        seen.add(name)
        hotkey = label.get("hotkey", "").lower()
        if not _HOTKEY.fullmatch(hotkey) or hotkey in hotkeys:
            hotkey = ""
        hotkeys.add(hotkey)
        ar, between, en = (label.get("hint") or (value if name != value else "") or "").partition(_BETWEEN)
        described = {"ar": ar, "en": en} if between else {"en": ar}
        yield name, EntityType(**described, **_color(label), hotkey=hotkey or None)


def _color(label: ElementTree.Element) -> dict[str, str]:
    color = label.get("background", "").strip()
    if not _COLOR.fullmatch(color):
        return {}
    return {"color": color if len(color) == 7 else "#" + "".join(digit * 2 for digit in color[1:])}


def _is_rtl(root: ElementTree.Element) -> bool:
    return any(re.search(r"direction:\s*rtl", element.get("style", "")) for element in root.iter())
