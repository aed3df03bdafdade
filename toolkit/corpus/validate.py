"""Every finding about annotation files at once: what the types allow and the guidelines or the schema do not."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from toolkit.annotation import Annotation, Link, Region
from toolkit.corpus.adjudicate import choose
from toolkit.corpus.store import Stored
from toolkit.findings import Finding, Severity
from toolkit.gold_rules import GoldRule
from toolkit.offsets import trim
from toolkit.schema import Schema
from toolkit.tokens import Span, sentences


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the checks are: a file, one annotation of it, the text if it is at hand, and what is allowed."""

    stored: Stored
    annotation: Annotation
    schema: Schema

    @property
    def text(self) -> str | None:
        return self.stored.task.text

    def finding(self, code: str, severity: Severity, message: str, region: Region | None = None) -> Finding:
        where = (region.id, region.start, region.end) if region else (None, None, None)
        return Finding(code, severity, self.stored.path, message, self.annotation.id, *where)

    def error(self, code: str, message: str, region: Region | None = None) -> Finding:
        return self.finding(code, Severity.ERROR, message, region)

    def warning(self, code: str, message: str, region: Region | None = None) -> Finding:
        return self.finding(code, Severity.WARNING, message, region)


def validate(
    stored: Sequence[Stored], schema: Schema, annotators: Collection[str], gold: Sequence[GoldRule]
) -> list[Finding]:
    """Every finding, in the order of files, annotations and offsets. Skipped annotations are checked too."""
    findings: list[Finding] = []
    for item in stored:
        ids = Counter(annotation.id for annotation in item.task.annotations)
        for annotation in sorted(item.task.annotations, key=lambda a: (a.annotator, a.id)):
            place = _Place(item, annotation, schema)
            if ids[annotation.id] > 1:
                findings.append(place.error("annotation-id", "two annotations of the article have this id"))
            if annotation.annotator not in annotators:
                what = f"annotator {annotation.annotator!r} is not in configs/labelstudio.yaml"
                findings.append(place.error("annotator-unknown", what))
            findings += _weighed(place, ids.keys() - {annotation.id})
            found = [finding for check in _CHECKS for finding in check(place)]
            findings += sorted(found, key=lambda f: (-1 if f.start is None else f.start, f.end or 0, f.code))
        if item.task.annotations and choose(item.task, gold) is None:
            findings.append(_undecided(item, gold))
    return findings


def _weighed(place: _Place, others: Collection[str]) -> Iterator[Finding]:
    for id_ in place.annotation.adjudicates:
        if id_ not in others:
            what = f"it was made from annotation {id_}, and the article has no other annotation of this id"
            yield place.warning("adjudicates-unknown", what)


def _undecided(item: Stored, gold: Sequence[GoldRule]) -> Finding:
    submitted = sum(not annotation.cancelled for annotation in item.task.annotations)
    if not submitted:
        what = "every annotation was skipped, so the article has no gold"
        return Finding("gold-none", Severity.WARNING, item.path, what)
    rules = ", ".join(map(str, gold))
    told = f"{submitted} annotation{'s' if submitted > 1 else ''}, and none of the rules of gold decides ({rules})"
    what = f"{told}; mark one as ground truth, or change `gold` in configs/dataset.yaml"
    return Finding("gold-undecided", Severity.ERROR, item.path, what)


def _offsets(place: _Place) -> Iterator[Finding]:
    length = place.stored.task.length
    for region in place.annotation.regions:
        if not 0 <= region.start < region.end:
            yield place.error("offset-order", "the end must come after the start, and both be 0 or more", region)
        elif region.end > length:
            yield place.error("offset-range", f"ends past the text, which has {length} code points", region)
        elif place.text is not None:
            mention = place.text[region.start : region.end]
            if region.text is not None and region.text != mention:
                yield place.error("mention-text", f"found {mention!r} there, expected {region.text!r}", region)
            if trim(place.text, region.start, region.end) != (region.start, region.end):
                yield place.warning("edge-space", f"blank or invisible mark at an edge of {mention!r}", region)


def _labels(place: _Place) -> Iterator[Finding]:
    for region in place.annotation.regions:
        if not region.labels:
            yield place.warning("region-unlabelled", "has no label, so it is no entity", region)
        for label in region.labels:
            if label not in place.schema.entities:
                known = ", ".join(place.schema.entities)
                yield place.error("label-unknown", f"label {label!r} is not in the schema ({known})", region)


def _duplicates(place: _Place) -> Iterator[Finding]:
    ids: set[str] = set()
    spans: defaultdict[Span, dict[str, Region]] = defaultdict(dict)
    for region in place.annotation.regions:
        if region.id in ids:
            yield place.error("region-id", "another region of the annotation has this id", region)
        ids.add(region.id)
        holders = spans[region.start, region.end]
        before = len(holders)
        for label in region.labels:
            earlier = holders.setdefault(label, region)
            if earlier is not region:
                what = f"region {earlier.id} has the same span and the label {label}"
                yield place.error("span-duplicate", what, region)
        for label, times in Counter(region.labels).items():
            if times > 1:
                yield place.error("span-duplicate", f"the region has the label {label} {times} times", region)
        if len(holders) > max(before, 1):
            labels = ", ".join(sorted(holders))
            yield place.warning("span-two-labels", f"one span has several labels: {labels}", region)


