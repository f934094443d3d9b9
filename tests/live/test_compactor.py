"""The compactor: into the store, then trimmed; killed at any step, nothing is lost or doubled (C1-C3, J6)."""

import asyncio
import itertools
import random
from typing import Any, cast

import pycrdt
import pytest

from jupyter_plant_together.errors import Unavailable
from jupyter_plant_together.ids import new_document_id, new_room_id
from jupyter_plant_together.journal.compaction.compactor import Compactor
from jupyter_plant_together.journal.redis.recovery import read_stream
from jupyter_plant_together.yjs import sync as p
from jupyter_plant_together.yjs.integrator import merge_state

LONG = {"compaction_delay": 60.0, "compacts": False}  # only the tests' own compactors run


@pytest.fixture(params=["redis", "valkey"])
def backend(request):
    """Redis and Valkey only: the embedded mode has no streams."""
    return request.param


class Killed(BaseException):
    """The compactor's process has ended."""


class Mortal:
    """A part that works like ``part`` until the compactor has done so many steps, before or after the last."""

    def __init__(self, part, life) -> None:
        self._part = part
        self._life = life

    def __getattr__(self, name):
        found = getattr(self._part, name)
        if name in ("pipeline", "run") or not callable(found):
            return found

        async def step(*arguments, **keywords):
            self._life.step()
            answer = await found(*arguments, **keywords)
            self._life.step()
            return answer

        return step


class Life:
    """Counts steps; the ``last`` of them is not survived."""

    def __init__(self, last=None) -> None:
        self.last = last
        self.steps = 0

    def step(self) -> None:
        self.steps += 1
        if self.steps == self.last:
            raise Killed


def compactor_of(server: Any, life: Any = None, *, lifetime: float = 0.0) -> Compactor:
    """A compactor beside the server's own; with a ``life`` it may die."""
    life = life or Life()
    return Compactor(
        cast(Any, Mortal(server.journal.client, life)),
        server.journal.names,
        cast(Any, Mortal(server.store, life)),
        server.merger,
        server.snapshots,
        compaction_delay=0.0,
        min_message_lifetime=lifetime,
    )


async def room_of(server, document):
    return (await server.store.locate(document))[0].id


async def length(server, document):
    return await server.journal.client.xlen(
        server.journal.names.stream(await room_of(server, document), document)
    )


async def score(server, document):
    member = f"{await room_of(server, document)}:{document}"
    return await server.journal.client.zscore(server.journal.names.marked, member)


async def typed(server, make_peer, until, text, name="ada"):
    """A document with ``text``, a letter an entry, acknowledged and only in Redis."""
    document = await server.create(f"{name}.puml")
    peer = make_peer(name).join(await server.open(document))
    for letter in text:
        peer.text += letter
    await until(lambda: peer.acked == peer.sent)
    return document, peer


async def test_entries_become_one_row_of_an_author_and_are_trimmed(server_of, make_peer, until):
    server = await server_of(**LONG)
    document, ada = await typed(server, make_peer, until, "hello world, hello redis")
    bob = make_peer("bob").join(await server.open(document))
    await until(lambda: bob.synced)
    bob.text += "!"
    await until(lambda: bob.acked == bob.sent)
    assert await length(server, document) == 25
    compactor = compactor_of(server)
    await compactor.compact(await room_of(server, document), document)
    loaded = await server.store.load(document)
    assert [row.author for row in loaded.tail] == ["ada", "bob"]
    assert loaded.clients == {ada.doc.client_id: "ada", bob.doc.client_id: "bob"}
    assert merge_state([row.data for row in loaded.tail]) == ada.doc.get_update()
    assert await length(server, document) == 0
    assert await score(server, document) is None
    await until(lambda: server.live.get(document).all_saved)
    assert compactor.counts.bytes_written < compactor.counts.bytes_read / 4


