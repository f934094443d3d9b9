"""Live documents: relay, acknowledgement, joins, holes, slow readers (PROTOCOL S, A)."""

import asyncio
import itertools
import random

import pycrdt
import pytest
from scale import scaled

from jupyter_plant_together.errors import DocumentNotFound
from jupyter_plant_together.limits import Limits
from jupyter_plant_together.live.document import LiveDocument
from jupyter_plant_together.store.port import Action, Ref
from jupyter_plant_together.yjs import sync as p
from jupyter_plant_together.yjs.update import decode_meta


async def test_an_edit_reaches_the_other_and_is_acknowledged_after_the_commit(server_of, make_peer, until):
    """PROTOCOL A1."""
    server = await server_of()
    document = await server.create()
    live = await server.open(document)
    ada, bob = make_peer("ada").join(live), make_peer("bob").join(live)
    await until(lambda: ada.synced and bob.synced)
    ada.text += "@startuml"
    await until(lambda: str(bob.text) == "@startuml")
    await until(lambda: ada.acked == ada.sent)
    loaded = await server.history(document)
    assert [row.author for row in loaded.tail] == ["ada"]
    assert loaded.clients == {ada.doc.client_id: "ada"}
    assert bob.acked == bob.sent


async def test_hello_comes_first_and_stock_clients_get_no_control_messages(server_of, make_peer, until):
    """PROTOCOL *Control*."""
    server = await server_of()
    live = await server.open(await server.create())
    ours, stock = make_peer("ada").join(live), make_peer("bob").join(live, control=False)
    stock.text += "x"
    await until(lambda: str(ours.text) == "x")
    assert isinstance(ours.messages[0], p.Control)
    hello = ours.messages[0].body
    assert (hello["type"], hello["epoch"], hello["role"]) == ("hello", 1, "editor")
    assert stock.control == []


async def test_an_update_is_not_echoed_to_its_sender(server_of, make_peer, until):
    server = await server_of()
    live = await server.open(await server.create())
    ada, bob = make_peer("ada").join(live), make_peer("bob").join(live)
    ada.text += "x"
    bob.text += "y"
    await until(lambda: str(ada.text) == str(bob.text) and len(str(ada.text)) == 2)
    updates = [m for m in ada.messages if isinstance(m, p.Sync) and m.step == p.UPDATE]
    assert len(updates) == 1


async def test_s3_reconnects_with_nothing_new_leave_no_trace(server_of, make_peer, until):
    """100 reconnects of a client that has nothing new add no row and send nothing to others."""
    server = await server_of()
    document = await server.create()
    live = await server.open(document)
    ada, bob = make_peer("ada").join(live), make_peer("bob").join(live)
    ada.text += "hello world"
    del ada.text[2:5]
    await until(lambda: str(bob.text) == str(ada.text) and ada.acked == ada.sent)
    rows = len((await server.history(document)).tail)
    heard = len(bob.messages)
    for _ in range(100):
        ada.drop()
        ada.control.clear()
        ada.synced = False
        ada.join(live)
        await until(lambda: ada.synced and ada.acked == ada.sent == 1)
    assert len((await server.history(document)).tail) == rows
    assert len(bob.messages) == heard


async def test_a_viewer_is_denied_unless_it_says_nothing_new(server_of, make_peer, until):
    """PROTOCOL A3."""
    server = await server_of()
    document = await server.create()
    live = await server.open(document)
    ada, eve = make_peer("ada").join(live), make_peer("eve").join(live, role="viewer")
    ada.text += "mine"
    await until(lambda: str(eve.text) == "mine")
    eve.drop()
    eve.join(live, role="viewer")
    await until(lambda: eve.synced)
    assert not [body for body in eve.control if body["type"] == "denied"]
    eve.text += "!"
    await until(lambda: [body["count"] for body in eve.control if body["type"] == "denied"] == [2])
    assert str(ada.text) == live.text() == "mine"
    await until(lambda: eve.acked == 2)  # a denied frame counts as dealt with (A1)


