"""A run divided among several machines, and its predictions joined again, the same in whatever order they come."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from toolkit.document import Document
from toolkit.errors import IncompleteError, UsageError
from toolkit.evaluation.predictions.prediction import Prediction

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Shard:
    """The part `number` of `of`, from 1."""

    number: int
    of: int

    @classmethod
    def parse(cls, text: str) -> "Shard":
        """A shard written as i/n. UsageError where it is none."""
        match = re.fullmatch(r"([0-9]{1,5})/([0-9]{1,5})", text)
        number, of = (int(match[1]), int(match[2])) if match else (0, 0)
        if not 1 <= number <= of:
            raise UsageError(f"the shard is {text!r}", fix="Write i/n, the i-th of n parts: 1/4 to 4/4.")
        return cls(number, of)

    @property
    def file_name(self) -> str:
        """`predictions-00001-of-00004.jsonl`."""
        return f"predictions-{self.number:05}-of-{self.of:05}.jsonl"

    def pick(self, documents: Sequence[Document]) -> list[Document]:
        """The documents of this part, in their order; the parts are about equally long in code points.

        UsageError where there are fewer documents than parts.
        """
        if len(documents) < self.of:
            raise UsageError(f"{len(documents)} documents cannot be divided in {self.of} shards", fix="Ask for fewer.")
        ordered = sorted(documents, key=lambda document: (-len(document.text), document.id))
        # There and back: whoever got the longest of one round gets the shortest of the next.
        picked = {document.id for place, document in enumerate(ordered) if self._turn(place) == self.number}
        return [document for document in documents if document.id in picked]

    def _turn(self, place: int) -> int:
        """The number of the part that the document at this place goes to."""
        turn, back = place % self.of, place // self.of % 2
        return self.of - turn if back else turn + 1


def merge(files: Mapping[str, Mapping[str, Prediction]], documents: Sequence[Document]) -> list[Prediction]:
    """The predictions of all files, by name, for `documents`, in their order; those that no file has are left out.

    An error gives way to a prediction. IncompleteError where two files predict a document differently.
    """
    merged, differing = [], []
    names = sorted(files)
    for document in documents:
        there = [(name, files[name][document.id]) for name in names if document.id in files[name]]
        given = [(name, prediction) for name, prediction in there if prediction.error is None]
        other = next((name for name, prediction in given if prediction != given[0][1]), None)
        if other is not None:
            differing.append(f"{document.id} ({given[0][0]}, {other})")
        elif given:
            merged.append(given[0][1])
        elif there:
            merged.append(min((prediction for _, prediction in there), key=lambda prediction: prediction.error or ""))
    if differing:
        more = f" and {len(differing) - _SHOWN} more" if len(differing) > _SHOWN else ""
        raise IncompleteError(
            f"predicted differently by two files: {'; '.join(differing[:_SHOWN])}{more}; nothing was written",
            fix="Merge the shards of one run only.",
        )
    return merged
