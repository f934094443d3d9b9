"""Tickets: one use, one user, one document or room, one role, 30 s (PROTOCOL I4)."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from redis_server import RedisServer
from websockets.exceptions import ConnectionClosed, InvalidStatus

from jupyter_plant_together.rooms import tickets

sys.path.insert(0, str(Path(__file__).parent))

from people import Ask

pytestmark = pytest.mark.usefixtures("named_users")


async def make(ask: Ask) -> tuple[str, str]:
    """Ada makes a private room with a document, and Bob an editor there; returns both ids."""
    _, room = await ask("ada", "POST", "rooms", {"name": "x", "private": True})
    _, document = await ask("ada", "POST", "rooms/x/documents", {"name": "a", "source": "kept"})
    await ask("ada", "PUT", "rooms/x/members/user/bob", {"role": "editor"})
    return room["id"], document["id"]


async def ticket(ask: Ask, who: str, **place: str) -> str:
    status, given = await ask(who, "POST", "tickets", place)
    assert status == 201
    return str(given["ticket"])


async def refused(dial: Any, who: str, path: str) -> int:
    with pytest.raises(InvalidStatus) as caught:
        async with dial(who, path):
            pass
    return int(caught.value.response.status_code)


async def opened(dial: Any, who: str, path: str) -> None:
    async with dial(who, path) as socket:
        await asyncio.wait_for(socket.recv(), 10)


async def test_i4_a_ticket_works_once_for_its_user_and_place(ask: Ask, dial: Any) -> None:
    room, document = await make(ask)
    _, other = await ask("ada", "POST", "rooms/x/documents", {"name": "b"})
    token = await ticket(ask, "bob", document=document)
    await opened(dial, "bob", f"sync/{document}?ticket={token}")
    assert await refused(dial, "bob", f"sync/{document}?ticket={token}") == 403  # replayed
    for who, path in (
        ("bob", f"sync/{other['id']}"),
        ("ada", f"sync/{document}"),
        ("bob", f"api/v1/rooms/~{room}/events"),
    ):
        token = await ticket(ask, "bob", document=document)
        assert await refused(dial, who, f"{path}?ticket={token}") == 403
        # a thief's attempt uses it up
        assert await refused(dial, "bob", f"sync/{document}?ticket={token}") == 403
    assert await refused(dial, "bob", f"sync/{document}?ticket=made-up") == 403
    token = await ticket(ask, "bob", room=room)
    await opened(dial, "bob", f"api/v1/rooms/~{room}/events?ticket={token}")


async def test_i4_a_ticket_expires(ask: Ask, dial: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    _, document = await make(ask)
    monkeypatch.setattr(tickets, "LIFETIME", 0)
    token = await ticket(ask, "bob", document=document)
    assert await refused(dial, "bob", f"sync/{document}?ticket={token}") == 403


async def test_i4_a_ticket_of_another_role_is_void_and_a_new_one_is_not(ask: Ask, dial: Any) -> None:
    _, document = await make(ask)
    token = await ticket(ask, "bob", document=document)
    await ask("ada", "PUT", "rooms/x/members/user/bob", {"role": "viewer"})
    async with dial("bob", f"sync/{document}?ticket={token}") as socket:
        with pytest.raises(ConnectionClosed) as end:
            await asyncio.wait_for(socket.recv(), 10)
    assert end.value.rcvd is not None
    assert end.value.rcvd.code == 1013  # come back
    token = await ticket(ask, "bob", document=document)
    await opened(dial, "bob", f"sync/{document}?ticket={token}")


async def test_nobody_gets_a_ticket_for_what_they_must_not_know(ask: Ask, api: Any) -> None:
    room, document = await make(ask)
    nowhere = "d_" + "a" * 26
    answers = [
        (await ask("eve", "POST", "tickets", {"document": one}))
        for one in (document, nowhere, "nonsense", "../x")
    ]
    assert [(status, answer["error"]) for status, answer in answers] == [(404, "document-not-found")] * 4
    status, answer = await ask("eve", "POST", "tickets", {"room": room})
    assert (status, answer["error"]) == (404, "room-not-found")
    assert (await api("POST", "tickets", {"document": document}, signed_in=False)).code in (401, 403)
    for wrong in ({}, {"document": document, "room": room}, {"document": 1}):
        assert (await ask("ada", "POST", "tickets", wrong))[0] == 400


class TestInRedis:
    """All replicas share the tickets; without Redis none are given or used."""

    @pytest.fixture
    def redis(self, request: pytest.FixtureRequest) -> Any:
        server = RedisServer("redis")
        server.start()
        request.addfinalizer(server.remove)
        return server

    @pytest.fixture
    def plant_config(self, postgres_dsn: str, redis: RedisServer) -> dict[str, Any]:
        return {
            "mode": "cluster",
            "postgres_dsn": postgres_dsn,
            "redis_url": redis.url,
            "example_room": False,
        }

    async def test_i4_a_ticket_is_a_hash_with_an_end_and_gone_after_use(
        self, ask: Ask, dial: Any, redis: RedisServer
    ) -> None:
        _, document = await make(ask)
        token = await ticket(ask, "bob", document=document)
        (key,) = redis.execute("KEYS", "y:ticket:*")
        assert token.encode() not in key
        assert 0 < redis.execute("TTL", key) <= 30
        assert json.loads(redis.execute("GET", key)) == ["bob", document, "editor"]
        await opened(dial, "bob", f"sync/{document}?ticket={token}")
        assert redis.execute("KEYS", "y:ticket:*") == []
        assert await refused(dial, "bob", f"sync/{document}?ticket={token}") == 403

    async def test_i4_without_redis_503_and_later_again(
        self, ask: Ask, dial: Any, redis: RedisServer
    ) -> None:
        _, document = await make(ask)
        token = await ticket(ask, "bob", document=document)
        redis.stop()
        status, answer = await ask("bob", "POST", "tickets", {"document": document})
        assert (status, answer["error"]) == (503, "unavailable")
        assert await refused(dial, "bob", f"sync/{document}?ticket={token}") == 503
        redis.start()
        await ticket(ask, "bob", document=document)
