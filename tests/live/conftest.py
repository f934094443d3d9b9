"""A live document without a network: real journal, real SQLite, peers that speak the protocol in memory."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pycrdt
import pytest

from jupyter_plant_together.ids import new_document_id, new_room_id
from jupyter_plant_together.journal.compaction.compactor import Compactor
from jupyter_plant_together.journal.local import LocalJournal
from jupyter_plant_together.journal.merger import Merger
from jupyter_plant_together.journal.redis.client.address import parse_address
from jupyter_plant_together.journal.redis.journal import RedisJournal
from jupyter_plant_together.journal.snapshots import Snapshots
from jupyter_plant_together.limits import Limits
from jupyter_plant_together.live.registry import Registry
from jupyter_plant_together.store.port import Action, KeyedName, Loaded, NewDocument, Ref, Room
from jupyter_plant_together.store.postgres.store import PostgresStore
from jupyter_plant_together.store.sqlite.store import SQLiteStore
from jupyter_plant_together.yjs import sync as p
from jupyter_plant_together.yjs.update import UpdateMeta, decode_meta


@dataclass(frozen=True)
class Somebody:
    subject: str

    def stamp(self):
        return {"username": self.subject, "name": self.subject.title(), "kind": "browser"}


class Peer:
    """One client: a Doc, and a connection that decodes what the server writes."""

    def __init__(self, name: str = "ada") -> None:
        self.person = Somebody(name)
        self.doc = pycrdt.Doc()
        self.text = self.doc.get("source", type=pycrdt.Text)
        self.control: list[dict] = []
        self.presence: dict[int, str] = {}
        self.messages: list[p.Message] = []
        self.closed: tuple[int, str] | None = None
        self.synced = False
        self.reading = True
        self.unread = bytearray()
        self.written = 0
        self.session: Any = None
        self.sent = 0
        self.outgoing: deque[bytes] = deque()
        self.pump: asyncio.Future | None = None
        self._drained: list = []
        self._remote = False
        self.doc.observe(self._changed)

    # the server's side of the connection
    def send(self, frames: bytes) -> None:
        self.unread += frames
        self.written += len(frames)
        if self.reading:
            self.read()

    @property
    def congested(self) -> bool:
        return bool(self.unread)

    def when_drained(self, callback) -> None:
        self._drained.append(callback)

    def close(self, code: int, reason: str) -> None:
        self.closed = (code, reason)

    # the client's side
    def read(self) -> None:
        data, self.unread = bytes(self.unread), bytearray()
        at = 0
        while at < len(data):
            assert data[at] == 0x82
            length, at = data[at + 1], at + 2
            if length == 126:
                length, at = int.from_bytes(data[at : at + 2], "big"), at + 2
            elif length == 127:
                length, at = int.from_bytes(data[at : at + 8], "big"), at + 8
            self._message(data[at : at + length])
            at += length

    def resume(self) -> None:
        self.reading = True
        self.read()
        self.drained()

    def drained(self) -> None:
        """All that was written has left."""
        drained, self._drained = self._drained, []
        for callback in drained:
            callback()

    def _message(self, data: bytes) -> None:
        message = p.parse(data)
        assert message is not None
        self.messages.append(message)
        if isinstance(message, p.Control):
            self.control.append(message.body)
        elif isinstance(message, p.Awareness):
            for entry in message.entries:
                self.presence[entry.client] = entry.state
        elif isinstance(message, p.Sync) and message.step == p.STEP1:
            self.give(p.sync(p.STEP2, self.doc.get_update(message.payload)))
        elif isinstance(message, p.Sync):
            self._remote = True
            self.doc.apply_update(message.payload)
            self._remote = False
            self.synced |= message.step == p.STEP2

    def _changed(self, event) -> None:
        if not self._remote and self.session is not None and self.closed is None:
            self.give(p.sync(p.UPDATE, event.update))

    def give(self, message: bytes) -> asyncio.Future | None:
        """Send a frame; like Tornado, hand over no further one until the session is done with it."""
        self.sent += p.is_counted(message)
        self.outgoing.append(message)
        return self._hand_over()

    def _hand_over(self) -> asyncio.Future | None:
        while self.pump is None and self.session is not None and self.outgoing:
            waiting = self.session.receive(self.outgoing.popleft())
            if waiting is not None:
                self.pump = asyncio.ensure_future(self._go_on_after(waiting))
        return self.pump

    async def _go_on_after(self, waiting) -> None:
        await waiting
        self.pump = None
        self._hand_over()

    def join(self, live, *, control: bool = True, role: str = "editor") -> Peer:
        self.closed = None
        self.sent = 0
        self.pump = None
        self.session = live.join(self, self.person, role=role, wants_control=control)
        self._hand_over()  # the answer to the server's step 1
        self.give(p.sync(p.STEP1, self.doc.get_state()))
        return self

    def drop(self) -> None:
        """The connection is cut."""
        self.outgoing.clear()
        session, self.session = self.session, None
        session.leave()

    @property
    def acked(self) -> int:
        return max((body["count"] for body in self.control if body["type"] == "ack"), default=0)


class Stock(Peer):
    """A client that was never taught control messages; it notes what it is sent as an update, and when."""

    def __init__(self, name: str = "ada") -> None:
        super().__init__(name)
        self.receipts: list[bytes] = []
        self.durable: list[bool] = []
        self.events = 0
        self.doc.observe(self._count)

    def _count(self, event) -> None:
        self.events += self._remote

    def _message(self, data: bytes) -> None:
        message = p.parse(data)
        if isinstance(message, p.Sync) and message.step == p.UPDATE:
            self.receipts.append(message.payload)
            self.durable.append(self.live.durability.reached == self.live.durability.last)
        super()._message(data)

    def join(self, live, *, control: bool = False, role: str = "editor", receipts: bool = True) -> Stock:
        self.live = live
        self.closed = None
        self.session = live.join(self, self.person, role=role, wants_control=control, wants_receipts=receipts)
        self._hand_over()
        self.give(p.sync(p.STEP1, self.doc.get_state()))
        return self

    def said(self) -> list[UpdateMeta]:
        """What the receipts say, and forget them."""
        told, self.receipts = [decode_meta(one) for one in self.receipts], []
        return told


@dataclass
class Server:
    """The parts of one server process; where they keep things is up to the subclass."""

    limits: Limits = field(default_factory=Limits)
    idle_timeout: float = 60.0
    stopped: bool = False
    store: Any = field(init=False)
    journal: Any = field(init=False)

    def make(self) -> None:
        raise NotImplementedError

    async def history(self, document: str) -> Loaded:
        """What the store has of a document once all that is acknowledged is there."""
        return await self.store.load(document)

    async def start(self) -> Server:
        self.merger = Merger()
        self.make()
        self.live = Registry(self.journal, self.limits, idle_timeout=self.idle_timeout)
        await self.journal.start()
        await self.live.start()
        return self

    async def stop(self) -> None:
        if self.stopped:
            return
        self.stopped = True
        await self.live.stop()
        await self.journal.stop()
        await self.merger.close()
        await self.store.close()

    async def create(self, name: str = "login.puml") -> str:
        room = Room(new_room_id(), "design", False, "", "ada", 1, 1, None)
        room = await self.store.create_room(room, f"design-{room.id}")
        new = NewDocument(new_document_id(), KeyedName(name, name))
        action = Action("ada", 1)
        return (await self.store.create_document(Ref(id=room.id), new, action, limits=self.limits)).id

    async def open(self, document: str):
        async with self.live.use(document) as live:
            return live


@dataclass
class EmbeddedServer(Server):
    """SQLite and the local journal; servers of one test share a file."""

    path: Path = Path()

    def make(self) -> None:
        self.store = SQLiteStore(self.path)
        self.store.open()
        self.snapshots = Snapshots(self.store, self.merger)
        self.journal = LocalJournal(self.store, self.snapshots)


@dataclass
class ClusterServer(Server):
    """Postgres and Redis; the servers of one test are replicas."""

    postgres: str = ""
    redis: str = ""
    compaction_delay: float = 0.05
    min_message_lifetime: float = 0.2
    compacts: bool = True
    prefix: str = "y"

    def make(self) -> None:
        self.store = PostgresStore(self.postgres)
        self.snapshots = Snapshots(self.store, self.merger)
        address = parse_address(self.redis)
        self.journal = RedisJournal(
            self.store,
            address,
            self.merger,
            prefix=self.prefix,
            compaction_delay=self.compaction_delay,
            snapshots=self.snapshots,
        )
        self.compactor = Compactor(
            self.journal.client,
            self.journal.names,
            self.store,
            self.merger,
            self.snapshots,
            compaction_delay=self.compaction_delay,
            min_message_lifetime=self.min_message_lifetime,
        )

    async def start(self) -> Server:
        await super().start()
        if self.compacts:
            self.compactor.start()
        return self

    async def stop(self) -> None:
        if not self.stopped:
            await self.compactor.stop()
        await super().stop()

    async def history(self, document: str) -> Loaded:
        while True:
            state = await self.journal.client.get(self.journal.names.state(document))
            mark = (await self.store.progress([document]))[document].mark
            if state is None or (mark is not None and state.split()[2] == mark.through.encode()):
                return await self.store.load(document)
            await asyncio.sleep(0.02)


@pytest.fixture(params=["embedded", "redis", "valkey"])
def backend(request):
    """Where the servers of a test keep things: one contract for all."""
    return request.param


@pytest.fixture
def server_of(backend, request, tmp_path, jp_asyncio_loop):
    """A factory of servers that share their rooms; all are stopped at the end."""
    servers: list[Server] = []
    if backend == "embedded":
        where = {"path": tmp_path / "store.db"}
    else:
        redis = request.getfixturevalue("shared_redis")(backend)
        where = {"postgres": request.getfixturevalue("postgres_dsn"), "redis": redis.url}

    async def make(**options) -> Server:
        server = (EmbeddedServer if backend == "embedded" else ClusterServer)(**{**where, **options})
        servers.append(server)
        return await server.start()

    yield make

    async def stop() -> None:
        for server in servers:
            await server.stop()

    jp_asyncio_loop.run_until_complete(stop())


@pytest.fixture
def make_peer():
    return Peer


@pytest.fixture
def until():
    """Wait until something is so, or fail."""

    async def wait(condition, timeout: float = 5.0):
        await asyncio.sleep(0)  # what was just said is heard first
        end = time.monotonic() + timeout
        while not condition():
            assert time.monotonic() < end, "this never became true"
            await asyncio.sleep(0.005)

    return wait


@pytest.fixture
def make_stock() -> type[Stock]:
    return Stock
