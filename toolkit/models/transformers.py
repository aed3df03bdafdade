"""`transformers:ID|FOLDER`: a token classification checkpoint, read window by window on whole sentences.

The pipeline of the library cuts long texts, joins names across line breaks and loses those behind a bracket. So we ask
the model itself for the tag of each piece, and our words take it from their first piece.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from typing import NamedTuple

from toolkit.errors import DataError, UsageError
from toolkit.models.checkpoint import DTYPES, Checkpoint, open_checkpoint
from toolkit.models.outcomes import Outcome, Outcomes
from toolkit.models.predictor import Answer, Request
from toolkit.models.reading import AGGREGATIONS, Decoding, Reading
from toolkit.models.tag_schemes import read_scheme
from toolkit.models.windows import Window

# A model that could read more is asked for more only where the option says so: the work grows with the square.
_WINDOW = 512
_BLANK = re.compile(r"\s")


class _Job(NamedTuple):
    """A window of a text: the pieces that the model reads for it, of which those `inside` are the text's own."""

    reading: Reading
    window: Window
    row: Sequence[int]
    inside: slice


class TokenClassifier:
    """A checkpoint that answers each word once, where it has most context; `batch` windows at a time."""

    def __init__(self, checkpoint: Checkpoint, decoding: Decoding, batch: int, settings: Mapping[str, str]) -> None:
        self._checkpoint, self._decoding, self._batch, self._settings = checkpoint, decoding, batch, settings
        self._outcomes = Outcomes(self._ask)

    def predict(self, texts: Sequence[str]) -> list[Answer]:
        """The mentions in each text, none across a sentence end; words that the model did not read are not seen."""
        return self._outcomes.predict(texts)

    def describe(self) -> dict[str, str]:
        """Checkpoint and commit or digest, how tags become mentions, the limits in effect, versions."""
        return {
            **self._checkpoint.about,
            "aggregation": AGGREGATIONS[self._decoding.aggregation],
            "scheme": self._decoding.scheme.name,
            "repair": "an inside tag that continues nothing begins a mention",
            "score": "mean of the softmax of the tags of a mention",
            "limit": str(self._checkpoint.limit or "none"),
            "context": str(self._decoding.context),
            "sentences": "packed" if self._decoding.pack else "single",
            "batch": str(self._batch),
            **self._settings,
            **{library: version(library) for library in ("torch", "transformers", "tokenizers")},
        }

    def _ask(self, texts: Sequence[str]) -> list[Outcome]:
        # Whatever the blank is, the model shall see a blank; offsets stay.
        plain = [_BLANK.sub(" ", text) for text in texts]
        encodings = self._checkpoint.tokenizer(plain, truncation=False, padding=False, verbose=False).encodings
        readings: list[Reading] = []
        jobs: list[_Job] = []
        for text, encoding in zip(texts, encodings, strict=True):
            own = _own_pieces(encoding.special_tokens_mask)
            readings.append(Reading.of(text, encoding.offsets[own], encoding.word_ids[own], self._decoding))
            jobs += _jobs(readings[-1], encoding.ids, own)
        jobs.sort(key=lambda job: -len(job.row))
        for start in range(0, len(jobs), self._batch):
            batch = jobs[start : start + self._batch]
            for job, (classes, scores) in zip(batch, self._tag([job.row for job in batch]), strict=True):
                job.reading.tag(job.window, classes[job.inside], scores[job.inside])
        return [self._outcome(reading) for reading in readings]

    def _outcome(self, reading: Reading) -> Outcome:
        try:
            return reading.answer(self._decoding)
        except DataError as error:
            return error

    def _tag(self, rows: Sequence[Sequence[int]]) -> list[tuple[list[int], list[float]]]:
        """The class of each piece of each row and its probability; half as many rows at a time where memory is short.

        MemoryError where a single row needs more than there is.
        """
        import torch

        try:
            with torch.inference_mode(), _deterministic():
                return self._classes(rows)
        except RuntimeError as error:
            if not isinstance(error, torch.OutOfMemoryError) and "DefaultCPUAllocator" not in str(error):
                raise
            if len(rows) == 1:
                raise MemoryError from None
        half = len(rows) // 2
        return self._tag(rows[:half]) + self._tag(rows[half:])

    def _classes(self, rows: Sequence[Sequence[int]]) -> list[tuple[list[int], list[float]]]:
        import torch

        model, tokenizer = self._checkpoint.model, self._checkpoint.tokenizer
        longest = max(map(len, rows))
        padding = tokenizer.pad_token_id or 0
        ids = torch.tensor([[*row, *[padding] * (longest - len(row))] for row in rows], device=model.device)
        mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in rows], device=model.device)
        given = {"input_ids": ids, "attention_mask": mask}
        if "token_type_ids" in tokenizer.model_input_names:
            given["token_type_ids"] = torch.zeros_like(ids)
        scores, classes = model(**given).logits.float().softmax(-1).max(-1)
        return list(zip(classes.tolist(), scores.tolist(), strict=True))