async def test_c2_what_is_young_stays_in_the_stream_and_is_trimmed_later(server_of, make_peer, until):
    server = await server_of(**LONG)
    document, _ = await typed(server, make_peer, until, "abc")
    compactor = compactor_of(server, lifetime=0.5)
    room = await room_of(server, document)
    await compactor.compact(room, document)
    assert len((await server.store.load(document)).tail) == 1
    assert await length(server, document) == 3
    assert await score(server, document) is not None, "it is to be trimmed later"
    await asyncio.sleep(0.6)
    await compactor.run()
    assert await length(server, document) == 0
    assert len((await server.store.load(document)).tail) == 1


async def test_c1_running_twice_or_two_at_once_changes_nothing(server_of, make_peer, until):
    server = await server_of(**LONG)
    document, ada = await typed(server, make_peer, until, "abcdef")
    room = await room_of(server, document)
    compactors = [compactor_of(server, lifetime=60.0) for _ in range(4)]
    await asyncio.gather(*(compactor.compact(room, document) for compactor in compactors))
    await asyncio.gather(*(compactor.compact(room, document) for compactor in compactors))
    loaded = await server.store.load(document)
    assert len(loaded.tail) == 1
    assert merge_state([row.data for row in loaded.tail]) == ada.doc.get_update()


async def test_c1_killed_at_every_step_nothing_is_lost_and_nothing_doubled(server_of, make_peer, until):
    """Two compactors die before and after each of their steps; the third finds what is left to do."""
    server = await server_of(**LONG)
    whole = Life()
    document, _ = await typed(server, make_peer, until, "measure", "m")
    await compactor_of(server, whole).compact(await room_of(server, document), document)
    assert whole.steps == 6
    for number, (first, second) in enumerate(
        itertools.product(range(1, whole.steps + 1), (2, 4, whole.steps))
    ):
        document, ada = await typed(server, make_peer, until, f"_text {number}", f"n{number}")
        room = await room_of(server, document)
        for died, last in enumerate((first, second)):
            with pytest.raises(Killed):
                await compactor_of(server, Life(last)).compact(room, document)
                raise Killed  # there was less to do than steps to live
            if not died:
                ada.text += "more"
                await until(lambda a=ada: a.acked == a.sent)
        await compactor_of(server).compact(room, document)
        loaded = await server.store.load(document)
        assert merge_state([row.data for row in loaded.tail]) == ada.doc.get_update()
        assert sum(row.data.count(b"more") for row in loaded.tail) == 1
        assert sum(row.data.count(b"text") for row in loaded.tail) == 1
        assert await length(server, document) == 0
        assert await score(server, document) is None
        ada.drop()


async def test_c1_a_lease_that_its_holder_lost_harms_nothing(server_of, make_peer, until):
    server = await server_of(**LONG)
    document, ada = await typed(server, make_peer, until, "abc")
    room = await room_of(server, document)
    asleep, go_on = asyncio.Event(), asyncio.Event()
    slow = compactor_of(server)
    rows_of = slow._rows.make

    async def sleepy(*arguments, **keywords):
        rows = await rows_of(*arguments, **keywords)
        asleep.set()
        await go_on.wait()
        return rows

    slow._rows.make = sleepy  # type: ignore[method-assign]
    sleeping = asyncio.ensure_future(slow.compact(room, document))
    await asleep.wait()
    ada.text += "def"
    await until(lambda: ada.acked == ada.sent)
    await compactor_of(server).compact(room, document)
    go_on.set()
    await sleeping
    loaded = await server.store.load(document)
    assert merge_state([row.data for row in loaded.tail]) == ada.doc.get_update()
    assert len(loaded.tail) == 1


