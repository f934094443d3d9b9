"""What the parts of a live document see of one another and of the world.

Handlers supply a :class:`Connection` and a :class:`Participant`. What a session needs of its document
stands beside it: :class:`.session.SessionDocument`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from .counts import LiveCounts
from .presence import Presence


class Connection(Protocol):
    """One WebSocket, seen from the live document."""

    def send(self, frames: bytes) -> None:
        """Write ready-made WebSocket frames; never waits and never raises."""
        ...

    @property
    def congested(self) -> bool:
        """Whether the peer reads so slowly that nothing more should be written for now."""
        ...

    def when_drained(self, callback: Callable[[], None]) -> None:
        """Call back once when everything written has left."""
        ...

    def close(self, code: int, reason: str) -> None:
        """Close with a WebSocket close code; the reason is cut to what a close frame holds."""
        ...


class Participant(Protocol):
    """Who a session belongs to: ``subject`` for the policy, ``stamp`` for others' eyes."""

    @property
    def subject(self) -> str:
        """The user that the policy and the history know."""
        ...

    def stamp(self) -> Mapping[str, Any]:
        """Return the ``user`` object that the server writes into presence (PROTOCOL P2)."""
        ...


class Receiver(Protocol):
    """A session, seen from the broadcast."""

    @property
    def deliver(self) -> Callable[[bytes], None]:
        """Writes ready-made frames to the peer."""
        ...


class CatchUpSource(Protocol):
    """A document, seen from what brings a peer up to date that was behind."""

    @property
    def presence(self) -> Presence:
        """Who is here."""
        ...

    @property
    def counts(self) -> LiveCounts:
        """What the server counts."""
        ...

    def vector(self) -> bytes:
        """Return a state vector up to which each peer has been written everything."""
        ...

    def snapshot(self, vector: bytes = ..., /) -> bytes:
        """Return all that a peer at ``vector`` lacks."""
        ...
