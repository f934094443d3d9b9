"""The events of a room over its WebSocket: in order, without a gap, for those who may know."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

sys.path.insert(0, str(Path(__file__).parent))

from people import Ask

pytestmark = pytest.mark.usefixtures("named_users")


async def hear(socket: Any, kind: str = "") -> dict[str, Any]:
    """Return the next message that is no presence, or the next of this type."""
    while True:
        body = json.loads(await asyncio.wait_for(socket.recv(), 10))
        if body["type"] == kind or (not kind and body["type"] != "presence"):
            return dict(body)


async def closed(socket: Any) -> int:
    with pytest.raises(ConnectionClosed) as end:
        while True:
            await asyncio.wait_for(socket.recv(), 10)
    assert end.value.rcvd is not None
    return end.value.rcvd.code


async def test_events_come_in_order_and_of_this_room_only(ask: Ask, dial: Any) -> None:
    await ask("ada", "POST", "rooms", {"name": "x"})
    await ask("ada", "POST", "rooms", {"name": "y"})
    async with dial("bob", "api/v1/rooms/x/events") as socket:
        hello = await hear(socket)
        assert hello["type"] == "hello"
        await ask("ada", "POST", "rooms/y/documents", {"name": "no"})
        await ask("ada", "POST", "rooms/x/documents", {"name": "a"})
        await ask("bob", "PATCH", "rooms/x/documents/a", {"name": "b"})
        await ask("ada", "DELETE", "rooms/x/documents/b")
        heard = [await hear(socket) for _ in range(3)]
        assert [(event["type"], event["by"]) for event in heard] == [
            ("document.created", "ada"),
            ("document.renamed", "bob"),
            ("document.deleted", "ada"),
        ]
        assert heard[1]["data"]["was"] == "a.puml"
        assert hello["seq"] < heard[0]["seq"] < heard[1]["seq"] < heard[2]["seq"]


async def test_who_comes_back_hears_what_was_missed_and_nothing_twice(ask: Ask, dial: Any) -> None:
    """PROTOCOL *Events*."""
    await ask("ada", "POST", "rooms", {"name": "x"})
    async with dial("bob", "api/v1/rooms/x/events") as socket:
        await hear(socket)
        await ask("ada", "POST", "rooms/x/documents", {"name": "d0"})
        cursor = (await hear(socket))["seq"]
    for number in range(1, 4):
        await ask("ada", "POST", "rooms/x/documents", {"name": f"d{number}"})
    async with dial("bob", f"api/v1/rooms/x/events?cursor={cursor}") as socket:
        assert (await hear(socket))["type"] == "hello"
        await ask("ada", "POST", "rooms/x/documents", {"name": "d4"})
        names = [(await hear(socket))["data"]["name"] for _ in range(4)]
    assert names == ["d1.puml", "d2.puml", "d3.puml", "d4.puml"]


async def test_a_cursor_that_is_not_known_here_asks_to_read_again(ask: Ask, dial: Any) -> None:
    """PROTOCOL *Events*."""
    await ask("ada", "POST", "rooms", {"name": "x"})
    async with dial("bob", "api/v1/rooms/x/events?cursor=99999") as socket:
        assert (await hear(socket))["type"] == "hello"
        assert (await hear(socket))["type"] == "resync"
        await ask("ada", "POST", "rooms/x/documents", {"name": "a"})
        assert (await hear(socket))["type"] == "document.created"
    async with dial("bob", "api/v1/rooms/x/events?cursor=-1") as socket:
        assert await closed(socket) == 4400


async def test_who_may_not_know_the_room_hears_nothing(ask: Ask, dial: Any) -> None:
    await ask("ada", "POST", "rooms", {"name": "x", "private": True})
    async with dial("eve", "api/v1/rooms/x/events") as socket:
        assert await closed(socket) == 4404
    await ask("ada", "PUT", "rooms/x/members/user/eve", {"role": "viewer"})
    async with dial("eve", "api/v1/rooms/x/events") as socket, dial("ada", "api/v1/rooms/x/events") as owner:
        await hear(socket)
        await hear(owner)
        await ask("ada", "POST", "rooms/x/invitations", {"role": "viewer"})
        await ask("ada", "POST", "rooms/x/documents", {"name": "a"})
        assert (await hear(socket))["type"] == "document.created"  # invitations are for owners
        assert (await hear(owner))["type"] == "invitation.created"
        await ask("ada", "DELETE", "rooms/x/members/user/eve")
        assert await closed(socket) == 4403
        await ask("ada", "DELETE", "rooms/x")
        assert await closed(owner) == 4404


def written(path: Path, room: str, kind: str, data: dict[str, Any]) -> None:
    """Write an event as another process does that shares the file."""
    with closing(sqlite3.connect(path, timeout=10)) as connection, connection:
        connection.execute("UPDATE meta SET value = value + 1 WHERE key = 'counter'")
        connection.execute(
            "INSERT INTO event (seq, room, type, at, actor, document, data) "
            "SELECT value, ?, ?, 5, 'ada', NULL, ? FROM meta WHERE key = 'counter'",
            (room, kind, json.dumps(data)),
        )


async def test_an_event_of_a_newer_version_is_handed_on_to_owners(
    ask: Ask, dial: Any, database_path: Path
) -> None:
    _, room = await ask("ada", "POST", "rooms", {"name": "x"})
    _, made = await ask("ada", "POST", "rooms/x/documents", {"name": "a"})
    async with (
        dial("bob", "api/v1/rooms/x/events") as socket,
        dial("ada", "api/v1/rooms/x/events") as owner,
        dial("bob", f"sync/{made['id']}") as editor,
    ):
        await hear(socket)
        await hear(owner)
        await asyncio.wait_for(editor.recv(), 10)
        written(database_path, room["id"], "room.archived", {"why": ["漢字"]})
        heard = await hear(owner)
        assert (heard["type"], heard["by"], heard["data"]) == ("room.archived", "ada", {"why": ["漢字"]})
        await ask("ada", "POST", "rooms/x/documents", {"name": "b"})
        assert (await hear(owner))["type"] == "document.created"
        assert (await hear(socket))["type"] == "document.created"  # whom the other concerns is not known here
        _, listed = await ask("ada", "GET", "rooms/x/audit")
        assert "room.archived" in [event["type"] for event in listed["items"]]
        await (await editor.ping())


async def test_a_purge_ends_whatever_is_open_in_the_room(ask: Ask, dial: Any, database_path: Path) -> None:
    _, room = await ask("ada", "POST", "rooms", {"name": "x"})
    _, made = await ask("ada", "POST", "rooms/x/documents", {"name": "a"})
    async with dial("bob", "api/v1/rooms/x/events") as socket, dial("bob", f"sync/{made['id']}") as editor:
        await hear(socket)
        await asyncio.wait_for(editor.recv(), 10)
        written(database_path, room["id"], "room.purged", {"name": "x", "private": False, "description": ""})
        assert (await hear(socket))["type"] == "room.purged"
        assert await closed(socket) == 4404
        assert await closed(editor) == 4404


async def test_presence_tells_who_is_in_which_document(ask: Ask, dial: Any) -> None:
    await ask("ada", "POST", "rooms", {"name": "x"})
    _, made = await ask("ada", "POST", "rooms/x/documents", {"name": "a"})
    async with dial("bob", "api/v1/rooms/x/events") as socket:
        assert (await hear(socket, "presence"))["data"]["participants"] == []
        async with dial("ada", f"sync/{made['id']}") as editor:
            state = b'{"cursor":null}'
            entry = b"\x01\x07\x01" + bytes([len(state)]) + state
            await editor.send(b"\x01" + bytes([len(entry)]) + entry)
            (there,) = (await hear(socket, "presence"))["data"]["participants"]
            assert (there["document"], there["user"]["username"]) == (made["id"], "ada")
        assert (await hear(socket, "presence"))["data"]["participants"] == []
