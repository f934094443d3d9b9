"""A JupyterLab of its own for a test: a free port, a home that is thrown away.

The server is a real process (it can be killed and started again on the same
port); its users are named by a cookie, because Jupyter's own sign-in invents
a random user for each cookie jar.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

#: The cookie that says who a browser is.
USER_COOKIE = "test-user"

_IDENTITY = '''
from jupyter_server.auth import IdentityProvider, User


class NamedUsers(IdentityProvider):
    """The cookie is the user, though Lab's page sends the token, too; programs with the token are Ada's."""

    async def get_user(self, handler):
        name = handler.get_cookie("{cookie}")
        if not name:
            if await super().get_user(handler) is None:
                return None
            name = "ada"
        return User(username=name, name=name.title(), display_name=name.title())
'''

# A whole JupyterLab for each line on standard input, forked so that the imports (3 s) are done only once.
_LABS = """
import json, os, signal, sys
from jupyterlab.labapp import main
import jupyter_plant_together.server.app
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for line in sys.stdin:
    job = json.loads(line)
    child = os.fork()
    if not child:
        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        log = os.open(job["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.environ.clear()
        os.environ.update(job["environment"])
        os.chdir(job["home"])
        sys.argv = ["jupyter-lab", *job["arguments"]]
        main()
        os._exit(0)
    print(child, flush=True)
"""

_CONFIG = """
import sys
sys.path.insert(0, {module_dir!r})
c.ServerApp.jpserver_extensions = {{"jupyter_plant_together": True}}
c.ServerApp.port_retries = 0
"""


def free_port() -> int:
    """Return a port on which nothing listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Starter:
    """A process that has JupyterLab loaded and forks servers."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def start(self, server: LabServer, arguments: list[str]) -> int:
        """Start a server and return its process id."""
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", _LABS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
        job = {
            "home": str(server.home),
            "log": str(server.home / "server.log"),
            "environment": server.environment(),
            "arguments": arguments,
        }
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        """End it; its servers are ended by who has them."""
        if self._process is not None:
            self._process.communicate(timeout=20)
            self._process = None


@dataclass
class LabServer:
    """One JupyterLab; `start` and `kill` may alternate."""

    home: Path
    starter: Starter
    port: int = field(default_factory=free_port)
    token: str = "lab-test-token"
    base_url: str = "/"
    named_users: bool = False
    args: tuple[str, ...] = ()
    #: Lines added to jupyter_server_config.py.
    config: str = ""
    pid: int | None = None

    @property
    def root(self) -> Path:
        """The folder that the file browser shows."""
        return self.home / "work"

    @property
    def url(self) -> str:
        """The server's address with its base URL and a slash at the end."""
        return f"http://127.0.0.1:{self.port}{self.base_url}"

    @property
    def log(self) -> str:
        """What the server has printed."""
        path = self.home / "server.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def page_url(self, path: str = "") -> str:
        """Return the address of Lab, with a fresh workspace and an open file."""
        tree = f"/tree/{path}" if path else ""
        return f"{self.url}lab{tree}?reset&token={self.token}"

    def environment(self) -> dict[str, str]:
        """Return the environment of the server: nothing outside its home."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "PLANT_TOGETHER"))}
        return kept | {
            "HOME": str(self.home),
            "JUPYTER_CONFIG_DIR": str(self.home / "config"),
            "JUPYTER_DATA_DIR": str(self.home / "data"),
            "JUPYTER_RUNTIME_DIR": str(self.home / "runtime"),
        }

    def set_setting(self, plugin: str, **values: object) -> None:
        """Write user settings of a plugin, for example ``@jupyterlab/apputils-extension:themes``."""
        package, name = plugin.rsplit(":", 1)
        path = self.home / "settings" / package / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))

    def _prepare(self) -> None:
        for name in ("work", "config", "data", "runtime", "settings", "workspaces"):
            (self.home / name).mkdir(parents=True, exist_ok=True)
        # The question about news covers the corner where other messages are.
        self.set_setting("@jupyterlab/apputils-extension:notification", fetchNews="false")
        config = _CONFIG.format(module_dir=str(self.home / "config"))
        if self.named_users:
            (self.home / "config" / "named_users.py").write_text(_IDENTITY.format(cookie=USER_COOKIE))
            config += 'c.ServerApp.identity_provider_class = "named_users.NamedUsers"\n'
            # Kernels of a server with several users cannot prove whose they are.
            config += 'c.PlantTogether.kernel_role = "editor"\n'
        (self.home / "config" / "jupyter_server_config.py").write_text(config + self.config)

    def start(self, timeout: float = 60) -> LabServer:
        """Start the server and wait until it answers."""
        self._prepare()
        arguments = ["--no-browser", "--allow-root", "--ip=127.0.0.1"]
        arguments += [f"--port={self.port}", f"--IdentityProvider.token={self.token}"]
        # Lab reads the environment's folders when it is loaded, which was before.
        arguments += [f"--LabApp.user_settings_dir={self.home / 'settings'}"]
        arguments += [f"--LabApp.workspaces_dir={self.home / 'workspaces'}"]
        # Tests reach Lab's commands by window.jupyterapp.
        arguments += ["--LabApp.expose_app_in_browser=True"]
        arguments += [
            f"--ServerApp.base_url={self.base_url}",
            f"--ServerApp.root_dir={self.root}",
            *self.args,
        ]
        self.pid = self.starter.start(self, arguments)
        deadline = time.monotonic() + timeout
        while not self._answers():
            if not self._is_alive() or time.monotonic() > deadline:
                raise RuntimeError(f"JupyterLab did not start:\n{self.log[-4000:]}")
            time.sleep(0.05)
        return self

    def _answers(self) -> bool:
        request = urllib.request.Request(
            f"{self.url}api/status", headers={"Authorization": f"token {self.token}"}
        )
        try:
            with urllib.request.urlopen(request, timeout=2) as response:
                return bool(response.status == 200)
        except OSError:
            return False

    def kill(self) -> None:
        """Kill the server at once, with its kernels."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask the server to end, and see that it does."""
        self._end(signal.SIGTERM)

    def _is_alive(self) -> bool:
        if self.pid is None:
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def _end(self, number: signal.Signals) -> None:
        deadline = time.monotonic() + 15
        self._signal(number)
        while self._is_alive():
            if time.monotonic() > deadline:
                self._signal(signal.SIGKILL)
            time.sleep(0.01)
        self.pid = None

    def _signal(self, number: signal.Signals) -> None:
        if self.pid is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, number)
