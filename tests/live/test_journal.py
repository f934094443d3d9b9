"""The local journal: group commit, trouble, two processes on one file, epochs (PROTOCOL A2, D1, E1, E2)."""

import asyncio
import sqlite3

import pytest

from jupyter_plant_together import protocol as p
from jupyter_plant_together.errors import DocumentNotFound
from jupyter_plant_together.live.document import LiveDocument
from jupyter_plant_together.store.port import Action, Named, Ref, Update
from jupyter_plant_together.updates import inspect, merge_state


async def test_d1_two_servers_on_one_file_converge_both_ways(server_of, make_peer, until):
    one, two = await server_of(), await server_of()
    document = await one.create()
    ada = make_peer("ada").join(await one.open(document))
    bob = make_peer("bob").join(await two.open(document))
    for number in range(20):
        ada.text += f"a{number} "
        bob.text.insert(0, f"b{number} ")
        await asyncio.sleep(0.01)
    await until(lambda: str(ada.text) == str(bob.text) and "a19" in str(bob.text) and "b19" in str(ada.text))
    authors = {row.author for row in (await one.store.load(document)).tail}
    assert authors == {"ada", "bob"}


async def test_d1_a_rename_by_the_other_process_reaches_open_documents(server_of, make_peer, until):
    one, two = await server_of(), await server_of()
    document = await one.create()
    bob = make_peer("bob").join(await two.open(document))
    room, _ = await one.store.locate(document)
    at = Ref(id=room.id), Ref(id=document)
    await one.store.rename_document(*at, Named("new.puml", "new.puml"), Action("ada", 5))
    one.journal.poke()
    await until(lambda: any(b["type"] == "renamed" and b["name"] == "new.puml" for b in bob.control))
    await one.store.delete_document(*at, Action("ada", 6))
    await until(lambda: bob.closed is not None)
    assert bob.closed[0] == 4404


async def test_a_locked_database_is_said_and_nothing_is_acknowledged_until_it_is_free(
    server_of, make_peer, until
):
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
    await until(lambda: server.journal.trouble is not None, timeout=30)
    assert any(body["type"] == "trouble" and body["message"] for body in bob.control)
    assert ada.acked < ada.sent
    other.execute("ROLLBACK")
    other.close()
    await until(lambda: ada.acked == ada.sent, timeout=30)
    assert server.journal.trouble is None
    tail = (await server.store.load(document)).tail
    assert merge_state([row.data for row in tail]) == ada.doc.get_update()


async def test_a_long_tail_becomes_a_snapshot_made_by_the_worker_process(server_of, make_peer, until):
    server = await server_of()
    document = await server.create()
    live = await server.open(document)
    ada = make_peer("ada").join(live)
    for number in range(600):
        ada.text += f"line {number}\n"
        if number % 3 == 0:
            await asyncio.sleep(0.002)  # so that group commit does not make one row of it
    await until(lambda: ada.acked == ada.sent)
    ada.text.insert(0, "x" * 150_000)
    await until(lambda: ada.acked == ada.sent)
    await server.snapshots.make(document)
    loaded = await server.store.load(document)
    assert loaded.tail == []
    assert loaded.snapshot == ada.doc.get_update()


async def test_e1_e2_a_replaced_history_resets_clients_and_never_comes_back(server_of, make_peer, until):
    server = await server_of()
    document = await server.create()
    live = await server.open(document)
    ada, stock = make_peer("ada").join(live), make_peer("stock").join(live, control=False)
    ada.text += "secret"
    await until(lambda: ada.acked == ada.sent and str(stock.text) == "secret")
    clients = list((await server.store.load(document)).clients)
    epoch = await server.store.retire(document, p.EMPTY_UPDATE, clients, "ada")
    server.journal.poke()
    await until(lambda: ada.closed is not None and stock.closed is not None)
    assert ada.closed[0] == stock.closed[0] == 4409
    assert ada.control[-1] == {"type": "reset", "epoch": epoch}
    await until(lambda: server.live.get(document) is None)
    fresh = await server.open(document)
    stock.join(fresh, control=False)  # its step 1 knows a retired client
    assert stock.closed is not None and stock.closed[0] == 4409
    blind = make_peer("blind").join(fresh, control=False)
    blind.give(p.sync(p.UPDATE, ada.doc.get_update()))  # and so does its struct
    assert blind.closed is not None and blind.closed[0] == 4409
    assert fresh.text() == ""
    assert inspect(fresh.state.encode(b"\x00")).empty


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
    again = LiveDocument(server.limits, server.live._thread)
    loaded, stream = await server.journal.attach(document, again)
    assert loaded.tail == []
    await again.load(loaded, stream)
    assert again.text() == "late"
    await again.close()
    other.execute("ROLLBACK")
    other.close()
    await until(lambda: ada.acked == ada.sent, timeout=30)


async def test_a_fault_of_one_document_ends_neither_writing_nor_watching(server_of, make_peer, until):
    server = await server_of()
    first, second = await server.create(), await server.create()
    broken = await server.open(first)
    ada, bob = make_peer("ada").join(broken), make_peer("bob").join(await server.open(second))
    await until(lambda: ada.synced and bob.synced)

    def fault(ticket: int) -> None:
        raise RuntimeError("a fault of the test's own")

    broken.durable = fault
    ada.text += "x"
    bob.text += "y"
    await until(lambda: bob.acked == bob.sent)
    bob.text += "z"
    await until(lambda: bob.acked == bob.sent)
    assert ada.acked < ada.sent


async def test_who_joins_during_a_trouble_is_told_it_too(server_of, make_peer, until):
    server = await server_of()
    document = await server.create()
    live = await server.open(document)
    with sqlite3.connect(server.path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        ada = make_peer("ada").join(live)
        ada.text += "a"
        await until(lambda: server.journal.trouble is not None, timeout=15)
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
        await until(lambda: not live.settled)
        live.deleted()
        with pytest.raises(DocumentNotFound, match="deleted"):
            await waiting
        other.execute("ROLLBACK")
    other.close()


async def test_s4_a_row_that_cannot_be_merged_stays_in_history_and_stops_no_snapshot(
    server_of, make_peer, until
):
    server = await server_of()
    document = await server.create()
    live = await server.open(document)
    ada = make_peer("ada").join(live)
    ada.text += "kept"
    await until(lambda: ada.acked == ada.sent)
    await server.store.append([Update(document, 1, b"\x01\x01\x07\x00\x3f", "eve", 5)])
    ada.text += " and more"
    await until(lambda: ada.acked == ada.sent)
    assert await server.snapshots.make(document)
    loaded = await server.store.load(document)
    assert loaded.snapshot == ada.doc.get_update()
