"""What a document has taken since it was opened, as clocks and ranges: a cheap test for repetitions.

Some clients send back what they were sent (pycrdt's ``Provider`` does, as an update of its own). The exact
test for "brings nothing" needs the Doc, and the hot path must not wait for that; this test needs two
look-ups, never misses a struct that was taken, and asks for the exact test only where it suspects a
repetition.
"""

from __future__ import annotations

from bisect import bisect_right
from operator import itemgetter

from ..yjs.update import UpdateMeta

_LAST_UPDATES = 1_000
_MOST_RANGES = 10_000  # of one client; a memory bound, past it repeated deletions are simply kept again


class SeenUpdates:
    """The structs and deletions that were taken."""

    def __init__(self) -> None:
        self._ends: dict[int, int] = {}
        self._deleted: dict[int, list[tuple[int, int]]] = {}
        self._last: dict[int, None] = {}

    def note(self, update: bytes) -> None:
        """Note the very bytes of an update that was taken."""
        self._last[hash(update)] = None
        if len(self._last) > _LAST_UPDATES:
            del self._last[next(iter(self._last))]

    def echo(self, update: bytes) -> bool:
        """Whether these very bytes were taken lately."""
        return hash(update) in self._last

    def add(self, meta: UpdateMeta, *, loaded: bool = False) -> None:
        """Note what was taken, of what was ``loaded`` the structs only."""
        ends = self._ends
        for client, end in meta.structs.items():
            if ends.get(client, 0) < end:
                ends[client] = end
        if meta.deletions and not loaded:
            self._add_deletions(meta)

    def maybe_duplicate(self, meta: UpdateMeta) -> bool:
        """Whether ``meta`` might repeat something, in whole or in part; False is certain, True is not."""
        ends = self._ends
        for run in meta.runs:
            if run.clock < ends.get(run.client, 0):
                return True
        return not meta.runs and meta.deletes_only(self._deleted)

    def _add_deletions(self, meta: UpdateMeta) -> None:
        for client, ranges in meta.joined_deletions().items():
            held = self._deleted.setdefault(client, [])
            for start, end in ranges:
                first = bisect_right(held, start, key=itemgetter(0))
                if first and held[first - 1][1] >= start:
                    first -= 1
                last = bisect_right(held, end, key=itemgetter(0))
                touched = [*held[first:last], (start, end)]
                held[first:last] = [(min(touched)[0], max(map(itemgetter(1), touched)))]
            if len(held) > _MOST_RANGES:
                held.clear()
