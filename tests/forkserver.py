"""Programs of Jupyter as processes of their own, forked from one that has imported what they need.

The imports of a Jupyter server cost seconds; a fork costs milliseconds. What runs is the program as
``python -m MODULE`` runs it, with its own arguments, environment, folder and output, and its own way to end;
it may be killed. The process that forks ends with the test's.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

#: Imported before anything is forked.
PRELOADED = ("jupyter_server.serverapp", "jupyter_plant_together.server.app")

# Between the process that forks and the program is one that waits for it, and writes down how it ended.
_FORKING = """
import importlib, json, os, runpy, signal, sys
for name in sys.argv[1:]:
    importlib.import_module(name)

def forked():
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        if os.fork():
            continue
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        job = json.loads(line)
        child = os.fork()
        if not child:
            return job
        os.write(1, f"{child}\\n".encode())
        null = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(null, number)
        _, status = os.waitpid(child, 0)
        with open(job["ended"] + ".part", "w") as file:
            file.write(str(os.waitstatus_to_exitcode(status)))
        os.rename(job["ended"] + ".part", job["ended"])
        os._exit(0)
    return None

job = forked()
if job is not None:
    os.setsid()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number in (1, 2):
        os.dup2(os.open(job["output"][number - 1], os.O_WRONLY | os.O_APPEND | os.O_CREAT), number)
    os.environ.clear()
    os.environ.update(job["environment"])
    os.chdir(job["folder"])
    sys.argv = [job["module"], *job["arguments"]]
    runpy.run_module(job["module"], run_name="__main__", alter_sys=True)
"""


class Program:
    """A program that runs; what of ``subprocess.Popen`` the tests need."""

    def __init__(self, pid: int, ended: Path) -> None:
        self.pid = pid
        self._ended = ended

    def poll(self) -> int | None:
        """Return its exit code, None while it runs."""
        return int(self._ended.read_text()) if self._ended.exists() else None

    def wait(self, timeout: float = 60.0) -> int:
        """Return its exit code once it has ended."""
        end = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > end:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout)
            time.sleep(0.005)
        return code

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                pass  # it has just ended

    def kill(self) -> None:
        """Kill -9."""
        self.send_signal(signal.SIGKILL)


@cache
def _forking(*modules: str) -> tuple[subprocess.Popen[str], Path]:
    command = [sys.executable, "-P", "-c", _FORKING, *modules]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    return process, Path(tempfile.mkdtemp(prefix="plant-programs-"))


def start(
    module: str,
    arguments: Sequence[str],
    environment: Mapping[str, str],
    *,
    folder: Path,
    stdout: Path | None = None,
    stderr: Path | None = None,
) -> Program:
    """Start ``python -m MODULE ARGUMENTS`` in a folder; what it writes is added to files."""
    process, kept = _forking(*PRELOADED)
    assert process.stdin is not None
    assert process.stdout is not None
    descriptor, ended = tempfile.mkstemp(dir=kept)
    os.close(descriptor)
    os.unlink(ended)
    job = {
        "module": module,
        "arguments": list(map(str, arguments)),
        "environment": dict(environment),
        "folder": str(folder),
        "output": [str(stdout or os.devnull), str(stderr or os.devnull)],
        "ended": ended,
    }
    process.stdin.write(json.dumps(job) + "\n")
    process.stdin.flush()
    return Program(int(process.stdout.readline()), Path(ended))


def run(
    module: str, arguments: Sequence[str], environment: Mapping[str, str], *, timeout: float = 60.0
) -> subprocess.CompletedProcess[str]:
    """Run ``python -m MODULE ARGUMENTS`` to its end."""
    with tempfile.TemporaryDirectory(prefix="plant-output-") as name:
        out, err = Path(name) / "out", Path(name) / "err"
        program = start(module, arguments, environment, folder=Path.cwd(), stdout=out, stderr=err)
        try:
            code = program.wait(timeout)
        finally:
            program.kill()
        said = [path.read_text(encoding="utf-8") if path.exists() else "" for path in (out, err)]
    return subprocess.CompletedProcess([module, *arguments], code, *said)