def holes() -> list[bytes]:
    """Updates of two clients, with insertions into one another's text and deletions."""
    rng = random.Random(7)
    docs = [pycrdt.Doc(), pycrdt.Doc()]
    updates: list[bytes] = []
    subscriptions = [doc.observe(lambda event: updates.append(event.update)) for doc in docs]
    for step in range(5):
        doc = docs[step % 2]
        other = docs[1 - step % 2]
        text = doc.get("source", type=pycrdt.Text)
        if step in (2, 4):
            del text[1:3]
        text.insert(rng.randint(0, len(text)), f"<{step}>")
        mine = doc.get_update(other.get_state())
        before = len(updates)
        other.apply_update(mine)
        del updates[before:]
    for doc, subscription in zip(docs, subscriptions, strict=True):
        doc.unobserve(subscription)
    return updates


@pytest.mark.parametrize("restart", [False, True])
async def test_s1_s2_holes_in_any_order_with_joins_snapshots_and_restarts(
    server_of, make_peer, until, restart
):
    """Dependencies that come later, deletions that come before their target: all end with one text."""
    updates = holes()
    whole = pycrdt.Doc()
    for update in updates:
        whole.apply_update(update)
    expected = str(whole.get("source", type=pycrdt.Text))
    assert len(updates) == 7
    orders = random.Random(3).sample(list(itertools.permutations(updates)), 12 if restart else 40)
    server = await server_of()
    for number, order in enumerate(orders):
        document = await server.create()
        live = await server.open(document)
        early, writer = make_peer("early").join(live), make_peer("writer").join(live)
        cut = number % len(order)
        for update in order[:cut]:
            writer.give(p.sync(p.UPDATE, update))
        between = make_peer("between").join(live)
        await until(lambda w=writer: w.acked == w.sent)
        await server.history(document)
        await server.snapshots.make(document)
        peers = [early, between]
        if restart:
            await server.stop()
            server = await server_of()
            live = await server.open(document)
            for peer in (early, between, writer):
                peer.session = None
                peer.join(live)
        for update in order[cut:]:
            writer.give(p.sync(p.UPDATE, update))
        peers.append(make_peer("late").join(live))
        await until(lambda ps=peers: all(peer.synced for peer in ps))
        await until(lambda ps=peers: [str(peer.text) for peer in ps] == [expected] * len(ps))
        assert live.text() == expected
        assert decode_meta(live.snapshot()).within(p.parse_state_vector(live.vector())), (
            "something is pending"
        )


async def test_two_clients_that_open_a_new_document_at_once_both_sync(server_of, make_peer, until):
    server = await server_of()
    document = await server.create()
    peers = [make_peer(name) for name in ("ada", "bob", "eve")]

    async def come(peer):
        peer.join(await server.open(document))

    await asyncio.gather(*map(come, peers))
    peers[0].text += "first"
    await until(lambda: all(peer.synced and str(peer.text) == "first" for peer in peers))
    assert len(server.live.documents()) == 1


async def test_a4_over_the_rate_reading_pauses_and_nothing_is_dropped(server_of, make_peer, until):
    server = await server_of(limits=Limits(message_rate=100, message_burst=5))
    live = await server.open(await server.create())
    ada, bob = make_peer("ada").join(live), make_peer("bob").join(live)
    pauses = 0
    doc = pycrdt.Doc()
    text = doc.get("source", type=pycrdt.Text)
    updates: list[bytes] = []
    doc.observe(lambda event: updates.append(event.update))
    for _ in range(60):
        text += "x"
    for update in updates:
        wait = ada.give(p.sync(p.UPDATE, update))
        if wait is not None:
            pauses += 1
            await wait
    await until(lambda: str(bob.text) == "x" * 60)
    assert pauses > 0


