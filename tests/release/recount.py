"""Counts and tags worked out again from the rows of a dataset folder, the slow and plain way, without the toolkit."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

Row = dict[str, Any]


def parquet_rows(folder: Path, config: str) -> list[Row]:
    """All rows of a config with their split, as they are in the Parquet files."""
    found = []
    for path in sorted((folder / config).glob("*.parquet")):
        found += [{**row, "split": path.name.split("-")[0]} for row in pq.ParquetFile(path).read().to_pylist()]
    return found


def flat_by_hand(
    mentions: Sequence[Row], words: Sequence[tuple[int, int]], drop: Iterable[str], keep: str
) -> tuple[list[str], Counter[tuple[str, str]]]:
    """The tags of the words, and how many mentions of each (reason, label) have no place in them."""
    word_at = {place: number for number, (start, end) in enumerate(words) for place in range(start, end)}
    touched = [{word_at[i] for i in range(m["start"], m["end"]) if i in word_at} for m in mentions]
    sign = 1 if keep == "innermost" else -1
    rank = [(sign * (m["end"] - m["start"]), m["start"], m["label"], i) for i, m in enumerate(mentions)]
    left = {i for i, m in enumerate(mentions) if m["label"] not in drop and touched[i]}
    kept: list[int] = []
    while left:
        best = min(left, key=lambda i: rank[i])
        kept.append(best)
        left = {i for i in left if not touched[i] & touched[best]}
    tags = ["O"] * len(words)
    for i in kept:
        for number, word in enumerate(sorted(touched[i])):
            tags[word] = ("I-" if number else "B-") + mentions[i]["label"]
    lost: Counter[tuple[str, str]] = Counter()
    for i, mention in enumerate(mentions):
        if i not in kept:
            stronger = [mentions[j] for j in kept if rank[j] < rank[i] and touched[i] & touched[j]]
            reason = "dropped label" if mention["label"] in drop else _reason(mention, touched[i], stronger)
            lost[reason, mention["label"]] += 1
    return tags, lost


def _reason(mention: Row, touched: set[int], stronger: Sequence[Row]) -> str:
    if not touched:
        return "no word"
    here = set(range(mention["start"], mention["end"]))
    shared = [set(range(other["start"], other["end"])) for other in stronger]
    shared = [other for other in shared if other & here]
    if not shared:
        return "same word"
    return "nested" if any(here <= other or other <= here for other in shared) else "crossing"


def losses_by_hand(folder: Path, labels: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """The mentions that the `ner` config leaves out, by reason and label, from `documents` and the words of `ner`."""
    words: dict[str, list[tuple[int, int]]] = {}
    for row in parquet_rows(folder, "ner"):
        words.setdefault(row["document_id"], []).extend(zip(row["token_start"], row["token_end"], strict=True))
    total: Counter[tuple[str, str]] = Counter()
    for row in parquet_rows(folder, "documents"):
        layer = labels["flat_layer"]
        total += flat_by_hand(row["entities"], words.get(row["id"], []), layer["drop"], layer["keep"])[1]
    found: dict[str, dict[str, int]] = {}
    for (reason, label), number in total.items():
        found.setdefault(reason, {})[label] = number
    return found


def nested_by_hand(mentions: Sequence[Row]) -> int:
    """How many mentions lie inside another; of two on one span, the second does."""
    return sum(
        any(
            other["start"] <= mention["start"]
            and mention["end"] <= other["end"]
            and (other["end"] - other["start"] > mention["end"] - mention["start"] or j < i)
            for j, other in enumerate(mentions)
            if j != i
        )
        for i, mention in enumerate(mentions)
    )


def markdown_tables(text: str) -> list[list[list[str]]]:
    """Every table of a page: its rows as cells, the head first. Each row has as many cells as the head."""
    tables: list[list[list[str]]] = []
    before = ""
    for line in text.splitlines():
        if line.startswith("|"):
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            if not before.startswith("|"):
                tables.append([])
            tables[-1].append(cells)
            assert len(cells) == len(tables[-1][0]), line
        before = line
    assert all(set("".join(table[1])) <= set("-:") for table in tables), "a table has no line under its head"
    return [[table[0], *table[2:]] for table in tables]
