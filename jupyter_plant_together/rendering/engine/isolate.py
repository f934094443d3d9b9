"""PlantUML's engine in one V8 isolate; used in the child process only.

The order of evaluation matters: what V8 lacks, then Graphviz, then the fake page, then the engine. A file
that a drawing wants (a theme, a library) is evaluated when the drawing asks for it, and the drawing is made
again.
"""

from __future__ import annotations

import json
from typing import Any

from py_mini_racer import JSOOMException, MiniRacer, init_mini_racer

from .assets import SIDE_FILES, engine_file, library, metrics, script

_FILES_AT_MOST = 8  # that one drawing may want
_VIZ_WITHIN = 20.0
_OVERFLOW = ("Maximum call stack", "too much recursion")


class OutOfMemory(Exception):
    """The drawing needed more memory than it may have; the isolate cannot be used any more."""


class Isolate:
    """Draws one text after the other, none influenced by the one before.

    Parameters
    ----------
    memory
        What a drawing may allocate on V8's heap beyond the engine's own, in bytes.
    """

    def __init__(self, memory: int) -> None:
        # V8 compiles and collects on other threads, unless it is told not to, as mini-racer does.
        init_mini_racer(flags=(), ignore_duplicate_init=True)
        self._v8 = MiniRacer()
        self._refused: set[str] = set()
        # Code that is not compiled yet takes several times the stack: what overflows is tried again.
        self._spare_attempts = 3
        self._run(script("base.js"))
        self._run(engine_file("viz-global.js"))
        promise: Any = self._v8.eval("Viz.instance().then(viz => { globalThis.__viz = viz; return 1; })")
        promise.get(timeout=_VIZ_WITHIN)
        self._run(script("page.js"))
        self._run("__useViz(__viz);")
        self._run(script("measure.js").replace("(globalThis, TABLES);", f"(globalThis, {metrics()});"))
        self._run(engine_file("plantuml.js"))
        self._v8.set_hard_memory_limit(int(self._v8.heap_stats()["used_heap_size"]) + memory)

    def draw(self, source: str, dark: bool) -> dict[str, Any]:
        """Return ``{"svg": …}`` or ``{"error": …}``.

        Raises
        ------
        OutOfMemory
            If the limit was reached.
        """
        call = f"__draw({json.dumps(source)}, {json.dumps(dark)})"
        try:
            for _ in range(_FILES_AT_MOST):
                answer: dict[str, Any] = json.loads(str(self._v8.eval(call)))
                wanted = answer.pop("wanted", None)
                if wanted is not None and self._provide(str(wanted)):
                    continue
                error = answer.get("error") or ""
                if self._spare_attempts and any(text in error for text in _OVERFLOW):
                    self._spare_attempts -= 1
                    continue
                break
            return answer
        except JSOOMException:
            raise OutOfMemory from None

    def close(self) -> None:
        """Free the isolate; without this the interpreter does not end."""
        self._v8.close()

    def _run(self, code: str) -> None:
        self._v8.eval(code + "\n;0")

    def _provide(self, wanted: str) -> bool:
        if wanted in self._refused:
            return False
        if wanted in SIDE_FILES:
            self._run(engine_file(wanted))
            return True
        found = library(wanted)
        if found is None:
            self._refused.add(wanted)
            return False
        name, files = found
        self._run(f"__addLibrary({json.dumps(name)}, {json.dumps(files)});")
        return True
