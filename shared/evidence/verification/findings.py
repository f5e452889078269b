"""What a verification came to: what was seen, and what does not fit."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple

from shared.evidence.domain.chains import Fault, Head
from shared.time.clock import Clock, longest

_APART = timedelta(minutes=10)
TREE = "evidence"
"""What a fault names in place of a chain where it is of the tree over them all."""
_MOST_FAULTS = 1_000


class NamedFile(NamedTuple):
    """A file that a record names, with the SHA-256 of its bytes."""

    chain: str
    number: int
    name: str
    sha256: str


def apart_by(clock: Clock) -> timedelta:
    """By how much the clocks of replicas may differ, and a transaction outlast a root: ten minutes of real time.

    As much as may pass meanwhile on the clock that the store was written by: that of a demonstration is hurried.
    """
    return longest(clock, _APART)


@dataclass
class Verified:
    """What a verification came to: the first fault is the first in the order of chains."""

    schema: str
    records: int = 0
    chains: int = 0
    leaves: int = 0
    roots: int = 0
    anchors: int = 0
    stamps: int = 0
    faults: list[Fault] = field(default_factory=list)
    files: list[NamedFile] = field(default_factory=list)
    heads: list[tuple[str, Head]] = field(default_factory=list)
    """Of the chains that were asked for: the last record of each."""

    @property
    def passed(self) -> bool:
        return not self.faults

    def add(self, *faults: Fault | None) -> None:
        for fault in faults:
            if fault is not None and len(self.faults) < _MOST_FAULTS:
                self.faults.append(fault)
