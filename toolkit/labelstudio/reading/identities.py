"""Region ids that the rest can rely on: absent, repeated and meaningless ones are replaced by stable ones."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from toolkit.annotation import Region
from toolkit.files import canonical_json, sha256
from toolkit.labelstudio.reading.journal import Journal
from toolkit.labelstudio.reading.spans import RawRegion


@dataclass(frozen=True, slots=True)
class Regions:
    """Regions with ids of their own, and by the export's id what carries it: the given offsets and the new id."""

    regions: tuple[Region, ...]
    bearers: Mapping[str, Sequence[tuple[tuple[int, int], str]]]

    def ids(self, given_id: str) -> list[str]:
        """The regions that the export calls so: one where all is well, none, or several."""
        return sorted({id_ for _, id_ in self.bearers.get(given_id, ())})


def identified(raw: Sequence[RawRegion], journal: Journal) -> Regions:
    """Gives every region an id of its own. Two results with one id and one span are one region, their labels united.

    Notes say what was done: ids absent, ids that several regions share, results united.
    """
    groups: defaultdict[str, list[RawRegion]] = defaultdict(list)
    for item in raw:
        groups[item.id].append(item)
    nameless = groups.pop("", [])
    bearers: dict[str, list[tuple[tuple[int, int], str]]] = {}
    regions: dict[str, Region] = {}
    renamed = list(nameless)
    for id_, group in groups.items():
        united = _united(group, journal)
        bearers[id_] = []
        if len(united) == 1:
            regions[id_] = united[0].region
            bearers[id_] = [(item.given, id_) for item in group]
        else:
            renamed += united
            journal.note("region-id", f"{len(united)} regions share this id; each was given one of its own", id_)
    for item in renamed:
        new = _new_id(item.region, regions.keys() | groups.keys())
        regions[new] = replace(item.region, id=new)
        bearers.setdefault(item.id, []).append((item.given, new))
    if nameless:
        journal.note("region-id", f"regions without an id: {len(nameless)}; each was given one")
    return Regions(tuple(regions.values()), bearers)


def _united(group: Sequence[RawRegion], journal: Journal) -> list[RawRegion]:
    spans: dict[tuple[int, int, str], RawRegion] = {}
    for item in group:
        key = (item.region.start, item.region.end, item.region.target)
        earlier = spans.setdefault(key, item)
        if earlier is not item:
            labels = tuple(dict.fromkeys((*earlier.region.labels, *item.region.labels)))
            spans[key] = replace(earlier, region=replace(earlier.region, labels=labels))
            journal.note("region-united", "two results describe this region; it is kept once, with all labels", item.id)
    return list(spans.values())


def _new_id(region: Region, taken: set[str]) -> str:
    return free_id("r", [region.start, region.end, sorted(region.labels), region.tag, region.target], taken)


def free_id(prefix: str, content: Any, taken: set[str]) -> str:
    """An id that depends on content only, with a number behind it where others have it already."""
    base = f"{prefix}-{sha256(canonical_json(content))[:10]}"
    id_, number = base, 1
    while id_ in taken:
        number += 1
        id_ = f"{base}-{number}"
    return id_
