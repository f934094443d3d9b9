"""What a notebook does when a server refuses, resets or ends (PROTOCOL A5, A7, E1, Refusals).

Roles and purges come with later versions of our server, so a small one that speaks the same protocol over
a real socket plays them here.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pycrdt
import pytest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler
from tornado.websocket import WebSocketHandler

import jupyter_plant_together as plant
from jupyter_plant_together.yjs import sync as p

Eventually = Callable[..., None]
DOCUMENT = {"id": "d_" + "a" * 26, "name": "d.puml", "room": "r", "room_id": "r_" + "a" * 26, "epoch": 1}


class Script:
    """One document whose server refuses on demand; runs on a thread of its own."""

    def __init__(self) -> None:
        self.epoch = 1
        self.role = "editor"
        self.refuse: Callable[[Sync], None] | None = None
        self.acks = True
        self.clients: list[int] = []
        self.open: set[Sync] = set()
        self.renew("server")
        self._loop: asyncio.AbstractEventLoop
        self._started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()), daemon=True)
        self._thread.start()
        assert self._started.wait(10)

    def renew(self, text: str) -> None:
        self.doc: pycrdt.Doc[Any] = pycrdt.Doc(allow_multithreading=True)
        self.doc["source"] = pycrdt.Text(text)

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        routes: list[Any] = [(r"/plant-together/sync/.*", Sync, {"script": self}), (r"/.*", Rest)]
        server = HTTPServer(Application(routes))
        sockets = bind_sockets(0, "127.0.0.1")
        server.add_sockets(sockets)
        self.url = f"http://127.0.0.1:{sockets[0].getsockname()[1]}/"
        self._started.set()
        await self._stop.wait()

    def do(self, action: Callable[[Sync], object]) -> None:
        """Do something with every open connection."""
        self._loop.call_soon_threadsafe(lambda: [action(each) for each in list(self.open)])

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)


class Rest(RequestHandler):
    def get(self) -> None:
        self.finish({**DOCUMENT, "id": DOCUMENT["id" if "/documents/" in self.request.path else "room_id"]})


class Sync(WebSocketHandler):
    def initialize(self, script: Script) -> None:
        self.script = script
        self.counted = 0

    def open(self, *_: str) -> None:
        self.script.open.add(self)
        hello = {"type": "hello", "document": DOCUMENT["id"], "epoch": self.script.epoch}
        self.tell({**hello, "role": self.script.role, "session": "s"})
        self.write_message(p.sync(p.STEP1, self.script.doc.get_state()), binary=True)

    def tell(self, body: dict[str, Any]) -> None:
        self.write_message(p.control(body), binary=True)

    def on_message(self, data: Any) -> None:
        message = p.parse(data)
        if isinstance(message, p.Awareness):
            self.script.clients += [entry.client for entry in message.entries]
        if not isinstance(message, p.Sync):
            return
        if message.step == p.STEP1:
            update = self.script.doc.get_update(message.payload)
            self.write_message(p.sync(p.STEP2, update), binary=True)
            return
        self.counted += 1
        if message.step == p.UPDATE and self.script.refuse is not None:
            self.script.refuse(self)
            return
        self.script.doc.apply_update(message.payload)
        if self.script.acks:
            self.tell({"type": "ack", "count": self.counted})

    def on_close(self) -> None:
        self.script.open.discard(self)


@pytest.fixture
def script() -> Iterator[Script]:
    script = Script()
    yield script
    script.stop()


@pytest.fixture
def doc(script: Script) -> Iterator[plant.Document]:
    room = plant.connect("r", url=script.url, token="t")
    yield room["d"]
    try:
        room.close(0.2)
    except plant.PlantTogetherError:
        pass  # what the test left unsaved


def test_a_denied_edit_is_set_aside_a5(script: Script, doc: plant.Document, eventually: Eventually) -> None:
    def deny(connection: Sync) -> None:
        connection.tell({"type": "denied", "count": connection.counted, "reason": "You may only look."})

    doc.append(" good")
    doc.flush()
    script.refuse = deny
    doc.append(" bad")
    with pytest.raises(plant.ReadOnly, match="You may only look"):
        doc.flush()
    assert doc.unsent == "server good bad"
    script.refuse = None
    eventually(lambda: doc.source == "server good", "the server's text")
    doc.append(" again")
    doc.flush()
    assert str(script.doc.get("source", type=pycrdt.Text)) == "server good again"
    assert len(set(script.clients)) == 2, "a fresh client id"
    assert doc.unsent == "server good bad"


def test_another_epoch_is_never_merged_e1(
    script: Script, doc: plant.Document, eventually: Eventually
) -> None:
    script.acks = False
    doc.append(" mine")
    with pytest.raises(plant.Disconnected, match="Not saved yet: 1 edit"):
        doc.flush(0.1)
    assert doc.status == "saving"
    script.renew("purged")
    script.epoch = 2
    script.acks = True
    script.do(lambda each: each.tell({"type": "reset", "epoch": 2}))
    script.do(lambda each: each.close(4409, "The history was replaced."))
    eventually(lambda: doc.source == "purged", "the new history")
    assert doc.unsent == "server mine"
    with pytest.raises(plant.EpochMismatch, match="The history was replaced"):
        doc.flush()
    doc.flush()
    doc.append("!")
    doc.flush()
    assert str(script.doc.get("source", type=pycrdt.Text)) == "purged!"


def test_an_epoch_that_changed_meanwhile(script: Script, doc: plant.Document, eventually: Eventually) -> None:
    """The greeting tells before anything is merged."""
    script.renew("purged")
    script.epoch = 7
    script.do(lambda each: each.close())
    eventually(lambda: doc.source == "purged", "the new history")
    assert doc.unsent is None
    doc.flush()


def test_a_transaction_across_a_reset_changes_nothing(
    script: Script, doc: plant.Document, eventually: Eventually
) -> None:
    with pytest.raises(plant.EpochMismatch), doc.transaction():
        doc.append(" mine")
        script.renew("purged")
        script.epoch = 2
        script.do(lambda each: each.close(4409, ""))
        eventually(lambda: doc._session.epoch == 2, "the reset")
    assert doc.unsent == "server mine"
    eventually(lambda: doc.source == "purged", "the new history")


def test_a_viewer_is_told_before_anything_changes(
    script: Script, doc: plant.Document, eventually: Eventually
) -> None:
    script.do(lambda each: each.tell({"type": "role", "role": "viewer"}))
    eventually(lambda: doc.role == "viewer", "the role")
    with pytest.raises(plant.ReadOnly, match=r"You may look at r/d\.puml but not change it"):
        doc.append("x")
    with pytest.raises(plant.ReadOnly), doc.transaction():
        doc.append("x")
    assert doc.source == "server"
    script.do(lambda each: each.tell({"type": "role", "role": "editor"}))
    eventually(lambda: doc.role == "editor", "the promotion")
    doc.append("!")
    doc.flush()
    assert doc.unsent is None


def test_trouble_and_renaming_are_shown(script: Script, doc: plant.Document, eventually: Eventually) -> None:
    """PROTOCOL *Control*."""
    script.acks = False
    script.do(lambda each: each.tell({"type": "trouble", "message": "The disk is full."}))
    eventually(lambda: doc.status == "not saved: The disk is full.", "the trouble")
    doc.append("x")
    with pytest.raises(plant.Disconnected, match=r"cannot save: The disk is full\. Not saved yet: 1 edit"):
        doc.flush(0.1)
    script.do(lambda each: each.tell({"type": "renamed", "room": "R", "name": "D.puml"}))
    eventually(lambda: (doc.room, doc.name) == ("R", "D.puml"), "the name")


@pytest.mark.parametrize(("code", "error"), [(4403, plant.AccessDenied), (4404, plant.DocumentNotFound)])
def test_the_end_keeps_the_text(
    script: Script, doc: plant.Document, eventually: Eventually, code: int, error: type[Exception]
) -> None:
    script.acks = False
    doc.append(" mine")
    script.do(lambda each: each.close(code, "That is why."))
    eventually(lambda: doc.status == "closed", "the end")
    assert doc.unsent == doc.source == "server mine"
    for use in (doc.flush, lambda: doc.append("x"), lambda: doc.wait_for("never", 5)):
        with pytest.raises(error, match="That is why"):
            use()
    assert json.dumps(doc.participants) == "[]"


def test_rubbish_from_a_server_ends_the_connection_only(
    script: Script, doc: plant.Document, eventually: Eventually
) -> None:
    first = next(iter(script.open))
    script.do(lambda each: each.write_message(p.sync(p.UPDATE, b"rubbish"), binary=True))
    eventually(lambda: first not in script.open and doc.status == "saved", "it is back")
    doc.append("!")
    doc.flush()
    assert doc.source == "server!"
