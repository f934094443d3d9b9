"""Kernels on users' servers, and WebSockets to the gateway, as programs open them."""

from __future__ import annotations

import json
import socket
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pycrdt
from hub import SERVICE, Hub
from kernel import Kernel
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from jupyter_plant_together.yjs import sync as p


@contextmanager
def kernel_of(hub: Hub, name: str) -> Iterator[Kernel]:
    """Let a user's server start a kernel, and end it afterwards."""
    token = hub.token(name, [f"access:servers!user={name}"])
    path = f"/user/{name}/api/kernels"
    status, made, _ = hub.fetch("POST", path, {"name": "python3"}, token=token, who=name)
    assert status == 201, made
    number = made["id"]
    url = f"ws://{hub.host(name)}{path}/{number}/channels?session_id={uuid.uuid4().hex}"
    try:
        with connect(
            url,
            sock=socket.create_connection(("127.0.0.1", hub.port)),
            additional_headers={"Authorization": f"token {token}"},
            max_size=None,
            proxy=None,
        ) as channels:
            yield Kernel(channels)
    finally:
        hub.fetch("DELETE", f"{path}/{number}", token=token, who=name)


def sync_socket(port: int, document: str, token: str) -> ClientConnection:
    """Open a document at one replica."""
    return connect(
        f"ws://127.0.0.1:{port}{SERVICE}plant-together/sync/{document}?control=1",
        additional_headers={"Authorization": f"token {token}"},
        proxy=None,
    )


def events_socket(port: int, room: str, token: str) -> ClientConnection:
    """Listen to a room at one replica."""
    return connect(
        f"ws://127.0.0.1:{port}{SERVICE}plant-together/api/v1/rooms/{room}/events",
        additional_headers={"Authorization": f"token {token}"},
        proxy=None,
    )


def heard(of: ClientConnection, kind: str) -> dict[str, Any]:
    """Read until a control message of this type comes."""
    while True:
        message = p.parse(of.recv(20, decode=False))
        if isinstance(message, p.Control) and message.body["type"] == kind:
            return dict(message.body)


def close_code(of: ClientConnection) -> int:
    """Read until the server closes; returns its code."""
    try:
        while True:
            of.recv(20)
    except ConnectionClosed as end:
        assert end.rcvd is not None
        return end.rcvd.code


def edit(text: str) -> bytes:
    """Return the frame that adds a text."""
    doc: Any = pycrdt.Doc()
    source = doc.get("source", type=pycrdt.Text)
    source += text
    return p.sync(p.UPDATE, doc.get_update())


def until(done: Callable[[], bool]) -> None:
    """Wait until something is so."""
    end = time.monotonic() + 30
    while not done():
        assert time.monotonic() < end, "it did not become so"
        time.sleep(0.05)


def told(of: ClientConnection, kind: str) -> dict[str, Any]:
    """Read until an event of this type comes."""
    while True:
        event = json.loads(of.recv(20))
        if event["type"] == kind:
            return dict(event)
