"""Generated work: equal size and seed give equal work. The words mean nothing and are nobody's."""

import random
from collections.abc import Iterator, Sequence
from itertools import accumulate, islice, permutations
from typing import Any

from toolkit.models.iob import segments
from toolkit.schema import Schema

SEED = 1
# The share of words inside a gold mention, and the share of mentions that are predicted wrongly.
DENSITY, NOISE = 0.08, 0.15
WORDS, ENTITIES, RELATIONS = 200, 20, 6
# Sentences of a document to score, and its words, of which the n-th is as frequent as 1/n (Zipf).
SENTENCES = 20
VOCABULARY = 20_000

_LETTERS = "بتجحدرسشصعفقكلمنهي"
_PATTERNS = ("{}ا{}{}", "م{}{}و{}", "ال{}{}ي{}", "ت{}{}ي{}", "{}{}ا{}ة", "و{}{}{}", "{}َ{}ّ{}ٌ", "{}{}ـ{}ًا")
_GAPS = {" ": 80, "، ": 8, ". ": 4, ".\n": 4, "\n\n": 1, " 😀 ": 1, " 🇲🇦 ": 1, " 👩‍👩‍👧 ": 1}
_MOMENT = "2026-01-01T09:00:00.000000Z"

Tags = list[str]
Places = list[tuple[int, int]]
Object = dict[str, Any]


def tag_rows(words: int, labels: Sequence[str], seed: int = SEED) -> list[tuple[Tags, Tags]]:
    """Sentences of 10 to 40 words, `words` in all, as IOB2 tags: gold, and a prediction with noise."""
    rng = random.Random(seed)
    rows = []
    while words > 0:
        size = min(words, rng.randint(10, 40))
        rows.append(_row(size, labels, rng))
        words -= size
    return rows


def _row(size: int, labels: Sequence[str], rng: random.Random) -> tuple[Tags, Tags]:
    gold, predicted = ["O"] * size, ["O"] * size
    opening = DENSITY / (2 - DENSITY)  # a mention has two words on average
    place = 0
    while place < size:
        draw, last, label = rng.random(), min(place + rng.randint(1, 3), size), rng.choice(labels)
        if draw < opening:
            _put(gold, place, last, label)
            error = rng.choice(("missed", "label", "end", "opening")) if rng.random() < NOISE else ""
            if error != "missed":
                guess = rng.choice([other for other in labels if other != label]) if error == "label" else label
                end = last if error != "end" else last - 1 if last - place > 1 else min(last + 1, size)
                _put(predicted, place, end, guess, "I" if error == "opening" else "B")
        elif draw < opening * (1 + NOISE / 4):
            _put(predicted, place, last, label)
        place = last if draw < opening else place + 1
    return gold, predicted


def _put(tags: Tags, first: int, last: int, label: str, opening: str = "B") -> None:
    tags[first:last] = [f"{opening}-{label}", *[f"I-{label}"] * (last - first - 1)]


def tagged_documents(words: int, labels: Sequence[str], seed: int = SEED) -> Object:
    """`documents` of 20 sentences with gold and predicted spans in code points, and `rows`, the same as IOB2 tags."""
    rng = random.Random(seed)
    rows = [(gold, _opened(predicted)) for gold, predicted in tag_rows(words, labels, seed)]
    vocabulary = [rng.choice(_PATTERNS).format(*rng.choices(_LETTERS, k=3)) for _ in range(VOCABULARY)]
    frequencies = list(accumulate(1 / rank for rank in range(1, VOCABULARY + 1)))
    spoken = iter(rng.choices(vocabulary, cum_weights=frequencies, k=words))
    documents = [_document(at, rows[at : at + SENTENCES], spoken) for at in range(0, len(rows), SENTENCES)]
    return {"documents": documents, "rows": rows}


