"""What every store must do when somebody looks back, and when something is to be forgotten."""

from __future__ import annotations

import pytest
from stores import LIMITS, Factory, create, history, make_document, room_of, text_of, typed

from jupyter_plant_together.errors import DocumentNotFound, NotFound, RoomNotFound
from jupyter_plant_together.store.port import Action, Document, Loaded, Page, Ref, Store, Update, Version
from jupyter_plant_together.yjs.integrator import merge_state

WORDS = "the quick brown fox"


async def typing(store: Store, document: Document, text: str = WORDS) -> list[int]:
    """Type a text, ada and bob in turn, a row for each character; returns the seqs."""
    seqs = []
    for number, update in enumerate(typed(text)):
        author = "ada" if number % 2 == 0 else "bob"
        seqs.append((await store.append([Update(document.id, 1, update, author, 1_000 * number)])).seq)
    return seqs


def text_at(loaded: Loaded) -> str:
    return text_of([*([] if loaded.snapshot is None else [loaded.snapshot]), *(r.data for r in loaded.tail)])


async def test_the_timeline_comes_in_pages_the_newest_first(make_store: Factory) -> None:
    store = await make_store()
    document = await make_document(store)
    seqs = await typing(store, document)
    first = await store.timeline(document.id, before=None, limit=5)
    assert [row.seq for row in first] == seqs[:-6:-1]
    assert [row.author for row in first] == ["ada", "bob", "ada", "bob", "ada"]
    assert all(row.size > 0 for row in first)
    rest = await store.timeline(document.id, before=first[-1].seq, limit=100)
    assert [row.seq for row in [*first, *rest]] == seqs[::-1]
    with pytest.raises(DocumentNotFound):
        await store.timeline("d_none", before=None, limit=5)


async def test_the_state_at_any_row_whatever_snapshots_there_are(make_store: Factory) -> None:
    store = await make_store()
    document = await make_document(store)
    seqs = await typing(store, document)
    for through, expected in ((4, 0), (9, seqs[4]), (14, seqs[9]), (18, seqs[14])):
        state = merge_state([row.data for row in (await store.load_at(document.id, seqs[through])).tail])
        if expected:
            loaded = await store.load_at(document.id, seqs[through])
            assert loaded.snapshot is not None
            state = merge_state([loaded.snapshot, *(row.data for row in loaded.tail)])
        assert await store.save_snapshot(document.id, 1, seqs[through], state, expected=expected)
    for number, seq in enumerate(seqs):
        assert text_at(await store.load_at(document.id, seq)) == WORDS[: number + 1]
    assert text_at(await store.load_at(document.id, seqs[0] - 1)) == ""


async def test_whoever_introduced_a_client_is_known_at_any_row(make_store: Factory) -> None:
    store = await make_store()
    document = await make_document(store)
    a, b, c = typed("abc")
    first = await store.append([Update(document.id, 1, a, "ada", 1, (7, 2**53 - 1))])
    last = await store.append([Update(document.id, 1, b, "bob", 2, (7, 8))])
    authors = {7: "ada", 2**53 - 1: "ada", 8: "bob"}
    for seq in (first.seq, last.seq):
        loaded = await store.load_at(document.id, seq)
        assert (loaded.document.id, loaded.clients) == (document.id, authors)
    # Under the next epoch those are strangers.
    await store.replace_history(document.id, merge_state([a, b]), [7], "ada")
    own = (await store.load_at(document.id, await store.cursor())).clients
    assert not own.keys() & {8, 2**53 - 1}
    end = (await store.append([Update(document.id, 2, c, "eve", 3, (9,))])).seq
    assert (await store.load_at(document.id, end)).clients == {**own, 9: "eve"}
    with pytest.raises(DocumentNotFound):
        await store.load_at("d_none", end)


async def test_a_version_keeps_its_own_state(make_store: Factory) -> None:
    """PROTOCOL C3."""
    store = await make_store()
    document = await make_document(store)
    seqs = await typing(store, document)
    state = merge_state(await history(store, document.id))
    made = await store.create_version(Version("v_1", document.id, 0, seqs[-1], "v1", "ada", 9), state)
    assert (made.epoch, made.name) == (1, "v1")
    await store.create_version(Version("v_2", document.id, 0, seqs[3], "", "bob", 10), b"\x00\x00")
    assert [version.id for version in await store.versions(document.id)] == ["v_2", "v_1"]
    found, kept = await store.version(document.id, "v_1")
    assert (found, kept) == (made, state)
    other = await create(store, await store.room(Ref(id=document.room_id)), "b")
    with pytest.raises(NotFound):
        await store.version(other.id, "v_1")
    events = await store.room_events(Ref(id=document.room_id), after=0, limit=100)
    assert [e.data["version"] for e in events if e.type == "version.created"] == ["v_1", "v_2"]


