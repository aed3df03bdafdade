"""brat's stand-off annotations as raw tasks: ID.txt holds the text, ID.ann an annotation a line.

Mentions (T), relations (R) and the equivalences of `*` lines are carried. A mention in fragments with only blanks
between them is one mention, as brat itself parts one at a line break. Notes, attributes and normalizations of a
mention become comments on its region. What cannot be carried is a warning; a line that is not brat's is an error.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from pathlib import Path

from toolkit.errors import ToolkitError
from toolkit.files import read_text
from toolkit.labelstudio.reading.export import RawTask
from toolkit.labelstudio.reading.foreign import Result, foreign_task, region, relation
from toolkit.labelstudio.reading.journal import Journal, quoted

_MENTION = re.compile(r"(?P<label>\S+) (?P<offsets>\d+ \d+(?:;\d+ \d+)*) *(?:\t(?P<words>.*))?")
_RELATION = re.compile(r"(?P<label>\S+) [^\s:]+:(?P<head>\S+) [^\s:]+:(?P<tail>\S+)\s*")
_EQUIVALENCE = re.compile(r"(?P<label>\S+)(?P<ends>(?: \S+){2,})\s*")
_ABOUT = re.compile(r"(?P<kind>\S+) (?P<target>\S+)\s*(?P<rest>.*)")
_SHAPES = {
    "T": "T1<tab>LABEL START END<tab>WORDS",
    "R": "R1<tab>LABEL Arg1:T1 Arg2:T2",
    "*": "*<tab>LABEL T1 T2",
}
_NOTE = "AnnotatorNotes"


@dataclass(slots=True)
class _File:
    """What has been read of an .ann file: mentions by id, and the ids of those that were left out."""

    journal: Journal
    text: str
    regions: dict[str, Result] = field(default_factory=dict)
    links: list[Result] = field(default_factory=list)
    left_out: set[str] = field(default_factory=set)
    places: dict[str, str] = field(default_factory=dict)
    comments: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


def read_brat(path: Path, annotator: str | None = None) -> RawTask:
    """The task of an .ann file and the .txt beside it; what is wrong with them is among its findings."""
    place = str(path)
    journal = Journal(place)
    try:
        text = read_text(path.with_suffix(".txt"))
        lines = read_text(path).split("\n")
    except ToolkitError as error:
        journal.error("brat-unreadable", str(error))
        return RawTask(place, None, tuple(journal.findings))
    file = _File(journal, text)
    found = [(number, *line.rstrip("\r").partition("\t")) for number, line in enumerate(lines, 1) if line.strip()]
    for number, name, _, rest in found:
        if name[:1] == "T":
            _mention(file, number, name, rest)
    for number, name, _, rest in found:
        if name[:1] != "T":
            _other(file, number, name, rest)
    for name, comments in file.comments.items():
        file.regions[name]["meta"] = {"text": comments}
    results = [*file.regions.values(), *file.links]
    return foreign_task(place, path.stem, text, results, annotator, journal.findings, file.places)


def _mention(file: _File, number: int, name: str, rest: str) -> None:
    here = _at(file, number)
    match = _MENTION.fullmatch(rest)
    if name in file.places:
        here.error("brat-id", f"{file.places[name]} has this id too; give one of them another", name)
        return
    file.places[name] = here.path
    file.left_out.add(name)
    if match is None:
        here.error("brat-line", f"is no mention; expected {_SHAPES['T']}", name)
        return
    fragments = sorted(tuple(map(int, part.split())) for part in match["offsets"].split(";"))
    if any(one[1] > other[0] for one, other in pairwise(fragments)):
        here.error("brat-line", f"the fragments {match['offsets']} overlap; correct the offsets", name)
        return
    gaps = [file.text[one[1] : other[0]] for one, other in pairwise(fragments)]
    span = (fragments[0][0], fragments[-1][1])
    if any(gap.strip() for gap in gaps):
        what = f"the mention is in {len(fragments)} pieces with words between them ({quoted(match['words'] or '')})"
        here.warning("brat-discontinuous", f"{what}, which a span cannot be; it was left out", name, span)
        return
    file.left_out.remove(name)
    file.regions[name] = region(name, *span, match["label"], match["words"])


def _other(file: _File, number: int, name: str, rest: str) -> None:
    here = _at(file, number)
    match name[:1]:
        case "R" | "*":
            file.links += _links(file, here, name, rest)
        case "A" | "M" | "N" | "#":
            _comment(file, here, name, rest)
        case "E":
            trigger = rest.partition(" ")[0].partition(":")[2] or "its trigger"
            here.warning("brat-event", f"events cannot be carried; it was left out, {trigger} stays a mention", name)
        case _:
            what = f"{quoted(name)} begins none of brat's lines; expected an id of T, R, *, E, A, M, N or # and a tab"
            here.error("brat-line", what)


def _links(file: _File, here: Journal, name: str, rest: str) -> Iterator[Result]:
    kind = name[:1]
    match = (_RELATION if kind == "R" else _EQUIVALENCE).fullmatch(rest)
    if match is None:
        here.error("brat-line", f"is no relation between two mentions; expected {_SHAPES[kind]}", name)
        return
    ends = [match["head"], match["tail"]] if kind == "R" else match["ends"].split()
    for end in dict.fromkeys(ends):
        if end in file.regions:
            continue
        if end in file.left_out or end[:1] == "E":
            here.warning(
                "brat-relation", f"{match['label']} joins {end}, which was left out; it was left out too", name
            )
        else:
            here.error("brat-relation", f"{match['label']} joins {end}, and no line has this id", name)
        return
    for head, tail in combinations(ends, 2):
        yield relation(head, tail, match["label"], symmetric=kind == "*")


def _comment(file: _File, here: Journal, name: str, rest: str) -> None:
    match = _ABOUT.fullmatch(rest)
    if match is None or match["target"] not in file.regions:
        target = match["target"] if match else "nothing"
        here.warning("brat-note", f"says something of {target}, which is no mention here; it was left out", name)
        return
    told = [match["rest"]] if match["kind"] == _NOTE else [match["kind"], *match["rest"].split()]
    file.comments[match["target"]].append(" ".join(told))
    here.note("brat-note", f"{match['kind']} of {match['target']} is a comment on the region now", name)


def _at(file: _File, number: int) -> Journal:
    return file.journal.at(f"{file.journal.path}:{number}")
