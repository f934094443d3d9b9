"""What a renderer can be told, from the traits of the same names."""

from __future__ import annotations

import os
from dataclasses import dataclass

_PROCESSES = 2


@dataclass(frozen=True, slots=True)
class RenderSettings:
    """Sizes in bytes, times in seconds.

    ``render_timeout`` is for a warm engine; its first drawing may take twice as long. ``render_memory`` is
    what one drawing may allocate. ``render_jar`` and ``render_server_url`` belong to the backends.
    """

    render_timeout: float = 10.0
    render_memory: int = 256_000_000
    render_backend: str = "builtin"
    render_jar: str = ""
    render_server_url: str = ""
    max_source_size: int = 1_000_000
    render_cache: int = 64_000_000
    processes: int = 0

    @property
    def process_count(self) -> int:
        """How many drawings are made at once: one per core, two at most, unless told otherwise."""
        return self.processes or max(1, min(_PROCESSES, os.cpu_count() or 1))
