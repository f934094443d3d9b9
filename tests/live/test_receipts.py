"""Receipts: clients without control messages get their own ids back once they are durable (PROTOCOL A9)."""

from __future__ import annotations

import random

import pycrdt

from jupyter_plant_together.yjs import sync as p
from jupyter_plant_together.yjs.receipt import receipt, receipt_up_to
from jupyter_plant_together.yjs.update import decode_meta


async def opened(server_of):
    server = await server_of()
    return await server.open(await server.create())


async def test_a9_an_update_comes_back_as_ids_when_it_is_durable(server_of, until, make_stock):
    live = await opened(server_of)
    ada = make_stock().join(live)
    await until(lambda: ada.synced)
    before = ada.events
    sent: list[bytes] = []
    ada.doc.observe(lambda event: sent.append(event.update))
    ada.text += "typed 🎉"
    del ada.text[0:2]
    await until(lambda: len(ada.receipts) == 2)
    assert all(ada.durable)
    assert ada.receipts[0] != sent[0] and b"typed" not in ada.receipts[0]
    said, written = ada.said(), [decode_meta(update) for update in sent]
    assert [(meta.structs, meta.deletions) for meta in said] == [
        (meta.structs, meta.deletions) for meta in written
    ]
    assert ada.events == before, "a receipt changes nothing"
    assert str(ada.text) == "ped 🎉" == live.text()


async def test_a9_what_brings_nothing_and_what_is_here_already_has_receipts_too(server_of, until, make_stock):
    live = await opened(server_of)
    ada = make_stock().join(live)
    await until(lambda: ada.synced)
    ada.text += "here"
    await until(lambda: ada.receipts)
    ada.said()
    ada.give(p.sync(p.UPDATE, ada.doc.get_update()))
    await until(lambda: ada.receipts)
    (again,) = ada.said()
    assert set(again.structs.values()) == {4}
    ada.drop()
    ada.join(live)
    await until(lambda: ada.receipts)
    (known,) = ada.said()
    assert set(known.structs.values()) == {4}, "what its step 1 named"
    assert ada.closed is None


async def test_a9_denied_frames_and_those_who_want_none_get_none(server_of, until, make_peer, make_stock):
    live = await opened(server_of)
    ada, eve = make_peer("ada").join(live), make_stock("eve").join(live, role="viewer")
    quiet = make_stock("quiet").join(live, receipts=False)
    await until(lambda: eve.synced and quiet.synced)
    eve.text += "not allowed"
    quiet.text += "x"
    ada.text += "y"
    await until(lambda: ada.acked == ada.sent)
    await until(lambda: len(eve.receipts) == 2 and len(quiet.receipts) == 1)
    assert set(map(str, [live.text()])) <= {"xy", "yx"}
    written = [decode_meta(one).structs for one in [*eve.receipts, *quiet.receipts]]
    mine = pycrdt_client(eve.doc)
    assert all(mine not in structs for structs in written)


def pycrdt_client(doc: pycrdt.Doc) -> int:
    return int(doc.client_id)


def test_a9_a_receipt_has_the_ids_of_its_update_and_harms_nobody_who_has_them():
    rng = random.Random(9)
    doc, other = pycrdt.Doc(), pycrdt.Doc()
    text, theirs = doc.get("source", type=pycrdt.Text), other.get("source", type=pycrdt.Text)
    updates: list[bytes] = []
    for one in (doc, other):
        one.observe(lambda event: updates.append(event.update))
    for _ in range(300):
        mine = rng.choice((text, theirs))
        if len(str(mine)) > 5 and rng.random() < 0.4:
            at = rng.randrange(len(str(mine)) - 3)
            del mine[at : at + 3]
        else:
            mine.insert(rng.randint(0, len(str(mine))), rng.choice(("a", "bcd", "line\n")))
        if rng.random() < 0.1:
            doc.apply_update(other.get_update())
            other.apply_update(doc.get_update())
    other.apply_update(doc.get_update())
    doc.apply_update(other.get_update())
    holes = pycrdt.merge_updates(*rng.sample(updates, 40))
    events: list[object] = []
    before = doc.get_update()
    doc.observe(events.append)
    for update in [*updates, holes, doc.get_update()]:
        whole = decode_meta(update)
        short = receipt(whole)
        said = decode_meta(short)
        assert (said.structs, said.deletions) == (whole.structs, whole.deletions)
        doc.apply_update(short)
    doc.apply_update(receipt_up_to(p.parse_state_vector(doc.get_state())))
    assert doc.get_update() == before
    assert events == []
