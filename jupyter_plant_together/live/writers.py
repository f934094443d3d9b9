"""Who writes under which client id just now, and whether a newcomer must show that it has the same there.

A peer that was away sends what lies beyond the server's clocks. If it has written under somebody else's
client id, as many characters or fewer, that is nothing: it would be told that it is saved, and be lost
(PROTOCOL A11). So a peer that comes back knowing an id that another writes under is asked for the last edits
of that id, as the server has them by number.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import NamedTuple

from ..yjs.update import UpdateMeta

_EDITS = 16  # of one client id that are asked for
_CLOCKS = 2_000  # and at most so much


class _Written(NamedTuple):
    """The connection that writes under an id, and where its last edits began and ended."""

    writer: object
    edits: deque[tuple[int, int]]


class Writers:
    """The client ids of one document that are written under."""

    def __init__(self) -> None:
        self._written: dict[int, _Written] = {}

    def wrote(self, writer: object, meta: UpdateMeta) -> None:
        """Note an edit that was accepted; the first writer of an id stays it until it leaves."""
        for run in meta.runs:
            written = self._written.get(run.client)
            if written is None:
                written = self._written[run.client] = _Written(writer, deque(maxlen=_EDITS))
            if written.writer is writer:
                written.edits.append((run.clock, run.end))

    def left(self, writer: object) -> None:
        """Forget a connection."""
        self._written = {
            client: written for client, written in self._written.items() if written.writer is not writer
        }

    def doubtful(self, newcomer: object, vector: Mapping[int, int]) -> dict[int, int]:
        """Return which client ids of a newcomer at ``vector`` must be looked at, and from which clock."""
        found: dict[int, int] = {}
        for client, written in self._written.items():
            if written.writer is newcomer:
                continue
            known, end = vector.get(client, 0), written.edits[-1][1]
            start = next((clock for clock, _ in written.edits if end - clock <= _CLOCKS), end)
            if start < known:
                found[client] = start
        return found
