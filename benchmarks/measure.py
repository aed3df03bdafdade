"""Runs two programs in turn, each run a process of its own, and keeps what each cost."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from toolkit.errors import ToolkitError

# A process inherits the peak memory of the one that starts it, so a bare Python starts each and asks what it took.
_LAUNCHER = """
import os, resource, sys, time
begun = time.perf_counter()
status = os.waitpid(os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ), 0)[1]
wall, used = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
print("", [used.ru_utime + used.ru_stime, wall, used.ru_maxrss], sep="\\n")
sys.exit(status != 0)
"""
_PEAKS_IN_MIB = 2**20 if sys.platform == "darwin" else 2**10


@dataclass(frozen=True, slots=True)
class Side:
    """A program to measure. Where it `tells`, its last line is what `benchmarks.sides` prints of the work alone."""

    name: str
    command: tuple[str, ...]
    tells: bool = True


@dataclass(frozen=True, slots=True)
class Run:
    """CPU (user and system) and wall seconds of the work; CPU seconds and peak MiB of the whole process."""

    cpu: float
    wall: float
    process_cpu: float
    peak: float
    answer: Any = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Ours beside a peer, round by round. `beyond` is what the budget covers and this does not, if anything.

    The budget is held against the ratio of `held`: CPU time, or wall time where another process does the work.
    """

    work: str
    names: tuple[str, str]
    rounds: tuple[tuple[Run, Run], ...]
    budget: float
    beyond: str = ""
    held: str = "cpu"

    def ratios(self, field: str) -> list[float]:
        """Ours by the peer's in every round, for a field of `Run`."""
        return [getattr(ours, field) / getattr(peer, field) for ours, peer in self.rounds]

    @property
    def verdict(self) -> str:
        """Whether the median ratio is within the budget; a part within it proves nothing of the whole."""
        if median(self.ratios(self.held)) > self.budget:
            return "not met"
        return "met by this part" if self.beyond else "met"


def run(side: Side, folder: Path) -> Run:
    """One run in `folder`. ToolkitError where the program fails; its own words are on stderr."""
    command = [sys.executable, "-I", "-S", "-c", _LAUNCHER, *side.command]
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise ToolkitError("the program failed", where=" ".join(side.command))
    *told, last = done.stdout.rstrip("\n").split("\n")
    process_cpu, process_wall, peak = json.loads(last)
    cpu, wall, answer = json.loads(told[-2]) if side.tells else (process_cpu, process_wall, None)
    return Run(cpu, wall, process_cpu, peak / _PEAKS_IN_MIB, answer)


def alternate(ours: Side, peer: Side, rounds: int, folder: Path) -> tuple[tuple[Run, Run], ...]:
    """Ours, the peer, ours, the peer …, after a round that does not count and warms the disk's cache.

    ToolkitError where the two do not come to the same answer: their times would say nothing.
    """
    found = tuple((run(ours, folder), run(peer, folder)) for _ in range(rounds + 1))
    for one, other in found:
        if one.answer != other.answer:
            raise ToolkitError(f"{ours.name} says {one.answer}, {peer.name} says {other.answer}")
    return found[1:]
