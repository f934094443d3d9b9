"""The y-websocket protocol without I/O: bytes to messages and messages to bytes.

One message per WebSocket frame: a varUint type, then its body (docs/protocol.md, y-protocols' sync.js and
awareness.js). A parser returns the message or raises :class:`~..errors.Malformed`; it accepts a frame only
if the message ends where the frame ends (S4). Type 100 carries this project's control messages, JSON that
only clients asking for it ever see.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from ..errors import LimitExceeded, Malformed
from ..shared import table

_MESSAGES: Final[dict[str, int]] = table("wire")["messages"]
SYNC: Final = _MESSAGES["sync"]
AWARENESS: Final = _MESSAGES["awareness"]
QUERY_AWARENESS: Final = _MESSAGES["queryAwareness"]
CONTROL: Final = _MESSAGES["control"]

_STEPS: Final[dict[str, int]] = table("wire")["syncSteps"]
STEP1: Final = _STEPS["step1"]
STEP2: Final = _STEPS["step2"]
UPDATE: Final = _STEPS["update"]

EMPTY_UPDATE: Final = b"\x00\x00"
EMPTY_STATE_VECTOR: Final = b"\x00"
SOURCE: Final = "source"  # the name of the diagram's text in a document's Doc

_MAX_VAR_UINT_BITS = 63
_MAX_AWARENESS_ENTRIES = 10_000
_MAX_CONTROL_BYTES = 65_536
_MAX_AWARENESS_BYTES = 65_536
_MAX_SAFE_INTEGER = 2**53 - 1  # JavaScript clients throw at anything above


class Sync(NamedTuple):
    """A sync message: ``step`` is STEP1 (payload: state vector), STEP2 or UPDATE (payload: update)."""

    step: int
    payload: bytes


class AwarenessEntry(NamedTuple):
    """One client's presence: ``state`` is JSON text, ``"null"`` when the client left."""

    client: int
    clock: int
    state: str


class Awareness(NamedTuple):
    """Presence of some clients.

    ``left_out`` is how many entries of a frame over 64 KB were passed over: of those who are there a stock
    client sends again what it hears, and nobody is closed for that (PROTOCOL I6).
    """

    entries: list[AwarenessEntry]
    left_out: int = 0


class QueryAwareness(NamedTuple):
    """A request for everybody's presence."""


class Control(NamedTuple):
    """A control message, one JSON object."""

    body: dict[str, Any]


Message = Sync | Awareness | QueryAwareness | Control


def read_var_uint(data: bytes, at: int) -> tuple[int, int]:
    """Return the varUint at offset ``at`` and the offset behind it.

    Raises
    ------
    Malformed
        If the number is cut off or has more than 63 bits.
    """
    value = shift = 0
    try:
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            if byte < 128:
                return value, at
            shift += 7
            if shift > _MAX_VAR_UINT_BITS:
                raise Malformed("A number in the frame is too long.")
    except IndexError:
        raise Malformed("The frame is cut off.") from None


def write_var_uint(value: int) -> bytes:
    """Return ``value`` (not negative) as a varUint."""
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def read_bytes(data: bytes, at: int) -> tuple[bytes, int]:
    """Return the length-prefixed bytes at offset ``at`` and the offset behind them; raises Malformed."""
    length, at = read_var_uint(data, at)
    end = at + length
    if end > len(data):
        raise Malformed("The frame is cut off.")
    return data[at:end], end


def write_bytes(value: bytes) -> bytes:
    """Return ``value`` with its length before it."""
    return write_var_uint(len(value)) + value


def parse(data: bytes, *, bounded: bool = False, own: int | None = None) -> Message | None:
    """Return the message in a frame, or None for a type that this version does not know.

    Parameters
    ----------
    bounded
        Whether a sender whom nobody trusts is read no further than PROTOCOL I6 says.
    own
        The client id whose presence is read of a frame over 64 KB; None if the sender has none yet.

    Raises
    ------
    Malformed
        If the frame is not exactly one message.
    LimitExceeded
        If a control message is too large.
    """
    kind, at = read_var_uint(data, 0)
    if kind == SYNC:
        step, at = read_var_uint(data, at)
        if step > UPDATE:
            raise Malformed(f"There is no sync message {step}.")
        payload, at = read_bytes(data, at)
        _at_end(data, at)
        return Sync(step, payload)
    if kind == AWARENESS:
        payload, at = read_bytes(data, at)
        _at_end(data, at)
        if bounded and len(payload) > _MAX_AWARENESS_BYTES:
            return _own_presence(payload, own)
        return Awareness(parse_awareness(payload))
    if kind == QUERY_AWARENESS:
        _at_end(data, at)
        return QueryAwareness()
    if kind == CONTROL:
        payload, at = read_bytes(data, at)
        _at_end(data, at)
        if bounded and len(payload) > _MAX_CONTROL_BYTES:
            raise LimitExceeded(f"A control message has at most {_MAX_CONTROL_BYTES:,} bytes.")
        try:
            body = json.loads(payload)
        except (ValueError, RecursionError):  # the second: nested beyond any use
            raise Malformed("A control message is not JSON.") from None
        if not isinstance(body, dict):
            raise Malformed("A control message is not a JSON object.")
        return Control(body)
    return None