async def test_c1_what_was_compacted_before_redis_was_emptied_is_not_stored_again(
    server_of, make_peer, until
):
    """The store has it, and a replica that does not know that appends it again: content makes no row twice."""
    server = await server_of(**LONG)
    document, ada = await typed(server, make_peer, until, "abc")
    room = await room_of(server, document)
    stream = server.journal._all_streams()[0]
    kept = stream.unpersisted.chain
    await compactor_of(server, lifetime=60.0).compact(room, document)
    await until(lambda: not stream.unpersisted)
    await server.journal.client.flushall()
    for entry in kept:
        await server.journal._appender.again(stream, entry._replace(again=True))
    ada.text += "d"
    await until(lambda: ada.acked == ada.sent)
    await compactor_of(server).compact(room, document)
    loaded = await server.store.load(document)
    assert len(loaded.tail) == 2
    assert b"d" in loaded.tail[1].data
    assert b"a" not in loaded.tail[1].data
    assert merge_state([row.data for row in loaded.tail]) == ada.doc.get_update()


async def test_j8_a_stream_that_lost_the_marks_entry_is_read_whole_and_nothing_of_it_is_trimmed_unread(
    server_of, make_peer, until
):
    """Redis comes back older, and its clock does, too: what is new has a lower id than the mark."""
    server, blind = await server_of(**LONG), await server_of(**LONG)
    document, _ = await typed(server, make_peer, until, "a")
    room = await room_of(server, document)
    client, names = server.journal.client, server.journal.names
    keys = [names.stream(room, document), names.state(document), names.marked]
    bob = make_peer("bob").join(await blind.open(document))
    dumps = [await client.dump(key) for key in keys]
    for stream in (*server.journal._all_streams(), *blind.journal._all_streams()):
        stream.heard = lambda entry: None
    hour = 3_600_000 + int((await client.time())[0]) * 1000
    await client.execute_command("XSETID", keys[0], f"{hour}-0")
    ada = make_peer("eve").join(server.live.get(document))
    ada.text += "b"
    await until(lambda: ada.acked == ada.sent)
    await compactor_of(server, lifetime=60.0).compact(room, document)
    mark = (await server.store.progress([document]))[document].mark
    assert mark.through == f"{hour}-1"
    for key, dump in zip(keys, dumps, strict=True):
        await client.restore(key, 0, dump, replace=True)
    bob.text += "c"
    await until(lambda: bob.acked == bob.sent)
    await compactor_of(server).compact(room, document)
    doc = pycrdt.Doc()
    loaded = await server.store.load(document)
    doc.apply_update(merge_state([row.data for row in loaded.tail]))
    assert sorted(str(doc.get("source", type=pycrdt.Text))) == ["a", "b", "c"]
    assert [row.author for row in loaded.tail] == ["ada", "eve", "bob"], "contained content yields no row"
    assert await length(server, document) == 0


async def test_j8_what_is_left_of_a_generation_is_stored_before_the_mark_enters_the_next(
    server_of, make_peer, until, monkeypatch
):
    monkeypatch.setattr("jupyter_plant_together.journal.compaction.compactor._ENTRIES", 2)
    server = await server_of(**LONG)
    document, ada = await typed(server, make_peer, until, "abc")
    stream = server.journal._all_streams()[0]
    last = stream.cursor
    stream.seen = b"%d-0" % (int(last.partition(b"-")[0]) + 1)  # it saw what Redis does not have any more
    ada.text += "d"
    await until(lambda: ada.acked == ada.sent and stream.generation is not None and stream.whole)
    room = await room_of(server, document)
    _, _, entries = await read_stream(server.journal.client, server.journal.names, room, document)
    assert [entry.generation == entries[0].generation for entry in entries] == [True, True, True, False]
    marks = []
    compact = server.store.compact

    async def noted(*arguments, mark, **keywords):
        marks.append((mark.generation, mark.through))
        return await compact(*arguments, mark=mark, **keywords)

    monkeypatch.setattr(server.store, "compact", noted)
    await compactor_of(server).compact(room, document)
    places = [tuple(part.decode() for part in entry.place) for entry in entries]
    assert marks == places[1:]
    loaded = await server.store.load(document)
    assert merge_state([row.data for row in loaded.tail]) == ada.doc.get_update()
    await until(lambda: not stream.unpersisted)


