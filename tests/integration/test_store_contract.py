"""What every store must do, whatever database it stands on (SQLite now, Postgres later).

A ``reopen`` fixture gives a factory of stores over one database: a second store is a second server process
as far as the store can tell (PROTOCOL D1).
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pycrdt
import pytest

from jupyter_plant_together.errors import (
    DocumentNotFound,
    LimitExceeded,
    NameTaken,
    RoomNotFound,
    Unavailable,
)
from jupyter_plant_together.ids import new_document_id, new_room_id
from jupyter_plant_together.limits import Limits
from jupyter_plant_together.store.port import (
    Action,
    Document,
    Named,
    Page,
    Ref,
    Room,
    RoomPatch,
    Store,
    Update,
)
from jupyter_plant_together.store.sqlite import SQLiteStore

Factory = Callable[[], Awaitable[Store]]
LIMITS = Limits()


@pytest.fixture(params=["sqlite"])
def make_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Factory]:
    made: list[Store] = []

    async def make() -> Store:
        assert request.param == "sqlite"
        store = SQLiteStore(tmp_path / "folder" / "store.db")
        made.append(store)
        return store

    yield make
    for store in made:
        asyncio.run(store.close())


def room_of(name: str, at: int = 1) -> Room:
    return Room(new_room_id(), name, False, "", "ada", at, at, None)


def document_of(room: Room, name: str, at: int = 1) -> Document:
    return Document(new_document_id(), room.id, room.name, name, 1, "ada", at, at, None)


async def make_document(store: Store, name: str = "login.puml") -> Document:
    room = await store.create_room(room_of("design"), "design")
    return await store.create_document(document_of(room, name), name, None, limits=LIMITS)


def typed(text: str) -> list[bytes]:
    """Return one update per character typed."""
    doc = pycrdt.Doc()
    source = doc.get("source", type=pycrdt.Text)
    updates: list[bytes] = []
    doc.observe(lambda event: updates.append(event.update))
    for character in text:
        source += character
    return updates


def text_of(parts: list[bytes]) -> str:
    doc = pycrdt.Doc()
    for part in parts:
        doc.apply_update(part)
    return str(doc.get("source", type=pycrdt.Text))


async def history(store: Store, document: str) -> list[bytes]:
    loaded = await store.load(document)
    return [*([] if loaded.snapshot is None else [loaded.snapshot]), *(row.data for row in loaded.tail)]


async def test_what_was_appended_is_there_for_a_new_store(make_store: Factory) -> None:
    store = await make_store()
    document = await make_document(store)
    for update in typed("héllo 🌱"):
        await store.append([Update(document.id, 1, update, "ada", 5)])
    await store.close()
    other = await make_store()
    assert text_of(await history(other, document.id)) == "héllo 🌱"


async def test_order_and_authors_of_a_batch_stay(make_store: Factory) -> None:
    store = await make_store()
    document = await make_document(store)
    authors = ["ada", "ada", "ada", "bob", "ada"]
    updates = typed("abcde")
    last = await store.append(
        [
            Update(document.id, 1, data, author, 10 + i)
            for i, (data, author) in enumerate(zip(updates, authors))
        ]
    )
    tail = (await store.load(document.id)).tail
    assert [(row.author, row.at) for row in tail] == [("ada", 12), ("bob", 13), ("ada", 14)]
    assert [row.seq for row in tail] == sorted({row.seq for row in tail})
    assert tail[-1].seq == last == await store.cursor()
    assert text_of([row.data for row in tail]) == "abcde"


async def test_joining_rows_keeps_what_depends_on_a_later_update(make_store: Factory) -> None:
    """PROTOCOL S1: holes and early deletions survive the merge into one row."""
    store = await make_store()
    document = await make_document(store)
    updates = typed("abcdefgh" * 20)
    shuffled = updates[:]
    random.Random(7).shuffle(shuffled)
    await store.append([Update(document.id, 1, data, "ada", 1) for data in shuffled])
    loaded = await store.load(document.id)
    assert len(loaded.tail) < len(updates)
    assert text_of([row.data for row in loaded.tail]) == "abcdefgh" * 20


async def test_updates_of_another_epoch_or_of_nothing_are_left_out(make_store: Factory) -> None:
    store = await make_store()
    document = await make_document(store)
    before = await store.cursor()
    update = typed("x")[0]
    assert await store.append([Update(document.id, 9, update, "ada", 1)]) == before
    assert await store.append([Update(new_document_id(), 1, update, "ada", 1)]) == before
    assert (await store.load(document.id)).tail == []


async def test_updates_accepted_before_a_deletion_are_kept(make_store: Factory) -> None:
    """PROTOCOL C3."""
    store = await make_store()
    document = await make_document(store)
    place, ref = Ref(id=document.room_id), Ref(id=document.id)
    await store.delete_document(place, ref, Action("ada", 5))
    await store.append([Update(document.id, 1, update, "ada", 6) for update in typed("late")])
    with pytest.raises(DocumentNotFound):
        await store.load(document.id)
    await store.restore_document(
        place, Ref(id=document.id, deleted=True), None, Action("ada", 7), limits=LIMITS
    )
    assert text_of(await history(store, document.id)) == "late"


async def test_the_first_author_of_a_client_id_stays_its_author(make_store: Factory) -> None:
    """PROTOCOL S3."""
    store = await make_store()
    document = await make_document(store)
    a, b = typed("ab")
    largest = 2**53 - 1
    await store.append([Update(document.id, 1, a, "ada", 1, (7, largest))])
    await store.append([Update(document.id, 1, b, "bob", 1, (7, 8))])
    assert (await store.load(document.id)).clients == {7: "ada", largest: "ada", 8: "bob"}


async def test_a_snapshot_replaces_the_tail_by_compare_and_set(make_store: Factory) -> None:
    store = await make_store()
    document = await make_document(store)
    updates = typed("abc")
    for update in updates:
        await store.append([Update(document.id, 1, update, "ada", 1)])
    loaded = await store.load(document.id)
    through = loaded.tail[1].seq
    state = pycrdt.merge_updates(*updates[:2])
    assert not await store.save_snapshot(document.id, 1, through, state, 99)
    assert not await store.save_snapshot(document.id, 2, through, state, 0)
    assert not await store.save_snapshot(document.id, 1, await store.cursor() + 1, state, 0)
    assert await store.save_snapshot(document.id, 1, through, state, 0)
    assert not await store.save_snapshot(document.id, 1, through, state, 0)
    after = await store.load(document.id)
    assert (after.snapshot, after.snapshot_seq) == (state, through)
    assert [row.data for row in after.tail] == updates[2:]
    assert text_of(await history(store, document.id)) == "abc"


async def test_retiring_a_history_starts_an_epoch_that_knows_its_strangers(make_store: Factory) -> None:
    """PROTOCOL E1, E2."""
    store = await make_store()
    document = await make_document(store)
    old, new = typed("old")[0], typed("new")
    await store.append([Update(document.id, 1, old, "ada", 1, (11,))])
    cursor = await store.cursor()
    state = pycrdt.merge_updates(*new)
    assert await store.retire(document.id, state, [11, 12], "bob") == 2
    loaded = await store.load(document.id)
    assert loaded.document.epoch == 2
    assert loaded.retired == {11, 12}
    assert text_of(await history(store, document.id)) == "new"
    assert [event.type for event in (await store.changes(cursor)).events] == ["document.reset"]
    assert await store.append([Update(document.id, 1, old, "ada", 1)]) == await store.cursor()
    assert text_of(await history(store, document.id)) == "new"


async def test_changes_are_the_others_updates_and_everyones_events(make_store: Factory) -> None:
    """PROTOCOL D1."""
    mine, other = await make_store(), await make_store()
    document = await make_document(mine)
    cursor = (await mine.changes(0)).cursor
    assert await mine.changes(cursor) == type(await mine.changes(cursor))(cursor, (), ())
    a, b, c = typed("abc")
    await mine.append([Update(document.id, 1, a, "ada", 1)])
    await other.append([Update(document.id, 1, b, "bob", 2)])
    await mine.change_room(Ref(id=document.room_id), RoomPatch(description="new"), Action("ada", 3))
    await other.append([Update(document.id, 1, c, "bob", 4)])
    changes = await mine.changes(cursor)
    assert [(row.data, row.author) for row in changes.updates] == [(b, "bob"), (c, "bob")]
    assert [(event.type, event.by) for event in changes.events] == [("room.changed", "ada")]
    again = await mine.changes(changes.cursor)
    assert (again.cursor, again.updates, again.events) == (changes.cursor, (), ())
    assert [row.data for row in (await other.changes(cursor)).updates] == [a]


async def test_two_stores_that_write_at_once_give_each_number_once(make_store: Factory) -> None:
    """PROTOCOL D1: followers of both see all of the other's rows, in one order."""
    stores = [await make_store(), await make_store()]
    document = await make_document(stores[0])
    starts = [await store.cursor() for store in stores]

    async def write(store: Store, author: str) -> None:
        for update in typed("x" * 60):
            await store.append([Update(document.id, 1, update, author, 1)])

    await asyncio.gather(write(stores[0], "ada"), write(stores[1], "bob"))
    tail = (await stores[0].load(document.id)).tail
    assert len(tail) == len({row.seq for row in tail}) == 120
    for store, start, foreign in zip(stores, starts, ["bob", "ada"]):
        assert [row.author for row in (await store.changes(start)).updates] == [foreign] * 60


