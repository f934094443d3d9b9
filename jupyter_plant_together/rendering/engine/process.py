"""The parent's side of one child: starts it, asks it, ends it when it takes too long.

A process is used by one thread at a time. The child gets the parent's import path but not its environment,
which may hold tokens and passwords: what it runs was written by strangers.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from ...errors import LimitExceeded, PlantTogetherError, RenderTimeout
from ..settings import RenderSettings
from ..unavailable import not_installed
from . import framing

_START_WITHIN = 60.0  # seconds; a machine can be very busy
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "LD_LIBRARY_PATH")


class RenderFailed(PlantTogetherError):
    """The engine stopped or failed in a way that says nothing about the text."""

    code = "render-failed"
    status = 422


def too_slow(settings: RenderSettings, seconds: float) -> RenderTimeout:
    """Return the error for what took longer than ``seconds``."""
    trait = settings.named("render_timeout")
    return RenderTimeout(f"Drawing took longer than the limit of {seconds:g} s and was stopped{trait}.")


def too_much_memory(settings: RenderSettings) -> LimitExceeded:
    """Return the error for what needed more memory than ``render_memory``."""
    limit, trait = settings.render_memory, settings.named("render_memory")
    return LimitExceeded(
        f"Drawing needed more memory than the limit of {limit:,} bytes{trait}.", limit="render_memory"
    )


class Process:
    """See the module's text."""

    def __init__(self, settings: RenderSettings) -> None:
        self._settings = settings
        self._child: subprocess.Popen[bytes] | None = None
        self._end = threading.Lock()
        self._closed = False

    @property
    def started(self) -> bool:
        """Whether the child runs."""
        return self._child is not None and self._child.poll() is None

    @property
    def pid(self) -> int | None:
        """The child's process id, None where there is none."""
        return None if self._child is None else self._child.pid

    def start(self) -> None:
        """Start the child if it does not run; returns when the engine is loaded."""
        if self.started:
            return
        for module, package in (("py_mini_racer", "mini-racer"), ("resvg_py", "resvg-py")):
            if find_spec(module) is None:
                raise not_installed(package)
        self._release()
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
        with self._end:
            if self._closed:
                raise RenderFailed("Drawing has ended.")
            self._child = subprocess.Popen(
                [
                    *(sys.executable, "-P", "-m", "jupyter_plant_together.rendering.engine.child"),
                    str(self._settings.render_memory),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
            )
        self._within(_START_WITHIN, lambda: None, "The drawing engine could not be started")

    def ask(self, head: dict[str, Any], body: str) -> tuple[dict[str, Any], bytes]:
        """Return the child's answer.

        Raises
        ------
        RenderTimeout
            If it takes too long; the child is ended.
        LimitExceeded
            If it needs more memory than ``render_memory``.
        RenderFailed, RenderUnavailable
            If the child ends, or cannot be started.
        """
        self.start()
        child = self._child

        def send() -> None:
            assert child is not None and child.stdin is not None
            framing.write(child.stdin, head, body.encode(errors="replace"))

        answer, data = self._within(self._settings.render_timeout, send, "The drawing engine stopped")
        if answer.get("memory"):
            self._release()
            raise too_much_memory(self._settings)
        return answer, data

    def _within(self, seconds: float, send: Callable[[], None], failure: str) -> tuple[dict[str, Any], bytes]:
        child = self._child
        assert child is not None and child.stdout is not None
        deadline = Deadline(child.kill, seconds)
        try:
            send()
            return framing.read(child.stdout)
        except (OSError, EOFError, ValueError):
            code = child.wait()
            self._release()
            if deadline.ended:
                raise too_slow(self._settings, seconds) from None
            if code in _OUT_OF_MEMORY:
                raise too_much_memory(self._settings) from None
            raise RenderFailed(f"{failure} (exit code {code}).") from None
        finally:
            deadline.stop()

    def close(self) -> None:
        """End the child, also while another thread waits for its answer."""
        with self._end:
            self._closed = True
            child = self._child
        if child is not None:
            child.kill()
            child.wait()

    def _release(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        close_pipes(child)


def close_pipes(child: subprocess.Popen[bytes]) -> None:
    """Give back the pipes of a child that has ended."""
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            try:
                pipe.close()
            except OSError:
                pass  # what was not written yet goes with it


# V8 ends its process when it cannot allocate: abort, trap or segmentation fault.
_OUT_OF_MEMORY = frozenset({-6, -5, -4, -11, 0x80000003 - (1 << 32), 0xC0000005 - (1 << 32)})


class Deadline:
    """Ends what takes too long, by calling ``end`` on a thread of its own.

    ``ended`` says whether it did.
    """

    def __init__(self, end: Callable[[], object], seconds: float) -> None:
        self._end = end
        self._lock = threading.Lock()
        self._over = False
        self.ended = False
        self._timer = threading.Timer(seconds, self._expire)
        self._timer.daemon = True
        self._timer.start()

    def _expire(self) -> None:
        with self._lock:
            if not self._over:
                self.ended = True
                self._end()

    def stop(self) -> None:
        """Stop: the answer is there."""
        with self._lock:
            self._over = True
            self._timer.cancel()
