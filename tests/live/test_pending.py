"""S7: an update whose predecessor never comes harms nobody, and is bounded for each user at the door."""

from __future__ import annotations

import pycrdt
import pytest

from jupyter_plant_together.store.port import Update
from jupyter_plant_together.yjs import sync as p
from jupyter_plant_together.yjs.integrator import SLICE, merged
from jupyter_plant_together.yjs.update import decode_meta


@pytest.fixture(params=["embedded"])
def backend(request):
    """Nothing here depends on the journal."""
    return request.param


def with_a_hole(structs: int) -> tuple[bytes, bytes]:
    """Return an update and a later one, of many structs, that cannot be integrated without it."""
    doc = pycrdt.Doc()
    text = doc.get("source", type=pycrdt.Text)
    text += "a"
    first, before = doc.get_update(), doc.get_state()
    with doc.transaction():
        for _ in range(structs):
            text.insert(1, "b")
    return first, doc.get_update(before)


async def test_s7_too_much_that_waits_ends_only_who_sent_it(server_of, make_peer, until):
    server = await server_of()
    live = await server.open(await server.create())
    ada, eve, bob = (make_peer(name).join(live) for name in ("ada", "eve", "bob"))
    await until(lambda: ada.synced and eve.synced)
    eve.give(p.sync(p.UPDATE, with_a_hole(12_000)[1]))
    await until(lambda: eve.acked == 2)  # it waits, and it is kept
    relayed = len(bob.messages)
    eve.give(p.sync(p.UPDATE, with_a_hole(12_000)[1]))
    await until(lambda: eve.closed is not None)
    assert eve.closed[0] == 4413 and len(bob.messages) == relayed  # nobody saw it (A3)
    ada.text += "hello"
    ada.give(p.sync(p.UPDATE, with_a_hole(12_000)[1]))  # another user has bounds of her own
    await until(lambda: ada.acked == 3)
    assert live.text() == "hello"
    again = make_peer("eve").join(live)  # she comes back; less is taken still, more is refused again
    await until(lambda: again.synced)
    again.text += "!"
    await until(lambda: "!" in live.text())
    again.give(p.sync(p.UPDATE, with_a_hole(12_000)[1]))
    await until(lambda: again.closed is not None)


async def test_s7_what_waits_goes_in_when_the_missing_comes_and_no_longer_counts(server_of, make_peer, until):
    server = await server_of()
    live = await server.open(await server.create())
    ada = make_peer("ada").join(live)
    await until(lambda: ada.synced)
    for _ in range(3):
        first, later = with_a_hole(9_000)
        ada.give(p.sync(p.UPDATE, later))
        ada.give(p.sync(p.UPDATE, first))
    await until(lambda: ada.acked == 7, timeout=60)
    assert len(live.text()) == 27_003
    assert merged([live.snapshot()])[1] == live.text()
    assert decode_meta(live.snapshot()).structs == p.parse_state_vector(live.vector())


async def test_s7_what_waits_is_never_refused_from_the_store_and_a_newcomer_gets_it(
    server_of, make_peer, until
):
    server = await server_of()
    document = await server.create()
    first, later = with_a_hole(30_000)
    await server.store.append([Update(document, 1, later, "eve", 1, (1,))])
    live = await server.open(document)
    assert live.text() == ""
    assert merged([live.snapshot(), first])[1] == "a" + "b" * 30_000
    ada = make_peer("ada").join(live)
    await until(lambda: ada.synced)
    ada.give(p.sync(p.UPDATE, first))
    await until(lambda: ada.acked == 2)
    assert live.text() == "a" + "b" * 30_000


async def test_s5_s6_a_heavy_update_is_applied_in_slices_and_who_joins_waits_for_it(
    server_of, make_peer, until
):
    server = await server_of()
    live = await server.open(await server.create())
    ada = make_peer("ada").join(live)
    await until(lambda: ada.synced)
    first, later = with_a_hole(50_000)
    ada.give(p.sync(p.UPDATE, first))
    ada.give(p.sync(p.STEP2, later))  # fifty thousand edits that were made offline arrive in one piece
    await until(lambda: ada.acked == 3, timeout=60)
    heaviest = 0
    while live._state.behind:
        before = live._state.behind_structs
        live._state.drain(0)
        heaviest = max(heaviest, before - live._state.behind_structs)
    assert heaviest == SLICE
    assert len(live.text()) == 50_001


async def test_a10_who_is_connected_is_told_that_a_split_emoji_is_gone(server_of, make_peer, until):
    server = await server_of()
    document = await server.create()
    live = await server.open(document)
    ada, bob = make_peer("ada").join(live), make_peer("bob").join(live)
    await until(lambda: ada.synced and bob.synced)
    emoji = b"\x01\x01\x07\x00\x04\x01\x06source\x06x\xf0\x9f\x98\x80y\x00"
    between = b"\x01\x01\x08\x00\xc4\x07\x01\x07\x02\x01|\x00"
    ada.give(p.sync(p.UPDATE, emoji))
    ada.give(p.sync(p.UPDATE, between))
    repair = b"\x00\x01\x07\x01\x01\x02"  # two clocks of client 7 from 1 on
    for peer in (ada, bob):
        await until(lambda peer=peer: p.Sync(p.UPDATE, repair) in peer.messages)
    assert live.text() == "x|y"
    await until(lambda: ada.acked == 3)
    again = await (await server_of()).open(document)  # from the rows, in which there is no such deletion
    assert again.text() == "x|y"
