"""Pages of lists: opaque cursors that name the last entry's place in the order of (key, id)."""

from __future__ import annotations

import base64
import binascii
import json
from typing import TypeVar

from ..errors import BadRequest
from ..ids import DOCUMENT_ID, ROOM_ID
from ..store.port import Document, Room
from . import names

T = TypeVar("T", Room, Document)


def position(thing: Room | Document) -> tuple[str, str]:
    """Return the place of an entry in the order of its list."""
    return names.key_of(thing.name), thing.id


def cut(found: list[T], limit: int) -> tuple[list[T], str | None]:
    """Return at most ``limit`` entries, and the cursor of the next page if there are more."""
    if len(found) <= limit:
        return found, None
    last = json.dumps(position(found[limit - 1])).encode()
    return found[:limit], base64.urlsafe_b64encode(last).decode()


def decode(cursor: str) -> tuple[str, str] | None:
    """Return the place that a cursor names; raises BadRequest for one that no list gave."""
    if not cursor:
        return None
    try:
        key, thing = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii")))
        if not isinstance(key, str) or not isinstance(thing, str):
            raise TypeError
        key.encode()  # no half of a character, which no database takes
    except (ValueError, binascii.Error, TypeError, RecursionError):
        raise BadRequest("The cursor is not one that a list gave.") from None
    if "\0" in key or not (ROOM_ID.fullmatch(thing) or DOCUMENT_ID.fullmatch(thing)):
        raise BadRequest("The cursor is not one that a list gave.")
    return key, thing