def _opened(tags: Tags) -> Tags:
    """The tags with a B- at the beginning of each mention: what spans can tell."""
    opened = list(tags)
    for segment in segments(tags):
        opened[segment.first] = f"B-{segment.label}"
    return opened


def _document(number: int, rows: Sequence[tuple[Tags, Tags]], words: Iterator[str]) -> Object:
    lines: list[str] = []
    sides: tuple[list[Any], list[Any]] = ([], [])
    place = 0
    for row in rows:
        spoken = list(islice(words, len(row[0])))
        ends = [place + end for end in accumulate(len(word) + 1 for word in spoken)]
        for tags, side in zip(row, sides, strict=True):
            for first, last, label, _ in segments(tags):
                side.append([ends[first] - 1 - len(spoken[first]), ends[last - 1] - 1, label])
        lines.append(" ".join(spoken))
        place = ends[-1]
    return {"id": f"bench-{number:06d}", "text": "\n".join(lines), "gold": sides[0], "predicted": sides[1]}


def native_export(tasks: int, schema: Schema, seed: int = SEED) -> list[Object]:
    """Label Studio's native export of `tasks` articles with emoji, marks and newlines, all annotated by account 1."""
    rng = random.Random(seed)
    return [_task(number, schema, rng) for number in range(1, tasks + 1)]


def _task(number: int, schema: Schema, rng: random.Random) -> Object:
    text, places = _article(rng)
    regions = list(_regions(text, places, list(schema.entities), rng))
    result = [*regions, *islice(_relations(regions, schema, rng), RELATIONS)]
    shared = {"id": number, "created_at": _MOMENT, "updated_at": _MOMENT, "project": 1, "updated_by": 1}
    annotation = {"completed_by": 1, "unique_id": f"bench-{number}", "result": result, "task": number} | shared
    annotation |= {"was_cancelled": False, "ground_truth": False, "lead_time": 61.5, "result_count": len(result)}
    data = {"article_id": f"bench-{number}", "text": text}
    task = {"data": data, "annotations": [annotation], "drafts": [], "predictions": [], "meta": {}} | shared
    return task | {"inner_id": number, "total_annotations": 1, "cancelled_annotations": 0, "comment_authors": []}


def _article(rng: random.Random) -> tuple[str, Places]:
    """A text, and the offsets of its words in code points."""
    text, places = "", []
    for gap in rng.choices(list(_GAPS), list(_GAPS.values()), k=WORDS):
        word = rng.choice(_PATTERNS).format(*rng.choices(_LETTERS, k=3))
        places.append((len(text), len(text) + len(word)))
        text += word + gap
    return text.rstrip(), places


def _regions(text: str, places: Places, labels: Sequence[str], rng: random.Random) -> Iterator[Object]:
    step = WORDS // ENTITIES
    for slot in range(0, WORDS, step):
        first = slot + rng.randrange(step - 2)
        start, end = places[first][0], places[first + rng.randrange(3)][1]
        # The editor writes a line break as the two characters backslash and n.
        shown = text[start:end].replace("\n", "\\n")
        value = {"start": start, "end": end, "text": shown, "labels": [rng.choice(labels)]}
        tags = {"from_name": "label", "to_name": "text", "type": "labels", "origin": "manual"}
        yield {"id": f"{rng.getrandbits(40):010x}", "value": value} | tags


def _relations(regions: Sequence[Object], schema: Schema, rng: random.Random) -> Iterator[Object]:
    """Relations that the schema allows between the regions, in random order, at most one for each ordered pair."""
    pairs = list(permutations(regions, 2))
    for head, tail in rng.sample(pairs, len(pairs)):
        ends = head["value"]["labels"][0], tail["value"]["labels"][0]
        if kinds := [name for name, kind in schema.relations.items() if kind.allows(*ends)]:
            row = {"type": "relation", "from_id": head["id"], "to_id": tail["id"], "direction": "right"}
            yield {**row, "labels": [rng.choice(kinds)]}