async def test_a_follower_that_was_away_gets_everything_in_parts(make_store: Factory) -> None:
    mine, other = await make_store(), await make_store()
    document = await make_document(mine)
    cursor = await mine.cursor()
    update = typed("x")[0]
    # Two authors by turns, so that rows are not joined.
    batch = [Update(document.id, 1, update, f"user{i % 2}", i) for i in range(12_001)]
    await other.append(batch)
    seen = []
    while True:
        changes = await mine.changes(cursor)
        if changes.cursor == cursor:
            break
        cursor = changes.cursor
        seen += [row.at for row in changes.updates]
    assert seen == list(range(12_001))


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
    restored = await store.restore_room(deleted, Named("old", "old"), Action("ada", 7))
    assert (restored.id, restored.name, restored.deleted_at) == (first.id, "old", None)
    assert (await store.room(Ref(key="design"))).id == second.id
    document = await store.create_document(document_of(second, "a"), "a", None, limits=LIMITS)
    other = await store.create_document(document_of(second, "b"), "b", None, limits=LIMITS)
    with pytest.raises(NameTaken):
        await store.rename_document(Ref(id=second.id), Ref(id=other.id), Named("A", "a"), Action("ada", 8))
    with pytest.raises(NameTaken):
        await store.create_document(document_of(second, "a"), "a", None, limits=LIMITS)
    # The same name in another room is another name.
    elsewhere = await store.create_document(document_of(restored, "a"), "a", None, limits=LIMITS)
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
    document = await store.create_document(document_of(room, "a", 2), "a", None, limits=LIMITS)
    ref = Ref(id=document.id)
    await store.rename_document(place, ref, Named("b", "b"), Action("bob", 3))
    await store.delete_document(place, ref, Action("bob", 4))
    await store.restore_document(
        place, Ref(id=document.id, deleted=True), None, Action("bob", 5), limits=LIMITS
    )
    await store.change_room(place, RoomPatch(name=Named("plan", "plan"), private=True), Action("ada", 6))
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
            Ref(id=document.room_id), Ref(id=document.id), Named("x", "x"), Action("ada", 1, refuse)
        )
    assert await store.cursor() == before
    assert (await store.document(Ref(id=document.room_id), Ref(id=document.id))).name == "login.puml"