async def test_without_the_store_streams_grow_and_are_not_trimmed(server_of, make_peer, until, monkeypatch):
    server = await server_of()
    document, ada = await typed(server, make_peer, until, "a")
    await server.history(document)
    compact = server.store.compact

    async def away(*arguments, **keywords):
        raise Unavailable("Postgres is away.")

    monkeypatch.setattr(server.store, "compact", away)
    for letter in "bcdef":
        ada.text += letter
        await until(lambda: ada.acked == ada.sent)
    await until(lambda: server.compactor.counts.failures > 0)
    assert await length(server, document) >= 5
    monkeypatch.setattr(server.store, "compact", compact)
    loaded = await server.history(document)
    assert merge_state([row.data for row in loaded.tail]) == ada.doc.get_update()
    while await length(server, document):
        await asyncio.sleep(0.05)


async def test_s1_a_missing_dependency_and_an_edit_in_deleted_content_survive_compaction_and_restart(
    server_of, make_peer, until
):
    """Must be seen 3: Y-Redis loses both."""
    server = await server_of(**LONG)
    document = await server.create()
    writer = make_peer("ada").join(await server.open(document))
    author, reader = pycrdt.Doc(), pycrdt.Doc()
    made = []
    author.observe(lambda event: made.append(event.update))
    text = author.get("source", type=pycrdt.Text)
    text += "one "
    text += "two "
    text += "three"
    reader.apply_update(author.get_update())
    del text[4:8]
    inside = reader.get("source", type=pycrdt.Text)
    before = reader.get_state()
    inside.insert(6, "INSIDE ")
    edit = reader.get_update(before)
    room = await room_of(server, document)
    for update in (made[0], made[2], made[3], edit):  # the second comes last
        writer.give(p.sync(p.UPDATE, update))
    await until(lambda: writer.acked == writer.sent)
    await compactor_of(server).compact(room, document)
    await server.snapshots.make(document)
    await server.stop()
    server = await server_of(**LONG)
    live = await server.open(document)
    again = make_peer("bob").join(live)
    again.give(p.sync(p.UPDATE, made[1]))
    author.apply_update(edit)
    await until(lambda: live.text() == str(text))
    assert "INSIDE" in live.text()
    await until(lambda: again.acked == again.sent)
    await compactor_of(server).compact(room, document)
    loaded = await server.store.load(document)
    doc = pycrdt.Doc()
    doc.apply_update(merge_state([loaded.snapshot, *(row.data for row in loaded.tail)]))
    assert str(doc.get("source", type=pycrdt.Text)) == str(text)


async def test_j6_a_sweeper_marks_what_nobody_marked_and_leaves_a_y_redis_alone(server_of, make_peer, until):
    server = await server_of(**LONG)
    document, _ = await typed(server, make_peer, until, "abc")
    client, names = server.journal.client, server.journal.names
    await client.delete(names.marked)
    theirs = [f"y:room:{new_room_id()}:{new_document_id()}", "y:room:myroom:index", "y:room:r_x:d_y"]
    for key in theirs:
        await client.xadd(key, {"m": b"\x00\x02\x02\x00\x00"}, id="1-1")
    await client.xadd("y:worker", {"compact": theirs[0]}, id="1-1")
    before = [await client.dump(key) for key in (*theirs, "y:worker")]
    compactor = compactor_of(server)
    assert await compactor.sweep() == 1
    assert await compactor.run() == 1
    assert await length(server, document) == 0
    assert len((await server.store.load(document)).tail) == 1
    assert [await client.dump(key) for key in (*theirs, "y:worker")] == before
    assert await client.zcard(names.marked) == 0


