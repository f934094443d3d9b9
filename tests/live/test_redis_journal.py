"""The Redis journal: what replicas hear of one another, and what befalls Redis (PROTOCOL A2, E1, J1-J9)."""

import asyncio
import itertools

import pycrdt
import pytest
from certificates import self_made
from redis_server import RedisServer

from jupyter_plant_together.errors import Unavailable
from jupyter_plant_together.ids import new_document_id
from jupyter_plant_together.journal.redis import journal as redis_journal
from jupyter_plant_together.journal.redis.recovery import read_stream
from jupyter_plant_together.store.port import Action, KeyedName, NewDocument, Ref
from jupyter_plant_together.util.tasks import end_tasks
from jupyter_plant_together.yjs import sync as p
from jupyter_plant_together.yjs.integrator import merge_state

LONG = {"compaction_delay": 60.0, "min_message_lifetime": 60.0}  # nothing reaches the store during the test


@pytest.fixture(params=["redis", "valkey"])
def backend(request):
    """Redis and Valkey only: the embedded mode has no other replica to hear from."""
    return request.param


@pytest.fixture
def own_redis(backend, request):
    """A server of the test's own, which it may break."""
    server = RedisServer(backend).start()
    request.addfinalizer(server.remove)
    return server


@pytest.fixture
def replica(server_of, own_redis):
    """A factory of replicas on the server that the test may break."""

    async def make(**options):
        return await server_of(**{"redis": own_redis.url, **options})

    return make


async def two(replica, make_peer, **options):
    """Two replicas with a person each in one document."""
    one, other = await replica(**options), await replica(**options)
    document = await one.create()
    ada = make_peer("ada").join(await one.open(document))
    bob = make_peer("bob").join(await other.open(document))
    return one, other, document, ada, bob


async def entries_of(server, document):
    room, _ = await server.store.locate(document)
    return (await read_stream(server.journal.client, server.journal.names, room.id, document))[2]


def stream_of(server, document):
    return next(s for s in server.journal._all_streams() if s.document == document)


async def test_j1_j3_an_edit_reaches_the_other_replica_and_whoever_comes_later(server_of, make_peer, until):
    one, two, three = await server_of(), await server_of(), await server_of()
    document = await one.create()
    ada, bob = (
        make_peer("ada").join(await one.open(document)),
        make_peer("bob").join(await two.open(document)),
    )
    ada.text += "@startuml\n"
    await until(lambda: str(bob.text) == "@startuml\n")
    await until(lambda: ada.acked == ada.sent)
    bob.text += "A -> B\n"
    await until(lambda: str(ada.text) == "@startuml\nA -> B\n")
    eve = make_peer("eve").join(await three.open(document))
    await until(lambda: str(eve.text) == str(ada.text))
    heard = [message for message in ada.messages if getattr(message, "step", None) == 2]
    assert len(heard) == 1, "nobody hears an echo"


async def test_j3_an_entry_that_moves_between_the_two_reads_is_not_missed(
    server_of, make_peer, until, monkeypatch
):
    one = await server_of(compaction_delay=60.0, min_message_lifetime=0.0, compacts=False)
    late = await server_of(compacts=False)
    document = await one.create()
    ada = make_peer("ada").join(await one.open(document))
    ada.text += "on its way"
    await until(lambda: ada.acked == ada.sent)
    room, _ = await one.store.locate(document)
    moved: list[int] = []

    def then_move(read):
        async def reading(*arguments, **options):
            answer = await read(*arguments, **options)
            if not moved:  # after the first of the two reads, whichever it is
                moved.append(len(await entries_of(one, document)))
                await asyncio.sleep(0.01)
                await one.compactor.compact(room.id, document)
                moved.append(len(await entries_of(one, document)))
            return answer

        return reading

    monkeypatch.setattr(late.store, "load", then_move(late.store.load))
    monkeypatch.setattr(redis_journal, "read_stream", then_move(redis_journal.read_stream))
    live = await late.open(document)
    assert moved == [1, 0]
    assert live.text() == "on its way"


async def test_j1_each_entry_is_a_whole_message_with_author_origin_epoch_generation_and_chain(
    server_of, make_peer, until
):
    one = await server_of(**LONG)
    document = await one.create()
    ada = make_peer("ada\n100%").join(await one.open(document))
    ada.text += "a"
    ada.text += "b"
    await until(lambda: ada.acked == ada.sent)
    first, second = await entries_of(one, document)
    assert isinstance(p.parse(first.message), p.Sync)
    assert (first.author, first.epoch, first.clients) == ("ada\n100%", 1, (ada.doc.client_id,))
    assert (first.prev, second.prev, second.clients) == (b"0-0", first.id, ())
    assert first.generation == second.generation
    assert first.origin == second.origin
    assert merge_state([first.update, second.update]) == ada.doc.get_update()


