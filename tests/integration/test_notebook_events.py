"""What happens in a room, heard from Python, and who belongs to it."""

from __future__ import annotations

import asyncio
import gc
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from notebook_server import JupyterProcess

import jupyter_plant_together as plant

Connect = Callable[..., plant.Room]


@pytest.fixture
def room(connect: Connect, server: JupyterProcess) -> plant.Room:
    return connect(uuid.uuid4().hex, server)


def test_a_callback_hears_what_others_do_in_order(
    room: plant.Room, connect: Connect, server: JupyterProcess, eventually: Callable[..., None]
) -> None:
    heard: list[plant.Event] = []

    @room.events.observe
    def note(event: plant.Event) -> None:
        heard.append(event)

    other = connect(room.name, server)
    other.create("é 漢字")
    other.rename("é 漢字", "b")
    other.delete("b")
    other.restore("b")
    said = ["document.created", "document.renamed", "document.deleted", "document.restored"]

    def types() -> list[str]:
        return [event.type for event in heard if event.type != "presence"]

    eventually(lambda: types() == said, "every change is heard")
    created = next(event for event in heard if event.type == "document.created")
    assert created.data["name"] == "é 漢字.puml"
    assert created.by
    assert created.at is not None
    assert str(created) == f"document.created by {created.by}: é 漢字.puml"
    eventually(lambda: any(event.type == "presence" for event in heard), "who came is heard")

    room.events.unobserve(note)
    other.create("unheard")
    server.api("GET", "rooms")
    assert types() == said
    with pytest.raises(ValueError, match="not registered"):
        room.events.unobserve(note)
    with pytest.raises(TypeError):
        room.events.observe(None)  # type: ignore[type-var]


def test_a_loop_waits_for_the_next(room: plant.Room, connect: Connect, server: JupyterProcess) -> None:
    events = iter(room.events)
    connect(room.name, server).create("a")
    heard = next(event for event in events if event.type.startswith("document."))
    assert (heard.type, heard.data["name"]) == ("document.created", "a.puml")
    room.close()
    assert [event for event in events if event.type != "presence"] == [], "the loop ends with the room"
    with pytest.raises(plant.Disconnected):
        iter(room.events)


def test_a_deleted_room_ends_the_loop_with_the_reason(room: plant.Room, server: JupyterProcess) -> None:
    events = iter(room.events)
    server.api("DELETE", f"rooms/~{room.id}")
    with pytest.raises(plant.RoomNotFound):
        while True:
            next(events)
    with pytest.raises(plant.RoomNotFound):
        room.events.observe(print)


def test_what_happens_while_the_server_is_away_is_told_afterwards(
    start_server: Callable[..., JupyterProcess], connect: Connect, eventually: Callable[..., None]
) -> None:
    server = start_server()
    room = connect("away", server)
    heard: list[str] = []
    room.events.observe(lambda event: heard.append(event.type))
    server.kill()
    server.start()
    # By REST at once, before the client can be back.
    server.api("POST", "rooms/away/documents", {"name": "a"})
    eventually(lambda: "document.created" in heard, "the event of the time between is told")
    assert heard.count("document.created") == 1


def test_listening_keeps_a_room_and_nothing_else_does(
    connect: Connect, server: JupyterProcess, eventually: Callable[..., None]
) -> None:
    name = uuid.uuid4().hex
    heard: list[str] = []
    held = plant.connect(name, url=server.url, token=server.token)
    held.events.observe(lambda event: heard.append(event.type))
    worker = held._worker
    del held
    gc.collect()
    connect(name, server).create("a")
    eventually(lambda: "document.created" in heard, "nobody holds the room, yet its callback is told")
    assert worker.usable

    alone = plant.connect(name, url=server.url, token=server.token)
    loop, worker = iter(alone.events), alone._worker
    del alone, loop
    gc.collect()
    eventually(lambda: worker.stopped, "a loop that nobody holds keeps nothing")


def test_the_same_with_await(room: plant.Room, server: JupyterProcess) -> None:
    async def use() -> None:
        async with await plant.aio.connect(room.name, url=server.url, token=server.token) as twin:
            heard: list[str] = []
            await twin.events.observe(lambda event: heard.append(event.type))
            assert [(member.kind, member.role) for member in await twin.members()] == [
                (member.kind, member.role) for member in room.members
            ]

            async def first() -> Any:
                async for event in twin.events:
                    if event.type == "document.created":
                        return event.data["name"]

            waiting = asyncio.create_task(first())
            while not waiting.done():  # the loop listens a moment after it was started
                await twin.create(uuid.uuid4().hex)
                await asyncio.sleep(0.01)
            assert (await waiting) in await twin.documents()
            assert "document.created" in heard

    asyncio.run(use())


def test_members(room: plant.Room) -> None:
    everyone = next(member for member in room.members if member.kind == "everyone")
    assert (everyone.subject, everyone.role, str(everyone)) == (None, "editor", "everyone (editor)")
    owner = next(member for member in room.members if member.kind == "user")
    assert (owner.role, str(owner)) == ("owner", f"{owner.subject} (owner)")
