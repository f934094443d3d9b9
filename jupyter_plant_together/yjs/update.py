"""Yjs updates (V1) as bytes: the structural check at the door, and merging without loss.

:func:`decode_meta` walks an update struct by struct in plain Python, because yrs accepts V2 bytes, trailing
garbage and broken UTF-8 without a word, and because the walk tells what the server wants to know anyway:
which clients wrote which clocks, what they stand on, and what is deleted. A keystroke, the meta of nearly all
updates, is recognised whole by one regular expression; only what does not match is walked. Format: yjs
``UpdateEncoderV1``, ``Item.write``, ``DeleteSet.write``. How an update gets into a Doc is the matter of
:mod:`.integrator`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from types import MappingProxyType
from typing import Final, NamedTuple

import pycrdt

from ..errors import Malformed
from .sync import EMPTY_UPDATE, read_var_uint, write_var_uint

_MAX_CLIENT = 2**53 - 1  # the largest integer of a JavaScript client
_MAX_CLOCK = 2**31 - 1  # yrs counts in 32 bits
_MAX_DEPTH = 32
SKIP: Final = 10  # the kind of a gap, which is no struct
_VAR = rb"[\x80-\xff]{0,3}[\x00-\x7f]"  # below 2**28: no clock of a keystroke is larger
_CLIENT = rb"[\x80-\xff]{0,7}[\x00-\x7f]"  # below 2**56; checked below
# one client, one struct: a string behind, before or between known structs, at most 127 bytes; no deletion
_KEYSTROKE = re.compile(
    rb"\x01\x01(%(c)s)(%(v)s)(?:[\x84\x44](%(c)s)(%(v)s)|\xc4(%(c)s)(%(v)s)(%(c)s)(%(v)s))([\x01-\x7f])(.+)\x00"
    % {b"c": _CLIENT, b"v": _VAR},
    re.DOTALL,
)
_MERGE_WIDTH = 64  # merge_updates is quadratic in the number of updates

_NOTHING: Final[Mapping[int, Sequence[tuple[int, int]]]] = MappingProxyType({})


class Run(NamedTuple):
    """Structs of one client without a gap: their clocks, their number, and where in the update they lie."""

    client: int
    clock: int
    end: int
    structs: int
    start: int
    stop: int


class UpdateMeta(NamedTuple):
    """What an update contains, by client: the clock behind its last struct, and its deleted ranges.

    ``needs`` is what its structs stand on: by client, the clock up to which a document must have everything
    before they can be integrated, other structs of the update included. ``weight`` is how many structs and
    deleted ranges there are: what applying the update costs goes by that.
    """

    structs: Mapping[int, int]
    deletions: Mapping[int, Sequence[tuple[int, int]]]
    needs: Mapping[int, int]
    runs: Sequence[Run]
    weight: int

    @property
    def empty(self) -> bool:
        """Whether the update says nothing at all."""
        return not self.structs and not self.deletions

    def within(self, vector: Mapping[int, int]) -> bool:
        """Whether a document at state ``vector`` has every struct that the update writes or deletes."""
        get = vector.get
        return all(get(client, 0) >= clock for client, clock in self.structs.items()) and all(
            get(client, 0) >= end for client, ranges in self.deletions.items() for _, end in ranges
        )

    def deletes_only(self, done: Mapping[int, Sequence[tuple[int, int]]]) -> bool:
        """Whether each range that the update deletes lies within ``done``: joined, ascending ranges."""
        return all(
            within_ranges(done.get(client, ()), start, end)
            for client, ranges in self.deletions.items()
            for start, end in ranges
        )

    def joined_deletions(self) -> dict[int, list[tuple[int, int]]]:
        """Return the deleted ranges of each client, ascending, with touching ranges made one."""
        return join_ranges(self.deletions)


def within_ranges(ranges: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    """Whether a range lies within one of joined, ascending ranges."""
    at = bisect_right(ranges, start, key=itemgetter(0)) - 1
    return at >= 0 and ranges[at][1] >= end


def join_ranges(found: Mapping[int, Sequence[tuple[int, int]]]) -> dict[int, list[tuple[int, int]]]:
    """Return the ranges of each client, ascending, with touching ranges made one."""
    joined: dict[int, list[tuple[int, int]]] = {}
    for client, ranges in found.items():
        rows: list[tuple[int, int]] = []
        for start, end in sorted(ranges):
            if rows and start <= rows[-1][1]:
                rows[-1] = (rows[-1][0], max(end, rows[-1][1]))
            else:
                rows.append((start, end))
        joined[client] = rows
    return joined


def encode_deletions(deletions: Mapping[int, Sequence[tuple[int, int]]]) -> bytes:
    """Return the deleted ranges of an update, as it ends with them."""
    out = [write_var_uint(len(deletions))]
    for client, ranges in deletions.items():
        out += (write_var_uint(client), write_var_uint(len(ranges)))
        for start, end in ranges:
            out += (write_var_uint(start), write_var_uint(end - start))
    return b"".join(out)


def decode_meta(data: bytes) -> UpdateMeta:
    """Return the meta of a V1 update.

    Raises
    ------
    Malformed
        If ``data`` is not exactly one well-formed V1 update.
    """
    keystroke = _KEYSTROKE.fullmatch(data)
    if keystroke is not None:
        client, clock, one, one_clock, left, left_clock, right, right_clock, length, text = keystroke.groups()
        number, begin = _number(client), _number(clock)
        if length[0] == len(text) and text.isascii() and number <= _MAX_CLIENT:
            needs = {number: begin}
            if one is None:
                _need(needs, left, left_clock)
                one, one_clock = right, right_clock
            _need(needs, one, one_clock)
            if len(needs) == 1 or max(needs) <= _MAX_CLIENT:
                end = begin + len(text)
                run = Run(number, begin, end, 1, keystroke.end(2), len(data) - 1)
                return UpdateMeta({number: end}, _NOTHING, needs, (run,), 1)
    try:
        structs, needs, runs, at = _structs(data)
        deletions, at = _deletions(data, at)
    except IndexError:
        raise Malformed("An update is cut off.") from None
    except UnicodeDecodeError:
        raise Malformed("An update holds text that is not UTF-8.") from None
    if at != len(data):
        raise Malformed("An update goes on behind its end.")
    weight = sum([run.structs for run in runs]) + sum(map(len, deletions.values()))
    return UpdateMeta(structs, deletions, needs, runs, weight)


def _need(needs: dict[int, int], client: bytes, clock: bytes) -> None:
    number, last = _number(client), _number(clock)
    if needs.get(number, 0) <= last:
        needs[number] = last + 1


def _number(data: bytes) -> int:
    value = shift = 0
    for byte in data:
        value |= (byte & 127) << shift
        shift += 7
    return value


def _structs(data: bytes) -> tuple[dict[int, int], dict[int, int], list[Run], int]:
    ends: dict[int, int] = {}
    needs: dict[int, int] = {}
    runs: list[Run] = []
    refs: list[int] = []
    clients, at = read_var_uint(data, 0)
    for _ in range(clients):
        count, at = read_var_uint(data, at)
        client, at = read_var_uint(data, at)
        clock, at = read_var_uint(data, at)
        if client > _MAX_CLIENT or count == 0 or client in ends:
            raise Malformed("An update has a bad block of structs.")
        begin, start, first = clock, at, 0
        for number in range(count):
            skip = data[at] & 31 == SKIP
            if skip:
                if number > first:
                    runs.append(Run(client, begin, clock, number - first, start, at))
                length, at = read_var_uint(data, at + 1)
            else:
                length, at = read_struct(data, at, refs)
            if length == 0 or clock + length > _MAX_CLOCK:
                raise Malformed("An update has a struct of impossible length.")
            if skip:
                begin, start, first = clock + length, at, number + 1
            elif refs:
                for i in range(0, len(refs), 2):
                    needed, needed_clock = refs[i], refs[i + 1]
                    if (needed != client or needed_clock >= clock) and needs.get(needed, 0) <= needed_clock:
                        needs[needed] = needed_clock + 1
                refs.clear()
            clock += length
        if count > first:
            runs.append(Run(client, begin, clock, count - first, start, at))
            needs[client] = max(needs.get(client, 0), begin)
        ends[client] = clock
    return ends, needs, runs, at


def read_struct(data: bytes, at: int, refs: list[int]) -> tuple[int, int]:
    """Return the length in clocks of the struct at ``at``, which is no Skip, and the offset behind it.

    The structs that it stands on are put into ``refs``: client, clock, client, clock …
    """
    info = data[at]
    at += 1
    if info & 31 == 0:  # GC
        return read_var_uint(data, at)
    if info & 0x80:
        at = _id(data, at, refs)
    if info & 0x40:
        at = _id(data, at, refs)
    if not info & 0xC0:
        named, at = read_var_uint(data, at)
        if named == 1:
            _, at = _text(data, at)
        elif named == 0:
            at = _id(data, at, refs)
        else:
            raise Malformed("An update has an item without a parent.")
        if info & 0x20:
            _, at = _text(data, at)
    return content_length(data, at, info & 31)


def content_length(data: bytes, at: int, kind: int) -> tuple[int, int]:
    """Return the length in clocks of an item's content of a kind, and the offset behind it."""
    if kind == 4:  # string: its length counts UTF-16 units
        text, at = _text(data, at)
        return (len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2), at
    if kind == 1:  # deleted
        return read_var_uint(data, at)
    if kind in (2, 8):  # JSON, any
        count, at = read_var_uint(data, at)
        for _ in range(count):
            at = _text(data, at)[1] if kind == 2 else _any(data, at, 0)
        return count, at
    if kind == 3:  # binary
        return 1, _skip(data, at)
    if kind == 5:  # embed
        return 1, _text(data, at)[1]
    if kind == 6:  # format
        return 1, _text(data, _text(data, at)[1])[1]
    if kind == 7:  # a shared type
        reference, at = read_var_uint(data, at)
        if reference > 6:
            raise Malformed(f"An update holds a shared type of unknown kind {reference}.")
        return 1, (_text(data, at)[1] if reference in (3, 5) else at)
    raise Malformed(f"An update holds content of kind {kind}, which a diagram cannot have.")


