"""Edits that the server makes of a text: appended on a condition first, shown after (PROTOCOL A8)."""

import asyncio
import sqlite3

import pytest

from jupyter_plant_together.errors import PreconditionFailed, Unavailable
from jupyter_plant_together.yjs.integrator import merge_state
from jupyter_plant_together.yjs.update import decode_meta

WANTED = "@startuml\n" + "".join(f"A -> B : line {number}\n" for number in range(30)) + "@enduml\n"


@pytest.fixture(params=["embedded", "redis"])
def backend(request):
    """One of each kind; Valkey runs the script in test_conditional_append.py."""
    return request.param


async def two(server_of):
    """Two servers with one document, and that document on each."""
    one, other = await server_of(), await server_of()
    document = await one.create()
    return one, other, document, await one.open(document), await other.open(document)


async def test_a8_the_same_edit_at_once_on_two_servers_is_made_once(server_of, until):
    one, _, document, here, there = await two(server_of)
    for wanted in ("@startuml\n@enduml\n", WANTED, WANTED.replace("line", "row"), ""):
        edits = [live.edit_text(wanted, "rest") for live in (here, here, there, there)]
        assert await asyncio.gather(*edits) == [True] * 4
        await until(lambda text=wanted: here.text() == there.text() == text)
    loaded = await one.history(document)
    parts = [] if loaded.snapshot is None else [loaded.snapshot]
    state = merge_state([*parts, *(row.data for row in loaded.tail)])
    assert set(decode_meta(state).structs) == set(here.authors.clients)
    assert set(here.authors.clients.values()) == {"rest"}


@pytest.mark.parametrize("where", ["here", "there"])
async def test_a8_who_is_faster_makes_an_edit_miss_and_it_is_computed_again(
    server_of, make_peer, until, where
):
    _, _, _, here, there = await two(server_of)
    ada = make_peer("ada").join(here if where == "here" else there)
    await until(lambda: ada.synced)
    asked = []

    async def wanted(_state):
        asked.append(here.text())
        if len(asked) < 3:
            ada.text += f"{len(asked)}"
            await until(lambda: ada.acked == ada.sent)
        return asked[-1] + "!"

    assert await here.edit(wanted, "rest")
    await until(lambda: str(ada.text) == there.text() == here.text() == "12!")
    assert len(asked) >= 3


async def test_a8_a_condition_of_the_asker_is_looked_at_again_after_a_miss(server_of, make_peer, until):
    """As ``If-Match`` is: 412, and nothing of the edit is anywhere."""
    _, _, _, here, there = await two(server_of)
    ada = make_peer("ada").join(there)
    await until(lambda: ada.synced)

    async def wanted(_state):
        if here.text():
            raise PreconditionFailed("It was changed meanwhile.")
        ada.text += "faster"
        await until(lambda: ada.acked == ada.sent)
        return "slower"

    with pytest.raises(PreconditionFailed):
        await here.edit(wanted, "rest")
    await until(lambda: here.text() == "faster")
    assert there.text() == "faster"


async def test_a8_who_always_misses_is_told_that_nothing_was_changed(server_of, make_peer, until):
    _, _, _, here, there = await two(server_of)
    ada = make_peer("ada").join(there)
    await until(lambda: ada.synced)
    asked = []

    async def wanted(_state):
        asked.append(1)
        ada.text += "."
        await until(lambda: ada.acked == ada.sent)
        return "never"

    with pytest.raises(Unavailable, match="Nothing was changed: others change this document"):
        await here.edit(wanted, "rest")
    assert len(asked) == 5
    await until(lambda: here.text() == "." * 5)


async def test_a8_an_edit_is_shown_to_nobody_before_it_is_durable(server_of, make_peer, until):
    _, _, _, here, _ = await two(server_of)
    ada = make_peer("ada").join(here)
    await until(lambda: ada.synced and ada.acked == ada.sent)
    seen = []
    written = here.received

    def received(update, author):
        seen.append((here.text(), author))
        written(update, author)

    here.received = received
    assert await here.edit_text("shown", "rest")
    assert seen == [("", "rest")]
    assert here.text() == "shown"
    await until(lambda: str(ada.text) == "shown")
    assert here.durability.reached >= here.durability.last


