"""The user's own ``plantuml.jar`` as a drawing backend: one Java, kept warm, that reads texts from a pipe.

PlantUML's security profile SANDBOX keeps the text from files and network; the profile is not believed but
tried, with a file that only this process knows, before anybody's text is drawn. The Java has no environment,
a temporary folder of its own, bounded memory, and is ended with all it started when a drawing takes too long.

PlantUML separates answers by a word that no text can know. A text that made it answer twice, or not at all,
would hand the next one to ask somebody else's picture. So each text is followed by one with a new secret,
whose picture must come next; else the Java is ended and nothing of what it said is used.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from ..engine.process import Deadline, RenderFailed, close_pipes, too_much_memory, too_slow
from ..settings import RenderSettings
from ..text.blocks import Page
from ..unavailable import RenderUnavailable
from .external import SVG_AT_MOST, syntax_error, too_large

_START_WITHIN = 60.0  # seconds; a machine can be very busy
_CHUNK = 1 << 16
_TAIL = 40  # bytes: the word behind an answer, and a line end
_OUT_OF_MEMORY = 3  # the exit status that -XX:+ExitOnOutOfMemoryError gives
_KEPT = ("PATH", "SYSTEMROOT")
_END_WITH_PARENT = Path(__file__).with_name("end_with_parent.py")

T = TypeVar("T")


class Jar:
    """See the module's text.

    Parameters
    ----------
    settings
        Where jar and Java are, and the limits.
    """

    concurrency = 1

    def __init__(self, settings: RenderSettings) -> None:
        self._settings = settings
        self._jar = Path(settings.render_jar.strip()).expanduser().absolute()
        self._word = secrets.token_hex(16).encode()
        self._child: subprocess.Popen[bytes] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._lock = threading.Lock()
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The id of the process (group) that runs, None where none does."""
        return None if self._child is None else self._child.pid

    def draw(self, page: Page) -> bytes:
        """Return the page's SVG."""
        if self._child is None or self._child.poll() is not None:
            self._start()
        answer = self._within(self._settings.render_timeout, lambda: self._ask(framed(page)))
        if answer.startswith(b"ERROR"):
            _, _, rest = answer.decode(errors="replace").partition("\n")
            line, _, said = rest.partition("\n")
            number = int(line) + 1 if line.strip().isdigit() else None
            raise syntax_error(page, number, said.splitlines())
        return answer

    def close(self) -> None:
        """End the Java, also while another thread waits for it."""
        with self._lock:
            self._closed = True
        self._end()
        if self._folder is not None:
            self._folder.cleanup()

    # --- inside --------------------------------------------------------------------------------------

    def _start(self) -> None:
        self._release()
        self._folder = self._folder or tempfile.TemporaryDirectory(prefix="plant-together-")
        folder = self._folder.name
        command = self._command(folder)
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        with self._lock:
            if self._closed:
                raise RenderFailed("Drawing has ended.")
            self._child = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**environment, "LANG": "C.UTF-8"},
                cwd=folder,
                start_new_session=True,
            )
        self._within(_START_WITHIN, self._try_profile)

    def _command(self, folder: str) -> list[str]:
        settings = self._settings
        java = shutil.which(settings.render_java)
        if java is None or not self._jar.is_file():
            missing = settings.render_java if java is None else self._jar
            raise RenderUnavailable(f"The PlantUML jar cannot be started: there is no {missing}.")
        guardian = [sys.executable, "-I", str(_END_WITH_PARENT)] if os.name == "posix" else []
        return [
            *guardian,
            java,
            f"-Xmx{settings.render_memory}",
            "-XX:+UseSerialGC",
            "-XX:+ExitOnOutOfMemoryError",
            "-XX:-UsePerfData",
            "-Djava.awt.headless=true",
            f"-Djava.io.tmpdir={folder}",
            f"-Duser.home={folder}",
            "-Dfile.encoding=UTF-8",
            "-DPLANTUML_SECURITY_PROFILE=SANDBOX",
            "-jar",
            str(self._jar),
            *("-tsvg", "-charset", "UTF-8", "-pipe", "-pipenostderr", "-pipedelimitor"),
            self._word.decode(),
            *(() if shutil.which("dot") else ("-Playout=smetana",)),
        ]

    def _try_profile(self) -> None:
        assert self._folder is not None
        secret = secrets.token_hex(16)
        probe = Path(self._folder.name) / "probe.txt"
        probe.write_text(f"Ada -> Ben : {secret}\n", "ascii")
        try:
            answer = self._ask(f"@startuml\n!include {probe}\n@enduml\n")
        finally:
            probe.unlink()
        if secret.encode() in answer:
            self._end()
            raise RenderUnavailable(
                f"The PlantUML jar {self._jar} is too old to be safe: it lets texts read files. "
                "Use one of 2021 or later (trait PlantTogether.render_jar)."
            )

    def _ask(self, text: str) -> bytes:
        """Return the answer to ``text``, which is one diagram."""
        secret = secrets.token_hex(16)
        child = self._child
        assert child is not None and child.stdin is not None
        after = f"@startuml\nAda -> Ada : {secret}\n@enduml\n"
        child.stdin.write((text + after).encode(errors="replace"))
        child.stdin.flush()
        answer = self._next_answer(child)
        if secret.encode() in answer or secret.encode() not in self._next_answer(child):
            self._end()
            raise RenderFailed("The PlantUML jar did not answer this text with one picture; it was stopped.")
        return answer.strip()

    def _next_answer(self, child: subprocess.Popen[bytes]) -> bytes:
        assert child.stdout is not None
        found = bytearray()
        while True:
            chunk = child.stdout.readline(_CHUNK)
            if not chunk:
                raise EOFError
            found += chunk
            if found[-_TAIL:].rstrip().endswith(self._word):
                return bytes(found.rstrip()[: -len(self._word)])
            if len(found) > SVG_AT_MOST:
                self._end()
                raise too_large()

    def _within(self, seconds: float, function: Callable[[], T]) -> T:
        child = self._child
        assert child is not None
        deadline = Deadline(self._end, seconds)
        try:
            return function()
        except (OSError, EOFError):
            code = child.wait()
            self._release()
            if deadline.ended:
                raise too_slow(self._settings, seconds) from None
            if code == _OUT_OF_MEMORY:
                raise too_much_memory(self._settings) from None
            raise RenderFailed(f"The PlantUML jar stopped (exit code {code}).") from None
        finally:
            deadline.stop()

    def _end(self) -> None:
        child = self._child
        if child is None:
            return
        if os.name == "posix" and child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
        else:
            child.kill()
        child.wait()

    def _release(self) -> None:
        self._end()
        child, self._child = self._child, None
        if child is None:
            return
        close_pipes(child)


def framed(page: Page) -> str:
    """Return the page as one diagram of the pipe, whatever is in it.

    The pipe knows ``@start…`` and ``@end…`` at the very beginning of a line only, the end by the same word,
    and ``@@@format``, which would change what all later texts are drawn as.
    """
    inner = (f" {line}" if line.startswith("@") else line for line in page.lines[1:-1])
    return "\n".join([page.lines[0].lstrip(), *inner, f"@end{page.kind}", ""])