def _id(data: bytes, at: int, refs: list[int]) -> int:
    client, at = read_var_uint(data, at)
    clock, at = read_var_uint(data, at)
    if client > _MAX_CLIENT or clock > _MAX_CLOCK:
        raise Malformed("An update refers to an impossible struct.")
    refs += (client, clock)
    return at


def _skip(data: bytes, at: int) -> int:
    length, at = read_var_uint(data, at)
    if at + length > len(data):
        raise IndexError
    return at + length


def _text(data: bytes, at: int) -> tuple[str, int]:
    length, at = read_var_uint(data, at)
    end = at + length
    if end > len(data):
        raise IndexError
    return data[at:end].decode(), end


def _any(data: bytes, at: int, depth: int) -> int:
    """Return the offset behind a lib0 ``any`` value (lib0 encoding.js, writeAny)."""
    if depth > _MAX_DEPTH:
        raise Malformed("An update holds a value that is nested too deep.")
    kind = data[at]
    at += 1
    if kind in (127, 126, 121, 120):  # undefined, null, false, true
        return at
    if kind == 125:  # varInt: the first byte holds 6 bits and a sign
        while data[at] > 127:
            at += 1
        return at + 1
    if kind in (124, 123, 122):  # float32, float64, bigint
        at += 4 if kind == 124 else 8
        if at > len(data):
            raise IndexError
        return at
    if kind in (119, 116):  # string, bytes
        return _text(data, at)[1] if kind == 119 else _skip(data, at)
    if kind in (118, 117):  # object, array
        count, at = read_var_uint(data, at)
        for _ in range(count):
            if kind == 118:
                at = _text(data, at)[1]
            at = _any(data, at, depth + 1)
        return at
    raise Malformed("An update holds a value of unknown kind.")


def _deletions(data: bytes, at: int) -> tuple[dict[int, list[tuple[int, int]]], int]:
    found: dict[int, list[tuple[int, int]]] = {}
    clients, at = read_var_uint(data, at)
    for _ in range(clients):
        client, at = read_var_uint(data, at)
        count, at = read_var_uint(data, at)
        if client > _MAX_CLIENT:
            raise Malformed("An update deletes from an impossible client.")
        ranges = found.setdefault(client, [])
        for _ in range(count):
            clock, at = read_var_uint(data, at)
            length, at = read_var_uint(data, at)
            if clock + length > _MAX_CLOCK:
                raise Malformed("An update deletes an impossible range.")
            ranges.append((clock, clock + length))
    return found, at


def merge(updates: Iterable[bytes]) -> bytes:
    """Merge updates without loss, in a tree of small merges: linear in practice, never squashing."""
    level = list(updates)
    while len(level) > 1:
        level = [
            pycrdt.merge_updates(*level[i : i + _MERGE_WIDTH]) for i in range(0, len(level), _MERGE_WIDTH)
        ]
    return level[0] if level else EMPTY_UPDATE
