"""A6: a peer that does not read costs no memory, and misses nothing when it reads again."""

import asyncio

from jupyter_plant_together.limits import Limits
from jupyter_plant_together.yjs import sync as p


async def test_a6_a_reader_that_stops_costs_no_memory_and_converges(server_of, make_peer, until):
    server = await server_of(limits=Limits(message_burst=100_000))
    live = await server.open(await server.create())
    writer, slow = make_peer("ada").join(live), make_peer("bob").join(live)
    await until(lambda: slow.synced)
    slow.reading = False
    written = slow.written
    for number in range(5_000):
        writer.text += f"{number} "
        if number % 100 == 0:
            await asyncio.sleep(0)
    await until(lambda: writer.acked == writer.sent)
    assert slow.written - written < 5_000, "updates were queued for a peer that does not read"
    slow.resume()
    await until(lambda: str(slow.text) == str(writer.text))
    writer.text += "and on"
    await until(lambda: str(slow.text) == str(writer.text))


async def test_a6_presence_alone_does_not_pile_up_for_a_reader_that_stops(server_of, make_peer, until):
    server = await server_of()
    live = await server.open(await server.create())
    slow = make_peer("slow").join(live)
    await until(lambda: slow.synced)
    slow.reading = False
    before = slow.written
    for _ in range(1_000):
        slow.session.deliver(b"x" * 1_000)
    assert slow.written - before < 5_000


async def test_a6_a_peer_that_asks_and_does_not_read_gets_one_answer(server_of, make_peer, until):
    server = await server_of()
    live = await server.open(await server.create())
    ada, slow = make_peer("ada").join(live), make_peer("slow").join(live)
    await until(lambda: slow.synced)
    slow.reading = False
    ada.text += "x" * 10_000
    await until(lambda: bool(slow.unread))
    before = slow.written
    for _ in range(200):
        slow.give(p.sync(p.STEP1, b"\x00"))
    assert slow.written == before
    slow.messages.clear()
    slow.resume()
    await until(lambda: str(slow.text) == str(ada.text))
    answers = [m for m in slow.messages if isinstance(m, p.Sync) and m.step == p.STEP2]
    assert len(answers) == 1


async def test_a6_a_peer_that_is_slow_again_while_it_catches_up_misses_nothing(server_of, make_peer, until):
    """What this tick broadcasts fills its buffer anew before it was sent what it missed."""
    server = await server_of()
    live = await server.open(await server.create())
    ada, slow = make_peer("ada").join(live), make_peer("slow").join(live)
    await until(lambda: slow.synced)
    slow.reading = False
    ada.text += "one "
    await until(lambda: bool(slow.unread))  # from here on it is behind
    ada.text += "two "
    await until(lambda: ada.acked == ada.sent)
    assert live.text() == "one two "
    slow.read()  # all that was written so far has left …
    ada.text += "three"
    slow.drained()  # … and what comes now is not read either
    slow.resume()
    await until(lambda: str(slow.text) == "one two three")
