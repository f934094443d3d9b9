"""What is checked inside a change's transaction: may it be known, may it be done, is it as it was seen."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Collection

from ..errors import PreconditionFailed, RoomNotFound
from ..store.port import Action, Document, Room
from .identity import Principal
from .policy import Policy, Right


def now_ms() -> int:
    """Return the time, milliseconds since 1970 (UTC)."""
    return time.time_ns() // 1_000_000


def etag(thing: Room | Document) -> str:
    """Return the entity tag of what a room or document *is*; edits of a document's text do not change it."""
    parts: list[object] = [thing.id, thing.name, thing.deleted_at]
    parts += [thing.private, thing.description] if isinstance(thing, Room) else [thing.room_id, thing.epoch]
    digest = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
    return f'"{digest[:32]}"'


class Guard:
    """Makes the checks that a store runs before it changes something.

    Parameters
    ----------
    policy
        Who may do what.
    """

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    def known(self, who: Principal, room: Room) -> None:
        """Raise RoomNotFound if ``who`` must not know of the room."""
        if not self.policy.may(who, room, Right.VIEW):
            raise RoomNotFound("There is no such room.")

    def action(self, who: Principal, right: Right, if_match: Collection[str] | None = None) -> Action:
        """Return a change by ``who`` that needs ``right`` and, if given, one of the entity tags."""

        def authorize(room: Room) -> None:
            self.known(who, room)
            self.policy.require(who, room, right)

        def check(found: Room | Document) -> None:
            if if_match is not None and "*" not in if_match and etag(found) not in if_match:
                raise PreconditionFailed(f"“{found.name}” was changed meanwhile; read it again.")

        return Action(who.subject, now_ms(), check, authorize)
