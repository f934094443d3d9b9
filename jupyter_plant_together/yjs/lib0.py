"""Reading what lib0 writes, the byte format below Yjs: numbers, texts, values of any kind, and columns.

A column is a run-length compressed list of one field; update format V2 keeps one column for each field of a
struct (lib0 encoding.js: RleEncoder, UintOptRleEncoder, IntDiffOptRleEncoder, StringEncoder). A column of a
damaged update may never end, so readers count nothing themselves: whoever asks must know how much to expect.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

_MAX_DEPTH = 32


class Reader:
    """Reads one value after the other; raises IndexError where the bytes end."""

    def __init__(self, data: bytes, at: int = 0) -> None:
        self.data = data
        self.at = at

    def byte(self) -> int:
        """Return one byte."""
        value = self.data[self.at]
        self.at += 1
        return value

    def uint(self) -> int:
        """Return a number that is not negative."""
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7

    def signed(self) -> tuple[int, bool]:
        """Return the size of a number and whether it has a minus sign, which zero may have, too."""
        byte = self.byte()
        value, negative, shift = byte & 63, bool(byte & 64), 6
        while byte & 128:
            byte = self.byte()
            value |= (byte & 127) << shift
            shift += 7
        return value, negative

    def take(self, count: int) -> bytes:
        """Return the next ``count`` bytes."""
        end = self.at + count
        if end > len(self.data):
            raise IndexError
        value = self.data[self.at : end]
        self.at = end
        return value

    def buffer(self) -> bytes:
        """Return bytes with their length before them."""
        return self.take(self.uint())

    def text(self) -> str:
        """Return a text; raises ValueError where it is no UTF-8."""
        return self.buffer().decode()

    @property
    def more(self) -> bool:
        """Whether anything is left."""
        return self.at < len(self.data)

    def value(self, depth: int = 0) -> Any:
        """Return a value of any kind (lib0 ``readAny``); ``undefined`` becomes None."""
        if depth > _MAX_DEPTH:
            raise ValueError("nested too deep")
        kind = self.byte()
        if kind in _CONSTANTS:
            return _CONSTANTS[kind]
        if kind == 118:
            return {self.text(): self.value(depth + 1) for _ in range(self.uint())}
        if kind == 117:
            return [self.value(depth + 1) for _ in range(self.uint())]
        if kind not in _VALUES:
            raise ValueError(f"value of kind {kind}")
        return _VALUES[kind](self)

    def raw_value(self) -> bytes:
        """Return the bytes of a value of any kind."""
        start = self.at
        self.value()
        return self.data[start : self.at]


def _integer(reader: Reader) -> int:
    size, negative = reader.signed()
    return -size if negative else size


_CONSTANTS = {127: None, 126: None, 121: False, 120: True}
_VALUES: dict[int, Callable[[Reader], Any]] = {
    125: _integer,
    124: lambda reader: struct.unpack(">f", reader.take(4))[0],
    123: lambda reader: struct.unpack(">d", reader.take(8))[0],
    122: lambda reader: struct.unpack(">q", reader.take(8))[0],
    119: lambda reader: reader.text(),
    116: lambda reader: reader.buffer(),
}


class Bytes:
    """A column of bytes in runs."""

    def __init__(self, data: bytes) -> None:
        self._reader = Reader(data)
        self._left = 0
        self._value = 0

    def read(self) -> int:
        """Return the next value."""
        if self._left == 0:
            self._value = self._reader.byte()
            # The last run has no length: it lasts as long as it is asked for.
            self._left = self._reader.uint() + 1 if self._reader.more else -1
        self._left -= 1
        return self._value


class Numbers:
    """A column of numbers; a minus sign says that a run length follows."""

    def __init__(self, data: bytes) -> None:
        self._reader = Reader(data)
        self._left = 0
        self._value = 0

    def read(self) -> int:
        """Return the next value."""
        if self._left == 0:
            self._value, repeated = self._reader.signed()
            self._left = self._reader.uint() + 2 if repeated else 1
        self._left -= 1
        return self._value


class Differences:
    """A column of numbers that is kept as runs of equal steps."""

    def __init__(self, data: bytes) -> None:
        self._reader = Reader(data)
        self._left = 0
        self._value = 0
        self._step = 0

    def read(self) -> int:
        """Return the next value."""
        if self._left == 0:
            size, negative = self._reader.signed()
            coded = -size if negative else size
            self._step = coded >> 1
            self._left = self._reader.uint() + 2 if coded & 1 else 1
        self._left -= 1
        self._value += self._step
        return self._value


class Texts:
    """A column of texts: all of them as one, and a column of their lengths in UTF-16 units."""

    def __init__(self, data: bytes) -> None:
        reader = Reader(data)
        # Half a pair at the end of one text and half at the start of the next are whole in the common text.
        self._units = reader.text().encode("utf-16-le")
        self._lengths = Numbers(data[reader.at :])
        self._at = 0

    def read(self) -> str:
        """Return the next text."""
        end = self._at + 2 * self._lengths.read()
        if end > len(self._units):
            raise IndexError
        text = self._units[self._at : end].decode("utf-16-le", "surrogatepass")
        self._at = end
        return text