@pytest.mark.parametrize(
    ("limits", "text", "code"),
    [
        (Limits(max_update_size=50), "y" * 100, 4413),
        (Limits(max_source_size=50), "y" * 100, 4413),
        (Limits(max_document_size=80), "y" * 100, 4413),
    ],
)
async def test_past_a_limit_the_connection_closes_before_anybody_sees_it(
    server_of, make_peer, until, limits, text, code
):
    """PROTOCOL A3."""
    server = await server_of(limits=limits)
    live = await server.open(await server.create())
    ada, bob = make_peer("ada").join(live), make_peer("bob").join(live)
    await until(lambda: ada.synced)
    ada.text += text
    assert ada.closed is not None and ada.closed[0] == code
    assert "PlantTogether.max_" in ada.closed[1]
    await asyncio.sleep(0.05)
    assert str(bob.text) == live.text() == ""


async def test_malformed_frames_close_with_4400_and_change_nothing(server_of, make_peer, until):
    """PROTOCOL S4."""
    server = await server_of()
    document = await server.create()
    live = await server.open(document)
    rng = random.Random(5)
    good = make_peer("good").join(live)
    good.text += "kept"
    await until(lambda: good.acked == good.sent)
    sample = p.sync(p.UPDATE, good.doc.get_update())
    for number in range(scaled(1_000, 5_000)):
        eve = make_peer("eve").join(live)
        frame = bytearray(rng.choice([sample, rng.randbytes(rng.randint(0, 60))]))
        if frame and number % 2:
            del frame[rng.randrange(len(frame)) :]
        eve.give(bytes(frame))
        if eve.closed is None:
            eve.drop()
        else:
            assert eve.closed[0] == 4400
    assert live.text() == "kept"
    assert len(live.sessions) == 1
    assert len((await server.history(document)).tail) == 1


async def test_an_idle_document_is_freed_and_opens_again(server_of, make_peer, until):
    server = await server_of(idle_timeout=0.05)
    document = await server.create()
    live = await server.open(document)
    ada = make_peer("ada").join(live)
    ada.text += "kept"
    await until(lambda: ada.acked == ada.sent)
    ada.drop()
    await until(lambda: server.live.get(document) is None)
    again = await server.open(document)
    assert again is not live
    assert again.text() == "kept"


async def test_editing_by_minimal_difference_keeps_what_others_wrote(server_of, make_peer, until):
    server = await server_of()
    live = await server.open(await server.create())
    ada = make_peer("ada").join(live)
    ada.text += "one\ntwo\n"
    await live.edit_text("one\r\nTWO\n😀\n", "rest")
    await until(lambda: str(ada.text) == "one\nTWO\n😀\n")
    await until(lambda: live.all_saved)


async def test_a_text_may_be_replaced_whole_near_the_limit(server_of, make_peer, until):
    server = await server_of(limits=Limits(max_source_size=1_000))
    live = await server.open(await server.create())
    ada = make_peer("ada").join(live)
    await live.edit_text("a" * 900, "rest")
    await live.edit_text("b" * 950, "rest")
    await until(lambda: str(ada.text) == "b" * 950)
    with ada.doc.transaction():
        del ada.text[:]
        ada.text += "c" * 1_000
    await until(lambda: ada.acked == ada.sent)
    assert live.text() == "c" * 1_000
    ada.text += "c"
    assert ada.closed is not None
    assert ada.closed[0] == 4413


async def test_a_deletion_while_a_document_is_loaded_is_not_missed(server_of, make_peer, until, monkeypatch):
    server = await server_of()
    document = await server.create()
    room, _ = await server.store.locate(document)
    load = LiveDocument.load
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(self, loaded, stream):
        reached.set()
        await go_on.wait()
        await load(self, loaded, stream)

    monkeypatch.setattr(LiveDocument, "load", slowly)
    opening = asyncio.ensure_future(server.open(document))
    await reached.wait()
    heard = []
    server.journal.follow(heard.append, lambda sentence: None)
    await server.store.delete_document(Ref(id=room.id), Ref(id=document), Action("ada", 5))
    server.journal.notify_now()
    await until(lambda: heard and heard[-1].type == "document.deleted")
    go_on.set()
    with pytest.raises(DocumentNotFound):
        await opening
    assert server.live.documents() == []
