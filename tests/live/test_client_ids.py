"""A11: who writes under a client id that others' edits have is refused before anybody sees it."""

from __future__ import annotations

import pycrdt
import pytest

from jupyter_plant_together.yjs import sync as p


@pytest.fixture(params=["embedded"])
def backend(request):
    """Nothing here depends on the journal."""
    return request.param


def with_id(peer, client: int = 4242):
    """The same peer with a document of this client id; what it sends is given by hand."""
    peer.doc = pycrdt.Doc(client_id=client)
    peer.text = peer.doc.get("source", type=pycrdt.Text)
    return peer


def edited(peer, text: str) -> bytes:
    """Write at the end; returns the frame for the server."""
    before = peer.doc.get_state()
    peer.text += text
    return p.sync(p.UPDATE, peer.doc.get_update(before))


@pytest.mark.parametrize("control", [True, False], ids=["control", "stock"])
@pytest.mark.parametrize("more", ["", " and more"], ids=["contained", "longer"])
async def test_a11_a_fork_is_refused_before_anybody_sees_it(server_of, make_peer, until, control, more):
    server = await server_of()
    live = await server.open(await server.create())
    ada, fork = with_id(make_peer("ada")).join(live), with_id(make_peer("ada")).join(live, control=control)
    bob = make_peer("bob").join(live)
    await until(lambda: ada.synced and fork.synced and bob.synced)
    mine, other = edited(ada, "from the one"), edited(fork, f"of the other{more}")
    ada.give(mine)
    fork.give(other)  # at the same moment, not having heard of it
    await until(lambda: ada.acked == 2 and str(bob.text) == "from the one")
    if control:
        fork.give(edited(fork, "!"))  # what stands on it is refused as well
        denied = [body for body in fork.control if body["type"] == "denied"]
        assert [(body["error"], body["count"]) for body in denied] == [("client-id", 2), ("client-id", 3)]
        assert fork.closed is None
    else:
        assert fork.closed is not None and fork.closed[0] == 4400
    bob.text += "."
    await until(lambda: bob.acked == 2)
    assert live.text() == str(bob.text) == "from the one."


async def test_a11_who_comes_back_with_what_is_known_is_no_fork(server_of, make_peer, until):
    """The same edits again, as other bytes, on a second connection while the first is half open."""
    server = await server_of()
    live = await server.open(await server.create())
    ada = with_id(make_peer("ada")).join(live)
    await until(lambda: ada.synced)
    for word in ("one ", "two ", "😀", "three"):
        ada.give(edited(ada, word))
    before = ada.doc.get_state()
    del ada.text[4:8]
    ada.give(p.sync(p.UPDATE, ada.doc.get_update(before)))
    await until(lambda: ada.acked == 6)
    again = with_id(make_peer("ada"))
    again.doc.apply_update(ada.doc.get_update())
    again.join(live)
    again.give(p.sync(p.STEP2, again.doc.get_update()))
    again.give(p.sync(p.UPDATE, again.doc.get_update()))
    await until(lambda: again.acked == again.sent)
    assert again.closed is None and not any(body["type"] == "denied" for body in again.control)
    assert live.text() == "one 😀three"


@pytest.mark.parametrize(
    "words", ["of the other", "of the", "of the other and more"], ids=["equal", "less", "more"]
)
async def test_a11_two_offline_copies_under_one_id_are_told_apart(server_of, make_peer, until, words):
    """What the second has within the server's clocks it would never send: it is asked for it."""
    server = await server_of()
    live = await server.open(await server.create())
    ada, other = with_id(make_peer("ada")), with_id(make_peer("ada"))
    ada.text += "from the one"
    other.text += words
    ada.join(live)
    await until(lambda: ada.acked == 1)
    other.outgoing.append(p.sync(p.STEP1, other.doc.get_state()))  # as y-websocket does, when it opens
    other.join(live)
    await until(lambda: any(body["type"] == "denied" for body in other.control))
    assert other.acked == 0  # it was told nothing before it had answered
    assert live.text() == "from the one"


async def test_a11_who_comes_back_and_has_the_same_is_acknowledged(server_of, make_peer, until):
    server = await server_of()
    live = await server.open(await server.create())
    ada, bob = make_peer("ada").join(live), make_peer("bob").join(live)
    await until(lambda: ada.synced and bob.synced)
    for word in ("one ", "😀", "two"):
        ada.text += word
        await until(lambda: str(bob.text) == str(ada.text))
    bob.drop()
    bob.text += "!"
    bob.join(live)
    await until(lambda: bob.acked == bob.sent == 2)
    assert live.text() == str(ada.text) == "one 😀two!"
