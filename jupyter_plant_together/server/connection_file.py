"""The file by which kernels find their server: ``plant-together-{pid}.json`` in Jupyter's runtime folder.

It holds ``{url, token, pid}`` and is readable by this account only; the token opens Plant Together and
nothing else. It is written after the start, when the port is certain, and its path goes into the
environment, which kernels inherit, so that it works with password sign-in too (PROTOCOL I2).
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from jupyter_core.paths import secure_write

from ..util.variables import CONNECTION_FILE

_WILDCARDS = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "*": "127.0.0.1", "::": "[::1]"}


def local_url(*, ip: str, port: int, base_url: str, secure: bool) -> str:
    """Return the URL at which a program on this machine reaches a server that listens on ``ip``."""
    host = _WILDCARDS.get(ip) or (f"[{ip}]" if ":" in ip else ip)
    return f"{'https' if secure else 'http'}://{host}:{port}{base_url}"


class ConnectionFile:
    """The connection file of this process.

    Parameters
    ----------
    folder
        Jupyter's runtime folder.
    token
        What kernels send in their ``Authorization`` header.
    """

    def __init__(self, folder: Path, token: str) -> None:
        self.path = folder / f"plant-together-{os.getpid()}.json"
        self._token = token
        self._written = False

    def write(self, url: str) -> None:
        """Write the file and name it in the environment; remove what dead servers left behind."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _remove_stale(self.path.parent)
        draft = self.path.with_suffix(".tmp")  # a kernel that reads meanwhile sees all of it or nothing
        with secure_write(str(draft)) as stream:
            json.dump({"url": url, "token": self._token, "pid": os.getpid()}, stream)
        draft.replace(self.path)
        self._written = True
        os.environ[CONNECTION_FILE] = str(self.path)

    def remove(self) -> None:
        """Undo :meth:`write`; safe to call twice."""
        if self._written:
            self._written = False
            self.path.unlink(missing_ok=True)
            if os.environ.get(CONNECTION_FILE) == str(self.path):
                del os.environ[CONNECTION_FILE]


def _remove_stale(folder: Path) -> None:
    for path in folder.glob("plant-together-*.json"):
        pid = path.stem.rpartition("-")[2]
        if pid.isdigit() and not _alive(int(pid)):
            path.unlink(missing_ok=True)


def _alive(pid: int) -> bool:
    if os.name == "nt":  # there, signal 0 would end the process
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it lives under another account
        return True
    return True