async def test_the_number_of_documents_in_a_room_is_limited(make_store: Factory) -> None:
    store = await make_store()
    room = await store.create_room(room_of("design"), "design")
    limits = Limits(max_documents_per_room=2)
    for name in "ab":
        await store.create_document(document_of(room, name), name, None, limits=limits)
    with pytest.raises(LimitExceeded, match="max_documents_per_room"):
        await store.create_document(document_of(room, "c"), "c", None, limits=limits)
    assert (await store.room(Ref(id=room.id))).documents == 2


async def test_a_document_and_its_first_text_are_one_step(make_store: Factory) -> None:
    store = await make_store()
    room = await store.create_room(room_of("design"), "design")
    new = document_of(room, "a")
    content = Update(new.id, 1, pycrdt.merge_updates(*typed("first")), "ada", 3, (5,))
    created = await store.create_document(new, "a", content, limits=LIMITS)
    assert created.updated_at == 3
    assert text_of(await history(store, new.id)) == "first"
    again = document_of(room, "a")
    with pytest.raises(NameTaken):
        await store.create_document(again, "a", Update(again.id, 1, content.data, "ada", 4), limits=LIMITS)
    assert len((await store.load(new.id)).tail) == 1


async def test_the_example_is_made_once_and_only_in_an_empty_store(make_store: Factory) -> None:
    stores = [await make_store(), await make_store()]

    def example() -> tuple[Room, str, list[tuple[Document, str, Update]]]:
        room = room_of("example")
        document = document_of(room, "welcome.puml")
        return room, "example", [(document, "welcome.puml", Update(document.id, 1, typed("x")[0], "ada", 1))]

    made = await asyncio.gather(*(store.bootstrap(*example()) for store in stores))
    assert sorted(made) == [False, True]
    (room,) = await stores[0].rooms(Page())
    assert room.documents == 1
    await stores[0].delete_room(Ref(id=room.id), Action("ada", 1))
    assert not await stores[1].bootstrap(*example())
    assert await stores[0].rooms(Page()) == []


async def test_closing_twice_is_fine_and_then_nothing_works(make_store: Factory) -> None:
    store = await make_store()
    document = await make_document(store)
    await store.close()
    await store.close()
    with pytest.raises(Unavailable):
        await store.load(document.id)
