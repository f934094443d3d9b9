"""The SQL of members and invitations. Each function that changes something writes its event.

A room is *open* exactly if everyone is a member of it; the room's ``private`` column says the same for lists.
The room's row is locked before anything of its members is read, so that the last owner stays the last owner
and an invitation is used no more often than it may be, however many accept at once.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import replace

from ..events import (
    Event,
    InvitationCreated,
    InvitationRevoked,
    MemberAdded,
    MemberChanged,
    MemberRemoved,
    from_row,
)
from ..records import Action, Identity, Invitation, Member, Ref, Room
from .history import EVENT_COLUMNS
from .refusals import check_usable, last_owner, no_invitation, no_member, used_up
from .roles import RANKS, note_private, put_member, rank, with_roles
from .rooms import enter, locked_room, room
from .transaction import Row, Transaction

_INVITATION = "id, room, digest, role, created_by, created_at, expires_at, max_uses, uses, revoked_at"


async def roles(transaction: Transaction, room_id: str, people: Sequence[Identity]) -> list[str | None]:
    """Return the highest role of each in a room."""
    if not await transaction.fetchval("SELECT true FROM room WHERE id = $1 AND deleted_at IS NULL", room_id):
        return [None] * len(people)
    place = await room(transaction, Ref(id=room_id))
    return [(await with_roles(transaction, [place], who))[0].role for who in people]


async def members(transaction: Transaction, ref: Ref) -> list[Member]:
    """Return the members of a room."""
    place = await room(transaction, ref)
    rows = await transaction.fetch(
        "SELECT kind, subject, role, by, at FROM member WHERE room = $1 ORDER BY kind, subject", place.id
    )
    return [_member(row) for row in rows]


async def set_member(transaction: Transaction, ref: Ref, member: Member, action: Action) -> None:
    """Add a member or change its role."""
    place = await enter(transaction, ref, action)
    before = await transaction.fetchval(
        "SELECT role FROM member WHERE room = $1 AND kind = $2 AND subject = $3",
        place.id,
        member.kind,
        member.subject,
    )
    if before is not None and RANKS[before] == member.role:
        return
    await put_member(transaction, place.id, member)
    await _check_owned(transaction, place)
    payload = (
        MemberAdded.of(member)
        if before is None
        else replace(MemberChanged.of(member), was=str(RANKS[before]))
    )
    await transaction.write_event(payload, room=place.id, by=action.by, at=action.at)


async def remove_member(transaction: Transaction, ref: Ref, kind: str, subject: str, action: Action) -> None:
    """Remove a member, and remember when."""
    place = await enter(transaction, ref, action)
    row = await transaction.fetchrow(
        "DELETE FROM member WHERE room = $1 AND kind = $2 AND subject = $3 "
        "RETURNING kind, subject, role, by, at",
        place.id,
        kind,
        subject,
    )
    if row is None:
        raise no_member(place)
    await _check_owned(transaction, place)
    await note_private(transaction, place.id)
    if kind == "user":
        await transaction.execute(
            "INSERT INTO removal (room, subject, at) VALUES ($1, $2, $3) "
            "ON CONFLICT (room, subject) DO UPDATE SET at = excluded.at",
            place.id,
            subject,
            action.at,
        )
    payload = MemberRemoved.of(_member(row))
    await transaction.write_event(payload, room=place.id, by=action.by, at=action.at)


async def invitations(transaction: Transaction, ref: Ref) -> list[Invitation]:
    """Return the invitations of a room, the newest first."""
    place = await room(transaction, ref)
    rows = await transaction.fetch(
        f"SELECT {_INVITATION} FROM invitation WHERE room = $1 ORDER BY created_at DESC, id", place.id
    )
    return [_invitation(row) for row in rows]


async def create_invitation(
    transaction: Transaction, ref: Ref, new: Invitation, action: Action
) -> Invitation:
    """Keep an invitation."""
    place = await enter(transaction, ref, action)
    made = replace(new, room_id=place.id)
    await transaction.execute(
        "INSERT INTO invitation (id, room, digest, role, created_by, created_at, expires_at, max_uses) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        made.id,
        place.id,
        made.digest,
        rank(made.role),
        made.created_by,
        made.created_at,
        made.expires_at,
        made.max_uses,
    )
    payload = InvitationCreated.of(made)
    await transaction.write_event(payload, room=place.id, by=action.by, at=action.at)
    return made


async def revoke_invitation(transaction: Transaction, ref: Ref, invitation: str, action: Action) -> None:
    """End an invitation."""
    place = await enter(transaction, ref, action)
    row = await transaction.fetchrow(
        f"SELECT {_INVITATION} FROM invitation WHERE room = $1 AND id = $2", place.id, invitation
    )
    if row is None:
        raise no_invitation()
    found = _invitation(row)
    if found.revoked_at is not None:
        return
    await transaction.execute("UPDATE invitation SET revoked_at = $2 WHERE id = $1", invitation, action.at)
    payload = InvitationRevoked.of(found)
    await transaction.write_event(payload, room=place.id, by=action.by, at=action.at)


async def accept_invitation(
    transaction: Transaction, invitation: str, digest: str, who: Identity, at: int
) -> Room:
    """Make somebody a member by an invitation."""
    home = await transaction.fetchrow("SELECT room, digest FROM invitation WHERE id = $1", invitation)
    if home is None or not hmac.compare_digest(home[1], digest):
        raise no_invitation()
    place = await locked_room(transaction, Ref(id=home[0], who=who))
    row = await transaction.fetchrow(f"SELECT {_INVITATION} FROM invitation WHERE id = $1", invitation)
    assert row is not None  # invitations are never removed
    found = _invitation(row)
    removed = await transaction.fetchval(
        "SELECT at FROM removal WHERE room = $1 AND subject = $2", place.id, who.subject
    )
    check_usable(found, removed, at)
    first = await transaction.fetchval(
        "INSERT INTO acceptance (invitation, subject, at) VALUES ($1, $2, $3) "
        "ON CONFLICT DO NOTHING RETURNING true",
        invitation,
        who.subject,
        at,
    )
    if not first:
        return place
    counted = await transaction.fetchval(
        "UPDATE invitation SET uses = uses + 1 WHERE id = $1 AND (max_uses IS NULL OR uses < max_uses) "
        "RETURNING true",
        invitation,
    )
    if not counted:
        raise used_up()
    held = await transaction.fetchval(
        "SELECT role FROM member WHERE room = $1 AND kind = 'user' AND subject = $2", place.id, who.subject
    )
    if held is None or held < rank(found.role):
        member = Member("user", who.subject, found.role, found.created_by, at)
        await put_member(transaction, place.id, member)
        change = MemberAdded.of(member) if held is None else MemberChanged.of(member)
        payload = replace(change, invitation=invitation)
        await transaction.write_event(payload, room=place.id, by=who.subject, at=at)
    return await room(transaction, Ref(id=place.id, who=who))


async def room_events(transaction: Transaction, ref: Ref, *, after: int, limit: int) -> list[Event]:
    """Return a room's events after a cursor."""
    place = await room(transaction, ref)
    rows = await transaction.fetch(
        f"SELECT {EVENT_COLUMNS} FROM event WHERE room = $1 AND seq > $2 ORDER BY seq LIMIT $3",
        place.id,
        after,
        limit,
    )
    return [from_row(row) for row in rows]


async def _check_owned(transaction: Transaction, place: Room) -> None:
    if not await transaction.fetchval(
        "SELECT true FROM member WHERE room = $1 AND role = 3 LIMIT 1", place.id
    ):
        raise last_owner(place)


def _member(row: Row) -> Member:
    return Member(row[0], row[1], str(RANKS[row[2]]), row[3], row[4])


def _invitation(row: Row) -> Invitation:
    identity, room_id, digest, role, *more = row
    return Invitation(identity, room_id, digest, str(RANKS[role]), *more)