async def test_degraded_without_redis_edits_go_on_unacknowledged_and_reach_the_others_when_it_is_back(
    replica, own_redis, make_peer, until
):
    one, _, _, ada, bob = await two(replica, make_peer)
    ben = make_peer("ben").join(one.live.documents()[0])
    ada.text += "before "
    await until(lambda: str(bob.text) == "before " and ada.acked == ada.sent)
    own_redis.kill()
    await until(lambda: any(body["type"] == "trouble" and body["message"] for body in ada.control))
    ada.text += "during "
    bob.text.insert(0, "too ")
    await until(lambda: str(ben.text) == "before during ")
    assert ada.acked < ada.sent
    assert str(bob.text) == "too before "
    assert (await one.journal.health())["state"] == "error"
    own_redis.start()
    await until(lambda: str(ada.text) == str(bob.text) == str(ben.text) == "too before during ", timeout=20)
    await until(lambda: ada.acked == ada.sent and bob.acked == bob.sent)
    assert ada.control[-2:][0]["type"] in ("trouble", "ack")
    assert one.journal.outage is None


async def test_j4_an_emptied_redis_is_refilled_from_memory_with_author_and_time(
    replica, own_redis, make_peer, until
):
    one, other, document, ada, bob = await two(replica, make_peer, **LONG)
    for number in range(20):
        (ada if number % 2 else bob).text += f"{number} "
        await asyncio.sleep(0)
    await until(lambda: str(ada.text) == str(bob.text) and ada.acked == ada.sent and bob.acked == bob.sent)
    before = await entries_of(one, document)
    own_redis.empty()
    one.journal.recovery.compare_now()
    other.journal.recovery.compare_now()
    await until(lambda: one.journal.recovery.refilled + other.journal.recovery.refilled >= 20)
    await until(lambda: not one.journal.recovery._running and not other.journal.recovery._running)
    after = await entries_of(one, document)
    assert sorted((e.author, e.at, e.message) for e in after) == sorted(
        (e.author, e.at, e.message) for e in before
    ), "each once"
    assert after[0].generation != before[0].generation
    late = make_peer("late").join(await (await replica(**LONG)).open(document))
    await until(lambda: str(late.text) == str(ada.text))
    ada.text += "and on"
    await until(lambda: str(bob.text) == str(late.text) == str(ada.text))


async def test_j1_a_stream_that_begins_anew_has_another_generation(replica, own_redis, make_peer, until):
    one, _, document, ada, _ = await two(replica, make_peer, **LONG)
    ada.text += "one "
    await until(lambda: ada.acked == ada.sent)
    before = {entry.generation for entry in await entries_of(one, document)}
    own_redis.empty()
    ada.text += "two"
    await until(lambda: ada.acked == ada.sent)
    after = {entry.generation for entry in await entries_of(one, document)}
    assert len(before) == len(after) == 1
    assert before != after


async def test_j1_ids_that_restart_lower_after_flushall_are_not_taken_for_old_ones(
    replica, own_redis, make_peer, until
):
    """The clock of a server that is new there may be behind: a generation, not an id, says what is new."""
    one, _, document, ada, bob = await two(replica, make_peer, **LONG)
    ada.text += "high "
    await until(lambda: str(bob.text) == "high " and ada.acked == ada.sent)
    room, _ = await one.store.locate(document)
    names = one.journal.names
    key, state = names.stream(room.id, document).decode(), names.state(document).decode()
    fields = dict(own_redis.execute("XREVRANGE", key, "+", "-"))
    assert fields
    own_redis.empty()
    # What another replica appended meanwhile, on a server whose clock stands at the beginning.
    other = make_peer("eve")
    other.text += "low "
    message = p.sync(p.UPDATE, other.doc.get_update())
    own_redis.execute(
        "XADD", key, "1-1", "m", message, "author", "eve", "origin", "eve-1", "epoch", "1",
        "generation", "abc", "prev", "0-0", "at", "5", "clients", str(other.doc.client_id), "again", "0",
    )  # fmt: skip
    own_redis.execute("SET", state, "abc 1 1-1")
    payload = b"\n".join([b"u", b"abc", b"0-0", b"1-1", b"eve-1", b"1", b"5", b"", b"0", b"eve", message])
    own_redis.execute("PUBLISH", names.channel(document), payload)
    await until(lambda: "low " in str(ada.text) and "low " in str(bob.text))
    await until(lambda: not one.journal.recovery._running)
    assert {entry.author for entry in await entries_of(one, document)} == {"ada", "eve"}
    ada.text += "on"
    await until(lambda: str(ada.text) == str(bob.text) and ada.acked == ada.sent)


