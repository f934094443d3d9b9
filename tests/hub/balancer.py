"""A balancer: the hub's proxy routes a service to one address, and there it goes on to the next replica.

It passes on whole connections, as a Kubernetes Service does, so that no request finds its predecessor's replica.
"""

from __future__ import annotations

import select
import socket
import threading
from contextlib import closing, suppress
from itertools import count


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port: int = probe.getsockname()[1]
        return port


class Balancer:
    """Passes each connection to the next replica that takes it."""

    def __init__(self) -> None:
        self.ports: list[int] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._turn = count()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:  # closed
                return
            threading.Thread(target=self._pass_on, args=(client,), daemon=True).start()

    def _pass_on(self, client: socket.socket) -> None:
        turn = next(self._turn)
        with closing(client):
            for number in range(len(self.ports)):
                port = self.ports[(turn + number) % len(self.ports)]
                with (
                    suppress(ConnectionRefusedError),
                    socket.create_connection(("127.0.0.1", port)) as replica,
                ):
                    _join(client, replica)
                    return

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


def _join(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while True:
            ready, _, _ = select.select([one, other], [], [])
            for source in ready:
                data = source.recv(65_536)
                if not data:
                    return
                (other if source is one else one).sendall(data)
