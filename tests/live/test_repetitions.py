"""What was taken before is neither journalled nor relayed again, however a client comes to send it (S3)."""

from __future__ import annotations

import random

import pycrdt

from jupyter_plant_together.live.seen import SeenUpdates
from jupyter_plant_together.yjs import sync as p
from jupyter_plant_together.yjs.update import decode_meta


async def test_s3_a_client_that_echoes_what_it_is_sent_leaves_no_trace(server_of, make_peer, until):
    """pycrdt's Provider sends what it receives back to the server, as an update of its own."""
    server = await server_of()
    document = await server.create()
    live = await server.open(document)
    ada, eve = make_peer("ada").join(live), make_peer("eve").join(live, control=False)
    bob = make_peer("bob").join(live)
    heard: list[bytes] = []
    eve.doc.observe(lambda event: heard.extend([event.update] if eve._remote else []))
    ada.text += "some text 🌱"
    del ada.text[2:6]
    ada.text.insert(2, "more")
    await until(lambda: ada.acked == ada.sent)
    rows = len((await server.history(document)).tail)
    written = bob.written

    assert len(heard) == 3
    for update in heard:
        eve.give(p.sync(p.UPDATE, update))
    late = make_peer("late").join(live)
    late.give(p.sync(p.UPDATE, live.snapshot()))
    await until(lambda: late.synced and late.acked == late.sent)

    assert len((await server.history(document)).tail) == rows
    assert bob.written == written


async def test_s3_an_update_that_fills_a_hole_is_no_repetition(server_of, make_peer, until):
    server = await server_of()
    live = await server.open(await server.create())
    peer = make_peer("ada")
    updates: list[bytes] = []
    source = pycrdt.Doc()
    source.observe(lambda event: updates.append(event.update))
    text = source.get("source", type=pycrdt.Text)
    text += "one "
    text += "two "
    text += "three"
    peer.join(live)
    await until(lambda: peer.synced)
    for update in (updates[2], updates[0], updates[1]):
        peer.give(p.sync(p.UPDATE, update))
    await until(lambda: peer.acked == peer.sent)
    assert live.text() == "one two three"


def test_what_was_taken_is_always_suspected_and_what_is_new_never():
    """Random edits of three clients: no taken update escapes, no update with something new is suspected."""
    chance = random.Random(7)
    docs = [pycrdt.Doc() for _ in range(3)]
    texts = [doc.get("source", type=pycrdt.Text) for doc in docs]
    seen, taken = SeenUpdates(), []
    for _ in range(600):
        index = chance.randrange(3)
        before = docs[index].get_state()
        made: list[bytes] = []
        subscription = docs[index].observe(lambda event, made=made: made.append(event.update))
        text = texts[index]
        if len(text) > 10 and chance.random() < 0.4:
            start = chance.randrange(len(text) - 2)
            del text[start : start + 2]
        else:
            text.insert(chance.randint(0, len(text)), chance.choice("abcdef"))
        docs[index].unobserve(subscription)
        assert docs[index].get_state() != before or made
        for update in made:
            meta = decode_meta(update)
            assert not seen.maybe_duplicate(meta)
            seen.add(meta)
            taken.append(update)
            for other in docs:
                if other is not docs[index]:
                    other.apply_update(update)
    assert all(seen.maybe_duplicate(decode_meta(update)) for update in taken)