def _at_end(data: bytes, at: int) -> None:
    if at != len(data):
        raise Malformed("The frame goes on behind its message.")


def parse_awareness(payload: bytes) -> list[AwarenessEntry]:
    """Return the entries of an awareness update; raises Malformed."""
    count, at = read_var_uint(payload, 0)
    if count > _MAX_AWARENESS_ENTRIES:
        raise Malformed("The frame has too many presence entries.")
    entries = []
    for _ in range(count):
        client, at = read_var_uint(payload, at)
        clock, at = read_var_uint(payload, at)
        if client > _MAX_SAFE_INTEGER or clock > _MAX_SAFE_INTEGER:
            raise Malformed("A presence entry has an impossible client or clock.")
        raw, at = read_bytes(payload, at)
        try:
            state = raw.decode()
        except UnicodeDecodeError:
            raise Malformed("A presence entry is not UTF-8.") from None
        entries.append(AwarenessEntry(client, clock, state))
    _at_end(payload, at)
    return entries


def _own_presence(payload: bytes, own: int | None) -> Awareness:
    """Return the entry of ``own`` in an awareness update, the first where that is None; raises Malformed."""
    count, at = read_var_uint(payload, 0)
    if count > _MAX_AWARENESS_ENTRIES:
        raise Malformed("The frame has too many presence entries.")
    for passed in range(count):
        begin = at
        client, at = read_var_uint(payload, at)
        _, at = read_var_uint(payload, at)
        length, at = read_var_uint(payload, at)
        at += length
        if own in (None, client) or at > len(payload):
            (entry,) = parse_awareness(b"\x01" + payload[begin:at])
            return Awareness([entry], passed)
    return Awareness([], count)


def parse_state_vector(data: bytes) -> dict[int, int]:
    """Return a state vector as ``{client id: clock}``; raises Malformed."""
    count, at = read_var_uint(data, 0)
    vector: dict[int, int] = {}
    for _ in range(count):
        client, at = read_var_uint(data, at)
        vector[client], at = read_var_uint(data, at)
    _at_end(data, at)
    return vector


def sync(step: int, payload: bytes) -> bytes:
    """Return a sync message."""
    return bytes((SYNC, step)) + write_bytes(payload)


def awareness(entries: Iterable[AwarenessEntry]) -> bytes:
    """Return an awareness message for ``entries``."""
    rows = [
        write_var_uint(entry.client) + write_var_uint(entry.clock) + write_bytes(entry.state.encode())
        for entry in entries
    ]
    return bytes((AWARENESS,)) + write_bytes(write_var_uint(len(rows)) + b"".join(rows))


def control(body: Mapping[str, Any]) -> bytes:
    """Return a control message (type 100, then a varString of JSON)."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return bytes((CONTROL,)) + write_bytes(text.encode())


def is_counted(frame: bytes) -> bool:
    """Whether both sides count this frame for acknowledgements (PROTOCOL A1)."""
    try:
        kind, at = read_var_uint(frame, 0)
        return kind == SYNC and read_var_uint(frame, at)[0] in (STEP2, UPDATE)
    except Malformed:  # cut off: no message at all
        return False


def websocket_frame(message: bytes) -> bytes:
    """Return ``message`` as one unmasked binary WebSocket frame (RFC 6455, 5.2): the same for all clients."""
    length = len(message)
    if length < 126:
        return bytes((0x82, length)) + message
    if length < 65_536:
        return b"\x82\x7e" + length.to_bytes(2, "big") + message
    return b"\x82\x7f" + length.to_bytes(8, "big") + message
