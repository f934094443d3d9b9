"""What a Y-Redis database holds, and Plant Together's tables beside it.

Y-Redis keeps updates of format V2 in the table ``yredis_docs_v1`` (room, doc, r, update), and what it has
not moved there yet in Redis streams ``{prefix}:room:{room}:{doc}``, field ``m``: y-websocket messages of
format V1. Plant Together adds ``room`` and ``document``: a document's Y-Redis room is the ids of both, one
behind the other, and its doc is ``index``. Everything is read on one view of the database; nothing is
written.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from ..errors import Malformed, Misconfigured
from ..ids import DOCUMENT_ID, ROOM_ID
from ..store.postgres.errors import Target
from ..store.postgres.schema import Connection
from ..yjs.sync import SOURCE, STEP1, Sync, parse
from ..yjs.v2 import v1_renamed, v2_to_v1

if TYPE_CHECKING:
    from redis.asyncio import Redis

_INDEX = "index"
_ENTRIES = 1_000  # of a stream, read at once
_SAFE = "-_.!~*'()"  # what encodeURIComponent leaves as it is


@dataclass(frozen=True, slots=True)
class SourceDocument:
    """A diagram: its id and name in Plant Together, and where Y-Redis keeps it."""

    id: str
    name: str
    room: str
    doc: str


@dataclass(frozen=True, slots=True)
class SourceRoom:
    """A room with its diagrams; a user there is a tuple of all the names they are known by."""

    id: str
    name: str
    private: bool = False
    owner: tuple[str, ...] = ()
    members: tuple[tuple[str, ...], ...] = ()
    documents: list[SourceDocument] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Content:
    """The updates of a diagram, of format V1 with the text's name changed, and how many are damaged."""

    updates: Sequence[bytes]
    damaged: int


class YRedis:
    """A database of Y-Redis.

    Parameters
    ----------
    connection
        In a transaction that sees one view of it.
    target
        What may be said of it.
    redis
        Where its streams are, if they are to be read.
    prefix
        That of the streams' names.
    text
        The name of the shared text in its documents.
    """

    def __init__(
        self, connection: Connection, target: Target, redis: Redis | None, *, prefix: str, text: str
    ) -> None:
        self._connection = connection
        self._target = target
        self._redis = redis
        self._prefix = prefix
        self._names = {text: SOURCE}

    async def rooms(self) -> list[SourceRoom]:
        """Return the rooms in the order of their names; raises Misconfigured where there is no Y-Redis."""
        if not await self._has("yredis_docs_v1"):
            raise Misconfigured(
                f"The {self._target} has no table yredis_docs_v1 of Y-Redis.", reason="source"
            )
        if await self._has("room") and await self._has("document"):
            return await self._plant_together()
        return await self._bare()

    async def orphans(self, rooms: Sequence[SourceRoom]) -> int:
        """Return how many documents of Y-Redis belong to no room: those that were deleted there."""
        known = {(document.room, document.doc) for room in rooms for document in room.documents}
        return sum(key not in known for key in await self._stored())

    async def content(self, document: SourceDocument) -> Content:
        """Return everything that is known of a diagram."""
        updates: list[bytes] = []
        damaged = 0
        rows = await self._connection.fetch(
            "SELECT update FROM yredis_docs_v1 WHERE room = $1 AND doc = $2 ORDER BY r",
            document.room,
            document.doc,
        )
        for (update,) in rows:
            try:
                updates.append(v2_to_v1(update, self._names))
            except Malformed:
                damaged += 1
        for message in await self._messages(document):
            try:
                found = parse(message)
                if isinstance(found, Sync) and found.step != STEP1:
                    updates.append(v1_renamed(found.payload, self._names))
            except Malformed:
                damaged += 1
        return Content(updates, damaged)

    async def _has(self, table: str) -> bool:
        return await self._connection.fetchval("SELECT to_regclass($1)", table) is not None

    async def _rows(self, table: str) -> list[Any]:
        # The tables grew columns over time: a row is taken as it is.
        found = await self._connection.fetch(f'SELECT row_to_json(t)::text FROM "{table}" t')
        return [json.loads(row) for (row,) in found]

    async def _stored(self) -> list[tuple[str, str]]:
        rows = await self._connection.fetch(
            "SELECT DISTINCT room, doc FROM yredis_docs_v1 ORDER BY room, doc"
        )
        return [(row["room"], row["doc"]) for row in rows]

    async def _plant_together(self) -> list[SourceRoom]:
        users: dict[str, tuple[str, ...]] = {}
        if await self._has('"user"'):
            for row in await self._rows("user"):
                users[row["id"]] = tuple(str(row[key]) for key in ("id", "email") if row.get(key))
        members: dict[str, list[tuple[str, ...]]] = {}
        if await self._has("room_participant"):
            for row in await self._rows("room_participant"):
                user = str(row["user_id"])
                members.setdefault(str(row["room_id"]), []).append(users.get(user, (user,)))
        rooms = {}
        for row in sorted(await self._rows("room"), key=lambda row: (row["name"], str(row["id"]))):
            owner, key = row.get("owner_id"), str(row["id"])
            rooms[key] = SourceRoom(
                key,
                row["name"],
                bool(row.get("is_private")),
                users.get(owner, (owner,)) if owner else (),
                tuple(members.get(key, ())),
            )
        for row in sorted(await self._rows("document"), key=lambda row: int(row["id"])):
            room, key = str(row["room_id"]), str(row["id"])
            if room in rooms:
                rooms[room].documents.append(SourceDocument(key, row["name"], room + key, _INDEX))
        return list(rooms.values())

    async def _bare(self) -> list[SourceRoom]:
        rooms: dict[str, SourceRoom] = {}
        for room, doc in sorted({*await self._stored(), *await self._streamed()}):
            found = rooms.setdefault(room, SourceRoom(room, room))
            found.documents.append(SourceDocument(doc, doc, room, doc))
        return list(rooms.values())

    async def _streamed(self) -> list[tuple[str, str]]:
        if self._redis is None:
            return []
        found = []
        async for key in self._redis.scan_iter(match=f"{self._prefix}:room:*", count=1_000):
            parts = key.decode("utf-8", "replace").removeprefix(f"{self._prefix}:room:").split(":")
            # Streams of this project have the same names, with ids that Y-Redis does not make.
            if len(parts) == 2 and not (ROOM_ID.fullmatch(parts[0]) and DOCUMENT_ID.fullmatch(parts[1])):
                found.append((unquote(parts[0]), unquote(parts[1])))
        return found

    async def _messages(self, document: SourceDocument) -> list[bytes]:
        if self._redis is None:
            return []
        room, doc = quote(document.room, safe=_SAFE), quote(document.doc, safe=_SAFE)
        messages: list[bytes] = []
        start = "-"
        while True:
            entries: Any = await self._redis.xrange(
                f"{self._prefix}:room:{room}:{doc}", min=start, count=_ENTRIES
            )
            messages += [fields[b"m"] for _, fields in entries if b"m" in fields]
            if len(entries) < _ENTRIES:
                return messages
            start = f"({entries[-1][0].decode()}"