async def in_redis(server, redis, document):
    """Redis as it is now: call what is returned, and it is as it was."""
    room, _ = await server.store.locate(document)
    names = server.journal.names
    keys = [names.stream(room.id, document), names.state(document), names.marked]
    dumps = [redis.execute("DUMP", key) for key in keys]

    def come_back():
        for key, dump in zip(keys, dumps, strict=True):
            redis.execute("RESTORE", key, "0", dump, "REPLACE")

    return come_back


async def deaf_to(server, document, ada, until, text):
    """Ada types ``text`` and ``server`` never hears of it."""
    stream = stream_of(server, document)
    stream.heard = lambda entry: None
    ada.text += text
    await until(lambda: ada.acked == ada.sent)
    await asyncio.sleep(0.05)
    del stream.heard


async def in_store(server, document):
    """The text as the store alone has it."""
    loaded = await server.store.load(document)
    doc = pycrdt.Doc()
    doc.apply_update(merge_state([row.data for row in loaded.tail]))
    return str(doc.get("source", type=pycrdt.Text))


async def test_j8_who_saw_more_than_the_stream_has_begins_a_new_generation(
    replica, own_redis, make_peer, until
):
    one, _, document, ada, bob = await two(replica, make_peer, **LONG)
    ada.text += "1"
    await until(lambda: str(bob.text) == "1" and ada.acked == ada.sent)
    come_back = await in_redis(one, own_redis, document)
    ada.text += "2"
    await until(lambda: str(bob.text) == "12" and ada.acked == ada.sent)
    come_back()
    ada.text += "3"
    await until(lambda: str(bob.text) == "123" and ada.acked == ada.sent)
    first, third = (await entries_of(one, document))[:2]
    assert third.prev == first.id
    assert third.generation != first.generation
    late = make_peer("late").join(await (await replica(**LONG)).open(document))
    await until(lambda: str(late.text) == "123")  # what is left of the former generation, too


async def test_j8_what_redis_lost_is_not_covered_by_a_mark_of_what_came_after(
    replica, own_redis, make_peer, until, monkeypatch
):
    """Redis comes back older while Postgres is away, and who appends never saw what was lost."""
    one, other, document, ada, bob = await two(replica, make_peer, compacts=False, **LONG)
    ada.text += "1"
    await until(lambda: str(bob.text) == "1")
    come_back = await in_redis(one, own_redis, document)
    await deaf_to(other, document, ada, until, "2")
    progress = one.store.progress

    async def away(documents):
        raise Unavailable("Postgres is away.")

    monkeypatch.setattr(one.store, "progress", away)
    come_back()
    bob.text += "3"
    await until(lambda: bob.acked == bob.sent)
    first, third = await entries_of(one, document)
    assert (third.generation, third.prev) == (first.generation, first.id), "the chain is whole"
    room, _ = await one.store.locate(document)
    await other.compactor.compact(room.id, document)
    await until(lambda: not stream_of(other, document).unpersisted)  # the mark was heard of
    monkeypatch.setattr(one.store, "progress", progress)
    await until(lambda: sorted(str(bob.text)) == ["1", "2", "3"], timeout=20)
    await until(lambda: not one.journal.recovery._running and not other.journal.recovery._running)
    assert one.journal.recovery.refilled == 1
    await other.compactor.compact(room.id, document)
    assert await in_store(one, document) == str(bob.text) == str(ada.text)


