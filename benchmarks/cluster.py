"""Two replicas over one Redis and one Postgres, beside hocuspocus with its Redis extension.

Both keep what passes between their replicas in Redis; hocuspocus has no store here, while Plant Together
acknowledges nothing before it is in Redis and moves all of it to Postgres meanwhile. The servers have one
core and the load generator the other; CPU is of the replicas, Redis and Postgres together, and of each.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from trace import sync, trace, typing

import psutil
from servers import CLIENT_CORE, HERE, SERVER_CORE, TOKEN, UNLIMITED, free_port
from wire import Client, connect

sys.path.insert(0, str(HERE.parent / "tests"))

from postgres import PostgresServer
from redis_server import PASSWORD, RedisServer

PLANT, HOCUSPOCUS = "plant-together", "hocuspocus + Redis"
_AUTH = b"\x02\x00\x01x"


@dataclass
class Cluster:
    """Two running replicas and what they stand on."""

    name: str
    ports: list[int]
    processes: dict[str, list[psutil.Process]]
    made: int = 0
    documents: list[str] = field(default_factory=list)

    def new_document(self) -> str:
        """Return the id of a new, empty document."""
        self.made += 1
        if self.name != PLANT:
            return f"bench-{self.made}"
        return str(self.call("rooms/bench/documents", {"name": f"d{self.made}.puml"})["id"])

    def call(self, path: str, body: dict[str, str] | None = None) -> dict[str, str]:
        """Call the REST interface of the first replica."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.ports[0]}/plant-together/api/v1/{path}",
            None if body is None else json.dumps(body).encode(),
            {"Authorization": f"token {TOKEN}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            data = answer.read()
        return dict(json.loads(data)) if data.startswith(b"{") else {}

    def cpu(self) -> dict[str, float]:
        """Return the CPU time used so far, seconds, of each part."""
        return {part: sum(map(_cpu, processes)) for part, processes in self.processes.items()}

    async def join(self, document: str, replica: int) -> Peer:
        """Connect a client to a replica and sync it."""
        return await Peer.join(self, document, self.ports[replica])


def _cpu(process: psutil.Process) -> float:
    times = [process.cpu_times(), *(child.cpu_times() for child in process.children(recursive=True))]
    return sum(time.user + time.system for time in times)


class Peer:
    """One client of either server: hocuspocus writes the document's name before each message."""

    def __init__(self, client: Client, prefix: bytes) -> None:
        self.client = client
        self.prefix = prefix
        self.on_update: Callable[[bytes], None] = lambda message: None
        client.on_message = self._heard
        self._synced = asyncio.get_running_loop().create_future()

    @classmethod
    async def join(cls, cluster: Cluster, document: str, port: int) -> Peer:
        """Connect and complete the handshake of an empty client."""
        plant = cluster.name == PLANT
        path = f"/plant-together/sync/{document}" if plant else "/"
        name = document.encode()
        peer = cls(await connect(port, path, TOKEN), b"" if plant else bytes((len(name),)) + name)
        if not plant:
            peer.send(_AUTH)
        peer.send(b"\x00\x00\x01\x00")
        await asyncio.wait_for(peer._synced, 30)
        return peer

    def send(self, message: bytes) -> None:
        """Send one message."""
        self.client.send(self.prefix + message)

    def _heard(self, data: bytes) -> None:
        message = data[len(self.prefix) :]
        if message[0] not in (0, 4):  # 4: a sync message that hocuspocus wants no answer to
            return
        if message[1] == 0 and message[0] == 0:
            self.send(b"\x00\x01\x02\x00\x00")
        elif message[1] == 1 and not self._synced.done():
            self._synced.set_result(None)
        elif message[1] == 2:
            self.on_update(message)


async def typed(
    cluster: Cluster, *, documents: int, receivers: int, rate: float, seconds: float
) -> dict[str, float]:
    """One writer at the first replica of each document, ``receivers`` at the second; delays and CPU."""
    delays: list[float] = []
    deliveries = 0
    writers: list[tuple[Peer, list[bytes], deque[float]]] = []
    everybody: list[Peer] = []
    for number in range(documents):
        document = cluster.new_document()
        writer = await cluster.join(document, 0)
        sent: deque[float] = deque()
        for index in range(receivers):
            watcher = await cluster.join(document, 1)
            everybody.append(watcher)

            def note(message: bytes, sent: deque[float] = sent, first: bool = index == 0) -> None:
                nonlocal deliveries
                deliveries += 1
                if first and sent:
                    delays.append(time.perf_counter() - sent.popleft())

            watcher.on_update = note
        writers.append((writer, typing(number, int(rate * seconds)), sent))
        everybody.append(writer)
    before, start = cluster.cpu(), time.perf_counter()
    keys = int(rate * seconds)
    for key in range(keys):
        for number, (writer, script, sent) in enumerate(writers):
            pause = start + (key + number / documents) / rate - time.perf_counter()
            if pause > 0:
                await asyncio.sleep(pause)
            sent.append(time.perf_counter())
            writer.send(script[key])
    await _until(lambda: deliveries >= keys * documents * receivers, 15)
    used = {part: value - before[part] for part, value in cluster.cpu().items()}
    _close(everybody)
    delays.sort()
    per = 1e6 / max(deliveries, 1)
    return {
        "p50": statistics.median(delays) * 1e6,
        "p99": delays[int(len(delays) * 0.99)] * 1e6,
        "cpu": sum(used.values()) * per,
        **{part: value * per for part, value in used.items()},
        "lost": keys * documents * receivers - deliveries,
    }


async def flood(cluster: Cluster, *, documents: int, updates: int) -> dict[str, float]:
    """Send a real trace into each document as fast as it goes, from one replica to the other."""
    script = [sync(2, update) for update in trace()[0][:updates]]
    got = 0
    writers, everybody = [], []

    def count(message: bytes) -> None:
        nonlocal got
        got += 1

    for _ in range(documents):
        document = cluster.new_document()
        writer, watcher = await cluster.join(document, 0), await cluster.join(document, 1)
        watcher.on_update = count
        writers.append(writer)
        everybody += [writer, watcher]
    before, start = cluster.cpu(), time.perf_counter()
    for at in range(0, updates, 20):
        for writer in writers:
            for message in script[at : at + 20]:
                writer.send(message)
        await asyncio.sleep(0)
    await _until(lambda: got >= updates * documents, 60)
    seconds = time.perf_counter() - start
    used = sum(value - before[part] for part, value in cluster.cpu().items())
    _close(everybody)
    return {"rate": got / seconds, "cpu": used / max(got, 1) * 1e6, "lost": updates * documents - got}


async def many_open(cluster: Cluster, *, documents: int) -> dict[str, float]:
    """Type in 20 documents while ``documents`` more are open and quiet (Plant Together only)."""
    while len(cluster.documents) < documents:
        document = cluster.new_document()
        cluster.documents.append(document)
        await asyncio.to_thread(cluster.call, f"rooms/bench/documents/~{document}/source")
    return await typed(cluster, documents=20, receivers=1, rate=10, seconds=5)


async def _until(done: Callable[[], bool], seconds: float) -> None:
    end = time.perf_counter() + seconds
    while not done() and time.perf_counter() < end:  # noqa: ASYNC110 - a poll is enough
        await asyncio.sleep(0.01)


def _close(peers: Sequence[Peer]) -> None:
    for peer in peers:
        peer.client.close()


@contextlib.contextmanager
def running(name: str) -> Iterator[Cluster]:
    """Run two replicas for the time of the context."""
    with contextlib.ExitStack() as stack:
        redis = RedisServer("redis").start()
        stack.callback(redis.remove)
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-"))
        parts = {"redis": [_of(redis)]}
        environment = dict(os.environ, HOME=folder)
        if name == PLANT:
            postgres = PostgresServer({"fsync": "off"})
            stack.callback(postgres.remove)
            postgres.start()
            parts["postgres"] = [_of(postgres)]
            environment["PLANT_TOGETHER_REDIS_URL"] = redis.url
            environment["PLANT_TOGETHER_POSTGRES_DSN"] = postgres.create_database()
        ports = [free_port(), free_port()]
        children = []
        for port in ports:
            children.append(_start(name, port, redis, folder, environment))
            stack.callback(_end, children[-1])
        for port in ports:
            _wait(port)
        parts["replicas"] = [psutil.Process(child.pid) for child in children]
        for process in (process for processes in parts.values() for process in processes):
            process.cpu_affinity([SERVER_CORE])
        cluster = Cluster(name, ports, parts)
        if name == PLANT:
            cluster.call("rooms", {"name": "bench"})
        yield cluster


def _of(server: RedisServer | PostgresServer) -> psutil.Process:
    assert server._process is not None
    return psutil.Process(server._process.pid)


def _start(
    name: str, port: int, redis: RedisServer, folder: str, environment: dict[str, str]
) -> subprocess.Popen[bytes]:
    if name == HOCUSPOCUS:
        command = ["node", str(HERE / "peer_hocuspocus.mjs"), str(port), str(redis.port), PASSWORD]
    else:
        command = [sys.executable, "-m", "jupyter_server", "--allow-root", "--no-browser"]
        command += ["--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0"]
        command += [f"--IdentityProvider.token={TOKEN}", "--PlantTogether.mode=cluster"]
        command += ["--ServerApp.jpserver_extensions={'jupyter_plant_together': True}"]
        command += ["--PlantTogether.idle_timeout=100000", "--PlantTogether.max_documents_per_room=100000"]
        command += [f"--PlantTogether.{trait}={value}" for trait, value in UNLIMITED.items()]
        for kind in ("CONFIG", "DATA", "RUNTIME"):
            environment[f"JUPYTER_{kind}_DIR"] = f"{folder}/{port}/{kind.lower()}"
    with open(f"{folder}/log{port}", "wb") as log:
        return subprocess.Popen(command, env=environment, cwd=HERE, stdout=log, stderr=log)


def _end(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(10)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _wait(port: int) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            time.sleep(0.5)
            return
        time.sleep(0.05)
    raise SystemExit("A server did not start.")


SCENARIOS = [
    ("cross-replica, 1 document, 50/s", lambda c: typed(c, documents=1, receivers=1, rate=50, seconds=4)),
    ("50 receivers, 100/s", lambda c: typed(c, documents=1, receivers=50, rate=100, seconds=4)),
    ("100 documents x 2, 10/s each", lambda c: typed(c, documents=100, receivers=1, rate=10, seconds=4)),
    ("1,000 documents x 2, 1/s each", lambda c: typed(c, documents=1_000, receivers=1, rate=1, seconds=5)),
    ("flood of 50 documents", lambda c: flood(c, documents=50, updates=1_000)),
]


def report(rounds: int = 3, *, open_documents: Sequence[int] = (10, 10_000)) -> None:
    """Run and print; the medians of interleaved rounds."""
    os.sched_setaffinity(0, {CLIENT_CORE})
    found: dict[tuple[str, str], list[dict[str, float]]] = {}
    for _ in range(rounds):
        for name in (PLANT, HOCUSPOCUS):
            with running(name) as cluster:
                for title, scenario in SCENARIOS:
                    print(f"{name}: {title}", flush=True)
                    found.setdefault((title, name), []).append(asyncio.run(scenario(cluster)))
    with running(PLANT) as cluster:
        for count in open_documents:
            title = f"20 documents typed in, {count:,} open"
            print(f"{PLANT}: {title}", flush=True)
            found[title, PLANT] = [asyncio.run(many_open(cluster, documents=count))]
    for (title, name), figures in found.items():
        medians = {key: statistics.median(row[key] for row in figures) for key in figures[0]}
        print(f"{title} | {name} | " + " | ".join(f"{key} {value:,.0f}" for key, value in medians.items()))


if __name__ == "__main__":
    report(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
