"""Moving the entries of a stream into history: marks by compare-and-set, in one transaction with the rows.

These are the rules that make it harmless that two compactors work at once or one dies anywhere in a pass
(PROTOCOL C1, C3, J3).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pycrdt
import pytest
from stores import create, history, make_document, room_of, text_of, typed

from jupyter_plant_together.errors import DocumentNotFound
from jupyter_plant_together.ids import new_document_id
from jupyter_plant_together.store.port import Action, Document, Mark, Progress, Ref, RoomPatch, Update
from jupyter_plant_together.store.postgres.store import PostgresStore


@pytest.fixture
def stores(
    postgres_dsn: str, jp_asyncio_loop: asyncio.AbstractEventLoop
) -> Iterator[tuple[PostgresStore, PostgresStore]]:
    """Return the stores of two replicas."""
    made = (PostgresStore(postgres_dsn), PostgresStore(postgres_dsn))
    yield made
    for store in made:
        jp_asyncio_loop.run_until_complete(store.close())


@pytest.fixture
def store(stores: tuple[PostgresStore, PostgresStore]) -> PostgresStore:
    return stores[0]


def mark(through: int, generation: str = "g") -> Mark:
    return Mark(generation, f"{through}-0")


def rows(document: Document, text: str, author: str = "ada", at: int = 5) -> list[Update]:
    return [Update(document.id, 1, data, author, at) for data in typed(text)]


async def test_rows_and_mark_are_there_together(store: PostgresStore) -> None:
    document = await make_document(store)
    assert await store.progress([document.id, new_document_id()]) == {document.id: Progress(1, None)}
    assert (await store.load(document.id)).mark is None
    batch = [*rows(document, "abc"), Update(document.id, 1, b"\0\0", "bob", 9, (7,))]
    assert await store.compact(document.id, 1, batch, expected=None, mark=mark(4))
    loaded = await store.load(document.id)
    assert loaded.mark == mark(4)
    assert [(row.author, row.at) for row in loaded.tail] == [("ada", 5)] * 3 + [("bob", 9)]
    assert [row.data for row in loaded.tail] == [row.data for row in batch]
    assert loaded.clients == {7: "bob"}
    assert loaded.document.updated_at == 9
    assert await store.progress([document.id]) == {document.id: Progress(1, mark(4))}


async def test_the_loser_of_two_compactors_changes_nothing(
    stores: tuple[PostgresStore, PostgresStore],
) -> None:
    """PROTOCOL C1."""
    document = await make_document(stores[0])
    batch = rows(document, "abc")
    done = await asyncio.gather(
        *(
            stores[i % 2].compact(document.id, 1, batch, expected=None, mark=mark(3, f"g{i}"))
            for i in range(10)
        )
    )
    assert done.count(True) == 1
    loaded = await stores[0].load(document.id)
    assert loaded.mark == mark(3, f"g{done.index(True)}")
    assert text_of([row.data for row in loaded.tail]) == "abc"
    assert len(loaded.tail) == 3
    assert loaded.tail[-1].seq == await stores[0].cursor()


@pytest.mark.parametrize(
    "expected", [None, mark(2), mark(4), mark(3, "h")], ids=["none", "older", "newer", "generation"]
)
async def test_a_compactor_that_expects_another_mark_changes_nothing(
    store: PostgresStore, expected: Mark | None
) -> None:
    document = await make_document(store)
    assert await store.compact(document.id, 1, rows(document, "abc"), expected=None, mark=mark(3))
    before = (await store.load(document.id), await store.cursor())
    assert not await store.compact(document.id, 1, rows(document, "x"), expected=expected, mark=mark(9))
    assert (await store.load(document.id), await store.cursor()) == before


async def test_a_pass_that_is_repeated_after_a_lost_answer_changes_nothing(store: PostgresStore) -> None:
    document = await make_document(store)
    for _ in range(2):
        await store.compact(document.id, 1, rows(document, "abc"), expected=None, mark=mark(3))
    assert len((await store.load(document.id)).tail) == 3


async def test_entries_of_a_replaced_epoch_are_refused(store: PostgresStore) -> None:
    """PROTOCOL E1."""
    document = await make_document(store)
    assert await store.compact(document.id, 1, rows(document, "old"), expected=None, mark=mark(3))
    await store.replace_history(document.id, pycrdt.merge_updates(*typed("new")), [], "ada")
    assert not await store.compact(document.id, 1, rows(document, "x"), expected=mark(3), mark=mark(4))
    assert text_of(await history(store, document.id)) == "new"
    assert (await store.progress([document.id]))[document.id].epoch == 2
    # The stream of the new epoch has another generation and follows the mark that stands.
    later = [Update(document.id, 2, data, "ada", 6) for data in typed("z")]
    assert await store.compact(document.id, 2, later, expected=mark(3), mark=mark(1, "h"))
    assert (await store.load(document.id)).mark == mark(1, "h")


async def test_entries_accepted_before_a_deletion_are_kept(store: PostgresStore) -> None:
    """PROTOCOL C3."""
    document = await make_document(store)
    place = Ref(id=document.room_id)
    await store.delete_document(place, Ref(id=document.id), Action("ada", 5))
    assert await store.progress([document.id]) == {document.id: Progress(1, None)}
    assert await store.compact(document.id, 1, rows(document, "late"), expected=None, mark=mark(4))
    with pytest.raises(DocumentNotFound):
        await store.load(document.id)
    await store.delete_room(place, Action("ada", 6))
    assert await store.compact(document.id, 1, [], expected=mark(4), mark=mark(5))


async def test_an_unknown_document_takes_nothing(store: PostgresStore) -> None:
    document = await make_document(store)
    before = await store.cursor()
    other = new_document_id()
    stray = [Update(other, 1, data, "ada", 1) for data in typed("x")]
    assert not await store.compact(other, 1, stray, expected=None, mark=mark(1))
    assert await store.cursor() == before
    assert await store.progress([document.id, other]) == {document.id: Progress(1, None)}


async def test_the_progress_of_a_purged_rooms_documents(store: PostgresStore) -> None:
    document = await make_document(store)
    room = await store.room(Ref(id=document.room_id))
    early = await create(store, room, "b.puml")
    await create(store, await store.create_room(room_of("elsewhere"), "elsewhere"), "c.puml")
    assert await store.compact(document.id, 1, [], expected=None, mark=mark(3))
    await store.delete_document(Ref(id=room.id), Ref(id=early.id), Action("ada", 5))
    await store.purge(early.id, Action("ada", 6))
    assert await store.progress_in(room.id) == {
        document.id: Progress(1, mark(3)),
        early.id: Progress(2, None),
    }
    await store.delete_room(Ref(id=room.id), Action("ada", 7))
    await store.purge_room(Ref(id=room.id, deleted=True), Action("ada", 8))
    assert await store.progress_in(room.id) == {
        document.id: Progress(2, mark(3)),
        early.id: Progress(2, None),
    }


async def test_a_mark_moves_without_rows(store: PostgresStore) -> None:
    """Contained content yields no row (PROTOCOL C1)."""
    document = await make_document(store)
    before = (await store.cursor(), document.updated_at)
    assert await store.compact(document.id, 1, [], expected=None, mark=mark(3))
    loaded = await store.load(document.id)
    assert (await store.cursor(), loaded.document.updated_at) == before
    assert (loaded.tail, loaded.mark) == ([], mark(3))


async def test_a_load_sees_the_rows_of_its_mark_and_no_others(
    stores: tuple[PostgresStore, PostgresStore],
) -> None:
    """PROTOCOL J3: history and mark are read on one view, whatever is written meanwhile."""
    document = await make_document(stores[0])

    async def write() -> None:
        last = None
        for number, row in enumerate(rows(document, "x" * 200), 1):
            assert await stores[1].compact(document.id, 1, [row], expected=last, mark=mark(number))
            last = mark(number)

    writing = asyncio.ensure_future(write())
    seen = set()
    while not writing.done():
        loaded = await stores[0].load(document.id)
        assert loaded.mark == (mark(len(loaded.tail)) if loaded.tail else None)
        seen.add(len(loaded.tail))
    await writing
    assert len(seen) > 5


async def test_followers_of_events_are_spared_the_updates(
    stores: tuple[PostgresStore, PostgresStore],
) -> None:
    document = await make_document(stores[0])
    cursor = await stores[0].cursor()
    await stores[1].compact(document.id, 1, rows(document, "abc"), expected=None, mark=mark(3))
    await stores[1].change_room(Ref(id=document.room_id), RoomPatch(description="new"), Action("ada", 3))
    found = await stores[0].events(cursor)
    assert [event.type for event in found.events] == ["room.changed"]
    assert found.updates == []
    assert found.cursor == await stores[0].cursor()
    assert len((await stores[0].changes(cursor)).updates) == 3
    again = await stores[0].events(found.cursor)
    assert (again.cursor, again.events) == (found.cursor, ())
