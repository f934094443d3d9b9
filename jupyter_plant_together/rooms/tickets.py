"""Tickets: what a browser opens a WebSocket with, because it can put no header on one (PROTOCOL I4).

A ticket is a random token that works once, within 30 s, for the user who asked for it, for one document (or
one room's events) and with the role that the user had. It proves that a page asked for it which may read
answers of this server; who the user is, the WebSocket's own credentials prove. Only its SHA-256 is kept.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from dataclasses import dataclass
from typing import Protocol

from ..errors import AccessDenied, Unavailable
from .guard import now_ms
from .identity import Principal
from .policy import Role
from .shares import Rates

LIFETIME = 30  # seconds
_AT_MOST = 10_000
_OF_ONE_USER = 300  # while one is good
_REFUSED = "This ticket is used up, has expired or is for something else; take a new one."


class OneTimeStore(Protocol):
    """Keeps secrets for a while, for all replicas; each is taken out once."""

    async def put(self, key: str, value: bytes, seconds: int) -> None:
        """Keep ``value``; raises Unavailable."""
        ...

    async def take(self, key: str) -> bytes | None:
        """Remove and return a value, None if there is none any more; raises Unavailable."""
        ...


class MemoryOneTimeStore:
    """A one-time store of this process."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[float, bytes]] = {}

    async def put(self, key: str, value: bytes, seconds: int) -> None:
        """Keep ``value``; raises Unavailable if too many are kept."""
        now = time.monotonic()
        for old, (until, _) in list(self._kept.items()):
            if until > now:
                break  # they lie in the order of their ends
            del self._kept[old]
        if len(self._kept) >= _AT_MOST:
            raise Unavailable("Too many tickets were asked for and not used; try again.")
        self._kept[key] = now + seconds, value

    async def take(self, key: str) -> bytes | None:
        """Remove and return a value."""
        until, value = self._kept.pop(key, (0.0, b""))
        return value if until > time.monotonic() else None


@dataclass(frozen=True, slots=True)
class Ticket:
    """Who may open what, and as what; ``place`` is the id of a document or room."""

    subject: str
    place: str
    role: str


class Tickets:
    """Gives tickets out and takes them back.

    Parameters
    ----------
    one_time
        Where they are meanwhile.
    """

    def __init__(self, one_time: OneTimeStore) -> None:
        self._secrets = one_time
        self._rates = Rates(_OF_ONE_USER, LIFETIME, "You asked for too many tickets; go on in half a minute.")

    async def issue(self, who: Principal, place: str, role: Role, *, share: str) -> tuple[str, int]:
        """Return a ticket and when it expires, milliseconds since 1970.

        Raises
        ------
        Unavailable
            If it cannot be kept just now, or whoever takes this ``share`` asks too often.
        """
        self._rates.count(share)
        token = secrets.token_urlsafe(32)
        value = json.dumps([who.subject, place, role.value]).encode()
        expires = now_ms() + LIFETIME * 1_000
        await self._secrets.put(_key(token), value, LIFETIME)
        return token, expires

    async def redeem(self, token: str, who: Principal, place: str) -> Ticket:
        """Use a ticket up, also one that is then refused.

        Raises
        ------
        AccessDenied
            If there is no such ticket, or it is somebody else's or for something else.
        Unavailable
            If it cannot be looked up just now.
        """
        found = await self._secrets.take(_key(token))
        ticket = None if found is None else Ticket(*json.loads(found))
        if ticket is None or ticket.subject != who.subject or ticket.place != place:
            raise AccessDenied(_REFUSED)
        return ticket


def _key(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
