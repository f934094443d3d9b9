"""The local journal when its file is locked by another program: nothing is called durable too early (A1, A2)."""

import asyncio
import sqlite3

import pytest

from jupyter_plant_together.errors import DocumentNotFound
from jupyter_plant_together.live.document import LiveDocument
from jupyter_plant_together.yjs.integrator import merge_state
from jupyter_plant_together.yjs.sync import EMPTY_UPDATE


@pytest.fixture
def backend():
    """SQLite only: what locks its file is a program on the same machine."""
    return "embedded"


async def test_a_locked_database_is_said_and_nothing_is_acknowledged_until_it_is_free(
    server_of, make_peer, until
):
    """PROTOCOL A2."""
    server = await server_of()
    document = await server.create()
    live = await server.open(document)
    ada, bob = make_peer("ada").join(live), make_peer("bob").join(live)
    await until(lambda: ada.synced and ada.acked == ada.sent)
    other = sqlite3.connect(server.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    ada.text += "waits"
    ada.text += " in order"
    await until(lambda: str(bob.text) == "waits in order")
    await until(lambda: server.journal.outage is not None, timeout=30)
    assert any(body["type"] == "trouble" and body["message"] for body in bob.control)
    assert ada.acked < ada.sent
    other.execute("ROLLBACK")
    other.close()
    await until(lambda: ada.acked == ada.sent, timeout=30)
    assert server.journal.outage is None
    tail = (await server.store.load(document)).tail
    assert merge_state([row.data for row in tail]) == ada.doc.get_update()


async def test_a1_what_another_connection_still_writes_is_not_called_durable(server_of, make_peer, until):
    """A client that comes back with an edit that is relayed, but not on the disk yet, hears no ack for it."""
    server = await server_of()
    document = await server.create()
    live = await server.open(document)
    ada, bob = make_peer("ada").join(live), make_peer("bob").join(live)
    await until(lambda: ada.synced and ada.acked == ada.sent)
    other = sqlite3.connect(server.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    ada.text += "in flight"
    await until(lambda: str(bob.text) == "in flight")
    ada.drop()
    ada.control.clear()
    ada.join(live)
    put = asyncio.ensure_future(live.edit_text("in flight", "rest"))  # it changes nothing, and is not saved
    await until(lambda: ada.sent == 1)
    await asyncio.sleep(0.3)
    assert ada.acked == 0
    assert not put.done()
    other.execute("ROLLBACK")
    other.close()
    await until(lambda: ada.acked == ada.sent, timeout=30)
    await put
    assert len((await server.store.load(document)).tail) == 1


async def test_e1_a_batch_of_two_epochs_refuses_the_old_and_makes_the_new_durable(
    server_of, make_peer, until
):
    """What waits of a replaced history must not make the edits of the next one wait for ever."""
    server, other = await server_of(), await server_of()
    document = await server.create()
    _, old = await server.journal.attach(
        document, LiveDocument(server.limits, server.live._thread, server.live.edit_maker)
    )
    await other.store.replace_history(document, EMPTY_UPDATE, [], "bob")
    _, new = await server.journal.attach(
        document, LiveDocument(server.limits, server.live._thread, server.live.edit_maker)
    )
    assert (old.epoch, new.epoch) == (1, 2)
    update = make_peer("ada").doc.get_update()
    old.append(update, "ada", ())  # in one tick, and so in one batch
    new.append(update, "ada", ())
    await until(lambda: not server.journal._pending)
    assert (old.durable, new.durable) == (0, 1)
    assert (old.lost, new.lost) == (True, False)


async def test_what_is_still_to_be_written_is_there_when_a_document_is_opened_again(
    server_of, make_peer, until
):
    server = await server_of()
    document = await server.create()
    ada = make_peer("ada").join(await server.open(document))
    await until(lambda: ada.synced and ada.acked == ada.sent)
    other = sqlite3.connect(server.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    ada.text += "late"
    again = LiveDocument(server.limits, server.live._thread, server.live.edit_maker)
    loaded, stream = await server.journal.attach(document, again)
    assert loaded.tail == []
    await again.load(loaded, stream)
    assert again.text() == "late"
    await again.close()
    other.execute("ROLLBACK")
    other.close()
    await until(lambda: ada.acked == ada.sent, timeout=30)


async def test_who_joins_during_a_trouble_is_told_it_too(server_of, make_peer, until):
    server = await server_of()
    document = await server.create()
    live = await server.open(document)
    with sqlite3.connect(server.path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        ada = make_peer("ada").join(live)
        ada.text += "a"
        await until(lambda: server.journal.outage is not None, timeout=15)
        late = make_peer("late").join(live)
        assert [body["message"] for body in late.control if body["type"] == "trouble"]
        other.execute("ROLLBACK")
    await until(lambda: ada.acked == ada.sent, timeout=15)
    other.close()


async def test_an_edit_that_waits_ends_with_its_document(server_of, make_peer, until):
    server = await server_of()
    document = await server.create()
    live = await server.open(document)
    with sqlite3.connect(server.path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        waiting = asyncio.ensure_future(live.edit_text("@startuml", "ada"))
        await until(lambda: not live.all_saved)
        live.deleted()
        with pytest.raises(DocumentNotFound, match="deleted"):
            await waiting
        other.execute("ROLLBACK")
    other.close()


async def test_what_waits_is_counted_as_the_memory_that_it_takes(server_of, make_peer, until):
    """A keystroke is thirty bytes and takes five hundred: bounds by its bytes would be sixteen times too high."""
    server = await server_of()
    live = await server.open(await server.create())
    ada = make_peer("ada").join(live)
    await until(lambda: ada.acked == ada.sent)
    server.journal._max_pending_bytes = 20_000
    other = sqlite3.connect(server.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for _ in range(100):
        ada.text += "x"
    assert ada.closed is not None and ada.closed[0] == 1013
    assert 20_000 < (await server.journal.numbers())["pending_bytes"] < 22_000
    other.execute("ROLLBACK")
    other.close()
    await until(lambda: not server.journal._pending, timeout=30)
    assert (await server.journal.numbers())["pending_bytes"] == 0
    ada.drop()
    ada.join(live)
    await until(lambda: ada.acked == ada.sent)
    assert live.text() == "x" * 100
