"""What a live document needs of a connection and of a person; handlers supply both."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol


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


class Person(Protocol):
    """Who a session belongs to: ``subject`` for the policy, ``stamp`` for others' eyes."""

    @property
    def subject(self) -> str:
        """The user that the policy and the history know."""
        ...

    def stamp(self) -> Mapping[str, Any]:
        """Return the ``user`` object that the server writes into presence (PROTOCOL P2)."""
        ...
