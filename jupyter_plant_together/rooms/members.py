"""Members and invitations: who belongs to a room, and how others come in.

An invitation's token is ``{id}.{secret}``, the secret 256 random bits; only its SHA-256 is kept, so that
nobody who reads the database can use it. It is shown once.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import replace

from ..errors import BadRequest, InvitationNotFound
from ..ids import new_invitation_id
from ..store.events import Event
from ..store.port import Invitation, Member, MemberStore, Ref, Room
from . import names
from .guard import Guard, now_ms
from .identity import Principal
from .policy import Policy, Right, Role

KINDS = ("user", "group", "everyone")
_LONGEST_SUBJECT = 255
_SECRET_BYTES = 32
_LONGEST_LIFE = 365 * 24 * 3_600  # seconds


class MemberService:
    """Members and invitations of rooms.

    Parameters
    ----------
    store
        Where they are kept.
    policy
        Who may do what.
    changed
        Called after each change.
    """

    def __init__(self, store: MemberStore, policy: Policy, *, changed: Callable[[], None]) -> None:
        self._store = store
        self._policy = policy
        self._guard = Guard(policy)
        self._changed = changed

    async def members(self, who: Principal, room: Room) -> list[Member]:
        """Return the members of a room that ``who`` may see."""
        return await self._store.members(Ref(id=room.id))

    async def set_member(
        self, who: Principal, segment: str, *, kind: str, subject: str, role: object
    ) -> None:
        """Add a member or change its role; owners only.

        Raises
        ------
        LastOwner
            If the room would have no owner.
        """
        self._policy.require_roles()
        member = Member(kind, _subject(kind, subject), _role(role, kind), who.subject, now_ms())
        action = self._guard.action(who, Right.MANAGE)
        await self._store.set_member(_ref(who, segment), member, action)
        self._changed()

    async def remove_member(self, who: Principal, segment: str, *, kind: str, subject: str) -> None:
        """Remove a member; owners remove anybody, everybody may leave."""
        self._policy.require_roles()
        named = _subject(kind, subject)
        leaves = kind == "user" and named == who.subject and not who.unproven
        action = self._guard.action(who, Right.VIEW if leaves else Right.MANAGE)
        await self._store.remove_member(_ref(who, segment), kind, named, action)
        self._changed()

    async def invitations(self, who: Principal, room: Room) -> list[Invitation]:
        """Return a room's invitations, the newest first; owners only."""
        self._policy.require(who, room, Right.MANAGE)
        return await self._store.invitations(Ref(id=room.id))

    async def invite(
        self,
        who: Principal,
        segment: str,
        *,
        role: object,
        expires_in: int | None = None,
        max_uses: int | None = None,
    ) -> tuple[Invitation, str]:
        """Make an invitation; returns it and its token, which is not kept. Owners only.

        Parameters
        ----------
        expires_in
            Seconds, at most a year.
        """
        self._policy.require_roles()
        if expires_in is not None and not 1 <= expires_in <= _LONGEST_LIFE:
            raise BadRequest("The field “expires_in” must be a number of seconds from 1 to a year.")
        if max_uses is not None and not 1 <= max_uses <= 1_000_000:
            raise BadRequest("The field “max_uses” must be a number from 1 to 1,000,000.")
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        now = now_ms()
        new = Invitation(
            new_invitation_id(),
            "",
            _digest(secret),
            _role(role, "user"),
            who.subject,
            now,
            None if expires_in is None else now + 1_000 * expires_in,
            max_uses,
        )
        action = self._guard.action(who, Right.MANAGE)
        made = await self._store.create_invitation(_ref(who, segment), new, action)
        self._changed()
        return made, f"{made.id}.{secret}"

    async def revoke(self, who: Principal, segment: str, invitation: str) -> None:
        """End an invitation; those who accepted it stay. Owners only."""
        action = self._guard.action(who, Right.MANAGE)
        await self._store.revoke_invitation(_ref(who, segment), invitation, action)
        self._changed()

    async def accept(self, who: Principal, token: str) -> Room:
        """Become a member by an invitation's token; twice is harmless (PROTOCOL I5).

        Raises
        ------
        InvitationNotFound
            If there is none, or it has expired, was revoked or is used up.
        AccessDenied
            If ``who`` was removed after it was made.
        """
        self._policy.require_roles()
        identity, _, secret = token.partition(".")
        if who.unproven or not secret or not secret.isascii():
            raise InvitationNotFound("There is no such invitation.")
        room = await self._store.accept_invitation(identity, _digest(secret), who.identity, now_ms())
        self._changed()
        return room

    async def audit(self, who: Principal, room: Room, *, after: int, limit: int) -> list[Event]:
        """Return who changed what in a room, the oldest first; owners only."""
        self._policy.require(who, room, Right.MANAGE)
        return await self._store.room_events(Ref(id=room.id), after=after, limit=limit)


def _ref(who: Principal, segment: str) -> Ref:
    return replace(names.room_ref(segment), who=who.identity)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _role(role: object, kind: str) -> str:
    known = [one.value for one in Role if kind != "everyone" or one is not Role.OWNER]
    if role not in known:
        raise BadRequest(f"The field “role” must be one of {', '.join(known)}.")
    return str(role)


def _subject(kind: str, subject: str) -> str:
    if kind == "everyone":
        if subject:
            raise BadRequest("Everyone has no name: it is “members/everyone”.")
        return ""
    if kind not in KINDS:
        raise BadRequest(f"A member is one of {', '.join(KINDS)}.")
    if not 1 <= len(subject) <= _LONGEST_SUBJECT or not subject.isprintable():
        raise BadRequest(f"The name of a {kind} has 1 to {_LONGEST_SUBJECT} printable characters.")
    return subject
