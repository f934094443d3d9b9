"""docs/cluster.md, run as it stands: only ports, addresses and the token are the test's own."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from redis_server import RedisServer

import jupyter_plant_together as plant

PAGE = (Path(__file__).parents[2] / "docs" / "cluster.md").read_text(encoding="utf-8")
BASH = re.findall(r"```bash\n(.*?)```", PAGE, re.DOTALL)
(NGINX,) = re.findall(r"```nginx\n(.*?)```", PAGE, re.DOTALL)
TOKEN = "token-of-the-test"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Page:
    """The page's commands in one folder, with this machine's ports and addresses."""

    def __init__(self, folder: Path, dsn: str, redis: str) -> None:
        self.folder = folder
        self.ports = {name: free_port() for name in ("8000", "8001", "8002")}
        self.processes: list[subprocess.Popen[bytes]] = []
        self.log = folder / "log"
        names = ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
        # The variables of the page, by its own names.
        variables = dict(re.findall(r"export (\w+)=(\S+)", BASH[1]))
        values = {
            "PLANT_TOGETHER_POSTGRES_DSN": dsn,
            "PLANT_TOGETHER_REDIS_URL": redis,
            "JUPYTER_TOKEN": TOKEN,
        }
        assert variables.keys() == values.keys()
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}{os.pathsep}/usr/sbin"
        self.environment = {
            **os.environ,
            **values,
            **{name: str(folder / name.lower()) for name in names},
            "PATH": path,
        }
        config = folder / "jupyter_config_dir"
        config.mkdir()
        # As root, which nobody else should be, and without what other packages bring.
        (config / "jupyter_server_config.py").write_text(
            "c.ServerApp.allow_root = True\n"
            "c.ServerApp.jpserver_extensions = {'jupyter_plant_together': True, 'jupyterlab': False}\n"
        )
        (folder / "plant.conf").write_text(self.here(NGINX))

    def here(self, text: str) -> str:
        for name, port in self.ports.items():
            text = re.sub(rf"\b{name}\b", str(port), text)
        return text

    def run(self, command: str) -> str:
        done = subprocess.run(
            ["bash", "-euc", self.here(command)],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self, command: str) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                ["bash", "-euc", f"exec {self.here(command)}"],
                cwd=self.folder,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def wait(self, port: str) -> None:
        end = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.ports[port]), 1).close()
                return
            except OSError:
                assert time.monotonic() < end, self.log.read_text()[-3_000:]
                time.sleep(0.05)

    def stop(self) -> None:
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.fixture
def page(tmp_path: Path, postgres_dsn: str, shared_redis: Callable[[str], RedisServer]) -> Iterator[Page]:
    made = Page(tmp_path, postgres_dsn, shared_redis("redis").url)
    yield made
    made.stop()


@pytest.mark.timeout(300)
async def test_the_page_from_top_to_bottom(page: Page) -> None:
    if shutil.which("nginx", path=page.environment["PATH"]) is None:
        pytest.skip("there is no nginx on this machine")
    install, _, prepare, servers, nginx, look, compactor = BASH
    assert install.startswith("pip install ")
    prepared = await asyncio.to_thread(page.run, prepare)
    assert "ERROR" not in prepared
    one, two = (page.start(line) for line in servers.splitlines())
    for port in ("8001", "8002"):
        await asyncio.to_thread(page.wait, port)
    page.start(nginx.strip())
    await asyncio.to_thread(page.wait, "8000")
    health, metrics = look.splitlines()
    assert json.loads(await asyncio.to_thread(page.run, health))["state"] in ("ok", "warning")
    assert "plant_together_journal_up 1" in await asyncio.to_thread(page.run, metrics)
    page.start(compactor.strip())

    def connect(port: str) -> Any:
        return plant.connect("design", url=f"http://127.0.0.1:{page.ports[port]}/", token=TOKEN)

    through = await asyncio.to_thread(connect, "8000")
    direct = [await asyncio.to_thread(connect, port) for port in ("8001", "8002")]
    try:
        document = await asyncio.to_thread(through.create, "login")
        others = [await asyncio.to_thread(room.__getitem__, "login") for room in direct]
        await asyncio.to_thread(document.append, "through nginx\n")
        await asyncio.to_thread(document.flush, 30)
        for other in others:
            await asyncio.to_thread(other.wait_for, lambda text: text == "through nginx\n", 30)
        # Whichever of the two nginx chose: one dies, then the other; the document goes on.
        for number, victim in enumerate((one, two)):
            victim.kill()
            victim.wait()
            await asyncio.to_thread(document.append, f"after kill {number}\n")
            await asyncio.to_thread(document.flush, 60)
            if victim is one:
                page.start(servers.splitlines()[0])
                await asyncio.to_thread(page.wait, "8001")
        assert document.source == "through nginx\nafter kill 0\nafter kill 1\n"
    finally:
        for room in (through, *direct):
            await asyncio.to_thread(room.close)
