"""The child process: draws on request until its standard input closes; it ends when its parent has ended.

``python -m jupyter_plant_together.rendering.engine.child MEMORY``. On Linux the kernel limits its memory as
well, because V8 counts neither Graphviz's memory nor the engine's arrays.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

from ..unavailable import RenderUnavailable
from . import framing
from .isolate import Isolate, OutOfMemory
from .raster import pdf, png

# The first drawings compile the engine; here this counts to no drawing's time.
_WARM_UP = "@startuml\nAda -> Ben : hello\n@enduml"
_NICE = 5  # pictures may wait, people who type may not
_LOOK_EVERY = 1.0  # seconds
_MARGIN = 256_000_000  # of Graphviz, of compiled code and of the rasteriser


def main() -> None:
    """Answer on standard output; whatever prints goes to standard error instead."""
    requests = sys.stdin.buffer
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    memory = int(sys.argv[1])
    if hasattr(os, "nice"):
        os.nice(_NICE)
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    isolate = Isolate(memory)
    isolate.draw(_WARM_UP, dark=False)
    _limit_memory(memory + _MARGIN)
    framing.write(answers, {"ready": True})
    try:
        while True:
            try:
                head, body = framing.read(requests)
            except EOFError:
                return
            try:
                answer = _answer(isolate, head, body)
            except (OutOfMemory, MemoryError):
                framing.write(answers, {"memory": True})
                return
            framing.write(answers, *answer)
    finally:
        isolate.close()


def _answer(isolate: Isolate, head: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
    text = body.decode()
    if head["do"] == "svg":
        answer = isolate.draw(text, head["dark"])
        svg = answer.pop("svg", "")
        return answer, svg.encode(errors="replace")
    make = {"png": png, "pdf": pdf}[head["do"]]
    try:
        return {}, make(text, scale=head["scale"], background=head["background"])
    except RenderUnavailable as error:
        return {"missing": error.message}, b""
    except (ValueError, RuntimeError) as error:  # what the rasterisers raise
        return {"error": str(error)}, b""


def _end_with(parent: int) -> None:
    """End when the parent has ended, which a drawing that does not end would not notice."""
    while os.getppid() == parent:
        time.sleep(_LOOK_EVERY)
    os._exit(0)


def _limit_memory(more: int) -> None:
    """Allow so many bytes more than there are now; V8 has reserved far more than it uses."""
    if sys.platform != "linux":
        return
    import resource  # noqa: PLC0415 - it is Unix's

    status = Path("/proc/self/status").read_text("ascii", errors="replace")
    now = int(status.split("VmData:")[1].split()[0]) * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (now + more, now + more))


if __name__ == "__main__":
    main()
