"""The servers under test, each a process of its own on one core, with fresh data."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

HERE = Path(__file__).parent
TOKEN = "bench"
SERVER_CORE, CLIENT_CORE = 0, 1
UNLIMITED = {
    "message_rate": 1e9,
    "message_burst": 1_000_000_000,
    "max_sessions_per_document": 100_000,
    "max_connections_per_user": 100_000,
}


@dataclass
class Server:
    """A running server."""

    name: str
    port: int
    process: psutil.Process
    made: int = 0

    def new_document(self) -> str:
        """Return the path of a new, empty document's WebSocket."""
        self.made += 1
        if self.name != "plant-together":
            return f"/bench-{self.made}"
        made = self._post("rooms/bench/documents", {"name": f"d{self.made}.puml"})
        return f"/plant-together/sync/{made['id']}"

    def make_room(self) -> None:
        """Make the room of the documents."""
        if self.name == "plant-together":
            self._post("rooms", {"name": "bench"})

    def _post(self, path: str, body: dict[str, str]) -> dict[str, str]:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/plant-together/api/v1/{path}",
            json.dumps(body).encode(),
            {"Authorization": f"token {TOKEN}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return dict(json.load(answer))

    def cpu(self) -> float:
        """Return the CPU time used so far, seconds, with that of children."""
        times = self.process.cpu_times()
        return sum(
            t.user + t.system
            for t in [times, *(c.cpu_times() for c in self.process.children(recursive=True))]
        )

    def memory(self) -> int:
        """Return the resident memory, bytes."""
        return int(self.process.memory_info().rss)


def free_port() -> int:
    """Return a port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def available() -> list[str]:
    """Return the names of the servers that can run here, installing the Node peer if npm is there."""
    names = ["plant-together", "pycrdt-websocket"]
    if shutil.which("node") is None:
        print("yws is left out: there is no node.")
        return names
    if not (HERE / "node_modules" / "@y" / "websocket-server").exists():
        command = ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--silent"]
        if shutil.which("npm") is None or subprocess.run(command, cwd=HERE, check=False).returncode:
            print("yws is left out: npm could not install it.")
            return names
    return ["plant-together", "yws", "pycrdt-websocket"]


@contextlib.contextmanager
def running(name: str) -> Iterator[Server]:
    """Run a server for the time of the context."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        environment = dict(os.environ, HOME=folder)
        if name == "yws":
            script = str(HERE / "node_modules" / "@y" / "websocket-server" / "src" / "server.js")
            command = ["node", script]
            environment |= {"PORT": str(port), "HOST": "127.0.0.1"}
        elif name == "pycrdt-websocket":
            command = [sys.executable, str(HERE / "peer_pycrdt.py"), str(port)]
        else:
            command = [sys.executable, "-m", "jupyter_server", "--allow-root", "--no-browser"]
            command += ["--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0"]
            command += [f"--IdentityProvider.token={TOKEN}"]
            command += ["--ServerApp.jpserver_extensions={'jupyter_plant_together': True}"]
            command += [f"--PlantTogether.{trait}={value}" for trait, value in UNLIMITED.items()]
            for kind in ("CONFIG", "DATA", "RUNTIME"):
                environment[f"JUPYTER_{kind}_DIR"] = f"{folder}/{kind.lower()}"
        with open(f"{folder}/log", "wb") as log:
            child = subprocess.Popen(command, env=environment, cwd=folder, stdout=log, stderr=log)
        try:
            _wait(port, child, Path(folder, "log"))
            process = psutil.Process(child.pid)
            process.cpu_affinity([SERVER_CORE])
            server = Server(name, port, process)
            server.make_room()
            yield server
        finally:
            child.terminate()
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def _wait(port: int, child: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if child.poll() is not None:
            raise SystemExit(f"A server ended at its start:\n{log.read_text(errors='replace')[-2_000:]}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            time.sleep(0.5)
            return
        time.sleep(0.05)
    raise SystemExit(f"A server did not start:\n{log.read_text(errors='replace')[-2_000:]}")
