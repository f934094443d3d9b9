"""What goes to one peer: written at once while it reads, and never queued without bound when it does not.

A peer that has not taken all that was written is *behind*: broadcasts pass it by, and the state vector of
that moment is kept instead. That is a safe place to go on from, because everything broadcast so far is in
the write buffer and the Doc is never ahead of the broadcast. When the buffer has drained, the peer is sent
one difference, then what was held for it alone, then everybody's presence (PROTOCOL A6).
"""

from __future__ import annotations

import time
from collections.abc import Callable

from ..yjs.sync import UPDATE, sync, websocket_frame
from .port import CatchUpSource, Connection


class Outbox:
    """The way out to one peer.

    Parameters
    ----------
    connection
        Where frames go.
    document
        Knows the state and the presence that a peer who was behind is sent.
    caught_up
        Called when such a peer has been sent all that it missed.
    """

    def __init__(
        self, connection: Connection, document: CatchUpSource, caught_up: Callable[[], None]
    ) -> None:
        self._connection = connection
        self._document = document
        self._caught_up = caught_up
        self._behind_since: float | None = None
        self._vector = b""
        self._held: list[bytes] = []
        self._held_ack: bytes | None = None
        self.closed = False

    @property
    def behind(self) -> bool:
        """Whether the peer has not read what was written."""
        return self._behind_since is not None

    @property
    def behind_for(self) -> float:
        """For how many seconds the peer has been behind; 0 if it is not."""
        return 0.0 if self._behind_since is None else time.monotonic() - self._behind_since

    def broadcast(self, frames: bytes) -> None:
        """Write what everybody gets, unless the peer is behind: then it gets the difference later."""
        if self._behind_since is not None or self.closed:
            return
        self._connection.send(frames)
        if self._connection.congested:
            self._fall_behind()

    def send(self, message: bytes) -> None:
        """Write one message that is for this peer alone and is never left out."""
        if self._behind_since is None:
            self.broadcast(websocket_frame(message))
        else:
            self._held.append(websocket_frame(message))

    def send_ack(self, message: bytes) -> None:
        """Write an acknowledgement; of those that are held only the last is kept."""
        if self._behind_since is None:
            self.broadcast(websocket_frame(message))
        else:
            self._held_ack = websocket_frame(message)

    def send_presence(self) -> None:
        """Write the presence of everybody who is here."""
        message = self._document.presence.all_states()
        if message is not None:
            self.broadcast(websocket_frame(message))

    def _fall_behind(self) -> None:
        self._behind_since = time.monotonic()
        self._document.counts.fallen_behind += 1
        self._vector = self._document.vector()
        self._connection.when_drained(self._catch_up)

    def _catch_up(self) -> None:
        if self.closed or self._behind_since is None:
            return
        missed = self._document.snapshot(self._vector)  # whose flush still passes this peer by
        self._behind_since = None
        held, self._held = self._held, []
        if self._held_ack is not None:
            held.append(self._held_ack)
            self._held_ack = None
        self.broadcast(websocket_frame(sync(UPDATE, missed)))
        for frame in held:
            self._connection.send(frame)
        self.send_presence()
        self._caught_up()
