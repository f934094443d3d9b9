"""The SQL of roles: what somebody is in a room, and the rows that say so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..records import Identity, Member, Room
from .transaction import Transaction

RANKS = (None, "viewer", "editor", "owner")


def rank(role: str | None) -> int:
    """Return the number by which a role is stored; 0 for none."""
    return RANKS.index(role)


async def with_roles(transaction: Transaction, rooms: Sequence[Room], who: Identity | None) -> list[Room]:
    """Return the rooms with the highest role that ``who`` has in each, by name, by group or as anyone."""
    if who is None:
        return list(rooms)
    rows = await transaction.fetch(
        "SELECT room, max(role) FROM member WHERE room = ANY($1) AND (kind = 'everyone' OR "
        "(kind = 'user' AND subject = $2) OR (kind = 'group' AND subject = ANY($3))) GROUP BY room",
        [room.id for room in rooms],
        who.subject,
        list(who.groups),
    )
    highest = {row[0]: row[1] for row in rows}
    return [replace(room, role=RANKS[highest.get(room.id, 0)]) for room in rooms]


async def put_member(transaction: Transaction, room_id: str, member: Member) -> None:
    """Write one member's row, and whether the room is private."""
    await transaction.execute(
        "INSERT INTO member (room, kind, subject, role, by, at) VALUES ($1, $2, $3, $4, $5, $6) "
        "ON CONFLICT (room, kind, subject) DO UPDATE SET role = excluded.role, by = excluded.by, "
        "at = excluded.at",
        room_id,
        member.kind,
        member.subject,
        rank(member.role),
        member.by,
        member.at,
    )
    await note_private(transaction, room_id)


async def set_private(transaction: Transaction, room_id: str, *, private: bool, by: str, at: int) -> None:
    """Close a room to everyone, or let everyone edit unless everyone has a role already."""
    if private:
        await transaction.execute("DELETE FROM member WHERE room = $1 AND kind = 'everyone'", room_id)
    else:
        await transaction.execute(
            "INSERT INTO member (room, kind, subject, role, by, at) VALUES ($1, 'everyone', '', 2, $2, $3) "
            "ON CONFLICT DO NOTHING",
            room_id,
            by,
            at,
        )
    await note_private(transaction, room_id)


async def note_private(transaction: Transaction, room_id: str) -> None:
    """Keep the room's ``private`` column true to its members."""
    await transaction.execute(
        "UPDATE room SET private = NOT EXISTS "
        "(SELECT 1 FROM member WHERE room = $1 AND kind = 'everyone') WHERE id = $1",
        room_id,
    )
