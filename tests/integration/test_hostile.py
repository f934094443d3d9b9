"""Small things that stop a server, if it lets them: each costs it little, and others are served (PROTOCOL I6).

The server is a process of its own, so that its CPU time and memory are those of the attack.
"""

from __future__ import annotations

import contextlib
import io
import socket
import threading
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

import psutil
import pytest
from notebook_server import JupyterProcess
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from jupyter_plant_together.yjs import sync as p

SECONDS, BYTES = 1.0, 100_000_000  # that an attack may cost the server
CONNECTIONS = 20
KERNEL = "X-Plant-Together-Kernel"


@dataclass
class Target:
    """A server with a room that is attacked, and another one of somebody innocent."""

    server: JupyterProcess
    document: str
    innocent: str

    def dial(self, document: str = "", *, kernel: str = "eve", query: str = "?control=1") -> ClientConnection:
        return connect(
            f"{self.server.sync_url}/{document or self.document}{query}",
            additional_headers={"Authorization": f"token {self.server.token}", KERNEL: kernel},
            max_size=None,
            proxy=None,
        )

    def serves_others(self) -> None:
        """Somebody else, in another room, reads and types."""
        source = "rooms/y/documents/b/source"
        assert self.server.api("GET", source) == "innocent"
        with self.dial(self.innocent, kernel="ada") as socket:
            assert b'"hello"' in heard(socket)

    @contextlib.contextmanager
    def attacked(self) -> Iterator[None]:
        """Measure what happens meanwhile, and serve others after it."""
        assert self.server.process is not None
        process = psutil.Process(self.server.process.pid)
        before, began = process.memory_info().rss, sum(process.cpu_times()[:2])
        highest, over = before, threading.Event()

        def look() -> None:
            nonlocal highest
            while not over.wait(0.01):
                highest = max(highest, process.memory_info().rss)

        watch = threading.Thread(target=look)
        watch.start()
        try:
            yield
            self.serves_others()
        finally:
            over.set()
            watch.join()
        spent = sum(process.cpu_times()[:2]) - began
        print(f"{spent:.2f} s of CPU, {(highest - before) / 1e6:.0f} MB")
        assert spent < SECONDS
        assert highest - before < BYTES


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    folder = tmp_path_factory.mktemp("hostile")
    options = {"PlantTogether.max_connections_per_user": CONNECTIONS}
    server = JupyterProcess(folder, options=options).start()
    ids = []
    for room, name, text in (("x", "a", "attacked"), ("y", "b", "innocent")):
        server.api("POST", "rooms", {"name": room})
        made = server.api("POST", f"rooms/{room}/documents", {"name": name, "source": text})
        ids.append(made["id"])
    target = Target(server, *ids)
    target.serves_others()  # what is loaded once is loaded before the count
    yield target
    server.stop()


def heard(socket: ClientConnection) -> bytes:
    frame = socket.recv(30)
    assert isinstance(frame, bytes)
    return frame


def code_of(socket: ClientConnection) -> int:
    """Read to the end; the code with which the server closed."""
    with pytest.raises(ConnectionClosed) as closed:
        while True:
            socket.recv(30)
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code


def state_vector(clients: int) -> bytes:
    rows = [p.write_var_uint(2**40 + client) + p.write_var_uint(1) for client in range(clients)]
    return p.write_var_uint(clients) + b"".join(rows)


def test_i6_a_large_state_vector(target: Target) -> None:
    frame = p.sync(p.STEP1, state_vector(1_000_000))
    with target.attacked(), target.dial() as socket:
        socket.send(frame)
        assert code_of(socket) == 4413


def test_i6_many_state_vectors(target: Target) -> None:
    """Each costs as many messages as it takes longer than one, so the peer is read from more slowly (A4)."""
    frame = p.sync(p.STEP1, state_vector(9_000))
    assert len(frame) < 65_536
    with target.attacked(), target.dial() as socket:

        def flood() -> None:
            with contextlib.suppress(ConnectionClosed, OSError):
                for _ in range(500):
                    socket.send(frame)

        sender = threading.Thread(target=flood)
        sender.start()
        target.serves_others()
        socket.socket.shutdown(2)
        sender.join(30)


def test_i6_a_large_control_message(target: Target) -> None:
    body = b"[" + b"[]," * 3_000_000 + b"[]]"
    with target.attacked(), target.dial() as socket:
        socket.send(bytes((p.CONTROL,)) + p.write_bytes(body))
        assert code_of(socket) == 4413