async def test_j8_what_the_store_has_is_not_appended_again_when_redis_comes_back_older(
    replica, own_redis, make_peer, until
):
    one, other, document, ada, bob = await two(replica, make_peer, compacts=False, **LONG)
    ada.text += "1"
    await until(lambda: str(bob.text) == "1")
    come_back = await in_redis(one, own_redis, document)
    ada.text += "2"
    await until(lambda: str(bob.text) == "12" and ada.acked == ada.sent)
    streams = [stream_of(one, document), stream_of(other, document)]
    for stream in streams:
        stream.covered = lambda mark: None  # they do not hear of the mark
    room, _ = await one.store.locate(document)
    await one.compactor.compact(room.id, document)
    for stream in streams:
        del stream.covered
    come_back()
    for server in (one, other):
        server.journal.recovery.compare_now()
    await until(lambda: [len(stream.unpersisted) for stream in streams] == [1, 1])  # "1", no mark names it
    await until(lambda: not one.journal.recovery._running and not other.journal.recovery._running)
    assert one.journal.recovery.refilled + other.journal.recovery.refilled == 0
    await one.compactor.compact(room.id, document)
    await until(lambda: not any(stream.unpersisted for stream in streams))
    assert len((await one.store.load(document)).tail) == 1, "contained content yields no row"


async def test_j8_a_message_of_another_stream_costs_one_look_and_looks_back_off(
    replica, own_redis, make_peer, until
):
    """Once it span for ever: what a recovery does not bring belongs to nobody."""
    one, _, document, ada, bob = await two(replica, make_peer, **LONG)
    ada.text += "1"
    await until(lambda: str(bob.text) == "1" and ada.acked == ada.sent)
    message = p.sync(p.UPDATE, p.EMPTY_UPDATE)
    payload = b"\n".join([b"u", b"other", b"0-0", b"9-9", b"eve-1", b"1", b"5", b"", b"0", b"eve", message])
    stream, recovery = stream_of(one, document), one.journal.recovery
    for number in (1, 2, 3, 4):
        own_redis.execute("PUBLISH", one.journal.names.channel(document), payload)
        await until(lambda n=number: recovery.recovered == n)
        assert stream.whole
        ada.text += "x"
        await until(lambda: str(bob.text) == str(ada.text))
        assert recovery.recovered == number
    assert stream.pause >= 0.2
    assert stream.generation != b"other"


async def test_j8_the_same_document_in_another_database_is_another(replica, own_redis, make_peer, until):
    """Channels know no databases: staging and production on one server must not hear of one another."""
    one = await replica(**LONG)
    staging = await replica(**{**LONG, "redis": own_redis.url.removesuffix("/0") + "/3"})
    document = await one.create()
    ada = make_peer("ada").join(await one.open(document))
    eve = make_peer("eve").join(await staging.open(document))
    for peer in (ada, eve):
        peer.text += f"{peer.person.subject} "
        await until(lambda peer=peer: peer.acked == peer.sent)
    heard = own_redis.execute("PUBSUB", "CHANNELS", "y:*")
    channels = {server.journal.names.channel(document) for server in (one, staging)}
    assert len(channels) == 2
    assert channels <= set(heard)
    assert (str(ada.text), str(eve.text)) == ("ada ", "eve ")
    assert one.journal.recovery.recovered == staging.journal.recovery.recovered == 0


async def one_dropped(replica, make_peer, until):
    """Ada types "12" at one replica; Bob's does not hear of the "2". Returns his replica and both peers."""
    _one, other, document, ada, bob = await two(replica, make_peer, **LONG)
    ada.text += "1"
    await until(lambda: str(bob.text) == "1")
    deaf = stream_of(other, document)
    deaf.heard = lambda entry: None
    ada.text += "2"
    await until(lambda: ada.acked == ada.sent)
    await asyncio.sleep(0.05)
    del deaf.heard
    assert str(bob.text) == "1"
    return other, ada, bob


async def test_j2_a_dropped_notification_is_seen_by_the_next_one(replica, make_peer, until):
    _, ada, bob = await one_dropped(replica, make_peer, until)
    ada.text += "3"
    await until(lambda: str(bob.text) == "123")


async def test_j2_a_dropped_notification_followed_by_silence_is_found_by_comparing(replica, make_peer, until):
    other, _, bob = await one_dropped(replica, make_peer, until)
    other.journal.recovery.compare_now()  # what happens every ten seconds
    await until(lambda: str(bob.text) == "12")


async def test_j2_whatever_is_missed_while_a_subscriber_is_cut_off_arrives(
    replica, own_redis, make_peer, until
):
    """Redis disconnects a subscriber that reads too slowly (client-output-buffer-limit)."""
    _one, _other, _document, ada, bob = await two(replica, make_peer, **LONG)
    for _ in range(3):
        own_redis.execute("CLIENT", "KILL", "TYPE", "pubsub")
        ada.text += "x"
        await until(lambda: ada.acked == ada.sent)
    await until(lambda: str(bob.text) == "xxx")


