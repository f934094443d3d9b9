"""Presence across replicas (PROTOCOL P1, P3, P4)."""

import asyncio
import json
import time

import pytest

from jupyter_plant_together.live import announcements
from jupyter_plant_together.yjs import sync as p


@pytest.fixture(params=["redis", "valkey"])
def backend(request):
    """Redis and Valkey only: the embedded mode has one process."""
    return request.param


def announce(peer, client, clock, state):
    peer.give(p.awareness([p.AwarenessEntry(client, clock, json.dumps(state))]))


def seen(peer):
    """Whom a peer believes to be there."""
    return {
        client: json.loads(state)["user"]["username"]
        for client, state in peer.presence.items()
        if state != "null"
    }


async def apart(server_of, make_peer, other="bob"):
    """Return two replicas, a document, and two people who have it open: ada at the first, one at the other."""
    one, two = await server_of(), await server_of()
    document = await one.create()
    ada = make_peer("ada").join(await one.open(document))
    return one, two, document, ada, make_peer(other).join(await two.open(document))


async def test_p4_people_on_other_replicas_are_seen_move_and_leave(server_of, make_peer, until):
    _one, _two, _document, ada, bob = await apart(server_of, make_peer)
    announce(ada, 1, 1, {"at": 1})
    announce(bob, 2, 1, {"at": 2})
    await until(lambda: seen(ada) == seen(bob) == {1: "ada", 2: "bob"})
    announce(ada, 1, 2, {"at": 7})
    await until(lambda: json.loads(bob.presence[1])["at"] == 7)
    ada.drop()
    await until(lambda: seen(bob) == {2: "bob"})


async def test_late_joiners_see_everybody_at_once(server_of, make_peer, until):
    one, two = await server_of(), await server_of()
    document = await one.create()
    live = await one.open(document)
    people = [make_peer(f"u{number}").join(live) for number in range(5)]
    for number, peer in enumerate(people):
        announce(peer, number, 1, {})
    await until(lambda: len(seen(people[0])) == 5)
    late = make_peer("late").join(await two.open(document))
    await until(lambda: len(seen(late)) == 5, timeout=1)
    assert len(two.live.get(document).presence.participants()) == 5


async def test_p4_a_dead_replicas_people_vanish_within_thirty_seconds(
    server_of, make_peer, until, monkeypatch
):
    one, two, document, ada, bob = await apart(server_of, make_peer)
    announce(ada, 1, 1, {})
    announce(bob, 2, 1, {})
    await until(lambda: seen(bob) == {1: "ada", 2: "bob"})
    dead = one.live.get(document).presence
    monkeypatch.setattr(dead, "_announce", lambda payload: None)  # as if killed: it says nothing any more
    there = two.live.get(document).presence
    there.housekeep(time.monotonic() + 20)
    await asyncio.sleep(0.1)
    assert seen(bob) == {1: "ada", 2: "bob"}
    there.housekeep(time.monotonic() + 30)
    await until(lambda: seen(bob) == {2: "bob"})


async def test_p4_whoever_is_alive_is_said_again_in_time(server_of, make_peer, until):
    one, two, document, ada, bob = await apart(server_of, make_peer)
    announce(ada, 1, 1, {})
    await until(lambda: seen(bob) == {1: "ada"})
    for replica in two.live.get(document).presence._replicas.values():
        replica.heard_at -= 24
    one.live.get(document).presence.housekeep(time.monotonic() + 9)
    await asyncio.sleep(0.1)
    two.live.get(document).presence.housekeep(time.monotonic() + 2)
    await asyncio.sleep(0.1)
    assert seen(bob) == {1: "ada"}


async def test_p1_nobody_takes_an_id_of_another_user_on_another_replica(server_of, make_peer, until):
    _, _, _, ada, eve = await apart(server_of, make_peer, "eve")
    announce(ada, 1, 1, {})
    await until(lambda: seen(eve) == {1: "ada"})
    announce(eve, 1, 9, {"forged": True})
    announce(eve, 3, 1, {})
    await until(lambda: seen(ada) == {1: "ada", 3: "eve"})


async def test_p1_a_user_who_comes_back_on_another_replica_is_there_once_and_stays(
    server_of, make_peer, until
):
    one, two, three = await server_of(), await server_of(), await server_of()
    document = await one.create()
    live = await one.open(document)
    old, bob = make_peer("ada").join(live), make_peer("bob").join(await three.open(document))
    announce(old, 1, 1, {"at": "old"})
    await until(lambda: seen(bob) == {1: "ada"})
    new = make_peer("ada").join(await two.open(document))
    announce(new, 1, 1, {"at": "new"})  # the same page, so the same id and clock
    await until(lambda: json.loads(bob.presence[1])["at"] == "new")
    live.presence.announce_all()
    old.drop()  # the server notices late that the old connection is gone
    await asyncio.sleep(0.2)
    assert seen(bob) == {1: "ada"}
    assert [person["username"] for person in three.live.get(document).presence.participants()] == ["ada"]


async def test_a_stopped_replica_takes_its_people_with_it_at_once(server_of, make_peer, until):
    one, _two, _document, ada, bob = await apart(server_of, make_peer)
    announce(ada, 1, 1, {})
    await until(lambda: seen(bob) == {1: "ada"})
    await one.stop()
    await until(lambda: seen(bob) == {})


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{}",
        b"[]",
        b'{"kind":"some","entries":[[1,1,"a","5"]]}',
        b'{"kind":"what","entries":[]}',
        b"\xff",
    ],
)
def test_what_cannot_be_read_is_ignored(payload):
    assert announcements.read(payload) is None
