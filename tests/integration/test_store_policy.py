"""Policy is asked inside the transaction: whoever loses their role while a request is under way has lost it.

The rooms service works on a real store here; what comes between is another store over the same database.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from stores import LIMITS, Factory, room_of

from jupyter_plant_together.errors import AccessDenied, PlantTogetherError, ReadOnly, RoomNotFound
from jupyter_plant_together.rooms.identity import Principal
from jupyter_plant_together.rooms.policy import Policy
from jupyter_plant_together.rooms.service import RoomService
from jupyter_plant_together.store.port import Action, Member, Page, Ref, Room, Store

Change = Callable[[RoomService, Principal], Awaitable[object]]

CHANGES: dict[str, Change] = {
    "create": lambda service, who: service.create_document(who, "design", "new", source="@startuml"),
    "import": lambda service, who: service.create_documents(who, "design", [("a", "a"), ("b", "b")]),
    "rename": lambda service, who: service.rename_document(who, "design", "kept", name="other"),
    "delete": lambda service, who: service.delete_document(who, "design", "kept"),
    "restore": lambda service, who: service.restore_document(who, "design", "gone"),
    "purge": lambda service, who: service.purge_document(who, "design", "gone"),
}


def person(name: str) -> Principal:
    return Principal(name, name, name, name, name[:1], None, "#000000", "browser")


def service_over(store: Any) -> RoomService:
    return RoomService(store, Policy(roles=True), LIMITS, changed=lambda: None)


class Interrupted:
    """A store before each of whose writes something else is done, and committed."""

    def __init__(self, store: Store, before: Callable[[], Awaitable[object]]) -> None:
        self._store = store
        self._before = before

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._store, name)
        if not name.startswith(("create", "rename", "delete", "restore", "purge")):
            return call

        async def late(*arguments: Any, **named: Any) -> Any:
            await self._before()
            return await call(*arguments, **named)

        return late


async def prepared(store: Store) -> Room:
    """Make ada's closed room with a document that is kept and one that is deleted; eve owns it, too."""
    room = await store.create_room(replace(room_of("design"), private=True), "design")
    await store.set_member(Ref(id=room.id), Member("user", "eve", "owner", "ada", 2), Action("ada", 2))
    service = service_over(store)
    for name in ("kept", "gone"):
        await service.create_document(person("ada"), "design", name)
    await service.delete_document(person("ada"), "design", "gone")
    return room


async def names(store: Store, room: Room) -> tuple[list[str], list[str]]:
    here, gone = [
        [document.name for document in await store.documents(Ref(id=room.id), Page(deleted=deleted))]
        for deleted in (False, True)
    ]
    return here, gone


@pytest.mark.parametrize("change", CHANGES)
async def test_who_was_removed_meanwhile_changes_nothing(make_store: Factory, change: str) -> None:
    store, other = await make_store(), await make_store()
    room = await prepared(store)

    async def remove() -> None:
        await other.remove_member(Ref(id=room.id), "user", "eve", Action("ada", 7))

    service = service_over(Interrupted(store, remove))
    with pytest.raises(RoomNotFound):  # as for any stranger
        await CHANGES[change](service, person("eve"))
    assert await names(store, room) == (["kept.puml"], ["gone.puml"])


@pytest.mark.parametrize("change", CHANGES)
async def test_who_may_only_look_by_now_changes_nothing(make_store: Factory, change: str) -> None:
    store, other = await make_store(), await make_store()
    room = await prepared(store)

    async def lower() -> None:
        member = Member("user", "eve", "viewer", "ada", 7)
        await other.set_member(Ref(id=room.id), member, Action("ada", 7))

    service = service_over(Interrupted(store, lower))
    with pytest.raises(AccessDenied if change == "purge" else ReadOnly):
        await CHANGES[change](service, person("eve"))
    assert await names(store, room) == (["kept.puml"], ["gone.puml"])


@pytest.mark.parametrize("change", CHANGES)
async def test_a_change_waits_for_a_removal_that_has_begun(make_store: Factory, change: str) -> None:
    """Two transactions at once: the removal has the room, and the change must see what it does."""
    store, other = await make_store(), await make_store()
    room = await prepared(store)
    begun, go_on = threading.Event(), threading.Event()

    def hold(found: Room) -> None:
        begun.set()
        assert go_on.wait(20)

    async def remove() -> None:
        try:
            action = Action("ada", 7, authorize=hold)
            await other.remove_member(Ref(id=room.id), "user", "eve", action)
        finally:
            await other.close()

    # On an event loop of its own, which stands still inside the transaction as a slow server would.
    removal = asyncio.create_task(asyncio.to_thread(asyncio.run, remove()))
    assert await asyncio.to_thread(begun.wait, 20)
    work = asyncio.ensure_future(CHANGES[change](service_over(store), person("eve")))
    done, _ = await asyncio.wait([work], timeout=0.3)
    go_on.set()
    await removal
    assert not done
    with pytest.raises(RoomNotFound):
        await work
    assert await names(store, room) == (["kept.puml"], ["gone.puml"])


@pytest.mark.parametrize("change", CHANGES)
async def test_a_stranger_learns_nothing_of_what_a_room_holds(make_store: Factory, change: str) -> None:
    store = await make_store()
    room = await prepared(store)
    with pytest.raises(PlantTogetherError) as refused:
        await CHANGES[change](service_over(store), person("mallory"))
    assert refused.value.message == "There is no such room."
    assert await names(store, room) == (["kept.puml"], ["gone.puml"])