async def test_j2_entries_that_were_trimmed_before_they_were_heard_come_from_the_store(
    replica, make_peer, until
):
    one, other, document, ada, bob = await two(replica, make_peer)
    ada.text += "1"
    await until(lambda: str(bob.text) == "1")
    deaf = stream_of(other, document)
    deaf.heard = lambda entry: None
    ada.text += "2"
    await until(lambda: ada.acked == ada.sent)
    await one.history(document)
    room, _ = await one.store.locate(document)
    key = one.journal.names.stream(room.id, document)
    while await one.journal.client.xlen(key):
        await asyncio.sleep(0.05)
    del deaf.heard
    ada.text += "3"
    await until(lambda: str(bob.text) == "123")


async def test_j6_a_server_that_forgot_the_script_is_told_it_again(replica, own_redis, make_peer, until):
    _one, _, _, ada, bob = await two(replica, make_peer, **LONG)
    own_redis.execute("SCRIPT", "FLUSH")
    ada.text += "NOSCRIPT"
    await until(lambda: str(bob.text) == "NOSCRIPT" and ada.acked == ada.sent)


async def test_a2_a_hung_server_is_given_up_and_everything_repeated_in_order(
    replica, own_redis, make_peer, until
):
    one, _, document, ada, bob = await two(replica, make_peer, **LONG)
    ada.text += "0"
    await until(lambda: str(bob.text) == "0")
    own_redis.pause()
    for number in range(1, 10):
        ada.text += str(number)
        await asyncio.sleep(0)
    await until(lambda: one.journal.outage is not None, timeout=20)
    assert ada.acked < ada.sent
    own_redis.resume()  # what was sent before is carried out now as well
    await until(lambda: str(bob.text) == "0123456789" and ada.acked == ada.sent, timeout=20)
    entries = await entries_of(one, document)
    once = list(dict.fromkeys(entry.message for entry in entries))
    assert len(once) == 10
    assert merge_state([entry.update for entry in entries]) == ada.doc.get_update()
    again = [entry for entry in entries if entry.again]
    assert [entry.message for entry in again] == once[-len(again) :], "in order, marked as repetitions"


async def test_a_full_redis_refuses_and_nothing_is_acknowledged_until_it_takes_again(
    replica, own_redis, make_peer, until
):
    one, _, _, ada, bob = await two(replica, make_peer, **LONG)
    await until(lambda: ada.synced and ada.acked == ada.sent)
    own_redis.execute("CONFIG", "SET", "maxmemory", "1")
    ada.text += "OOM"
    await until(lambda: one.journal.outage is not None and "OOM" in one.journal.outage)
    assert ada.acked < ada.sent
    own_redis.execute("CONFIG", "SET", "maxmemory", "0")
    await until(lambda: str(bob.text) == "OOM" and ada.acked == ada.sent)


def attempts_of(server, monkeypatch):
    """The attempts at a connection to append on, counted from now on."""
    link, made = server.journal._appender.link, []
    prepare = link._prepare

    async def counted(connection):
        made.append(connection)
        await prepare(connection)

    monkeypatch.setattr(link, "_prepare", counted)
    return made


def told_by(server):
    """What is said from now on of whether edits become durable."""
    told: list[str | None] = []
    server.journal.follow(lambda event: None, told.append)
    return told


async def test_j9_a_redis_that_refuses_writes_is_not_well_and_gets_one_edit_an_attempt(
    replica, own_redis, make_peer, until, monkeypatch
):
    one, _, document, ada, bob = await two(replica, make_peer, **LONG)
    eve = make_peer("eve").join(await one.open(await one.create("second.puml")))
    await until(lambda: all(peer.synced and peer.acked == peer.sent for peer in (ada, bob, eve)))
    made, told = attempts_of(one, monkeypatch), told_by(one)
    own_redis.execute("CONFIG", "SET", "min-replicas-to-write", "1")
    for number in range(10):
        ada.text += str(number)
        eve.text += str(number)
    await until(lambda: len(made) >= 2, timeout=20)
    own_redis.execute("CONFIG", "RESETSTAT")
    before = len(made)
    await until(lambda: len(made) >= before + 3, timeout=20)
    refused = own_redis.execute("INFO", "commandstats")["cmdstat_evalsha"]["failed_calls"]
    assert 1 <= refused <= len(made) - before + 1
    assert all(sentence and "NOREPLICAS" in sentence for sentence in told), "it was never said to be well"
    assert ada.acked < ada.sent
    own_redis.execute("CONFIG", "SET", "min-replicas-to-write", "0")
    await until(lambda: ada.acked == ada.sent and eve.acked == eve.sent, timeout=20)
    await until(lambda: str(bob.text) == "0123456789")
    assert told[-1] is None
    assert told.count(None) == 1
    entries = await entries_of(one, document)
    assert len({entry.message for entry in entries}) == len(entries) == 10, "each once"


