"""What replicas tell one another of presence: bytes to values and back.

An announcement is one JSON object: ``kind`` is ``some`` (these have changed), ``all`` (these and no others
are here: said every few seconds, so that a replica that died is missed) or ``ask`` (say ``all`` now);
``entries`` are ``[client, clock, subject, state]``, the state as it was stamped, ``"null"`` for who left.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from types import NoneType
from typing import Literal, NamedTuple

Kind = Literal["some", "all", "ask"]


class PresenceEntry(NamedTuple):
    """One client elsewhere."""

    client: int
    clock: int
    subject: str
    state: str


class Announcement(NamedTuple):
    """What another replica says."""

    kind: Kind
    entries: list[PresenceEntry]


def write(kind: Kind, entries: Iterable[PresenceEntry] = ()) -> bytes:
    """Return an announcement as bytes."""
    body = {"kind": kind, "entries": list(entries)}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def read(payload: bytes) -> Announcement | None:
    """Return the announcement in ``payload``, None if it is none that this version knows."""
    try:
        body = json.loads(payload)
        kind, rows = body["kind"], body["entries"]
        entries = [
            PresenceEntry(int(client), int(clock), str(who), str(state)) for client, clock, who, state in rows
        ]
        if any(not isinstance(json.loads(entry.state), dict | NoneType) for entry in entries):
            return None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return Announcement(kind, entries) if kind in ("some", "all", "ask") else None
