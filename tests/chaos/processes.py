"""``jupyter server`` as a real process that can be killed and started again on the same port and file."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TOKEN = "chaos-token"
# A whole `jupyter server` for each line on standard input, forked so that its imports are done only once.
_SERVERS = """
import os, signal, sys
from jupyter_server.serverapp import main
import jupyter_plant_together.server.app
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
while sys.stdin.readline():
    child = os.fork()
    if not child:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(2, 1)
        main()
        os._exit(0)
    print(child, flush=True)
"""
_OTHERS_OFF = {
    "jupyter_plant_together": True,
    "jupyterlab": False,
    "jupyter_lsp": False,
    "jupyter_server_terminals": False,
    "notebook_shim": False,
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class ServerProcess:
    """``jupyter server`` with the extension, on a port that it keeps."""

    home: Path
    database: Path
    arguments: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    pid: int | None = None
    starter: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    @property
    def log(self) -> str:
        return (self.home / "server.log").read_text(errors="replace")

    def start(self) -> ServerProcess:
        if self.starter is None:
            self.starter = self._starter()
        assert self.starter.stdin is not None
        assert self.starter.stdout is not None
        self.starter.stdin.write(b"\n")
        self.starter.stdin.flush()
        self.pid = int(self.starter.stdout.readline())
        return self

    def _starter(self) -> subprocess.Popen[bytes]:
        self.home.mkdir(parents=True, exist_ok=True)
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "PLANT_TOGETHER"))}
        environment |= {
            "HOME": str(self.home),
            "JUPYTER_CONFIG_DIR": str(self.home / "config"),
            "JUPYTER_DATA_DIR": str(self.home / "data"),
            "JUPYTER_RUNTIME_DIR": str(self.home / "runtime"),
            **self.environment,
        }
        command = [sys.executable, "-c", _SERVERS, "--allow-root", "--no-browser", "--ip=127.0.0.1"]
        command += [f"--port={self.port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}"]
        command += [f"--ServerApp.jpserver_extensions={_OTHERS_OFF}"]
        command += [f"--PlantTogether.database_path={self.database}", "--PlantTogether.example_room=False"]
        command += self.arguments
        with (self.home / "server.log").open("ab") as log:
            return subprocess.Popen(
                command,
                cwd=self.home,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )

    def wait(self, timeout: float = 60.0) -> ServerProcess:
        """Wait until it answers."""
        end = time.monotonic() + timeout
        while not self._answers():
            assert self.alive, self.log[-3000:]
            assert time.monotonic() < end, self.log[-3000:]
            time.sleep(0.05)
        return self

    def _answers(self) -> bool:
        try:
            return bool(self.api("GET", "health"))
        except OSError:
            return False

    def api(self, method: str, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(
            f"{self.url}plant-together/api/v1/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"token {TOKEN}"},
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)

    @property
    def alive(self) -> bool:
        if self.pid is None:
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def kill(self) -> None:
        """Kill it at once (``kill -9``)."""
        if self.alive:
            assert self.pid is not None
            os.kill(self.pid, signal.SIGKILL)
        while self.alive:
            time.sleep(0.001)
        self.pid = None

    def close(self) -> None:
        """End everything."""
        self.kill()
        starter, self.starter = self.starter, None
        if starter is not None:
            starter.communicate(timeout=20)