async def test_j9_with_nothing_to_append_a_write_shows_whether_redis_is_well(
    replica, own_redis, make_peer, until, monkeypatch
):
    one = await replica(**LONG)
    document = await one.create()
    ada = make_peer("ada").join(await one.open(document))
    await until(lambda: ada.synced and ada.acked == ada.sent)
    made, told = attempts_of(one, monkeypatch), told_by(one)
    own_redis.execute("CONFIG", "SET", "min-replicas-to-write", "1")
    one.journal._appender.link.fail("The test cuts it.")
    await until(lambda: len(made) >= 4, timeout=20)
    assert told
    assert None not in told
    own_redis.execute("CONFIG", "SET", "min-replicas-to-write", "0")
    await until(lambda: told[-1] is None, timeout=20)
    ada.text += "saved"
    await until(lambda: ada.acked == ada.sent)


async def test_a_restart_that_loses_the_last_second_loses_no_acknowledged_edit(
    backend, server_of, request, make_peer, until
):
    """PROTOCOL J5."""
    redis = RedisServer(backend, appendonly="no").start()  # it keeps nothing at all
    request.addfinalizer(redis.remove)
    one, other = await server_of(redis=redis.url, **LONG), await server_of(redis=redis.url, **LONG)
    document = await one.create()
    ada = make_peer("ada").join(await one.open(document))
    bob = make_peer("bob").join(await other.open(document))
    ada.text += "kept"
    await until(lambda: str(bob.text) == "kept" and ada.acked == ada.sent)
    assert (await one.journal.health())["state"] == "warning"
    redis.restart()
    await until(lambda: redis.execute("DBSIZE") > 0, timeout=20)
    late = make_peer("late").join(await (await server_of(redis=redis.url, **LONG)).open(document))
    await until(lambda: str(late.text) == "kept")


async def test_e1_an_edit_of_a_replaced_history_is_neither_kept_nor_called_durable(replica, make_peer, until):
    one, other, document, ada, bob = await two(replica, make_peer, **LONG)
    ada.text += "old"
    await until(lambda: str(bob.text) == "old" and ada.acked == ada.sent)
    await one.store.replace_history(document, p.EMPTY_UPDATE, [ada.doc.client_id], "ada")
    other.journal.notify_now()
    await until(lambda: ada.closed is not None and bob.closed is not None)
    assert ada.closed[0] == bob.closed[0] == 4409
    eve = make_peer("eve").join(await one.open(document))
    eve.text += "new"
    await until(lambda: eve.acked == eve.sent)
    assert [entry.epoch for entry in await entries_of(one, document)] == [2]
    late = make_peer("late").join(await other.open(document))
    await until(lambda: str(late.text) == "new")


async def test_e1_the_stream_of_a_replaced_history_is_deleted_and_nothing_newer(replica, make_peer, until):
    one, other, document, ada, bob = await two(replica, make_peer, **LONG)
    ada.text += "forget this"
    await until(lambda: str(bob.text) == "forget this" and ada.acked == ada.sent)
    room, _ = await one.store.locate(document)
    key = one.journal.names.stream(room.id, document)
    assert await one.journal.client.exists(key)
    await one.store.replace_history(document, p.EMPTY_UPDATE, [ada.doc.client_id], "ada")
    one.journal.notify_now()
    async with asyncio.timeout(5):
        while await one.journal.client.exists(key):
            await asyncio.sleep(0.02)
    await until(lambda: ada.closed is not None and bob.closed is not None)
    eve = make_peer("eve").join(await other.open(document))
    eve.text += "new"
    await until(lambda: eve.acked == eve.sent)
    await one.journal._resets._reset(room.id, one.store.progress([document]))
    assert len(await entries_of(one, document)) == 1


