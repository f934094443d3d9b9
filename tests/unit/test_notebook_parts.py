"""The small parts of the notebook client: outbox, presence, waiting, worker, observers."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from jupyter_plant_together.errors import Disconnected
from jupyter_plant_together.notebook.client.edits import appending
from jupyter_plant_together.notebook.client.outbox import Outbox
from jupyter_plant_together.notebook.client.replica import Replica
from jupyter_plant_together.notebook.client.waiting import Signal, Throttle
from jupyter_plant_together.notebook.client.worker import DaemonResolver, Worker
from jupyter_plant_together.notebook.observers import Change, Observers
from jupyter_plant_together.notebook.presence import Presence
from jupyter_plant_together.yjs.sync import AwarenessEntry


def test_outbox_counts_frames_not_edits_a1() -> None:
    replica, outbox, peer = Replica(), Outbox(), Replica()
    for letter in "abc":
        outbox.add(replica.edit(appending(letter)(replica.text)))
    update = outbox.take()
    assert update is not None and outbox.take() is None
    outbox.sent(1)
    outbox.add(replica.edit(appending("d")(replica.text)))
    peer.apply(update)
    assert (peer.text, outbox.kept) == ("abc", 4)
    outbox.acknowledged(1)
    assert (outbox.kept, outbox.durable) == (1, 3)
    assert outbox.size > 0
    assert outbox.take() is not None
    outbox.sent(2)
    outbox.acknowledged(2)
    assert (outbox.kept, outbox.size) == (0, 0)


def test_outbox_forgets_frames_of_a_lost_connection() -> None:
    replica, outbox = Replica(), Outbox()
    outbox.add(replica.edit(appending("a")(replica.text)))
    outbox.take()
    outbox.sent(1)
    outbox.disconnected()
    outbox.acknowledged(1)  # of another connection: means nothing
    assert outbox.kept == 1
    outbox.covered()
    outbox.sent(1)  # the step 2 of the new connection
    outbox.acknowledged(1)
    assert outbox.kept == 0


def test_presence_keeps_the_newest_and_forgets_who_left() -> None:
    presence = Presence(7)
    mine = presence.announce({"cursor": None})
    user = '{"user":{"name":"Łukasz","display_name":"Łukasz · notebook","kind":"notebook"}}'
    assert presence.hear([mine._replace(state=user), AwarenessEntry(8, 5, '{"user":{"name":"b"}}')])
    assert [(str(one), one.me) for one in presence.participants] == [
        ("Łukasz · notebook", True),
        ("b", False),
    ]
    assert not presence.hear([AwarenessEntry(8, 4, '{"user":{"name":"old"}}')])
    assert not presence.hear([AwarenessEntry(9, 1, "{broken")])
    assert presence.hear([AwarenessEntry(8, 5, "null")])
    assert [one.name for one in presence.participants] == ["Łukasz"]
    assert presence.announce(None) == AwarenessEntry(7, mine.clock + 1, "null")


def test_signal_wakes_and_times_out() -> None:
    async def main() -> None:
        signal, values = Signal(), [0]
        assert not await signal.wait_until(lambda: values[0] == 2, 0.01)
        waiting = asyncio.create_task(signal.wait_until(lambda: values[0] == 2, None))
        for _ in range(2):
            await asyncio.sleep(0)
            values[0] += 1
            signal.fire()
        assert await waiting

    asyncio.run(main())


def test_throttle_merges_asks() -> None:
    async def main() -> None:
        calls: list[int] = []
        twice = asyncio.Event()

        def call() -> None:
            calls.append(1)
            if len(calls) == 2:
                twice.set()

        throttle = Throttle(0.02, call)
        for _ in range(50):
            throttle.ask()
        assert not calls
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert len(calls) == 1
        throttle.ask()
        throttle.cancel()
        throttle.ask()
        await asyncio.sleep(0)
        assert len(calls) == 1
        await asyncio.wait_for(twice.wait(), 5)

    asyncio.run(main())


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker("test")
    yield worker
    worker.stop()
    worker.join(5)
    assert worker.stopped


def test_worker_hands_results_and_errors_over(worker: Worker) -> None:
    async def add(a: int, b: int) -> int:
        await asyncio.sleep(0)
        return a + b

    def fail() -> None:
        raise KeyError("x")

    assert worker.run(add(1, 2)) == 3
    assert worker.call(threading.get_ident) != threading.get_ident()
    assert worker.call(lambda: worker.call(lambda: 5)) == 5
    with pytest.raises(KeyError):
        worker.call(fail)
    assert worker.run(DaemonResolver().resolve("127.0.0.1", 80))[0][1] == ("127.0.0.1", 80)
    with pytest.raises(OSError):
        worker.run(DaemonResolver().resolve("no.such.name.invalid", 80))


def test_a_stopped_worker_says_so() -> None:
    worker = Worker("test")

    async def for_ever() -> None:
        await asyncio.Event().wait()

    failures: list[BaseException] = []

    def wait() -> None:
        try:
            worker.run(for_ever())
        except Disconnected as error:
            failures.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    worker.run(asyncio.sleep(0))
    worker.stop()
    worker.join(5)
    thread.join(5)
    assert len(failures) == 1
    with pytest.raises(Disconnected, match="connect again"):
        worker.call(int)
    with pytest.raises(Disconnected, match="connect again"):
        worker.run(for_ever())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")
def test_a_forked_child_is_told_to_connect_again(worker: Worker) -> None:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            worker.call(int)
        except Disconnected as error:
            os.write(writer, str(error).encode())
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    assert b"forked; connect again in this one" in os.read(reader, 1000)
    assert worker.call(int) == 0


def test_watches_merge_what_a_slow_callback_missed(worker: Worker, caplog: pytest.LogCaptureFixture) -> None:
    text = [""]
    observers = Observers(worker, lambda: text[0])
    got: list[Change] = []
    entered, leave, done = threading.Event(), threading.Event(), threading.Event()

    def slow(change: Change) -> None:
        got.append(change)
        entered.set()
        leave.wait(5)
        if change.text.endswith("!"):
            done.set()

    def broken(change: Any) -> None:
        raise RuntimeError("a fault of the user")

    def edit(new: str, local: bool) -> None:
        text[0] = new
        observers.notify(local)

    with caplog.at_level(logging.ERROR, "jupyter_plant_together"):
        worker.call(observers.add, "doc", broken)
        worker.call(observers.add, "doc", slow)
        worker.call(observers.add, "doc", slow)
        worker.call(edit, "a", True)
        assert entered.wait(5)
        worker.call(edit, "ab", True)
        worker.call(edit, "abc", False)
        worker.call(edit, "abc!", True)
        leave.set()
        assert done.wait(5)
    assert [(change.before, change.text, change.local) for change in got] == [
        ("", "a", True),
        ("a", "abc!", False),
    ]
    assert [(edit.index, edit.delete, edit.insert) for edit in got[1].edits] == [(1, 0, "bc!")]
    assert "a fault of the user" in caplog.text
    assert worker.call(observers.remove, slow)
    assert not worker.call(observers.remove, slow)
