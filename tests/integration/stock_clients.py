"""Clients that others wrote: y-websocket in Node, and pycrdt's Provider."""

from __future__ import annotations

import json
import os
import select
import shutil
import ssl
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

import httpx
import pycrdt
from httpx_ws import aconnect_ws
from notebook_server import JupyterProcess
from pycrdt.websocket.websocket import HttpxWebsocket

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "tests" / "data" / "stock_client.mjs"


class Place(Protocol):
    """A server that has live documents."""

    @property
    def token(self) -> str:
        """What proves who one is."""

    @property
    def sync_url(self) -> str:
        """The address in front of a document's id."""


class YWebsocket:
    """The npm package, unchanged, in a Node process of its own."""

    def __init__(self, server: Place, document: str, authority: Path | None = None) -> None:
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        node = shutil.which("node", path=path)
        assert node is not None, "Node is needed: .ci/install brings it"
        environment = {**os.environ}
        if authority is not None:
            environment["NODE_EXTRA_CA_CERTS"] = str(authority)
        settings = {"url": server.sync_url, "document": document, "token": server.token}
        self._process = subprocess.Popen(
            [node, "--input-type=module", "--eval", SCRIPT.read_text(), json.dumps(settings)],
            cwd=ROOT / "labextension",  # where its node_modules are
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._buffer = b""

    def ask(self, op: str, **arguments: Any) -> Any:
        """Send a command and return its result."""
        self.tell(op, **arguments)
        return self.answer()

    def tell(self, op: str, **arguments: Any) -> None:
        """Send a command; :meth:`answer` waits for its result."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"op": op, **arguments}).encode() + b"\n")
        self._process.stdin.flush()

    def answer(self, timeout: float = 60.0) -> Any:
        """Return the result of the oldest command that was not answered yet."""
        assert self._process.stdout is not None
        end = time.monotonic() + timeout
        while b"\n" not in self._buffer:
            ready, _, _ = select.select([self._process.stdout], [], [], max(0.0, end - time.monotonic()))
            data = os.read(self._process.stdout.fileno(), 1 << 20) if ready else b""
            if not data:
                self._process.kill()
                raise AssertionError(f"the client did not answer: {self._process.communicate()[1].decode()}")
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\n")
        return json.loads(line)["result"]

    def quit(self) -> str:
        """End it; returns what it complained about."""
        if self._process.poll() is None:
            try:
                self.tell("quit")
            except BrokenPipeError:
                pass  # it has ended just now
        try:
            return self._process.communicate(timeout=20)[1].decode()
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.communicate()[1].decode()


class PycrdtClient:
    """A document that a Provider keeps in step."""

    def __init__(self) -> None:
        self.doc: pycrdt.Doc[Any] = pycrdt.Doc()
        self.text = self.doc.get("source", type=pycrdt.Text)

    @asynccontextmanager
    async def connected(
        self, server: JupyterProcess, document: str, authority: Path | None = None
    ) -> AsyncIterator[PycrdtClient]:
        """Connect as pycrdt's documentation shows it."""
        trust = ssl.create_default_context(cafile=str(authority)) if authority else True
        headers = {"Authorization": f"token {server.token}"}
        url = f"{server.sync_url}/{document}"
        async with (
            httpx.AsyncClient(verify=trust, headers=headers) as client,
            aconnect_ws(url, client) as websocket,
            pycrdt.Provider(self.doc, HttpxWebsocket(websocket, document)) as provider,
        ):
            await provider.synced.wait()
            yield self

    def __str__(self) -> str:
        return str(self.text)
