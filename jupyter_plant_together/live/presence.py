"""Who is in a document and where their cursors are: merged once per document and interval.

A session owns one client id, the first that it announces and that no other user's session owns (P1). The
server stamps the ``user`` of each state, so nobody can appear as someone else (P2). Changes gather in a set
of dirty ids and leave together, in one frame that is the same for everybody: the work per interval grows
with who moved, never with who moved times who watches (P3). Changes of this replica's own people go to the
other replicas as well; theirs come by :meth:`Presence.announced` and count as gone when their replica has
said nothing for 25 s (P4).
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import Malformed
from ..limits import Limits
from ..yjs.sync import AwarenessEntry, awareness
from . import announcements
from .announcements import PresenceEntry

_LEFT = "null"
_SHORTEST, _LONGEST, _PER_CONNECTION = 0.05, 1.0, 0.0005  # seconds; PROTOCOL P3
_JOIN_OR_LEAVE = 0.05
_JOIN_ELSEWHERE = 0.02  # it has waited for the interval of its own replica already
_ANNOUNCE_ALL, _GONE = 8.0, 25.0  # seconds; P4 allows 30 until a dead replica's people are gone


class _Replica:
    """Another replica, as the owner of its people's ids."""

    def __init__(self) -> None:
        self.heard_at = time.monotonic()


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
    announce
        Sends an announcement to the other replicas.
    """

    def __init__(
        self,
        limits: Limits,
        connections: Callable[[], int],
        publish: Callable[[bytes], None],
        announce: Callable[[bytes], None],
    ) -> None:
        self._limits = limits
        self._connections = connections
        self._publish = publish
        self._announce = announce
        self._replicas: dict[str, _Replica] = {}
        self._changed: dict[int, PresenceEntry] = {}  # of our own people, not announced yet
        self._announced_all_at = 0.0
        self._entries: dict[int, _Owned] = {}
        self._client_of: dict[object, int] = {}
        self._dirty: dict[int, AwarenessEntry] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._all_states: bytes | None = None

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
            if known is not None and known.owner is not owner:
                self._client_of.pop(known.owner, None)
            self._client_of[owner] = entry.client
            self._changed[entry.client] = PresenceEntry(entry.client, entry.clock, subject, state)
            self._set(owner, self._changed[entry.client], _JOIN_OR_LEAVE)

    def owned_by(self, owner: object) -> int | None:
        """Return the client id that a session owns, None if it has not announced one."""
        return self._client_of.get(owner)

    def _set(self, owner: object, entry: PresenceEntry, soon: float) -> None:
        known = self._entries.get(entry.client)
        moved_in = known is None or _LEFT in (known.state, entry.state)
        self._entries[entry.client] = _Owned(owner, entry.subject, entry.clock, entry.state)
        self._mark(AwarenessEntry(entry.client, entry.clock, entry.state), soon if moved_in else None)

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
            self._changed[client] = PresenceEntry(client, gone.clock, gone.subject, _LEFT)
            self._mark(AwarenessEntry(client, gone.clock, _LEFT), _JOIN_OR_LEAVE)

    # --- other replicas ------------------------------------------------------------------------------

    def announced(self, origin: str, payload: bytes) -> None:
        """Take what another replica says of its people."""
        said = announcements.read(payload)
        if said is None:
            return
        if said.kind == "ask":
            if self._client_of:
                self.announce_all()
            return
        replica = self._replicas.setdefault(origin, _Replica())
        replica.heard_at = time.monotonic()
        for entry in said.entries:
            if entry.state == _LEFT:
                self._left_elsewhere(replica, entry.client)
            elif self._may_own_elsewhere(replica, entry, just_now=said.kind == "some"):
                known = self._entries.get(entry.client)
                if known is not None:
                    self._client_of.pop(known.owner, None)
                self._set(replica, entry, _JOIN_ELSEWHERE)
        if said.kind == "all":
            present = {entry.client for entry in said.entries}
            for client in [c for c, known in self._entries.items() if known.owner is replica]:
                if client not in present:
                    self._left_elsewhere(replica, client)

    def _may_own_elsewhere(self, replica: _Replica, entry: PresenceEntry, *, just_now: bool) -> bool:
        known = self._entries.get(entry.client)
        if known is None:
            return True
        if known.owner is replica:
            return entry.clock > known.clock
        # The same user on another connection takes an id over (P1); a mere repetition does not.
        least = entry.clock if just_now or isinstance(known.owner, _Replica) else entry.clock - 1
        return known.subject == entry.subject and least >= known.clock

    def _left_elsewhere(self, replica: _Replica, client: int) -> None:
        known = self._entries.get(client)
        if known is not None and known.owner is replica:
            del self._entries[client]
            if known.state != _LEFT:
                self._mark(AwarenessEntry(client, known.clock, _LEFT), _JOIN_ELSEWHERE)

    def ask(self) -> None:
        """Ask the other replicas who is there."""
        self._announce(announcements.write("ask"))

    def announce_all(self) -> None:
        """Tell the other replicas who is here."""
        self._announced_all_at = time.monotonic()
        present = [
            PresenceEntry(client, entry.clock, entry.subject, entry.state)
            for client, entry in self._entries.items()
            if entry.state != _LEFT and not isinstance(entry.owner, _Replica)
        ]
        self._announce(announcements.write("all", present))

    def housekeep(self, now: float) -> None:
        """Repeat now and then who is here, and miss replicas that do not."""
        if self._client_of and now - self._announced_all_at > _ANNOUNCE_ALL:
            self.announce_all()
        for origin, replica in list(self._replicas.items()):
            if now - replica.heard_at > _GONE:
                del self._replicas[origin]
                for client in [c for c, known in self._entries.items() if known.owner is replica]:
                    self._left_elsewhere(replica, client)

    def all_states(self) -> bytes | None:
        """Return a message with the presence of all who are here, None if nobody is."""
        if self._all_states is None:
            present = [
                AwarenessEntry(client, entry.clock, entry.state)
                for client, entry in self._entries.items()
                if entry.state != _LEFT
            ]
            if not present:
                return None
            self._all_states = awareness(present)
        return self._all_states

    def participants(self) -> list[dict[str, Any]]:
        """Return the stamped user of each present client."""
        states = [json.loads(entry.state) for entry in self._entries.values() if entry.state != _LEFT]
        return [state["user"] for state in states]

    def close(self) -> None:
        """Stop the timer; nobody is here any more."""
        if self._client_of or self._changed:
            self._client_of.clear()
            self._announce(announcements.write("all"))
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _mark(self, entry: AwarenessEntry, soon: float | None) -> None:
        self._all_states = None
        self._dirty[entry.client] = entry
        delay = min(max(_SHORTEST, self._connections() * _PER_CONNECTION), _LONGEST)
        if soon is not None:
            delay = min(delay, soon)
        loop = asyncio.get_running_loop()
        if self._timer is not None:
            if self._timer.when() <= loop.time() + delay:
                return
            self._timer.cancel()
        self._timer = loop.call_later(delay, self._flush)

    def _flush(self) -> None:
        self._timer = None
        dirty, self._dirty = self._dirty, {}
        changed, self._changed = self._changed, {}
        if changed:
            self._announce(announcements.write("some", changed.values()))
        if dirty:
            self._publish(awareness(dirty.values()))
