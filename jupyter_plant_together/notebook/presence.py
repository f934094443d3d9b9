"""Who is in a document, as awareness of y-protocols: a state and a clock per client id.

A higher clock wins; state ``null`` is a farewell. The server stamps the ``user`` of every state
(PROTOCOL P2) and sends each client its own state too, which is how a notebook learns its own name.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..yjs.sync import AwarenessEntry

OUTDATED = 30.0  # seconds; y-protocols' outdatedTimeout


@dataclass(frozen=True, slots=True)
class Participant:
    """One session of a person or notebook in a document, as the server describes it.

    Attributes
    ----------
    username
        The name by which the server knows them.
    name, display_name, initials
        How they are called and shown.
    color
        The colour of their cursor, ``#rrggbb``.
    kind
        ``browser`` or ``notebook``.
    avatar_url
        Their picture, or None.
    me
        Whether it is this connection itself.

    Examples
    --------
    >>> [person.kind for person in doc.participants if person.me]
    ['notebook']
    """

    username: str
    name: str
    display_name: str
    initials: str
    color: str
    kind: str
    avatar_url: str | None = field(default=None, repr=False)
    me: bool = False

    def __str__(self) -> str:
        return self.display_name or self.name or self.username


def participant(user: Mapping[str, Any], me: bool) -> Participant:
    """Return the participant that the server's ``user`` object describes."""

    def text(key: str) -> str:
        value = user.get(key)
        return value if isinstance(value, str) else ""

    return Participant(
        username=text("username"),
        name=text("name"),
        display_name=text("display_name"),
        initials=text("initials"),
        color=text("color"),
        kind=text("kind"),
        avatar_url=text("avatar_url") or None,
        me=me,
    )


@dataclass(slots=True)
class _Peer:
    clock: int
    state: dict[str, Any] | None
    seen: float


class Presence:
    """Everybody's presence in one document, under one own client id."""

    def __init__(self, client_id: int) -> None:
        self._client = client_id
        self._clock = 0
        self._peers: dict[int, _Peer] = {}

    def greeted(self, user: Mapping[str, Any]) -> None:
        """Take what the server's greeting says of ourselves: we are here before the presence comes back."""
        self._peers.setdefault(self._client, _Peer(0, {"user": dict(user)}, time.monotonic()))

    def announce(self, state: Mapping[str, Any] | None) -> AwarenessEntry:
        """Return the entry that tells the others our ``state`` (None: we leave)."""
        self._clock += 1
        return AwarenessEntry(self._client, self._clock, json.dumps(state, separators=(",", ":")))

    def hear(self, entries: Iterable[AwarenessEntry]) -> bool:
        """Take entries from the server; returns whether somebody came, left or changed."""
        changed = False
        for entry in entries:
            try:
                state = json.loads(entry.state)
            except ValueError:
                continue  # one broken entry is no reason to lose the others
            if not isinstance(state, dict):
                state = None
            peer = self._peers.get(entry.client)
            if peer is not None and entry.clock < peer.clock:
                continue
            if peer is not None and entry.clock == peer.clock and state is not None:
                peer.seen = time.monotonic()
                if peer.state == state:
                    continue
            self._peers[entry.client] = _Peer(entry.clock, state, time.monotonic())
            changed = True
            if entry.client == self._client:
                self._clock = max(self._clock, entry.clock)
        return changed

    def clear(self) -> None:
        """Forget everybody: the connection is gone."""
        self._peers.clear()

    @property
    def participants(self) -> list[Participant]:
        """Who is here, in the order of their coming; two tabs of one person are two."""
        oldest = time.monotonic() - OUTDATED
        return [
            participant(peer.state["user"], client == self._client)
            for client, peer in self._peers.items()
            if peer.state is not None
            and isinstance(peer.state.get("user"), dict)
            and (peer.seen > oldest or client == self._client)
        ]
