"""A real JupyterHub with the configuration of docs/jupyterhub.md, two replicas of the gateway behind a balancer.

Where the tests run as root and another account can run this Python, users' servers run under that account.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
from balancer import Balancer, free_port
from configuration import MANAGED, OVERRIDES, documented_configuration

SERVICE = "/services/plant-together/"
_NOBODY = 65_534


def proxy_command() -> list[str]:
    """Return how configurable-http-proxy is started: from the PATH, or beside this virtual environment."""
    beside = (
        Path(sys.prefix) / "configurable-http-proxy" / "node_modules" / ".bin" / "configurable-http-proxy"
    )
    found = shutil.which("configurable-http-proxy") or (str(beside) if beside.exists() else None)
    assert found is not None, "no configurable-http-proxy: run .ci/install, or npm install -g it"
    return [found]


def other_account() -> dict[str, Any]:
    """Return how to run as another account that can run this Python; empty where that cannot be."""
    if os.geteuid() != 0:
        return {}
    account: dict[str, Any] = {"user": _NOBODY, "group": _NOBODY, "extra_groups": []}
    probe = [sys.executable, "-c", "import jupyterhub, jupyter_plant_together"]
    try:
        done = subprocess.run(probe, cwd="/", env={"PATH": os.environ["PATH"]}, check=False, **account)
    except PermissionError:  # this Python lies in a folder that only root may enter
        return {}
    return account if done.returncode == 0 else {}


class Hub:
    """The hub, its users' servers and the gateway's replicas, each a process of its own.

    Parameters
    ----------
    folder
        Where everything is kept.
    postgres_dsn, redis_url
        What only the gateway may know.
    subdomain_host
        The hub's host with ``{port}``, if users have hosts of their own.
    recheck
        The gateway's ``identity_recheck``, seconds.
    base_url
        The hub's own base URL.
    managed
        Whether the hub starts one gateway itself, instead of two that it is not told of.
    """

    def __init__(
        self,
        folder: Path,
        *,
        postgres_dsn: str,
        redis_url: str,
        subdomain_host: str = "",
        recheck: float = 300,
        base_url: str = "/",
        managed: bool = False,
    ) -> None:
        self.folder = folder
        self.port, self.hub_port, self.proxy_port = free_port(), free_port(), free_port()
        self.subdomain_host = subdomain_host.format(port=self.port)
        self.balancer = Balancer()
        self.service_token, self.operator_token = secrets.token_hex(32), secrets.token_hex(32)
        self.secrets = {"postgres_dsn": postgres_dsn, "redis_url": redis_url, "token": self.service_token}
        self.account = other_account()
        self.recheck = recheck
        self.base_url = base_url
        self.managed = managed
        self.replicas: dict[int, subprocess.Popen[bytes]] = {}
        self._hub: subprocess.Popen[bytes] | None = None

    # --- addresses -----------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """The hub's proxy."""
        return f"http://127.0.0.1:{self.port}{self.base_url.rstrip('/')}"

    def host(self, who: str | None = None) -> str:
        """The Host header for the hub, a user's server, or ``plant-together--service``."""
        if not self.subdomain_host:
            return f"127.0.0.1:{self.port}"
        name = self.subdomain_host.removeprefix("http://")
        return name if who is None else f"{who}.{name}"

    @property
    def gateway_url(self) -> str:
        """The gateway as browsers know it."""
        return f"http://{self.host('plant-together--service')}{SERVICE}"

    # --- start and end -------------------------------------------------------------------------------

    def start(self) -> None:
        homes = self.folder / "homes"
        homes.mkdir(parents=True)
        self.folder.chmod(0o711)
        homes.chmod(0o777)
        private = self.folder / "hub"
        private.mkdir(mode=0o700)
        configuration = documented_configuration() + OVERRIDES.format(
            port=self.port,
            hub_port=self.hub_port,
            proxy_port=self.proxy_port,
            subdomain_host=self.subdomain_host,
            base_url=self.base_url,
            internal=self.kernels_url if self.subdomain_host else "",
            homes=str(homes),
            popen=self.account,
            proxy=proxy_command(),
            operator=self.operator_token,
        )
        known = {
            "PLANT_TOGETHER_POSTGRES_DSN": self.secrets["postgres_dsn"],
            "PLANT_TOGETHER_REDIS_URL": self.secrets["redis_url"],
        }
        if self.managed:
            configuration += MANAGED.format(port=free_port(), environment=known)
        for _ in range(0 if self.managed else 2):
            self.start_replica()
        (private / "jupyterhub_config.py").write_text(configuration, encoding="utf-8")
        with (private / "log").open("wb") as log:
            self._hub = subprocess.Popen(
                [sys.executable, "-m", "jupyterhub", "--config=jupyterhub_config.py"],
                cwd=private,
                stdout=log,
                stderr=log,
                env={
                    **_environment(),
                    "PLANT_TOGETHER_API_TOKEN": self.service_token,
                    "PLANT_TOGETHER_SERVICE_URL": f"http://127.0.0.1:{self.balancer.port}",
                    "PLANT_TOGETHER_PUBLIC_URL": self.gateway_url,
                },
            )
        self.until(lambda: self.api("GET", "")[0] == 200)
        # The hub has asked for the service once by now, so its replicas are up.
        for port in self.balancer.ports:
            self.until(lambda port=port: _answers(port))

    @property
    def kernels_url(self) -> str:
        """The gateway as users' servers know it; without a name server they go to the balancer."""
        return f"http://127.0.0.1:{self.balancer.port}{SERVICE}"

    def start_replica(self, port: int | None = None) -> int:
        """Start a replica and let the balancer know it."""
        port = port or free_port()
        host = {"JUPYTERHUB_HOST": self.subdomain_host} if self.subdomain_host else {}
        with (self.folder / f"gateway-{port}.log").open("ab") as log:
            self.replicas[port] = subprocess.Popen(
                [
                    *(sys.executable, "-m", "jupyter_plant_together.cli", "gateway"),
                    f"--port={port}",
                    f"--Gateway.identity_recheck={self.recheck}",
                    "--log-level=DEBUG",
                ],
                cwd=self.folder,
                stdout=log,
                stderr=log,
                env={
                    **_environment(),
                    **host,
                    "JUPYTERHUB_API_TOKEN": self.service_token,
                    "JUPYTERHUB_API_URL": f"http://127.0.0.1:{self.hub_port}/hub/api",
                    "PLANT_TOGETHER_POSTGRES_DSN": self.secrets["postgres_dsn"],
                    "PLANT_TOGETHER_REDIS_URL": self.secrets["redis_url"],
                },
            )
        (self.folder / f"gateway-{port}.log").chmod(0o600)
        if port not in self.balancer.ports:
            self.balancer.ports.append(port)
        return port

    def stop(self) -> None:
        """End all processes; the hub ends its users' servers and its proxy."""
        below: list[psutil.Process] = []
        if self._hub is not None and self._hub.poll() is None:
            below = psutil.Process(self._hub.pid).children(recursive=True)
        for process in [self._hub, *self.replicas.values()]:
            if process is not None and process.poll() is None:
                process.terminate()
        for process in [self._hub, *self.replicas.values()]:
            if process is not None:
                try:
                    process.wait(30)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        # The node of a wheel is started by a script that does not pass the hub's signal on to it.
        for child in psutil.wait_procs(below, timeout=1)[1]:
            with suppress(psutil.NoSuchProcess):
                child.kill()
        self.balancer.close()

    def pause(self) -> None:
        """Let the hub hang: it takes connections and answers none."""
        assert self._hub is not None
        self._hub.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """End a pause."""
        assert self._hub is not None
        self._hub.send_signal(signal.SIGCONT)

    def log(self) -> str:
        """What hub and replicas have written."""
        paths = [self.folder / "hub" / "log", *self.folder.glob("gateway-*.log")]
        return "\n".join(path.read_text(encoding="utf-8", errors="replace")[-5_000:] for path in paths)

    def until(self, done: Any) -> None:
        end = time.monotonic() + 60
        while True:
            with suppress(OSError, urllib.error.URLError):
                if done():
                    return
            for process in [self._hub, *self.replicas.values()]:
                assert process is None or process.poll() is None, self.log()
            assert time.monotonic() < end, self.log()
            time.sleep(0.1)

    # --- asking --------------------------------------------------------------------------------------

    def fetch(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str | None = None,
        who: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> tuple[int, Any, Any]:
        """Ask the proxy; returns status, JSON (or text) and headers. ``who`` is the host's first label."""
        sent = {
            "Host": self.host(who),
            **({"Authorization": f"token {token}"} if token else {}),
            **({"Content-Type": "application/json"} if body is not None else {}),
            **(headers or {}),
        }
        return self._fetch(self.url + path, method, body, sent)

    def _fetch(self, url: str, method: str, body: Any, headers: dict[str, str]) -> tuple[int, Any, Any]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, method=method, data=data, headers=headers)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect())
        try:
            with opener.open(request, timeout=60) as response:
                return response.status, _content(response.read()), response.headers
        except urllib.error.HTTPError as error:
            return error.code, _content(error.read()), error.headers

    def api(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Ask the hub's API as its operator."""
        status, answer, _ = self.fetch(method, f"/hub/api/{path}", body, token=self.operator_token)
        return status, answer

    def ask(
        self, token: str | None, method: str, path: str, body: Any = None, **more: Any
    ) -> tuple[int, Any]:
        """Ask the gateway."""
        path = f"{SERVICE}plant-together/api/v1/{path}"
        status, answer, _ = self.fetch(method, path, body, token=token, who="plant-together--service", **more)
        return status, answer

    def make_room(self, token: str, name: str) -> None:
        """Make a room; one that a first try of the test has left goes to the trash."""
        if self.ask(token, "POST", "rooms", {"name": name})[0] == 409:
            self.ask(token, "DELETE", f"rooms/{name}")
            assert self.ask(token, "POST", "rooms", {"name": name})[0] == 201

    def ask_replica(self, port: int, token: str, method: str, path: str) -> tuple[int, Any]:
        """Ask one replica, past the proxy."""
        address = f"http://127.0.0.1:{port}{SERVICE}plant-together/api/v1/{path}"
        status, answer, _ = self._fetch(address, method, None, {"Authorization": f"token {token}"})
        return status, answer

    def add_users(self, *names: str) -> None:
        """Make users and start their servers, all at once."""
        for name in names:
            assert self.api("POST", f"users/{name}")[0] == 201
        with ThreadPoolExecutor() as threads:
            answers = threads.map(lambda name: self.api("POST", f"users/{name}/server")[0], names)
            assert set(answers) <= {201, 202}, self.log()
        for name in names:
            self.until(lambda name=name: self.api("GET", f"users/{name}")[1].get("server") is not None)

    def token(self, name: str, scopes: list[str] | None = None) -> str:
        """Return a token of a user, of the scopes that their server has unless others are given."""
        wanted = scopes or ["access:services!service=plant-together", "read:users:groups!user"]
        status, made = self.api("POST", f"users/{name}/tokens", {"scopes": wanted})
        assert status == 201, made
        return str(made["token"])


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def _content(data: bytes) -> Any:
    try:
        return json.loads(data) if data else None
    except ValueError:
        return data.decode(errors="replace")


def _environment() -> dict[str, str]:
    kept = {"PATH", "LANG", "HOME", "TMPDIR", "VIRTUAL_ENV"}
    found = {name: value for name, value in os.environ.items() if name in kept}
    return {**found, "PATH": f"{Path(sys.executable).parent}:{found.get('PATH', '')}"}


def _answers(port: int) -> bool:
    with suppress(urllib.error.HTTPError):
        urllib.request.urlopen(f"http://127.0.0.1:{port}{SERVICE}plant-together/api/v1/me", timeout=5)
    return True