async def test_e1_the_streams_of_a_purged_room_are_emptied(server_of, make_peer, until):
    one, other = await server_of(**LONG), await server_of(**LONG)
    first = await one.create("first.puml")
    room, _ = await one.store.locate(first)
    new = NewDocument(new_document_id(), KeyedName("second.puml", "second.puml"))
    beside = await one.store.create_document(Ref(id=room.id), new, Action("ada", 1), limits=one.limits)
    elsewhere = await one.create()
    documents = [first, beside.id]
    names, redis = one.journal.names, one.journal.client
    peers = [make_peer("ada").join(await one.open(document)) for document in (*documents, elsewhere)]
    for peer in peers:
        peer.text += "forget this"
    await until(lambda: all(peer.acked == peer.sent for peer in peers))
    streams = [names.stream(room.id, document) for document in documents]
    assert await redis.exists(*streams) == 2
    await one.store.delete_room(Ref(id=room.id), Action("ada", 5))
    await one.store.purge_room(Ref(id=room.id, deleted=True), Action("ada", 6))
    one.journal.notify_now()
    async with asyncio.timeout(10):
        while await redis.exists(*streams):
            await asyncio.sleep(0.02)
    assert {peer.closed[0] for peer in peers[:2]} == {4404}
    assert peers[2].closed is None
    assert await redis.mget([names.state(document) for document in documents]) == [b"- 2 0-0"] * 2
    marked = await redis.zrange(names.marked, 0, -1)
    assert not {f"{room.id}:{document}".encode() for document in documents} & set(marked)
    assert len(await entries_of(other, elsewhere)) > 0  # another room's


async def test_e1_who_has_not_heard_of_a_new_epoch_appends_nothing(replica, make_peer, until):
    one, other, document, ada, bob = await two(replica, make_peer, **LONG)
    ada.text += "old"
    await until(lambda: str(bob.text) == "old" and ada.acked == ada.sent)
    room, _ = await one.store.locate(document)
    await end_tasks([other.journal._watching])  # it hears of no event from now on
    await one.store.replace_history(document, p.EMPTY_UPDATE, [ada.doc.client_id], "ada")
    one.journal.notify_now()
    key = one.journal.names.stream(room.id, document)
    async with asyncio.timeout(10):
        while await one.journal.client.exists(key):
            await asyncio.sleep(0.02)
    bob.text += " and late"
    await until(lambda: stream_of(other, document).replaced)
    assert not await one.journal.client.exists(key)
    assert bob.acked < bob.sent
    eve = make_peer("eve").join(await one.open(document))
    eve.text += "new"
    await until(lambda: eve.acked == eve.sent)
    assert [entry.epoch for entry in await entries_of(one, document)] == [2]


async def test_j4_a_refill_waits_for_the_store_and_loses_nothing(
    replica, own_redis, make_peer, until, monkeypatch
):
    """Redis is emptied, others write there, and Postgres is away: nothing is forgotten meanwhile."""
    one, other, document, ada, bob = await two(replica, make_peer, **LONG)
    ada.text += "old "
    await until(lambda: str(bob.text) == "old " and ada.acked == ada.sent)
    progress = one.store.progress

    async def away(documents):
        raise Unavailable("Postgres is away.")

    for server in (one, other):
        monkeypatch.setattr(server.store, "progress", away)
    own_redis.empty()
    bob.text += "new "
    await until(lambda: str(ada.text) == str(bob.text) or bob.acked == bob.sent)
    one.journal.recovery.compare_now()
    await asyncio.sleep(0.5)
    for server in (one, other):
        monkeypatch.setattr(server.store, "progress", progress)
    await until(lambda: str(ada.text) == "old new ", timeout=10)
    await until(lambda: not one.journal.recovery._running and not other.journal.recovery._running)
    assert {entry.author for entry in await entries_of(one, document)} == {"ada", "bob"}
    late = make_peer("late").join(await (await replica(**LONG)).open(document))
    await until(lambda: str(late.text) == "old new ")


async def test_a_refill_that_redis_refuses_is_tried_again(replica, own_redis, make_peer, until):
    one, other, document, ada, bob = await two(replica, make_peer, **LONG)
    ada.text += "kept"
    await until(lambda: str(bob.text) == "kept" and ada.acked == ada.sent)
    own_redis.execute("SCRIPT", "FLUSH")
    own_redis.empty()
    one.journal.recovery.compare_now()
    other.journal.recovery.compare_now()
    await until(lambda: own_redis.execute("EXISTS", one.journal.names.state(document)) == 1, timeout=10)
    await until(lambda: not one.journal.recovery._running and not other.journal.recovery._running)
    assert [entry.update for entry in await entries_of(one, document)] == [ada.doc.get_update()]


