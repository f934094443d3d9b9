"""Any Yjs update as an update of format V1, with a shared text given another name.

Yjs has two byte formats for one sequence of fields. Here each has a reader with one method for each field,
and one writer walks the structs for both and writes V1 as yjs does (``UpdateEncoderV1``). Client ids and
clocks stay what they are, so an update that is imported again is an ordinary repetition.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from ..errors import Malformed
from .lib0 import Bytes, Differences, Numbers, Reader, Texts
from .sync import write_bytes, write_var_uint
from .update import decode_meta

# A damaged column repeats itself for ever; nothing that a diagram's database holds comes near.
_MAX_SIZE = 200_000_000


class _Fields(Protocol):
    """The fields of an update, in the order of the format; ``plain`` are those that both formats share."""

    plain: Reader

    def client(self) -> int: ...
    def info(self) -> int: ...
    def left(self) -> tuple[int, int]: ...
    def right(self) -> tuple[int, int]: ...
    def parent_has_name(self) -> bool: ...
    def text(self) -> str: ...
    def length(self) -> int: ...
    def kind(self) -> int: ...
    def key(self) -> str: ...
    def json(self) -> str: ...
    def deleted(self, before: int) -> tuple[int, int]: ...


class _V1:
    """Format V1: every field lies where it is read."""

    def __init__(self, data: bytes) -> None:
        self.plain = Reader(data)
        self.client = self.length = self.kind = self.plain.uint
        self.text = self.key = self.json = self.plain.text
        self.info = self.plain.byte

    def left(self) -> tuple[int, int]:
        return self.plain.uint(), self.plain.uint()

    right = left

    def parent_has_name(self) -> bool:
        return self.plain.uint() == 1

    def deleted(self, before: int) -> tuple[int, int]:
        return self.plain.uint(), self.plain.uint()


class _V2:
    """Format V2: most fields lie in columns before the rest."""

    def __init__(self, data: bytes) -> None:
        self.plain = Reader(data)
        if self.plain.byte() != 0:
            raise ValueError("unknown feature")
        column = self.plain.buffer
        self._keys = Differences(column())
        self.client = Numbers(column()).read
        self._left_clock = Differences(column())
        self._right_clock = Differences(column())
        self.info = Bytes(column()).read
        self.text = Texts(column()).read
        self._parents = Bytes(column())
        self.kind = Numbers(column()).read
        self.length = Numbers(column()).read
        self._known: list[str] = []

    def left(self) -> tuple[int, int]:
        return self.client(), self._left_clock.read()

    def right(self) -> tuple[int, int]:
        return self.client(), self._right_clock.read()

    def parent_has_name(self) -> bool:
        return self._parents.read() == 1

    def key(self) -> str:
        number = self._keys.read()
        if number == len(self._known):
            self._known.append(self.text())
        return self._known[number]

    def json(self) -> str:
        return _json(self.plain.value())

    def deleted(self, before: int) -> tuple[int, int]:
        return before + self.plain.uint(), self.plain.uint() + 1


def _json(value: Any) -> str:
    """Return what JavaScript's ``JSON.stringify`` returns."""
    return json.dumps(_whole(value), separators=(",", ":"), ensure_ascii=False)


def _whole(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return int(value)
    if isinstance(value, dict):
        return {key: _whole(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_whole(item) for item in value]
    return value


def v2_to_v1(update: bytes, names: Mapping[str, str] | None = None) -> bytes:
    """Return an update of format V2 in format V1; raises Malformed if it is not one whole update.

    ``names`` are new names of shared texts at the top of the document, by their names in ``update``.
    """
    return _written(_V2, update, names)


def v1_renamed(update: bytes, names: Mapping[str, str]) -> bytes:
    """Return an update of format V1 with other names; raises Malformed if it is not one whole update."""
    return _written(_V1, update, names)


def _written(read: Callable[[bytes], _Fields], update: bytes, names: Mapping[str, str] | None) -> bytes:
    try:
        fields = read(update)
        writer = _Writer(fields, names or {})
        writer.structs()
        writer.deletions()
    except (IndexError, ValueError, OverflowError, RecursionError) as error:
        raise Malformed(f"An update is damaged ({error or 'it is cut off'}).") from None
    if fields.plain.more:
        raise Malformed("An update goes on behind its end.")
    written = bytes(writer.data)
    decode_meta(written)
    return written


class _Writer:
    def __init__(self, fields: _Fields, names: Mapping[str, str]) -> None:
        self._fields = fields
        self._names = names
        self.data = bytearray()

    def _uint(self, *values: int) -> int:
        for value in values:
            self.data += write_var_uint(value)
        if len(self.data) > _MAX_SIZE:
            raise ValueError("too large")
        return values[-1]

    def _text(self, value: str) -> None:
        if not value.isascii():
            # As a browser does: half of a surrogate pair, which is one unit long, becomes U+FFFD, another.
            value = value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        self.data += write_bytes(value.encode())

    def structs(self) -> None:
        fields, plain = self._fields, self._fields.plain
        for _ in range(self._uint(plain.uint())):
            count = self._uint(plain.uint())
            self._uint(fields.client(), plain.uint())
            for _ in range(count):
                info = fields.info()
                self.data.append(info)
                if info & 31 == 10:  # a gap
                    self._uint(plain.uint())
                elif info & 31 == 0:  # garbage
                    self._uint(fields.length())
                else:
                    self._place(info)
                    self._content(info & 31)

    def _place(self, info: int) -> None:
        fields = self._fields
        if info & 0x80:
            self._uint(*fields.left())
        if info & 0x40:
            self._uint(*fields.right())
        if not info & 0xC0:
            named = fields.parent_has_name()
            self._uint(int(named))
            if named:
                name = fields.text()
                self._text(self._names.get(name, name))
            else:
                self._uint(*fields.left())
            if info & 0x20:
                self._text(fields.text())

    def _content(self, kind: int) -> None:
        fields = self._fields
        if kind == 4:  # a text
            self._text(fields.text())
        elif kind == 1:  # deleted
            self._uint(fields.length())
        elif kind == 2:  # JSON
            for _ in range(self._uint(fields.length())):
                self._text(fields.text())
        elif kind == 3:  # binary
            self.data += write_bytes(fields.plain.buffer())
        elif kind == 5:  # embed
            self._text(fields.json())
        elif kind == 6:  # format
            self._text(fields.key())
            self._text(fields.json())
        elif kind == 7:  # a shared type
            if self._uint(fields.kind()) in (3, 5):
                self._text(fields.key())
        elif kind == 8:  # values
            for _ in range(self._uint(fields.length())):
                self.data += fields.plain.raw_value()
        else:
            raise ValueError(f"content of kind {kind}")

    def deletions(self) -> None:
        plain = self._fields.plain
        for _ in range(self._uint(plain.uint())):
            self._uint(plain.uint())
            end = 0
            for _ in range(self._uint(plain.uint())):
                start, length = self._fields.deleted(end)
                self._uint(start, length)
                end = start + length
