"""What a live document needs of a journal, as ``Protocol``s.

A document's stream hands back a ticket for each append; tickets count from 1 and become durable in order
(PROTOCOL A2). A listener is the document's side: it is told what became durable, what came from elsewhere,
and what befell the document's room.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from ..store.events import Event
from ..store.port import Loaded
from .attempt import Attempt

ENTRY_COST: Final = 500  # bytes of memory that an entry takes while it waits, beside its update


class DocumentListener(Protocol):
    """What a journal tells a live document; called on the event loop, must not block or raise."""

    def durable(self, ticket: int) -> None:
        """All appends up to ``ticket`` are durable."""
        ...

    def received(self, update: bytes, author: str) -> None:
        """Another process appended ``update``."""
        ...

    def announced(self, origin: str, payload: bytes) -> None:
        """Another replica announced ``payload`` (see :meth:`Stream.announce`)."""
        ...

    def reloaded(self, loaded: Loaded) -> None:
        """Take the history as the store has it now; some of it may never have been received."""
        ...


class Stream(Protocol):
    """One document's place in the journal."""

    @property
    def all_saved(self) -> bool:
        """Whether everything appended is durable."""
        ...

    def append(self, update: bytes, author: str, clients: tuple[int, ...]) -> int:
        """Queue an update and return its ticket; never waits.

        Raises
        ------
        Unavailable
            If so much waits to be written that no more can be taken.
        """
        ...

    async def settled(self) -> bytes:
        """Return where the history of what was appended here and told the listener ends, once known."""
        ...

    def append_at(self, place: bytes, update: bytes, author: str, clients: tuple[int, ...]) -> Attempt:
        """Append if the history still ends at ``place``; the listener receives it once durable (PROTOCOL A8).

        Raises
        ------
        Unavailable
            If nothing can be appended just now.
        """
        ...

    def announce(self, payload: bytes) -> None:
        """Tell other replicas that have the document open; it may get lost, and is never history."""
        ...

    async def close(self) -> None:
        """Stop telling; what was appended is still written."""
        ...


class Journal(Protocol):
    """The append-only log of all documents."""

    @property
    def outage(self) -> str | None:
        """The sentence that says why nothing becomes durable just now, or None."""
        ...

    @property
    def unread_for(self) -> float:
        """For how many seconds the store's events could not be read; 0 if they can."""
        ...

    async def attach(self, document: str, listener: DocumentListener) -> tuple[Loaded, Stream]:
        """Listen first, then read (PROTOCOL J3): nothing falls between the two.

        Raises
        ------
        DocumentNotFound
            If there is no such document, or it is deleted.
        Unavailable
            If the store cannot be read.
        """
        ...

    def follow(
        self, event: Callable[[Event], None], outage: Callable[[str | None], None]
    ) -> Callable[[], None]:
        """Call ``event`` for each room event and ``outage`` when the state changes; returns the undo."""
        ...

    def listen(self) -> Callable[[], None]:
        """Look for events also while no document is open, until the function returned is called."""
        ...

    async def health(self) -> dict[str, str]:
        """Return ``{"state": "ok" | "warning" | "error", …}`` with a message where not ok."""
        ...

    async def numbers(self) -> dict[str, float]:
        """Return what ``metrics`` tells of the journal; names as in handlers/metrics.py."""
        ...

    def notify_now(self) -> None:
        """Look for events now; called after each change of a room or document."""
        ...
