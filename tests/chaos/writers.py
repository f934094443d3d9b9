"""A client over a real WebSocket that keeps account of what the server promised.

It writes tokens of a fixed length at token boundaries, so that any text is a row of whole tokens and each
edit can be looked for by name. It keeps, as a browser does, what is not acknowledged (PROTOCOL A1) and comes
back by itself; ``acknowledged`` holds only edits that the server called durable.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from contextlib import suppress
from typing import Any

import pycrdt
from processes import TOKEN, ServerProcess
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidHandshake, WebSocketException

from jupyter_plant_together.yjs import sync as p

LENGTH = 9  # of one written token: "[c1:0042]"


def tokens(text: str) -> list[str]:
    assert len(text) % LENGTH == 0, "a token was torn apart"
    return [text[at : at + LENGTH] for at in range(0, len(text), LENGTH)]


class Client:
    """One writer: a Doc, a connection that comes back, and the account of what was promised."""

    def __init__(self, name: str, server: ServerProcess, document: str, seed: int) -> None:
        assert len(name) == 2
        self.name = name
        self.document = document
        self.server = server
        self.doc: pycrdt.Doc[Any] = pycrdt.Doc()
        self.text = self.doc.get("source", type=pycrdt.Text)
        self.written: list[str] = []
        self.deleted: set[str] = set()
        self.acknowledged: set[tuple[str, str]] = set()  # ("+" or "-", token)
        self.connections = 0
        self.connected = asyncio.Event()
        self.failure: Exception | None = None
        self._rng = random.Random(seed)
        self._edits: list[tuple[str, str]] = []
        self._unsent: list[bytes] = []
        self._remote = False
        self._counted = 0
        self._in_flight: deque[tuple[int, int]] = deque()  # (count, edits up to there)
        self._synced = False
        self._wake = asyncio.Event()
        self._typing = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._subscription = self.doc.observe(self._changed)

    def url(self) -> str:
        """Where to connect to next."""
        return f"ws://127.0.0.1:{self.server.port}/plant-together/sync/{self.document}?control=1"

    # --- what a person does ---------------------------------------------------------------------------

    def start(self, pause: float) -> Client:
        self._typing.set()
        self._tasks = [asyncio.create_task(self._run()), asyncio.create_task(self._type(pause))]
        return self

    def pause(self) -> None:
        """Type no more for now."""
        self._typing.clear()

    def resume(self) -> None:
        """Go on typing."""
        self._typing.set()

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _type(self, pause: float) -> None:
        while True:
            await asyncio.sleep(self._rng.uniform(0, 2 * pause))
            await self._typing.wait()
            self.edit()

    def edit(self) -> None:
        """Write a token, or now and then delete one of one's own."""
        text = str(self.text)
        mine = [token for token in self.written if token not in self.deleted]
        if mine and self._rng.random() < 0.15:
            token = self._rng.choice(mine)
            at = text.index(token)
            self._edits.append(("-", token))
            self.deleted.add(token)
            del self.text[at : at + LENGTH]
            return
        token = f"[{self.name}:{len(self.written):04}]"
        at = LENGTH * self._rng.randint(0, len(text) // LENGTH)
        self._edits.append(("+", token))
        self.written.append(token)
        self.text.insert(at, token)

    def _changed(self, event: pycrdt.TransactionEvent) -> None:
        if not self._remote:
            self._unsent.append(event.update)
            self._wake.set()

    # --- what its program does ------------------------------------------------------------------------

    @property
    def saved(self) -> bool:
        """PROTOCOL A7."""
        return self._synced and not self._unsent and not self._in_flight

    async def _run(self) -> None:
        while True:
            try:
                await self._connection()
            except (OSError, EOFError, TimeoutError, InvalidHandshake, WebSocketException):
                pass  # the server is away
            except Exception as error:
                self.failure = error
                raise
            finally:
                self.connected.clear()
                self._synced = False
            await asyncio.sleep(0.1)

    async def _connection(self) -> None:
        headers = {"Authorization": f"token {TOKEN}"}
        async with connect(
            self.url(), additional_headers=headers, max_size=None, open_timeout=5, close_timeout=0.2
        ) as socket:
            self._counted = 0
            self._in_flight.clear()
            self.connections += 1
            sender = asyncio.create_task(self._send(socket))
            try:
                await socket.send(p.sync(p.STEP1, self.doc.get_state()))
                async for data in socket:
                    assert isinstance(data, bytes)
                    await self._receive(socket, data)
            finally:
                sender.cancel()
                with suppress(asyncio.CancelledError, WebSocketException):
                    await sender

    async def _send(self, socket: Any) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._synced and self._unsent:
                await self._counted_send(socket, p.sync(p.UPDATE, self._unsent.pop(0)))

    async def _counted_send(self, socket: Any, message: bytes) -> None:
        self._counted += 1
        # Every edit but those that still wait is in this frame or in one before it.
        self._in_flight.append((self._counted, len(self._edits) - len(self._unsent)))
        await socket.send(message)

    async def _receive(self, socket: Any, data: bytes) -> None:
        message = p.parse(data)
        if isinstance(message, p.Control):
            self._heard(message.body)
        elif isinstance(message, p.Sync) and message.step == p.STEP1:
            self._unsent.clear()  # all of it is in the answer
            self._synced = True
            await self._counted_send(socket, p.sync(p.STEP2, self.doc.get_update(message.payload)))
        elif isinstance(message, p.Sync):
            self._remote = True
            self.doc.apply_update(message.payload)
            self._remote = False
            if message.step == p.STEP2:
                self.connected.set()

    def _heard(self, body: dict[str, Any]) -> None:
        assert body["type"] not in ("denied", "reset"), body
        if body["type"] == "ack":
            assert body["count"] <= self._counted, "an ack of a frame that was never sent"
            while self._in_flight and self._in_flight[0][0] <= body["count"]:
                self.acknowledged.update(self._edits[: self._in_flight.popleft()[1]])
