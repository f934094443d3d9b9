"""The Lua scripts that touch Redis, read from the files beside this module.

What one script does is done in one piece: no other client sees half of it. Each file says at its head what it
does and answers, and then gives names to its ``KEYS`` and ``ARGV``, in the order in which they are passed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Script:
    """A script as text, as bytes, and the digest by which ``EVALSHA`` knows it."""

    text: str
    source: bytes
    digest: bytes


def _script(name: str) -> Script:
    source = files(__package__).joinpath("scripts", f"{name}.lua").read_bytes()
    digest = hashlib.sha1(source, usedforsecurity=False).hexdigest().encode()
    return Script(source.decode(), source, digest)


APPEND = _script("append")
DUE = _script("due")
DROP_EMPTY = _script("drop_empty")
HOLD = _script("hold")
PROBE = _script("probe")
RESET = _script("reset")
TRIM = _script("trim")
WAITING = _script("waiting")