def test_i6_of_a_large_presence_frame_only_ones_own_entry_is_read(target: Target) -> None:
    """And nobody is closed for it: stock clients send again what they hear."""
    state = '{"x":"' + "x" * 900 + '"}'
    entries = [p.AwarenessEntry(client, 1, state) for client in range(1, 10_000)]
    with target.attacked(), target.dial(query="?control=1") as socket:
        socket.send(p.awareness([p.AwarenessEntry(77, 1, "{}")]))
        socket.send(p.awareness(entries))
        socket.send(bytes((p.QUERY_AWARENESS,)))
        shown: dict[int, str] = {}
        while not shown.get(77, "{}").startswith('{"x"'):
            message = p.parse(heard(socket))
            if isinstance(message, p.Awareness):
                shown |= {entry.client: entry.state for entry in message.entries}
        assert set(shown) == {77}


def test_i6_bodies_of_nobody(target: Target) -> None:
    """What is not signed in is answered by its headers; its body is neither kept nor read."""
    address = ("127.0.0.1", target.server.port)
    head = (
        "POST /plant-together/api/v1/rooms/x/import HTTP/1.1\r\nHost: x\r\nContent-Length: 20000000\r\n\r\n"
    )
    piece = b"x" * 1_000_000
    with target.attacked():
        sockets = [socket.create_connection(address) for _ in range(30)]
        for one in sockets:
            one.sendall(head.encode())
        for one in sockets:
            with contextlib.suppress(OSError):
                for _ in range(10):
                    one.sendall(piece)
        for one in sockets:
            one.close()


@pytest.mark.parametrize("headers", ["Content-Length: 20", "Content-Length: 0"])
def test_i6_a_small_body_of_nobody_is_let_pass_and_answered(target: Target, headers: str) -> None:
    """A connection that is closed with something unread is reset, and the answer may be lost with it."""
    with socket.create_connection(("127.0.0.1", target.server.port)) as one:
        request = f"POST /plant-together/api/v1/rooms HTTP/1.1\r\nHost: x\r\n{headers}\r\n\r\n"
        for _ in range(2):  # and the connection stays
            one.sendall(request.encode())
            one.sendall(b"x" * int(headers.split()[1]))
            answer = one.recv(65_536)
            assert answer.startswith(b"HTTP/1.1 40"), answer[:100]


def test_i6_a_body_that_is_larger_than_its_call_takes(target: Target) -> None:
    request = urllib.request.Request(
        f"{target.server.url}plant-together/api/v1/rooms",
        data=b'{"name": "' + b"x" * 70_000 + b'"}',
        headers={"Authorization": f"token {target.server.token}"},
    )
    # Whoever sends on may be reset before the answer is there; that is said, too.
    with pytest.raises((urllib.error.HTTPError, urllib.error.URLError, ConnectionError)) as caught:
        urllib.request.urlopen(request, timeout=30)
    assert getattr(caught.value, "code", 413) == 413


def test_i6_connections_of_one_user_leave_room_for_others(target: Target) -> None:
    with contextlib.ExitStack() as open_ones, target.attacked():
        for _ in range(CONNECTIONS):
            one = open_ones.enter_context(target.dial(kernel="many"))
            assert b'"hello"' in heard(one)
        for _ in range(3):
            with target.dial(kernel="many") as one:
                assert code_of(one) == 1013, "it passes by itself"
        with target.dial(kernel="another") as one:
            assert b'"hello"' in heard(one)
    end = time.monotonic() + 30
    while True:  # the server hears a moment later that they are gone
        with target.dial(kernel="many") as one, contextlib.suppress(ConnectionClosed):
            assert b'"hello"' in heard(one)
            return
        assert time.monotonic() < end


def bzip2() -> bytes:
    """A zip file of 2 KB that unpacks to gigabytes."""
    out = io.BytesIO()
    entry = zipfile.ZipInfo("a.puml")
    entry.compress_type = zipfile.ZIP_BZIP2
    with zipfile.ZipFile(out, "w") as archive, archive.open(entry, "w") as file:
        for _ in range(200):
            file.write(bytes(1_000_000))
    return out.getvalue()


def test_i6_a_zip_file_that_is_packed_to_burst(target: Target) -> None:
    packed = bzip2()
    assert len(packed) < 10_000
    request = urllib.request.Request(
        f"{target.server.url}plant-together/api/v1/rooms/x/import",
        data=packed,
        headers={"Authorization": f"token {target.server.token}"},
    )
    with target.attacked(), pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=30)
    assert caught.value.code == 400