def load(request: Request) -> TokenClassifier:
    """The checkpoint with the options in effect. UsageError where it cannot be loaded, or read as they ask for."""
    options, where = request.options, f"transformers:{request.target}"
    device, dtype = options.text("device", "cpu"), options.text("dtype", "float32", choices=DTYPES)
    aggregation = options.text("aggregation", "first", choices=AGGREGATIONS)
    batch, context = options.integer("batch", 16), options.integer("context", 0, least=0)
    pack = options.text("sentences", "packed", choices=("packed", "single")) == "packed"
    outside, names = _listed(options.text("outside")), _listed(options.text("labels"))
    checkpoint = open_checkpoint(request.target, options.text("revision"), device, dtype)
    limit = checkpoint.limit
    window = options.integer("window", min(limit or _WINDOW, _WINDOW))
    if limit and window > limit:
        raise UsageError(f"it reads no more than {limit} pieces at a time", where=where, fix="Lower the option window.")
    room = window - checkpoint.tokenizer.num_special_tokens_to_add()
    if room <= 2 * context:
        what = f"a window of {window} pieces has no room for a word with its context"
        raise UsageError(what, where=where, fix="Change the options window and context.")
    if names and len(names) != len(checkpoint.labels):
        what = f"the option labels names {len(names)} classes, the model has {len(checkpoint.labels)}"
        raise UsageError(what, where=where, fix="Name all of them in order, O included.")
    try:
        scheme = read_scheme(names or checkpoint.labels, outside)
    except UsageError as error:
        raise UsageError(error.what, where=where, fix=error.fix) from None
    decoding = Decoding(scheme, aggregation, room, context, pack)
    return TokenClassifier(checkpoint, decoding, batch, {"window": str(window), "device": device, "dtype": dtype})


def _listed(value: str) -> list[str]:
    return [name.strip() for name in value.split(",") if name.strip()]


def _own_pieces(special: Sequence[int]) -> slice:
    """The pieces of a text between those that the tokenizer puts before and behind it."""
    if 0 not in special:
        return slice(0, 0)
    return slice(special.index(0), len(special) - special[::-1].index(0))


def _jobs(reading: Reading, ids: Sequence[int], own: slice) -> Iterator[_Job]:
    """The windows that have a piece."""
    before, after = ids[: own.start], ids[own.stop :]
    for window in reading.windows:
        pieces = reading.pieces_of(window.first, window.last)
        row = [*before, *ids[own.start + pieces.start : own.start + pieces.stop], *after]
        if pieces:
            yield _Job(reading, window, row, slice(own.start, own.start + len(pieces)))


@contextmanager
def _deterministic() -> Iterator[None]:
    """Has torch take the algorithms that give equal results for equal input, where it has them."""
    import torch

    was, warned = torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()
    torch.use_deterministic_algorithms(True, warn_only=True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(was, warn_only=warned)
