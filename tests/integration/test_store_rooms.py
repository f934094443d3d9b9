"""What every store must do with rooms and documents: names, deletion, pages, events, limits."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pycrdt
import pytest
from stores import LIMITS, Factory, create, history, make_document, new_document, room_of, text_of, typed

from jupyter_plant_together.errors import DocumentNotFound, LimitExceeded, NameTaken, RoomNotFound
from jupyter_plant_together.ids import new_document_id
from jupyter_plant_together.limits import Limits
from jupyter_plant_together.store.port import (
    Action,
    Document,
    Identity,
    KeyedName,
    NewDocument,
    Page,
    Ref,
    Room,
    RoomPatch,
    Update,
)


async def test_names_are_unique_among_what_is_not_deleted(make_store: Factory) -> None:
    store = await make_store()
    first = await store.create_room(room_of("Design"), "design")
    with pytest.raises(NameTaken):
        await store.create_room(room_of("DESIGN"), "design")
    await store.delete_room(Ref(id=first.id), Action("ada", 5))
    second = await store.create_room(room_of("design"), "design")
    deleted = Ref(key="design", deleted=True)
    with pytest.raises(NameTaken):
        await store.restore_room(deleted, None, Action("ada", 6))
    restored = await store.restore_room(deleted, KeyedName("old", "old"), Action("ada", 7))
    assert (restored.id, restored.name, restored.deleted_at) == (first.id, "old", None)
    assert (await store.room(Ref(key="design"))).id == second.id
    document = await create(store, second, "a")
    other = await create(store, second, "b")
    with pytest.raises(NameTaken):
        await store.rename_document(
            Ref(id=second.id), Ref(id=other.id), KeyedName("A", "a"), Action("ada", 8)
        )
    with pytest.raises(NameTaken):
        await create(store, second, "a")
    # The same name in another room is another name.
    elsewhere = await create(store, restored, "a")
    assert elsewhere.id != document.id


async def test_one_of_many_who_create_one_name_at_once_wins(make_store: Factory) -> None:
    stores = [await make_store(), await make_store()]
    results = await asyncio.gather(
        *(stores[i % 2].create_room(room_of("design"), "design") for i in range(10)), return_exceptions=True
    )
    assert sum(isinstance(result, Room) for result in results) == 1
    assert sum(isinstance(result, NameTaken) for result in results) == 9


async def test_a_deleted_room_hides_its_documents_until_it_is_restored(make_store: Factory) -> None:
    store = await make_store()
    document = await make_document(store)
    place, ref = Ref(id=document.room_id), Ref(id=document.id)
    await store.delete_room(place, Action("ada", 5))
    with pytest.raises(RoomNotFound):
        await store.document(place, ref)
    with pytest.raises(RoomNotFound):
        await store.documents(place, Page())
    with pytest.raises(DocumentNotFound):
        await store.load(document.id)
    await store.restore_room(Ref(id=document.room_id, deleted=True), None, Action("ada", 6))
    assert (await store.document(place, ref)).id == document.id
    assert (await store.room(place)).documents == 1


async def test_lists_come_in_pages_in_the_order_of_their_keys(make_store: Factory) -> None:
    store = await make_store()
    names = [f"room {i:02}" for i in range(7)]
    for name in reversed(names):
        await store.create_room(room_of(name), name)
    seen: list[str] = []
    after = None
    while page := await store.rooms(Page(limit=3, after=after)):
        seen += [room.name for room in page]
        after = (page[-1].name, page[-1].id)
    assert seen == names
    await store.delete_room(Ref(key="room 03"), Action("ada", 5))
    assert [room.name for room in await store.rooms(Page(deleted=True))] == ["room 03"]
    assert len(await store.rooms(Page())) == 6


async def test_every_change_writes_one_event_with_who_and_when(make_store: Factory) -> None:
    store = await make_store()
    room = await store.create_room(room_of("design", 1), "design")
    place = Ref(id=room.id)
    document = await create(store, room, "a", 2)
    ref = Ref(id=document.id)
    await store.rename_document(place, ref, KeyedName("b", "b"), Action("bob", 3))
    await store.delete_document(place, ref, Action("bob", 4))
    await store.restore_document(
        place, Ref(id=document.id, deleted=True), None, Action("bob", 5), limits=LIMITS
    )
    await store.change_room(place, RoomPatch(name=KeyedName("plan", "plan"), private=True), Action("ada", 6))
    await store.delete_room(place, Action("ada", 7))
    await store.restore_room(Ref(id=room.id, deleted=True), None, Action("ada", 8))
    events = (await store.changes(0)).events
    assert [(event.type, event.by, event.at) for event in events] == [
        ("room.created", "ada", 1),
        ("document.created", "ada", 2),
        ("document.renamed", "bob", 3),
        ("document.deleted", "bob", 4),
        ("document.restored", "bob", 5),
        ("room.changed", "ada", 6),
        ("room.deleted", "ada", 7),
        ("room.restored", "ada", 8),
    ]
    assert events[2].data == {"document": document.id, "name": "b", "room": "design", "was": "a"}
    assert events[5].data == {"name": "plan", "private": True, "description": "", "was": "design"}
    assert {event.room for event in events} == {room.id}


async def test_a_failed_check_changes_nothing(make_store: Factory) -> None:
    store = await make_store()
    document = await make_document(store)
    before = await store.cursor()

    def refuse(found: Document) -> None:
        raise LimitExceeded(f"no: {found.name}")

    with pytest.raises(LimitExceeded, match=r"no: login\.puml"):
        await store.rename_document(
            Ref(id=document.room_id), Ref(id=document.id), KeyedName("x", "x"), Action("ada", 1, refuse)
        )
    assert await store.cursor() == before
    assert (await store.document(Ref(id=document.room_id), Ref(id=document.id))).name == "login.puml"


async def test_the_number_of_documents_in_a_room_is_limited(make_store: Factory) -> None:
    store = await make_store()
    room = await store.create_room(room_of("design"), "design")
    limits = Limits(max_documents_per_room=2)
    for name in "ab":
        await create(store, room, name, limits=limits)
    with pytest.raises(LimitExceeded, match="max_documents_per_room"):
        await create(store, room, "c", limits=limits)
    assert (await store.room(Ref(id=room.id))).documents == 2


async def test_a_document_and_its_first_text_are_one_step(make_store: Factory) -> None:
    store = await make_store()
    room = await store.create_room(room_of("design"), "design")
    place, action = Ref(id=room.id), Action("ada", 2)
    content = Update(new_document_id(), 1, pycrdt.merge_updates(*typed("first")), "ada", 3, (5,))
    created = await store.create_document(place, new_document("a", content), action, limits=LIMITS)
    assert (created.id, created.created_at, created.updated_at) == (content.document, 2, 3)
    assert text_of(await history(store, created.id)) == "first"
    again = new_document("a", Update(new_document_id(), 1, content.data, "ada", 4))
    with pytest.raises(NameTaken):
        await store.create_document(place, again, action, limits=LIMITS)
    assert len((await store.load(created.id)).tail) == 1


async def test_documents_are_made_together_or_not_at_all(make_store: Factory) -> None:
    store = await make_store()
    room = await store.create_room(room_of("design"), "design")
    place, action = Ref(id=room.id), Action("ada", 2)
    content = Update(new_document_id(), 1, typed("x")[0], "ada", 2)
    new = [new_document("a", content), new_document("b")]
    made = await store.create_documents(place, new, action, limits=LIMITS)
    assert [(document.name, document.room, document.epoch) for document in made] == [
        ("a", "design", 1),
        ("b", "design", 1),
    ]
    assert text_of(await history(store, made[0].id)) == "x"
    before = await store.cursor()
    with pytest.raises(NameTaken, match="“b”"):
        await store.create_documents(place, [new_document(name) for name in "cb"], action, limits=LIMITS)
    with pytest.raises(LimitExceeded):
        limits = Limits(max_documents_per_room=3)
        await store.create_documents(place, [new_document(name) for name in "cd"], action, limits=limits)
    with pytest.raises(RoomNotFound):
        await store.create_documents(Ref(id="r_none"), [new_document("c")], action, limits=LIMITS)
    assert await store.create_documents(place, [], action, limits=LIMITS) == []
    assert await store.cursor() == before
    assert [document.name for document in await store.documents(place, Page())] == ["a", "b"]


async def test_a_document_is_located_with_its_room_and_a_role_there(make_store: Factory) -> None:
    store = await make_store()
    document = await make_document(store)
    place, ref = Ref(id=document.room_id), Ref(id=document.id)
    room, found = await store.locate(document.id, Identity("ada"))
    assert (room.id, room.role, found) == (document.room_id, "owner", document)
    assert (await store.locate(document.id))[0].role is None
    with pytest.raises(DocumentNotFound):
        await store.locate("d_none")
    await store.delete_document(place, ref, Action("ada", 5))
    with pytest.raises(DocumentNotFound):
        await store.locate(document.id)
    await store.restore_document(place, replace(ref, deleted=True), None, Action("ada", 6), limits=LIMITS)
    await store.delete_room(place, Action("ada", 7))
    with pytest.raises(DocumentNotFound):
        await store.locate(document.id)


async def test_the_example_is_made_once_and_only_in_an_empty_store(make_store: Factory) -> None:
    stores = [await make_store(), await make_store()]

    def example() -> tuple[Room, str, list[NewDocument]]:
        content = Update(new_document_id(), 1, typed("x")[0], "ada", 1)
        return room_of("example"), "example", [new_document("welcome.puml", content)]

    made = await asyncio.gather(*(store.bootstrap(*example()) for store in stores))
    assert sorted(made) == [False, True]
    (room,) = await stores[0].rooms(Page())
    assert room.documents == 1
    await stores[0].delete_room(Ref(id=room.id), Action("ada", 1))
    assert not await stores[1].bootstrap(*example())
    assert await stores[0].rooms(Page()) == []
