"""Presence: owned ids, stamped names, one frame per interval (PROTOCOL P1-P4)."""

import asyncio
import json
import time

import pytest

from jupyter_plant_together.limits import Limits
from jupyter_plant_together.yjs import sync as p


def announce(peer, client, clock, state):
    peer.give(p.awareness([p.AwarenessEntry(client, clock, json.dumps(state))]))


async def test_the_server_stamps_who_it_is(server_of, make_peer, until):
    """PROTOCOL P2."""
    server = await server_of()
    live = await server.open(await server.create())
    ada, eve = make_peer("ada").join(live), make_peer("eve").join(live)
    announce(eve, 7, 1, {"user": {"name": "Ada", "username": "ada"}, "cursor": {"anchor": None}})
    await until(lambda: 7 in ada.presence)
    state = json.loads(ada.presence[7])
    assert state["user"] == {"username": "eve", "name": "Eve", "kind": "browser"}
    assert state["cursor"] == {"anchor": None}


async def test_p1_a_session_owns_one_id_and_no_one_elses(server_of, make_peer, until):
    server = await server_of()
    live = await server.open(await server.create())
    ada, eve, bob = (make_peer(name).join(live) for name in ("ada", "eve", "bob"))
    announce(ada, 1, 1, {"at": 1})
    announce(eve, 1, 9, {"at": "forged"})  # somebody else's
    announce(ada, 2, 1, {"at": "second"})  # stock clients re-send what they hear
    announce(eve, 3, 1, {"at": 3})
    announce(eve, 1, 9, None)
    await until(lambda: {1, 3} <= bob.presence.keys())
    assert json.loads(bob.presence[1])["at"] == 1
    assert set(bob.presence) == {1, 3}


async def test_p1_the_same_user_takes_an_id_over_at_once(server_of, make_peer, until):
    server = await server_of()
    live = await server.open(await server.create())
    old, new, bob = make_peer("ada").join(live), make_peer("ada").join(live), make_peer("bob").join(live)
    announce(old, 1, 1, {"at": "old"})
    announce(new, 1, 2, {"at": "new"})
    await until(lambda: 1 in bob.presence and json.loads(bob.presence[1])["at"] == "new")
    old.drop()
    await asyncio.sleep(0.15)
    assert json.loads(bob.presence[1])["at"] == "new"
    new.drop()
    await until(lambda: bob.presence[1] == "null")


async def test_a_newcomer_sees_everybody_and_presence_is_never_history(server_of, make_peer, until):
    server = await server_of()
    document = await server.create()
    live = await server.open(document)
    ada = make_peer("ada").join(live)
    announce(ada, 1, 1, {})
    late = make_peer("late").join(live)
    await until(lambda: 1 in late.presence)
    assert (await server.history(document)).tail == []


async def test_p3_many_moves_make_one_frame_per_interval(server_of, make_peer, until):
    server = await server_of()
    live = await server.open(await server.create())
    movers = [make_peer(f"u{n}").join(live) for n in range(20)]
    watcher = make_peer("watcher").join(live)
    for clock in range(1, 11):
        for client, mover in enumerate(movers):
            announce(mover, client, clock, {"at": clock})
    await until(lambda: len(watcher.presence) == 20)
    frames = [message for message in watcher.messages if isinstance(message, p.Awareness)]
    assert len(frames) == 1
    assert all(json.loads(state)["at"] == 10 for state in watcher.presence.values())


async def test_p3_whoever_moves_all_the_time_is_told_in_intervals(server_of, make_peer, until):
    server = await server_of()
    live = await server.open(await server.create())
    mover, watcher = make_peer("mover").join(live), make_peer("watcher").join(live)
    announce(mover, 1, 1, {"at": 1})
    await until(lambda: watcher.presence)
    heard, begin = len(watcher.messages), time.monotonic()
    for clock in range(2, 62):
        announce(mover, 1, clock, {"at": clock})
        await asyncio.sleep(0.005)
    await until(lambda: json.loads(watcher.presence[1])["at"] == 61)
    frames = [message for message in watcher.messages[heard:] if isinstance(message, p.Awareness)]
    assert 1 <= len(frames) <= (time.monotonic() - begin) / 0.05 + 1


@pytest.mark.parametrize(("state", "code"), [({"x": "y" * 5_000}, 4413), ([1], 4400), ("text", 4400)])
async def test_a_bad_state_closes_the_connection(server_of, make_peer, state, code):
    server = await server_of(limits=Limits(max_presence_size=4_096))
    live = await server.open(await server.create())
    eve = make_peer("eve").join(live)
    announce(eve, 1, 1, state)
    assert eve.closed[0] == code
    assert live.presence.participants() == []


@pytest.mark.parametrize(
    "state",
    [
        '{"a": NaN}',
        '{"a": -Infinity}',
        '{"a": 1e999}',
        '{"a": "\\ud800"}',
        '{"\\udfff": 1}',
        '{"a": ' + "[" * 2_000 + "]" * 2_000 + "}",
        "[]",
        "nul",
        "",
    ],
)
async def test_a_state_that_others_could_not_parse_is_refused_and_harms_nobody(
    server_of, make_peer, until, state
):
    server = await server_of()
    live = await server.open(await server.create())
    ada, eve = make_peer("ada").join(live), make_peer("eve").join(live)
    eve.give(p.awareness([p.AwarenessEntry(7, 1, state)]))
    assert eve.closed is not None
    assert eve.closed[0] == 4400
    announce(ada, 1, 1, {"at": 1})
    late = make_peer("late").join(live)
    await until(lambda: 1 in late.presence)
    assert 7 not in late.presence


@pytest.mark.parametrize(("client", "clock"), [(2**53, 1), (1, 2**53)])
async def test_numbers_beyond_javascripts_are_refused(server_of, make_peer, client, clock):
    server = await server_of()
    live = await server.open(await server.create())
    eve = make_peer("eve").join(live)
    announce(eve, client, clock, {})
    assert eve.closed is not None
    assert eve.closed[0] == 4400