async def test_a_fault_of_a_document_at_an_entry_ends_hearing_for_nobody(replica, make_peer, until):
    one, other, document, ada, bob = await two(replica, make_peer, **LONG)
    ada.text += "1"
    await until(lambda: str(bob.text) == "1")
    live = other.live.get(document)
    received = live.received

    def fault(update, author):
        raise RuntimeError("a fault of the test's own")

    live.received = fault
    ada.text += "2"
    await until(lambda: ada.acked == ada.sent)
    await asyncio.sleep(0.1)
    live.received = received
    second = await one.create("second.puml")
    eve, bob2 = make_peer("eve").join(await one.open(second)), make_peer("bob").join(await other.open(second))
    eve.text += "heard"
    await until(lambda: str(bob2.text) == "heard")


async def test_a_change_on_one_replica_reaches_the_others_at_once(replica, make_peer, until):
    one, other, document, _, bob = await two(replica, make_peer)
    room, _ = await one.store.locate(document)
    other.journal._look_now.clear()
    await one.store.delete_document(Ref(id=room.id), Ref(id=document), Action("ada", 6))
    one.journal.notify_now()
    await until(lambda: bob.closed is not None)
    assert bob.closed[0] == 4404


async def test_c3_what_was_accepted_before_a_deletion_is_stored(replica, make_peer, until):
    one, _, document, ada, _ = await two(replica, make_peer, compaction_delay=0.5)
    ada.text += "accepted"
    await until(lambda: ada.acked == ada.sent)
    room, _ = await one.store.locate(document)
    await one.store.delete_document(Ref(id=room.id), Ref(id=document), Action("ada", 6))
    one.journal.notify_now()
    await until(lambda: ada.closed is not None)
    await until(lambda: not one.journal._all_streams())  # it stays until the store has what it remembers
    at = int(asyncio.get_running_loop().time())
    await one.store.restore_document(
        Ref(id=room.id), Ref(id=document, deleted=True), None, Action("ada", at), limits=one.limits
    )
    again = make_peer("ada").join(await one.open(document))
    await until(lambda: str(again.text) == "accepted")


async def test_many_documents_are_apart_and_no_subscription_is_left_behind(
    replica, own_redis, make_peer, until
):
    one, other = await replica(idle_timeout=0.05), await replica(idle_timeout=0.05)
    documents = [await one.create(f"d{number}.puml") for number in range(20)]
    pairs = [
        (make_peer("ada").join(await one.open(d)), make_peer("bob").join(await other.open(d)))
        for d in documents
    ]
    for number, (ada, _) in enumerate(pairs):
        ada.text += f"text {number}"
    await until(lambda: all(str(bob.text) == f"text {n}" for n, (_, bob) in enumerate(pairs)))
    for peer in itertools.chain.from_iterable(pairs):
        peer.drop()
    await until(lambda: not one.live.documents() and not other.live.documents(), timeout=20)
    await until(lambda: len(own_redis.execute("PUBSUB", "CHANNELS", "*:live:*")) == 0)


async def test_j7_tls_a_user_of_its_own_and_another_database(
    backend, server_of, request, make_peer, until, tmp_path
):
    """What a URL can say: rediss://, an ACL user with only the rights that are needed, a database number."""
    certificate, key = self_made(tmp_path, "localhost")
    tls = backend == "redis"  # the wheel's Valkey is built without TLS
    files = {"tls_cert_file": str(certificate), "tls_key_file": str(key)}
    probe = RedisServer(backend)
    options = {"tls_port": str(probe.port), "tls_auth_clients": "no", **files} if tls else {}
    redis = RedisServer(backend, **options)
    request.addfinalizer(probe.remove)
    request.addfinalizer(redis.remove)
    redis.start()
    rights = ["resetchannels", "~team:*", "&team:*", "+@all", "-@admin", "-@dangerous", "+info"]
    redis.execute("ACL", "SETUSER", "plant", "on", ">w0rd", *rights)
    port, query = (probe.port, f"?ssl_ca_certs={certificate}") if tls else (redis.port, "")
    url = f"redis{'s' if tls else ''}://plant:w0rd@localhost:{port}/3{query}"
    one, other = await server_of(redis=url, prefix="team"), await server_of(redis=url, prefix="team")
    document = await one.create()
    ada = make_peer("ada").join(await one.open(document))
    bob = make_peer("bob").join(await other.open(document))
    ada.text += "secret"
    await until(lambda: str(bob.text) == "secret" and ada.acked == ada.sent)
    loaded = await one.history(document)
    assert merge_state([row.data for row in loaded.tail]) == ada.doc.get_update()
    assert (await one.journal.health())["state"] == "ok"
    assert redis.execute("DBSIZE") == 0, "all of it is in database 3"