async def test_a_stream_that_is_long_empty_is_forgotten_and_begins_again(
    server_of, make_peer, until, monkeypatch
):
    server = await server_of(**LONG)
    document, ada = await typed(server, make_peer, until, "abc")
    room = await room_of(server, document)
    compactor = compactor_of(server)
    await compactor.compact(room, document)
    state = server.journal.names.state(document)
    await compactor.sweep()
    assert await server.journal.client.exists(state), "not yet"
    await asyncio.sleep(0.01)
    monkeypatch.setattr("jupyter_plant_together.journal.compaction.sweeper._FORGET_AFTER", 1)
    await compactor.sweep()
    assert not await server.journal.client.exists(state)
    server.journal.recovery.compare_now()
    await until(lambda: server.journal._all_streams()[0].generation is None)
    ada.text += "d"
    await until(lambda: ada.acked == ada.sent)
    await compactor.compact(room, document)
    loaded = await server.store.load(document)
    assert merge_state([row.data for row in loaded.tail]) == ada.doc.get_update()


async def test_many_entries_are_taken_in_parts(server_of, make_peer, until, monkeypatch):
    monkeypatch.setattr("jupyter_plant_together.journal.compaction.compactor._ENTRIES", 10)
    server = await server_of(**LONG)
    document, ada = await typed(server, make_peer, until, "x" * 95)
    compactor = compactor_of(server)
    await compactor.compact(await room_of(server, document), document)
    assert compactor.counts.entries == 95
    assert compactor.counts.passes == 10
    assert merge_state([r.data for r in (await server.store.load(document)).tail]) == ada.doc.get_update()
    found = await read_stream(
        server.journal.client, server.journal.names, await room_of(server, document), document
    )
    assert found[2] == []


async def test_a_long_tail_gets_a_snapshot(server_of, make_peer, until, monkeypatch):
    monkeypatch.setattr("jupyter_plant_together.journal.snapshots._TAIL_WHILE_OPEN", 5)
    server = await server_of()
    document, ada = await typed(server, make_peer, until, "a")
    for number in range(12):
        ada.text += str(number)
        await until(lambda: ada.acked == ada.sent)
        await server.history(document)
    while (loaded := await server.store.load(document)).snapshot is None:
        await asyncio.sleep(0.05)
    assert merge_state([loaded.snapshot, *(row.data for row in loaded.tail)]) == ada.doc.get_update()


async def test_under_load_streams_and_memory_stay_bounded_and_little_is_written(server_of, make_peer, until):
    """Must be seen 4: someone types for long, with corrections and jumps, and is compacted every 50 strokes."""
    server = await server_of(**LONG)
    document = await server.create()
    ada = make_peer("ada").join(await server.open(document))
    room = await room_of(server, document)
    compactor = compactor_of(server)
    stream = server.journal._all_streams()[0]
    rng = random.Random(5)
    taken = at = 0
    words = [
        "participant ",
        "Alice",
        " -> ",
        "Bob",
        ": ",
        "request\n",
        "activate ",
        "note over ",
        "database\n",
    ]
    subscription = ada.doc.observe(lambda event: sizes.append(len(event.update)))
    sizes: list[int] = []
    for _ in range(40):
        for _ in range(10):
            if rng.random() < 0.1:
                at = rng.randint(0, len(ada.text))
            for letter in rng.choice(words):
                ada.text.insert(at, letter)
                at += 1
            if rng.random() < 0.3 and at:
                at -= 1
                del ada.text[at : at + 1]
        await until(lambda: ada.acked == ada.sent)
        taken += await length(server, document)
        assert await length(server, document) < 200
        await compactor.compact(room, document)
        await until(lambda: len(stream.unpersisted) == 0)
        assert await length(server, document) == 0
    ada.doc.unobserve(subscription)
    counts = compactor.counts
    assert counts.entries == taken == len(sizes)
    assert counts.bytes_written <= 0.5 * sum(sizes)
    loaded = await server.store.load(document)
    assert len(loaded.tail) == 40
    assert sum(len(row.data) for row in loaded.tail) == counts.bytes_written
    assert merge_state([row.data for row in loaded.tail]) == ada.doc.get_update()
