"""Journals, one contract for all: several servers, trouble with one document, epochs (PROTOCOL D1, E1, E2, S4)."""

import asyncio

from jupyter_plant_together.store.port import Action, KeyedName, Ref, Update
from jupyter_plant_together.yjs import sync as p
from jupyter_plant_together.yjs.update import decode_meta


async def test_d1_j1_two_servers_converge_both_ways(server_of, make_peer, until):
    one, two = await server_of(), await server_of()
    document = await one.create()
    ada = make_peer("ada").join(await one.open(document))
    bob = make_peer("bob").join(await two.open(document))
    for number in range(20):
        ada.text += f"a{number} "
        bob.text.insert(0, f"b{number} ")
        await asyncio.sleep(0.01)
    await until(lambda: str(ada.text) == str(bob.text) and "a19" in str(bob.text) and "b19" in str(ada.text))
    authors = {row.author for row in (await one.history(document)).tail}
    assert authors == {"ada", "bob"}


async def test_a_rename_by_another_server_reaches_open_documents(server_of, make_peer, until):
    one, two = await server_of(), await server_of()
    document = await one.create()
    bob = make_peer("bob").join(await two.open(document))
    room, _ = await one.store.locate(document)
    at = Ref(id=room.id), Ref(id=document)
    await one.store.rename_document(*at, KeyedName("new.puml", "new.puml"), Action("ada", 5))
    one.journal.notify_now()
    await until(lambda: any(b["type"] == "renamed" and b["name"] == "new.puml" for b in bob.control))
    await one.store.delete_document(*at, Action("ada", 6))
    await until(lambda: bob.closed is not None)
    assert bob.closed[0] == 4404


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
    await server.history(document)
    await server.snapshots.make(document)
    loaded = await server.history(document)
    assert loaded.tail == []
    assert loaded.snapshot == ada.doc.get_update()


async def test_e1_e2_a_replaced_history_resets_clients_and_never_comes_back(server_of, make_peer, until):
    server = await server_of()
    document = await server.create()
    live = await server.open(document)
    ada, stock = make_peer("ada").join(live), make_peer("stock").join(live, control=False)
    ada.text += "secret"
    await until(lambda: ada.acked == ada.sent and str(stock.text) == "secret")
    clients = list((await server.history(document)).clients)
    epoch = await server.store.replace_history(document, p.EMPTY_UPDATE, clients, "ada")
    server.journal.notify_now()
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
    assert decode_meta(fresh.snapshot()).empty


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
    await server.history(document)
    assert await server.snapshots.make(document)
    loaded = await server.history(document)
    assert loaded.snapshot == ada.doc.get_update()
