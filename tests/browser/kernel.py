"""A notebook kernel of the server under test, driven from outside.

The server starts it, as for a notebook, so it finds the server by itself; what it runs comes over its channels.
"""

from __future__ import annotations

import json
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from lab import LabServer
from websockets.sync.client import ClientConnection, connect


@contextmanager
def running_kernel(server: LabServer) -> Iterator[Kernel]:
    """Let the server start a kernel, and end it afterwards."""
    name = _rest(server, "POST", "api/kernels", {"name": "python3"})["id"]
    url = f"{server.url}api/kernels/{name}/channels?session_id={uuid.uuid4().hex}".replace("http", "ws", 1)
    try:
        with connect(
            url, additional_headers={"Authorization": f"token {server.token}"}, max_size=None
        ) as socket:
            yield Kernel(socket)
    finally:
        _rest(server, "DELETE", f"api/kernels/{name}")


def _rest(server: LabServer, method: str, path: str, body: object = None) -> Any:
    request = urllib.request.Request(
        server.url + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"token {server.token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as response:
        content = response.read()
    return json.loads(content) if content else None


class Kernel:
    """One Python kernel; `start` runs a cell without waiting, `result` waits for what it printed."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    def start(self, code: str) -> str:
        """Run a cell and return its id at once."""
        number = uuid.uuid4().hex
        header = {
            "msg_id": number,
            "msg_type": "execute_request",
            "username": "",
            "session": "",
            "version": "5.3",
        }
        content = {"code": code, "silent": False, "store_history": False, "allow_stdin": False}
        message = {
            "header": header,
            "parent_header": {},
            "metadata": {},
            "content": content,
            "channel": "shell",
        }
        self._socket.send(json.dumps(message))
        return number

    def result(self, number: str, timeout: float = 60) -> str:
        """Wait for the end of a cell and return what it printed."""
        printed = ""
        replied = idle = False
        while not (replied and idle):
            message = json.loads(self._socket.recv(timeout))
            if message["parent_header"].get("msg_id") != number:
                continue
            kind, content = message["header"]["msg_type"], message["content"]
            assert kind != "error", "\n".join(content["traceback"])
            printed += content["text"] if kind == "stream" else ""
            replied |= kind == "execute_reply"
            idle |= kind == "status" and content["execution_state"] == "idle"
        return printed

    def run(self, code: str) -> str:
        """Run a cell and return what it printed."""
        return self.result(self.start(code))
