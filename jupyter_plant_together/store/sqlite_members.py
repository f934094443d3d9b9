"""The SQL of members and invitations. Each function runs in one transaction and writes its event there.

A room is *open* exactly if everyone is a member of it; the room's ``private`` column says the same for lists.
"""

from __future__ import annotations

import hmac
import json
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from .answers import (
    RANKS,
    check_usable,
    invitation_data,
    last_owner,
    member_data,
    no_invitation,
    no_member,
    rank,
    used_up,
)
from .port import Action, Event, Invitation, Member, Ref, Room, Who
from .sqlite_history import write_event
from .sqlite_roles import note_private, put_member, with_roles
from .sqlite_rooms import room

_INVITATION = "id, room, digest, role, created_by, created_at, expires_at, max_uses, uses, revoked_at"


def roles(connection: sqlite3.Connection, room_id: str, people: Sequence[Who]) -> list[str | None]:
    """Return the highest role of each in a room."""
    row = connection.execute("SELECT deleted_at IS NULL FROM room WHERE id = ?", (room_id,)).fetchone()
    if row is None or not row[0]:
        return [None] * len(people)
    place = room(connection, Ref(id=room_id))
    return [with_roles(connection, [place], who)[0].role for who in people]


def members(connection: sqlite3.Connection, ref: Ref) -> list[Member]:
    """Return the members of a room."""
    place = room(connection, ref)
    rows = connection.execute(
        "SELECT kind, subject, role, by, at FROM member WHERE room = ? ORDER BY kind, subject", (place.id,)
    )
    return [_member(row) for row in rows]


def set_member(connection: sqlite3.Connection, ref: Ref, member: Member, action: Action) -> None:
    """Add a member or change its role."""
    place = room(connection, ref)
    action.check(place)
    key = (place.id, member.kind, member.subject)
    row = connection.execute("SELECT role FROM member WHERE room = ? AND kind = ? AND subject = ?", key)
    before = row.fetchone()
    if before is not None and RANKS[before[0]] == member.role:
        return
    put_member(connection, place.id, member)
    _check_owned(connection, place)
    data = member_data(member) if before is None else member_data(member, was=str(RANKS[before[0]]))
    kind = "member.added" if before is None else "member.changed"
    write_event(connection, kind, data, room=place.id, by=action.by, at=action.at)


def remove_member(connection: sqlite3.Connection, ref: Ref, kind: str, subject: str, action: Action) -> None:
    """Remove a member, and remember when."""
    place = room(connection, ref)
    action.check(place)
    row = connection.execute(
        "DELETE FROM member WHERE room = ? AND kind = ? AND subject = ? "
        "RETURNING kind, subject, role, by, at",
        (place.id, kind, subject),
    ).fetchall()
    if not row:
        raise no_member(place)
    _check_owned(connection, place)
    note_private(connection, place.id)
    if kind == "user":
        connection.execute(
            "INSERT INTO removal VALUES (?, ?, ?) ON CONFLICT (room, subject) DO UPDATE SET at = excluded.at",
            (place.id, subject, action.at),
        )
    data = member_data(_member(row[0]))
    write_event(connection, "member.removed", data, room=place.id, by=action.by, at=action.at)


def invitations(connection: sqlite3.Connection, ref: Ref) -> list[Invitation]:
    """Return the invitations of a room, the newest first."""
    place = room(connection, ref)
    rows = connection.execute(
        f"SELECT {_INVITATION} FROM invitation WHERE room = ? ORDER BY created_at DESC, id", (place.id,)
    )
    return [_invitation(row) for row in rows]


