"""Two results of the same documents, side by side: what differs, how sure that is, and where it happened."""

from collections.abc import Iterator, Sequence
from typing import Any

from toolkit.errors import IncompleteError
from toolkit.evaluation.comparing.randomization import ROUNDS, UNTESTED, PairedTest, f1_of, holm, paired_test
from toolkit.evaluation.comparing.stored import (
    Json,
    block_at,
    counts_at,
    differences,
    headline_keys,
    model_label,
)
from toolkit.gate_rules import Keys
from toolkit.intervals import LEVEL, RESAMPLES, SEED

SCHEMA_VERSION = 1
_BLOCKS: tuple[Keys, ...] = (
    *(("scores", view) for view in ("word", "char", "clitic")),
    *(("relations", kind) for kind in ("strict", "boundaries", "given")),
)
# What becomes of a mention from the baseline to the other: exact character spans, nested ones included.
FLIPS = ("fixed", "broken", "new_spurious", "gone_spurious")
_TIE = 1e-12


def compare(baseline: Json, others: Sequence[Json]) -> dict[str, Any]:
    """Each of `others` against the baseline, as an object for JSON; p-values are corrected for their number by Holm.

    IncompleteError names the fields in which one of them is not comparable with the baseline.
    """
    for other in others:
        if found := differences(baseline, other):
            raise IncompleteError(
                f"not comparable: {'; '.join(found)}",
                where=f"{model_label(baseline)} and {model_label(other)}",
                fix="Score both with the same tawsim on the same dataset, split and label map.",
            )
    compared = [_pair(baseline, other) for other in others]
    tested = [each for each in compared if each["p"] is not None]
    for each, p in zip(tested, holm([each["p"] for each in tested]), strict=True):
        each["p_holm"] = p
    return {
        "schema_version": SCHEMA_VERSION,
        "signature": baseline["signature"],
        "headline": _path(headline_keys(baseline)),
        "method": {"rounds": ROUNDS, "resamples": RESAMPLES, "seed": SEED, "level": LEVEL, "unit": "document"},
        "baseline": _about(baseline),
        "comparisons": compared,
    }


def headline_test(baseline: Json, other: Json) -> PairedTest:
    """The paired test of the headline micro F1 of two comparable results."""
    return _tested(baseline, other, headline_keys(baseline))


def _path(keys: Keys) -> str:
    return ".".join((*keys, "micro", "f1"))


def _tested(baseline: Json, other: Json, keys: Keys, label: str | None = None) -> PairedTest:
    """No test where the numbers of either are null, as those of mentions that were given."""
    blocks = [block_at(result, keys) for result in (baseline, other)]
    if any(block is None or block["micro"]["f1"] is None for block in blocks):
        return UNTESTED
    return paired_test(*(counts_at(result, keys, label) for result in (baseline, other)))


def _pair(baseline: Json, other: Json) -> dict[str, Any]:
    return {
        "model": _about(other),
        **_json(headline_test(baseline, other)),
        "p_holm": None,
        "scores": dict(_score_tests(baseline, other)),
        "labels": _labels(baseline, other),
        "documents": _documents(baseline, other),
        "mentions": _mentions(baseline, other),
    }


def _about(result: Json) -> dict[str, Any]:
    micro = (block_at(result, headline_keys(result)) or {})["micro"]
    told = {name: micro[name] for name in ("f1", "interval", "pred", "gold")}
    return {"name": model_label(result), "model": dict(result["model"]), **told}


def _json(test: PairedTest) -> dict[str, Any]:
    return {**test._asdict(), "interval": None if test.interval is None else list(test.interval)}


def _score_tests(baseline: Json, other: Json) -> Iterator[tuple[str, dict[str, Any]]]:
    """(path of the score, test) for micro F1 of every block that both have."""
    for keys in _BLOCKS:
        test = _tested(baseline, other, keys)
        if test.difference is not None:
            yield _path(keys), _json(test)


def _labels(baseline: Json, other: Json) -> dict[str, Any]:
    """The difference by label of the headline. No p-values: of so many tests some would find something by chance."""
    keys = headline_keys(baseline)
    block, theirs = (block_at(result, keys) or {} for result in (baseline, other))
    found = {}
    for label, score in block["labels"].items():
        test = _tested(baseline, other, keys, label)
        found[label] = {
            "baseline": score["f1"],
            "other": theirs["labels"][label]["f1"] if label in theirs["labels"] else None,
            "difference": test.difference,
            "interval": None if test.interval is None else list(test.interval),
            "support": score["gold"],
        }
    return found


def _documents(baseline: Json, other: Json) -> dict[str, Any]:
    """Wins, ties and losses of `other` by F1 of the document in the headline, and the documents that differ.

    A document without gold has F1 1 where nothing is predicted in it.
    """
    keys = headline_keys(baseline)
    one, two = (f1_of(counts_at(result, keys), empty=1.0).tolist() for result in (baseline, other))
    rows = [
        {"id": name, "baseline": before, "other": after}
        for name, before, after in zip(sorted(baseline["documents"]), one, two, strict=True)
        if abs(after - before) > _TIE
    ]
    wins = sum(row["other"] > row["baseline"] for row in rows)
    return {
        "wins": wins,
        "losses": len(rows) - wins,
        "ties": len(one) - len(rows),
        "flipped": sorted(rows, key=lambda row: (row["other"] - row["baseline"], row["id"])),
    }


def _mentions(baseline: Json, other: Json) -> dict[str, Any]:
    """The exact mentions that one found and the other did not, and what only one of them made up, with their places."""
    flipped: dict[str, list[dict[str, Any]]] = {kind: [] for kind in FLIPS}
    for name in sorted(baseline["documents"]):
        one, two = baseline["documents"][name], other["documents"][name]
        missed, missed_now = ({tuple(span) for span in side["missed"]} for side in (one, two))
        spurious, spurious_now = ({tuple(span) for span in side["spurious"]} for side in (one, two))
        sets = (missed - missed_now, missed_now - missed, spurious_now - spurious, spurious - spurious_now)
        for kind, spans in zip(FLIPS, sets, strict=True):
            flipped[kind] += [{"id": name, "start": s, "end": e, "label": label} for s, e, label in sorted(spans)]
    return {"counts": {kind: len(found) for kind, found in flipped.items()}, **flipped}