async def test_compacting_goes_in_steps_and_leaves_the_text_and_versions(make_store: Factory) -> None:
    store = await make_store()
    document = await make_document(store)
    seqs = await typing(store, document)
    early = merge_state([row.data for row in (await store.load_at(document.id, seqs[5])).tail])
    await store.create_version(Version("v_1", document.id, 0, seqs[5], "v1", "ada", 9), early)
    through = seqs[9]
    state = merge_state([row.data for row in (await store.load_at(document.id, through)).tail])
    steps = 0
    while await store.compact_through(document.id, through, state, limit=4):
        steps += 1
        assert text_of(await history(store, document.id)) == WORDS  # at every step
    assert steps == 2
    assert text_of([row.data for row in await store.rows(document.id, after=0, limit=100)]) == WORDS
    rows = await store.rows(document.id, after=0, limit=100)
    assert [row.seq for row in rows] == [through, *seqs[10:]]
    assert [row.seq for row in await store.rows(document.id, after=through, limit=3)] == seqs[10:13]
    assert text_at(await store.load_at(document.id, seqs[12])) == WORDS[:13]
    assert (await store.version(document.id, "v_1"))[1] == early
    assert not await store.compact_through(document.id, through, state, limit=4)  # once more changes nothing
    assert text_of(await history(store, document.id)) == WORDS


async def test_a_purged_document_is_gone_for_good(make_store: Factory) -> None:
    store = await make_store()
    document = await make_document(store)
    await typing(store, document)
    await store.create_version(Version("v_1", document.id, 0, 1, "v1", "ada", 9), b"\x00\x00")
    room = Ref(id=document.room_id)
    with pytest.raises(DocumentNotFound):
        await store.purge(document.id, Action("ada", 50))  # only what was deleted
    await store.delete_document(room, Ref(id=document.id), Action("ada", 51))
    assert await store.deleted_before(51, 10) == ([], [])
    assert await store.deleted_before(52, 10) == ([document.id], [])
    await store.purge(document.id, Action("ada", 53))
    assert await store.deleted_before(99, 10) == ([], [])
    with pytest.raises(DocumentNotFound):
        await store.restore_document(
            room, Ref(id=document.id, deleted=True), None, Action("ada", 54), limits=LIMITS
        )
    # What a client of before still sends is of a replaced epoch.
    late = await store.append([Update(document.id, 1, typed("back")[0], "eve", 55)])
    assert late.refused == {(document.id, 1)}
    assert [row.id for row in await store.documents(room, Page(deleted=True))] == []


async def test_a_rooms_deleted_document_is_purged_there_and_only_there(make_store: Factory) -> None:
    store = await make_store()
    document = await make_document(store)
    await typing(store, document)
    elsewhere = await store.create_room(room_of("plan"), "plan")
    room, deleted = Ref(id=document.room_id), Ref(id=document.id, deleted=True)
    with pytest.raises(DocumentNotFound):
        await store.purge_document(room, deleted, Action("ada", 50))
    with pytest.raises(DocumentNotFound):
        await store.purge_document(room, Ref(id=document.id), Action("ada", 50))
    await store.delete_document(room, Ref(id=document.id), Action("ada", 51))
    with pytest.raises(DocumentNotFound):
        await store.purge_document(Ref(id=elsewhere.id), deleted, Action("ada", 52))
    assert await store.deleted_before(99, 10) == ([document.id], [])
    await store.purge_document(room, deleted, Action("eve", 53))
    assert await store.deleted_before(99, 10) == ([], [])
    with pytest.raises(DocumentNotFound):
        await store.purge_document(room, deleted, Action("ada", 54))
    event = (await store.changes(0)).events[-1]
    assert (event.type, event.document, event.by, event.at) == ("document.purged", document.id, "eve", 53)
    assert event.data == {"document": document.id, "name": "login.puml", "room": "design"}


async def test_who_deleted_what(make_store: Factory) -> None:
    store = await make_store()
    document = await make_document(store)
    room, deleted = Ref(id=document.room_id), Ref(id=document.id, deleted=True)
    assert await store.deleters([]) == {}
    assert await store.deleters([document.room_id]) == {}
    await store.delete_document(room, Ref(id=document.id), Action("ada", 50))
    await store.restore_document(room, deleted, None, Action("eve", 51), limits=LIMITS)
    await store.delete_document(room, Ref(id=document.id), Action("bob", 52))
    assert await store.deleters([document.room_id]) == {document.id: "bob"}
    await store.delete_room(room, Action("eve", 53))
    found = await store.deleters([document.room_id, "r_none"])
    assert found == {document.id: "bob", document.room_id: "eve"}


async def test_a_purged_room_takes_its_documents_along(make_store: Factory) -> None:
    store = await make_store()
    document = await make_document(store)
    await typing(store, document)
    deleted = Ref(id=document.room_id, deleted=True)
    with pytest.raises(RoomNotFound):
        await store.purge_room(Ref(id=document.room_id), Action("ada", 50))
    await store.delete_room(Ref(id=document.room_id), Action("ada", 51))
    await store.purge_room(deleted, Action("ada", 52))
    with pytest.raises(RoomNotFound):
        await store.restore_room(deleted, None, Action("ada", 53))
    assert await store.rooms(Page(deleted=True)) == []
    assert await store.deleted_before(99, 10) == ([], [])
    event = (await store.changes(0)).events[-1]
    assert (event.type, event.room, event.by) == ("room.purged", document.room_id, "ada")


async def test_what_is_worth_compacting(make_store: Factory) -> None:
    store = await make_store()
    document = await make_document(store)
    seqs = await typing(store, document, "x" * 120)
    assert await store.compactable(99_000, 10) == []  # 99 rows are too few
    assert await store.compactable(110_000, 10) == [(document.id, seqs[109])]
    state = merge_state([row.data for row in (await store.load_at(document.id, seqs[109])).tail])
    while await store.compact_through(document.id, seqs[109], state, limit=50):
        pass
    assert await store.compactable(110_000, 10) == []
