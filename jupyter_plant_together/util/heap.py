"""Keeps the garbage collector from stopping everybody: it does not look again at what is there at the start.

CPython's full collections stop the event loop and visit every container object. A Jupyter server has more
than half a million from its imports, which live as long as it does: 120 ms at a time, again and again under
load. ``gc.freeze`` takes them out of all later collections
(https://docs.python.org/3/library/gc.html#gc.freeze); they are still freed when nothing refers to them.
"""

from __future__ import annotations

import gc


def freeze_gc() -> None:
    """Take what is alive now out of later collections; once in a process, when it has started."""
    if not gc.get_freeze_count():
        gc.collect()
        gc.freeze()
