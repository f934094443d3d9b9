"""What every store must do with history: append, load, follow, snapshot, replace.

The fixture ``make_store`` is a factory of stores over one database, SQLite or Postgres: a second store is a
second server process as far as the store can tell (PROTOCOL D1).
"""

from __future__ import annotations

import asyncio
import random

import pycrdt
import pytest
from stores import LIMITS, Factory, history, make_document, text_of, typed

from jupyter_plant_together.errors import DocumentNotFound, Unavailable
from jupyter_plant_together.ids import new_document_id
from jupyter_plant_together.store.port import Action, Appended, Ref, RoomPatch, Store, Update


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
    appended = await store.append(
        [
            Update(document.id, 1, data, author, 10 + i)
            for i, (data, author) in enumerate(zip(updates, authors))
        ]
    )
    tail = (await store.load(document.id)).tail
    assert [(row.author, row.at) for row in tail] == [("ada", 12), ("bob", 13), ("ada", 14)]
    assert [row.seq for row in tail] == sorted({row.seq for row in tail})
    assert tail[-1].seq == await store.cursor()
    assert appended == Appended(tail[-1].seq)
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
    for stray in (Update(document.id, 9, update, "ada", 1), Update(new_document_id(), 1, update, "ada", 1)):
        refused = frozenset([(stray.document, stray.epoch)])
        assert await store.append([stray]) == Appended(before, refused)
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
    assert not await store.save_snapshot(document.id, 1, through, state, expected=99)
    assert not await store.save_snapshot(document.id, 2, through, state, expected=0)
    assert not await store.save_snapshot(document.id, 1, await store.cursor() + 1, state, expected=0)
    assert await store.save_snapshot(document.id, 1, through, state, expected=0)
    assert not await store.save_snapshot(document.id, 1, through, state, expected=0)
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
    assert await store.replace_history(document.id, state, [11, 12], "bob") == 2
    loaded = await store.load(document.id)
    assert loaded.document.epoch == 2
    assert loaded.retired == {11, 12}
    assert text_of(await history(store, document.id)) == "new"
    assert [event.type for event in (await store.changes(cursor)).events] == ["document.reset"]
    refused = Appended(await store.cursor(), frozenset([(document.id, 1)]))
    assert await store.append([Update(document.id, 1, old, "ada", 1)]) == refused
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


async def test_closing_twice_is_fine_and_then_nothing_works(make_store: Factory) -> None:
    store = await make_store()
    document = await make_document(store)
    await store.close()
    await store.close()
    with pytest.raises(Unavailable):
        await store.load(document.id)


async def test_a8_an_append_at_a_place_is_made_if_no_other_store_was_faster(make_store: Factory) -> None:
    store, other = await make_store(), await make_store()
    document = await make_document(store)
    updates = [Update(document.id, 1, data, "ada", 5) for data in typed("abcd")]
    begin = await store.cursor()
    await store.append(updates[:1])  # what it wrote itself is no reason to miss
    assert await store.append_at(updates[1], begin) == Appended(await store.cursor())
    assert await other.append_at(updates[2], begin) is None
    assert await other.append_at(updates[2], await other.cursor()) is not None
    assert await store.append_at(updates[3], begin) is None
    assert text_of(await history(store, document.id)) == "abc"
    replaced = Update(document.id, 7, updates[3].data, "ada", 5)
    appended = await store.append_at(replaced, await store.cursor())
    assert appended is not None
    assert appended.refused == {(document.id, 7)}


async def test_a8_every_store_over_one_database_has_the_same_secret(make_store: Factory) -> None:
    store, other = await make_store(), await make_store()
    document = await make_document(store)
    secret = (await store.load(document.id)).secret
    assert len(secret) == 32
    assert (await other.load(document.id)).secret == secret