class TestEmbedded:
    @pytest.fixture
    def backend(self):
        return "embedded"

    async def test_a8_what_cannot_be_written_is_not_applied_and_is_told_so(self, server_of, make_peer, until):
        server = await server_of()
        live = await server.open(await server.create())
        ada = make_peer("ada").join(live)
        await until(lambda: ada.synced and ada.acked == ada.sent)
        other = sqlite3.connect(server.path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match=r"Nothing was changed: .*database"):
            await live.edit_text("never", "rest")  # it is made once, within the time of the lock
        assert (live.text(), str(ada.text), live.all_saved) == ("", "", True)
        ada.text += "waits"
        await until(lambda: server.journal.outage is not None, timeout=30)
        with pytest.raises(Unavailable, match="Nothing was changed"):
            await live.edit_text("never", "rest")  # at once
        other.execute("ROLLBACK")
        other.close()
        await until(lambda: ada.acked == ada.sent, timeout=30)
        assert live.text() == "waits"
        assert await live.edit_text("later", "rest")
        await until(lambda: str(ada.text) == "later")

    async def test_a8_what_is_not_sent_in_time_is_withdrawn(self, server_of, make_peer, until):
        """It stands behind an edit that cannot be written."""
        server = await server_of()
        live = await server.open(await server.create())
        ada = make_peer("ada").join(live)
        await until(lambda: ada.synced and ada.acked == ada.sent)
        other = sqlite3.connect(server.path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        ada.text += "first"
        await until(lambda: not live.all_saved)

        async def wanted(_state):
            return "never"

        with pytest.raises(Unavailable, match="Nothing was changed"):
            await live.edit(wanted, "rest", within=0.3)
        other.execute("ROLLBACK")
        other.close()
        await until(lambda: live.all_saved, timeout=30)
        assert live.text() == str(ada.text) == "first"


class TestRedis:
    @pytest.fixture
    def backend(self):
        return "redis"

    @pytest.fixture
    def own_redis(self, request):
        from redis_server import RedisServer

        server = RedisServer("redis").start()
        request.addfinalizer(server.remove)
        return server

    async def test_a8_what_is_sent_and_not_answered_goes_on_by_itself(self, server_of, own_redis, until):
        """Never "try again": it is told apart, and is there once."""
        one, other = await server_of(redis=own_redis.url), await server_of(redis=own_redis.url)
        document = await one.create()
        here, there = await one.open(document), await other.open(document)

        async def wanted(_state):
            return WANTED

        own_redis.pause()
        assert await here.edit(wanted, "rest", within=2.0) is False
        assert not here.all_saved
        assert here.text() == ""
        own_redis.kill()  # with all that was not carried out
        own_redis.start()
        await until(lambda: here.text() == there.text() == WANTED, timeout=20)
        await until(lambda: not here.edits.under_way)
        assert await there.edit_text(WANTED, "rest")
        assert here.text() == there.text() == WANTED

    async def test_a8_what_somebody_repeats_elsewhere_meanwhile_is_not_made_twice(
        self, server_of, own_redis, make_peer, until
    ):
        """Also with somebody typing in between: the first one's condition does not hold any more."""
        one, other = await server_of(redis=own_redis.url), await server_of(redis=own_redis.url)
        document = await one.create()
        here, there = await one.open(document), await other.open(document)
        bob = make_peer("bob").join(there)
        await until(lambda: bob.synced)
        link = one.journal._appender.link
        connection = link.connection
        connection.send = lambda *_: None  # what is sent from now on gets lost

        async def wanted(_state):
            return WANTED

        assert await here.edit(wanted, "rest", within=0.3) is False
        bob.text += "' typed\n"
        await until(lambda: bob.acked == bob.sent)
        assert await there.edit_text(WANTED, "rest")
        link.fail("the test cuts it")
        await until(lambda: not here.edits.under_way, timeout=20)
        await until(lambda: here.text() == there.text() == str(bob.text) == WANTED)