def _crossing(place: _Place) -> Iterator[Finding]:
    open_regions: list[Region] = []
    for region in sorted(place.annotation.regions, key=lambda r: (r.start, -r.end)):
        open_regions = [other for other in open_regions if other.end > region.start]
        for other in open_regions:
            if other.start < region.start and other.end < region.end:
                what = f"crosses region {other.id} at {other.start}-{other.end}; mentions nest or stay apart"
                yield place.warning("span-crossing", what, region)
        open_regions.append(region)


def _clitics(place: _Place) -> Iterator[Finding]:
    """A mention that starts with a proclitic, where the rest of it is a mention elsewhere in the article."""
    if place.text is None:
        return
    regions = [region for region in place.annotation.regions if 0 <= region.start < region.end]
    mentions = {place.text[region.start : region.end] for region in regions}
    clitics = place.schema.proclitics
    particles = [*clitics, *(first + second for first in clitics for second in clitics if first != second)]
    for region in regions:
        mention = place.text[region.start : region.end]
        for particle in particles:
            rest = mention.removeprefix(particle)
            if rest != mention and len(rest) > 2 and rest in mentions:
                what = (
                    f"{mention!r} starts with the particle {particle}, and {rest!r} is a mention too; keep it outside"
                )
                yield place.warning("clitic-inside", what, region)
                break


def _same_mention(place: _Place) -> Iterator[Finding]:
    """One mention with different labels in the article; by digest where the text is withheld."""
    by_surface: defaultdict[str, list[Region]] = defaultdict(list)
    for region in sorted(place.annotation.regions, key=lambda r: (r.start, r.end, r.id)):
        if len(region.labels) == 1 and 0 <= region.start < region.end:
            by_surface[_surface(place, region)].append(region)
    for regions in by_surface.values():
        counts = Counter(region.labels[0] for region in regions)
        usual = counts.most_common(1)[0][0]  # of labels as frequent, that of the first mention
        spans = {(region.start, region.end) for region in regions if region.labels[0] == usual}
        told = ", ".join(f"{label} {n}" for label, n in sorted(counts.items()))
        for region in regions:
            if region.labels[0] != usual and spans != {(region.start, region.end)}:
                what = f"is {region.labels[0]} here; the same mention in the article: {told}"
                yield place.warning("label-varies", what, region)


def _surface(place: _Place, region: Region) -> str:
    if place.text is not None:
        return place.text[region.start : region.end]
    return region.digest or f"{region.start}-{region.end}"


def _relations(place: _Place) -> Iterator[Finding]:
    regions = {region.id: region for region in place.annotation.regions}
    seen: set[tuple[str, str, str]] = set()
    bounds = _sentence_of(place)
    for link in place.annotation.links:
        head, tail = regions.get(link.head), regions.get(link.tail)
        name = f"{link.head} -> {link.tail}"
        if head is None or tail is None:
            missing = ", ".join(dict.fromkeys(end for end in (link.head, link.tail) if end not in regions))
            yield place.error("relation-dangling", f"relation {name}: there is no region {missing}")
            continue
        if link.head == link.tail:
            yield place.error("relation-self", f"relation {name} joins a region to itself", head)
        if not link.labels:
            yield place.warning("relation-unlabelled", f"relation {name} has no label, so it is not carried", head)
        if bounds is not None and bounds(head) != bounds(tail):
            yield place.warning("relation-sentence", f"relation {name} joins mentions of two sentences", head)
        for label in link.labels:
            yield from _relation_label(place, link, label, head, tail, seen)


def _relation_label(
    place: _Place, link: Link, label: str, head: Region, tail: Region, seen: set[tuple[str, str, str]]
) -> Iterator[Finding]:
    name = f"{label} {link.head} -> {link.tail}"
    kind = place.schema.relations.get(label)
    if kind is None:
        known = ", ".join(place.schema.relations)
        yield place.error("relation-label", f"relation label {label!r} is not in the schema ({known})", head)
        return
    ends = [(head, tail), (tail, head)] if link.direction == "bi" else [(head, tail)]
    if link.direction == "left":
        ends = [(tail, head)]
    for first, second in ends:
        if not any(kind.allows(one, two) for one in first.labels for two in second.labels):
            found = f"{'/'.join(first.labels) or 'nothing'} -> {'/'.join(second.labels) or 'nothing'}"
            expected = f"{'/'.join(kind.head) or 'any'} -> {'/'.join(kind.tail) or 'any'}"
            yield place.error("relation-arguments", f"relation {name} joins {found}, expected {expected}", head)
        key = (first.id, second.id, label)
        mirror = (second.id, first.id, label)
        if key in seen:
            yield place.error("relation-duplicate", f"relation {name} is there twice", head)
        elif kind.symmetric and mirror in seen and link.direction != "bi":
            yield place.error("relation-mirrored", f"relation {name} is symmetric and there the other way too", head)
        seen.add(key)


def _sentence_of(place: _Place) -> Callable[[Region], int] | None:
    """The number of the sentence that a region is in; None where the text is not at hand."""
    if place.text is None:
        return None
    length = len(place.text)
    keep = [(r.start, r.end) for r in place.annotation.regions if r.labels and 0 <= r.start < r.end <= length]
    starts = [start for start, _ in sentences(place.text, keep)]
    return lambda region: sum(start <= region.start for start in starts)


_CHECKS: tuple[Callable[[_Place], Iterable[Finding]], ...] = (
    _offsets,
    _labels,
    _duplicates,
    _crossing,
    _clitics,
    _same_mention,
    _relations,
)
