"""What the live documents of a server have done since it started: plain numbers, for ``metrics``."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

# upper bounds in seconds
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


@dataclass(slots=True)
class Histogram:
    """How often a time fell into each bucket; the last bucket is what lies above all."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))
    total: float = 0.0

    def observe(self, seconds: float) -> None:
        """Count one time."""
        self.counts[bisect_left(BUCKETS, seconds)] += 1
        self.total += seconds


@dataclass(slots=True)
class LiveCounts:
    """The numbers of one server."""

    frames: int = 0  # received from clients
    updates: int = 0  # of those, the ones that were accepted
    fallen_behind: int = 0  # how often a client's queue was dropped for one difference later (A6)
    durable_after: Histogram = field(default_factory=Histogram)  # a sample: one update at a time per document
