"""Typing joined: keystrokes that go on from one another become one update with one string.

A string that begins where the one before it ended, behind its last character and before the same right
neighbour, is by definition what a split of one longer string gives (yjs ``splitItem``), so the longer string
is the same edit. Merging alone (``merge_updates``) keeps a struct, some twenty bytes, for each keystroke.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from .sync import read_var_uint, write_var_uint

_JOIN_BYTES = 10_000  # of one joined string: yrs needs time in the order of its length for each split
_VAR = rb"[\x80-\xff]{0,3}[\x00-\x7f]"
_ID = rb"[\x80-\xff]{0,7}[\x00-\x7f]" + _VAR
# one client, one string behind, before or between known structs; no deletion
_TYPED = re.compile(
    rb"\x01\x01([\x80-\xff]{0,7}[\x00-\x7f])(%(v)s)(?:\x84(%(i)s)|\x44(%(i)s)|\xc4(%(i)s)(%(i)s))(%(v)s)(.+)\x00"
    % {b"v": _VAR, b"i": _ID},
    re.DOTALL,
)


class _Typed(NamedTuple):
    """One typed string: who, from which clock on, between which structs."""

    client: bytes
    clock: int
    left: bytes | None
    right: bytes | None
    text: bytes

    def goes_on(self, other: _Typed) -> bool:
        """Whether ``other`` was typed right behind this."""
        end = self.clock + len(self.text)
        return (
            other.client == self.client
            and other.clock == end
            and other.right == self.right
            and other.left == self.client + write_var_uint(end - 1)
            and len(self.text) < _JOIN_BYTES
        )

    def encode(self) -> bytes:
        """Return it as an update."""
        info = (0x80 if self.left is not None else 0) | (0x40 if self.right is not None else 0) | 4
        return b"".join(
            (
                b"\x01\x01",
                self.client,
                write_var_uint(self.clock),
                bytes((info,)),
                self.left or b"",
                self.right or b"",
                write_var_uint(len(self.text)),
                self.text,
                b"\x00",
            )
        )


def _typed(update: bytes) -> _Typed | None:
    match = _TYPED.fullmatch(update)
    if match is None:
        return None
    client, clock, left, right, both_left, both_right, length, text = match.groups()
    if not text.isascii() or read_var_uint(length, 0)[0] != len(text):
        return None
    return _Typed(client, read_var_uint(clock, 0)[0], left or both_left, right or both_right, text)


def join_typing(updates: Sequence[bytes]) -> list[bytes]:
    """Join updates that were typed one behind the other; all others stay as they are, in order."""
    joined: list[bytes] = []
    last: _Typed | None = None

    def done() -> None:
        if last is not None:
            joined.append(last.encode())

    for update in updates:
        typed = _typed(update)
        if last is not None and typed is not None and last.goes_on(typed):
            last = last._replace(text=last.text + typed.text)
            continue
        done()
        last = typed
        if typed is None:
            joined.append(update)
    done()
    return joined