def create_invitation(
    connection: sqlite3.Connection, ref: Ref, new: Invitation, action: Action
) -> Invitation:
    """Keep an invitation."""
    place = room(connection, ref)
    action.check(place)
    made = replace(new, room_id=place.id)
    connection.execute(
        "INSERT INTO invitation (id, room, digest, role, created_by, created_at, expires_at, max_uses) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            made.id,
            place.id,
            made.digest,
            rank(made.role),
            made.created_by,
            made.created_at,
            made.expires_at,
            made.max_uses,
        ),
    )
    data = invitation_data(made)
    write_event(connection, "invitation.created", data, room=place.id, by=action.by, at=action.at)
    return made


def revoke_invitation(connection: sqlite3.Connection, ref: Ref, invitation: str, action: Action) -> None:
    """End an invitation."""
    place = room(connection, ref)
    action.check(place)
    row = connection.execute(
        f"SELECT {_INVITATION} FROM invitation WHERE room = ? AND id = ?", (place.id, invitation)
    ).fetchone()
    if row is None:
        raise no_invitation()
    found = _invitation(row)
    if found.revoked_at is not None:
        return
    connection.execute("UPDATE invitation SET revoked_at = ? WHERE id = ?", (action.at, invitation))
    data = invitation_data(found)
    write_event(connection, "invitation.revoked", data, room=place.id, by=action.by, at=action.at)


def accept_invitation(
    connection: sqlite3.Connection, invitation: str, digest: str, who: Who, at: int
) -> Room:
    """Make somebody a member by an invitation."""
    row = connection.execute(f"SELECT {_INVITATION} FROM invitation WHERE id = ?", (invitation,)).fetchone()
    if row is None or not hmac.compare_digest(row[2], digest):
        raise no_invitation()
    found = _invitation(row)
    place = room(connection, Ref(id=found.room_id, who=who))
    key = (place.id, who.subject)
    removed = connection.execute("SELECT at FROM removal WHERE room = ? AND subject = ?", key).fetchone()
    check_usable(found, None if removed is None else removed[0], at)
    first = connection.execute(
        "INSERT INTO acceptance VALUES (?, ?, ?) ON CONFLICT DO NOTHING RETURNING 1",
        (invitation, who.subject, at),
    ).fetchall()
    if not first:
        return place
    counted = connection.execute(
        "UPDATE invitation SET uses = uses + 1 WHERE id = ? AND (max_uses IS NULL OR uses < max_uses) "
        "RETURNING 1",
        (invitation,),
    ).fetchall()
    if not counted:
        raise used_up()
    held = connection.execute(
        "SELECT role FROM member WHERE room = ? AND kind = 'user' AND subject = ?", key
    ).fetchone()
    if held is None or held[0] < rank(found.role):
        member = Member("user", who.subject, found.role, found.created_by, at)
        put_member(connection, place.id, member)
        data = member_data(member, invitation=invitation)
        kind = "member.added" if held is None else "member.changed"
        write_event(connection, kind, data, room=place.id, by=who.subject, at=at)
    return room(connection, Ref(id=place.id, who=who))


def room_events(connection: sqlite3.Connection, ref: Ref, *, after: int, limit: int) -> list[Event]:
    """Return a room's events after a cursor."""
    place = room(connection, ref)
    rows = connection.execute(
        "SELECT seq, type, at, actor, document, data FROM event WHERE room = ? AND seq > ? "
        "ORDER BY seq LIMIT ?",
        (place.id, after, limit),
    )
    return [
        Event(seq, place.id, kind, at, by, document, json.loads(data))
        for seq, kind, at, by, document, data in rows
    ]


def _check_owned(connection: sqlite3.Connection, place: Room) -> None:
    owners = connection.execute("SELECT 1 FROM member WHERE room = ? AND role = 3 LIMIT 1", (place.id,))
    if owners.fetchone() is None:
        raise last_owner(place)


def _member(row: Sequence[Any]) -> Member:
    return Member(row[0], row[1], str(RANKS[row[2]]), row[3], row[4])


def _invitation(row: Sequence[Any]) -> Invitation:
    identity, room_id, digest, role, *more = row
    return Invitation(identity, room_id, digest, str(RANKS[role]), *more)
