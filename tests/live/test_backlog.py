"""What waits to be applied: relayed before it is, applied in slices, and waited for by who joins (PROTOCOL S5)."""

from __future__ import annotations

import asyncio

import pycrdt
import pytest

from jupyter_plant_together.yjs import sync as p

MANY = 6_000


def typed(many: int) -> list[bytes]:
    """Return one update for each key of somebody who types."""
    updates: list[bytes] = []
    source = pycrdt.Doc()
    source.observe(lambda event: updates.append(event.update))
    text = source.get("source", type=pycrdt.Text)
    for number in range(many):
        text += str(number % 10)
    return updates


@pytest.fixture(params=["embedded"])
def backend(request):
    """Nothing here depends on the journal."""
    return request.param


async def test_s5_others_have_an_edit_before_the_doc_does(server_of, make_peer, until):
    server = await server_of()
    live = await server.open(await server.create())
    ada, bob = make_peer("ada").join(live), make_peer("bob").join(live)
    await until(lambda: ada.synced and bob.synced and not live._state.behind)
    waiting: list[int] = []
    bob.doc.observe(lambda event: waiting.append(live._state.behind))
    ada.text += "x"
    await until(lambda: str(bob.text) == "x")
    assert waiting == [1]
    await until(lambda: not live._state.behind)  # by itself, soon after
    assert live.text() == "x"


async def test_s5_a_long_backlog_is_applied_in_slices(server_of, make_peer, until):
    server = await server_of()
    live = await server.open(await server.create())
    ada = make_peer("ada").join(live)
    await until(lambda: ada.synced)
    for update in typed(MANY):
        live.received(update, "ben")
    longest, behind = 0, live._state.behind
    turns = 0
    while live._state.behind:
        await asyncio.sleep(0)
        turns += 1
        longest, behind = max(longest, behind - live._state.behind), live._state.behind
    assert behind == 0
    assert longest < MANY / 3  # two milliseconds of it, on the fastest machine
    assert turns > 3
    assert len(live.text()) == MANY


async def test_s5_who_joins_waits_while_much_is_to_be_applied(server_of, make_peer, until):
    server = await server_of()
    live = await server.open(await server.create())
    ada = make_peer("ada").join(live)
    await until(lambda: ada.synced)
    for update in typed(MANY):
        live.received(update, "ben")
    late = make_peer("late")
    session = live.join(late, late.person, role="editor", wants_control=True)
    assert [message.body["type"] for message in late.messages if isinstance(message, p.Control)] == ["hello"]
    waiting = session.receive(p.sync(p.STEP1, b"\x00"))
    assert not late.synced  # it would have cost everybody one long tick
    await waiting
    assert late.synced
    assert len(str(late.text)) == MANY
