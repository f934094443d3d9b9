"""The SQL of roles: what somebody is in a room, and the rows that say so."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from .answers import RANKS, rank
from .port import Member, Room, Who


def with_roles(connection: sqlite3.Connection, rooms: Sequence[Room], who: Who | None) -> list[Room]:
    """Return the rooms with the highest role that ``who`` has in each, by name, by group or as anyone."""
    if who is None:
        return list(rooms)
    rows = connection.execute(
        "SELECT room, max(role) FROM member WHERE room IN (SELECT value FROM json_each(?)) AND "
        "(kind = 'everyone' OR (kind = 'user' AND subject = ?) OR "
        "(kind = 'group' AND subject IN (SELECT value FROM json_each(?)))) GROUP BY room",
        (json.dumps([room.id for room in rooms]), who.subject, json.dumps(who.groups)),
    )
    highest = dict(rows.fetchall())
    return [replace(room, role=RANKS[highest.get(room.id, 0)]) for room in rooms]


def put_member(connection: sqlite3.Connection, room_id: str, member: Member) -> None:
    """Write one member's row, and whether the room is private."""
    connection.execute(
        "INSERT INTO member (room, kind, subject, role, by, at) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (room, kind, subject) DO UPDATE SET role = excluded.role, by = excluded.by, "
        "at = excluded.at",
        (room_id, member.kind, member.subject, rank(member.role), member.by, member.at),
    )
    note_private(connection, room_id)


def set_private(connection: sqlite3.Connection, room_id: str, *, private: bool, by: str, at: int) -> None:
    """Close a room to everyone, or let everyone edit unless everyone has a role already."""
    if private:
        connection.execute("DELETE FROM member WHERE room = ? AND kind = 'everyone'", (room_id,))
    else:
        connection.execute(
            "INSERT INTO member VALUES (?, 'everyone', '', 2, ?, ?) ON CONFLICT DO NOTHING", (room_id, by, at)
        )
    note_private(connection, room_id)


def note_private(connection: sqlite3.Connection, room_id: str) -> None:
    """Keep the room's ``private`` column true to its members."""
    connection.execute(
        "UPDATE room SET private = NOT EXISTS "
        "(SELECT 1 FROM member WHERE room = ?1 AND kind = 'everyone') WHERE id = ?1",
        (room_id,),
    )
