"""Local updates on their way to the server: merged into frames, counted, forgotten when durable.

Edits are numbered from 1. A frame carries every edit up to some number, and an acknowledgement of the
frame (PROTOCOL A1) makes those durable. When a connection is lost its frames are forgotten: the next
connection's sync step 2 carries everything that the server lacks.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from ...yjs.update import merge


class _Frame(NamedTuple):
    frame: int
    edits: int
    size: int


class Outbox:
    """Counts one replica's edits from the keyboard to the disk."""

    def __init__(self) -> None:
        self.edits = 0
        self.durable = 0
        self._size = 0
        self._durable_size = 0
        self._waiting: list[bytes] = []
        self._frames: deque[_Frame] = deque()

    @property
    def kept(self) -> int:
        """Edits that are not durable yet."""
        return self.edits - self.durable

    @property
    def size(self) -> int:
        """Bytes of the updates that are not durable yet."""
        return self._size - self._durable_size

    def add(self, update: bytes) -> None:
        """Take one edit's update."""
        self.edits += 1
        self._size += len(update)
        self._waiting.append(update)

    def take(self) -> bytes | None:
        """Return what waits as one update, or None."""
        if not self._waiting:
            return None
        waiting, self._waiting = self._waiting, []
        return merge(waiting)

    def covered(self) -> None:
        """Drop what waits: a sync step 2 that contains it is about to be sent."""
        self._waiting.clear()

    def sent(self, count: int) -> None:
        """Note that the connection's frame ``count`` carries every edit so far."""
        self._frames.append(_Frame(count, self.edits, self._size))

    def acknowledged(self, count: int) -> None:
        """Note that the frames up to ``count`` are durable."""
        while self._frames and self._frames[0].frame <= count:
            _, self.durable, self._durable_size = self._frames.popleft()

    def disconnected(self) -> None:
        """Forget the frames in flight; nobody will acknowledge them."""
        self._frames.clear()
        self._waiting.clear()

    def give_up(self) -> int:
        """Count nothing as kept any more (the text was set aside); returns how many edits that were."""
        lost = self.kept
        self.disconnected()
        self.durable, self._durable_size = self.edits, self._size
        return lost
