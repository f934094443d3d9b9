"""What a renderer can be told."""

from __future__ import annotations

import os
from dataclasses import dataclass

_PROCESSES = 2


@dataclass(frozen=True, slots=True)
class RenderSettings:
    """Sizes in bytes, times in seconds.

    ``render_timeout`` is how long one drawing may take, ``render_memory`` what it may allocate.
    ``render_backend`` names what draws besides the built-in engine (``jar``, ``server``), ``render_scope``
    whether it draws what the engine lacks (``missing``) or everything (``all``); ``render_jar`` and
    ``render_java``, or ``render_url`` and ``render_server``, say where it is. ``configured`` says that a
    server's traits of the same names set the limits, so that errors name them.
    """

    render_timeout: float = 10.0
    render_memory: int = 256_000_000
    max_source_size: int = 1_000_000
    render_cache: int = 64_000_000
    render_backend: str = "builtin"
    render_scope: str = "missing"
    render_jar: str = ""
    render_java: str = "java"
    render_url: str = ""
    render_server: str = "plantuml"
    processes: int = 0
    configured: bool = False

    @property
    def process_count(self) -> int:
        """How many drawings are made at once: one per core, two at most, unless told otherwise."""
        return self.processes or max(1, min(_PROCESSES, os.cpu_count() or 1))

    def named(self, trait: str) -> str:
        """Return what an error adds about the limit that was passed."""
        return f" (trait PlantTogether.{trait})" if self.configured else ""
