"""`tawsim` with models that are slow or misbehave: `python odd_models.py predict odd:slow …`."""

import hashlib
import os
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from toolkit.cli import main
from toolkit.models import registry
from toolkit.models.predictor import Answer, Pair, Request, Span

KINDS = ("slow", "raising", "few", "loud", "hungry", "leaving")


class Odd:
    """Says something of every text that depends on nothing but the text, and misbehaves in one way."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        if kind == "hungry":
            limit = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize() + 2**27
            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

    def predict(self, texts: Sequence[str]) -> list[Answer]:
        answers = [getattr(self, f"_{self._kind}", answer)(text) for text in texts]
        return answers[1:] if self._kind == "few" else answers

    def describe(self) -> dict[str, str]:
        return {"name": self._kind}

    def _slow(self, text: str) -> Answer:
        time.sleep(0.005)
        return answer(text)

    def _raising(self, text: str) -> Answer:
        if is_hard(text):
            raise ValueError("this text\nis too hard")
        return answer(text)

    def _loud(self, text: str) -> Answer:
        print("{garbage")
        os.write(1, b"\xff{more\n")
        os.system("echo of a child")
        return answer(text)

    def _hungry(self, text: str) -> Answer:
        if is_hard(text):
            held = []
            while True:
                held.append(bytearray(2**22))
        return answer(text)

    def _leaving(self, text: str) -> Answer:
        if is_hard(text):
            sys.exit(0)
        return answer(text)


def answer(text: str) -> Answer:
    score = hashlib.sha256(text.encode()).digest()[0] / 255
    spans = [Span(0, 3, "PER", score), Span(4, len(text) - 1, "GPE")]
    return Answer(spans, [Pair(0, 1, "NEAR", score)], [(0, len(text) - 1)], {"left out": 1})


def is_hard(text: str) -> bool:
    """Whether the misbehaving models misbehave on it: every tenth or so."""
    return hashlib.sha256(text.encode()).digest()[1] < 25


def __getattr__(name: str) -> Callable[[Request], Odd]:
    """`load_slow` and so on."""
    if name.removeprefix("load_") not in KINDS:
        raise AttributeError(name)
    return lambda request: Odd(name.removeprefix("load_"))


if __name__ == "__main__":
    registry.ADAPTERS |= {f"odd:{kind}": registry.Adapter(kind, f"odd_models:load_{kind}") for kind in KINDS}
    main()
