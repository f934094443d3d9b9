"""Who is in a document and where their cursors are: merged once per document and interval.

A session owns one client id, the first that it announces and that no other user's session owns (P1). The
server stamps the ``user`` of each state, so nobody can appear as someone else (P2). Changes gather in a set
of dirty ids and leave together, in one frame that is the same for everybody: the work per interval grows
with who moved, never with who moved times who watches (P3).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import Malformed
from ..limits import Limits
from ..protocol import AwarenessEntry, awareness

_LEFT = "null"
_SHORTEST, _LONGEST, _PER_CONNECTION = 0.05, 1.0, 0.0005  # seconds; PROTOCOL P3
_JOIN_OR_LEAVE = 0.05


@dataclass(slots=True)
class _Owned:
    owner: object
    subject: str
    clock: int
    state: str


class Presence:
    """The presence of one document.

    Parameters
    ----------
    limits
        Bounds the size of a state.
    connections
        Returns how many sessions the document has.
    publish
        Sends one presence message to all sessions.
    """

    def __init__(
        self, limits: Limits, connections: Callable[[], int], publish: Callable[[bytes], None]
    ) -> None:
        self._limits = limits
        self._connections = connections
        self._publish = publish
        self._entries: dict[int, _Owned] = {}
        self._client_of: dict[object, int] = {}
        self._dirty: dict[int, AwarenessEntry] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._everybody: bytes | None = None

    def receive(
        self, owner: object, subject: str, user: Mapping[str, Any], entries: list[AwarenessEntry]
    ) -> None:
        """Take what a session announces; ids that it does not own are ignored silently.

        Raises
        ------
        LimitExceeded
            If a state is over ``max_presence_size``.
        Malformed
            If a state is not a JSON object or null.
        """
        for entry in entries:
            if not self._may_own(owner, subject, entry):
                continue
            state = entry.state if entry.state == _LEFT else self._stamp(entry.state, user)
            known = self._entries.get(entry.client)
            moved_in = known is None or _LEFT in (known.state, state)
            if known is not None and known.owner is not owner:
                del self._client_of[known.owner]
            self._client_of[owner] = entry.client
            self._entries[entry.client] = _Owned(owner, subject, entry.clock, state)
            self._mark(entry._replace(state=state), soon=moved_in)

    def _may_own(self, owner: object, subject: str, entry: AwarenessEntry) -> bool:
        known = self._entries.get(entry.client)
        if known is not None and known.owner is owner:
            return entry.clock >= known.clock
        if owner in self._client_of:
            return False
        return entry.state != _LEFT if known is None else known.subject == subject

    def _stamp(self, state: str, user: Mapping[str, Any]) -> str:
        if len(state.encode()) > self._limits.max_presence_size:
            raise self._limits.exceeded("max_presence_size", "The presence of one client")
        # Everybody parses what is sent here, so it must be JSON for JavaScript too: Python alone takes NaN,
        # 1e999 and halves of surrogate pairs, and gives up on deep nesting.
        try:
            value = json.loads(state)
            if not isinstance(value, dict):
                raise Malformed("A presence state is not a JSON object.")
            value["user"] = user
            stamped = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
            stamped.encode()
        except (ValueError, RecursionError):
            raise Malformed("A presence state is not JSON.") from None
        return stamped

    def leave(self, owner: object) -> None:
        """Remove a session's presence."""
        client = self._client_of.pop(owner, None)
        if client is None:
            return
        gone = self._entries.pop(client)
        if gone.state != _LEFT:
            self._mark(AwarenessEntry(client, gone.clock, _LEFT), soon=True)

    def everybody(self) -> bytes | None:
        """Return a message with the presence of all who are here, None if nobody is."""
        if self._everybody is None:
            present = [
                AwarenessEntry(client, entry.clock, entry.state)
                for client, entry in self._entries.items()
                if entry.state != _LEFT
            ]
            if not present:
                return None
            self._everybody = awareness(present)
        return self._everybody

    def participants(self) -> list[dict[str, Any]]:
        """Return the stamped user of each present client."""
        states = [json.loads(entry.state) for entry in self._entries.values() if entry.state != _LEFT]
        return [state["user"] for state in states]

    def close(self) -> None:
        """Stop the timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _mark(self, entry: AwarenessEntry, *, soon: bool) -> None:
        self._everybody = None
        self._dirty[entry.client] = entry
        delay = min(max(_SHORTEST, self._connections() * _PER_CONNECTION), _LONGEST)
        if soon:
            delay = min(delay, _JOIN_OR_LEAVE)
        loop = asyncio.get_running_loop()
        if self._timer is not None:
            if self._timer.when() <= loop.time() + delay:
                return
            self._timer.cancel()
        self._timer = loop.call_later(delay, self._flush)

    def _flush(self) -> None:
        self._timer = None
        dirty, self._dirty = self._dirty, {}
        if dirty:
            self._publish(awareness(dirty.values()))
