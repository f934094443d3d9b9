"""A real Jupyter server in a process of its own, for notebook clients in the test's process."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import Any

import forkserver

TOKEN = "secret-of-the-test"
OTHERS = dict.fromkeys(("jupyterlab", "jupyter_lsp", "jupyter_server_terminals", "notebook_shim"), False)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class JupyterProcess:
    """``jupyter server`` on a folder of its own; may be killed and started again on the same port."""

    def __init__(
        self,
        folder: Path,
        *,
        base_url: str = "/",
        token: str = TOKEN,
        options: dict[str, Any] | None = None,
        port: int | None = None,
    ) -> None:
        self.folder = folder
        self.base_url = base_url
        self.token = token
        self.port = port or free_port()
        self.options = options or {}
        self.process: forkserver.Program | None = None
        for name in ("runtime", "data", "config", "root"):
            (folder / name).mkdir(parents=True, exist_ok=True)

    @property
    def runtime(self) -> Path:
        return self.folder / "runtime"

    @property
    def environment(self) -> dict[str, str]:
        ours = {
            "JUPYTER_RUNTIME_DIR": str(self.runtime),
            "JUPYTER_DATA_DIR": str(self.folder / "data"),
            "JUPYTER_CONFIG_DIR": str(self.folder / "config"),
            "JUPYTER_PREFER_ENV_PATH": "1",
        }
        return {
            **{key: value for key, value in os.environ.items() if not key.startswith("PLANT_TOGETHER_")},
            **ours,
        }

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}{self.base_url}"

    @property
    def scheme(self) -> str:
        return "https" if "ServerApp.certfile" in self.options else "http"

    @property
    def connection_file(self) -> Path:
        assert self.process is not None
        return self.runtime / f"plant-together-{self.process.pid}.json"

    def start(self) -> JupyterProcess:
        options = {
            "ServerApp.ip": "127.0.0.1",
            "ServerApp.port": self.port,
            "ServerApp.port_retries": 0,
            "ServerApp.base_url": self.base_url,
            "ServerApp.root_dir": self.folder / "root",
            "ServerApp.open_browser": False,
            "ServerApp.allow_root": True,
            "ServerApp.jpserver_extensions": {"jupyter_plant_together": True, **OTHERS},
            "IdentityProvider.token": self.token,
            "PlantTogether.database_path": self.folder / "data" / "rooms.db",
            "PlantTogether.example_room": False,
            **self.options,
        }
        arguments = [f"--{name}={value}" for name, value in options.items()]
        log = self.folder / "log.txt"
        self.process = forkserver.start(
            "jupyter_server", arguments, self.environment, folder=self.folder, stdout=log, stderr=log
        )
        end = time.monotonic() + 120
        while not self._written():
            assert self.process.poll() is None and time.monotonic() < end, self.log
            time.sleep(0.05)
        self.port = int(json.loads(self.connection_file.read_text())["url"].split(":")[2].split("/")[0])
        return self

    def _written(self) -> bool:
        """Whether the connection file is there, whole."""
        try:
            return self.connection_file.read_text().endswith("}")
        except FileNotFoundError:
            return False

    @property
    def log(self) -> str:
        return (self.folder / "log.txt").read_text()

    def kill(self) -> None:
        """Kill -9."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stop(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()

    @property
    def sync_url(self) -> str:
        return f"ws{self.url.removeprefix('http')}plant-together/sync"

    def api(self, method: str, path: str, body: Any = None) -> Any:
        """Call Plant Together's REST."""
        return self.call(method, f"plant-together/api/v1/{path}", body)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Call the server; JSON comes back parsed, a text as it is."""
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"token {self.token}"},
        )
        with urllib.request.urlopen(request) as answer:
            content = answer.read()
            is_json = answer.headers.get_content_type() == "application/json"
        return json.loads(content) if is_json else content.decode()
