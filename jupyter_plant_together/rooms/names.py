"""Which names rooms and documents may have, and when two names are the same.

A name is Unicode letters, marks, numbers, space, ``-``, ``_`` and ``.``, in NFC, without a space or dot at
either end; so no name is a path, a URL's dot segment, a drive prefix or an id (``~``). Two names are the same
if their keys are: NFC of the casefold.
"""

from __future__ import annotations

import unicodedata
from typing import Final

from ..errors import BadName, DocumentNotFound, RoomNotFound
from ..ids import DOCUMENT_ID, ROOM_ID
from ..shared import patterns, table
from ..store.port import KeyedName, Ref

_NAMES: Final = table("names")
ROOM_LENGTH: Final[int] = _NAMES["roomLength"]
DOCUMENT_LENGTH: Final[int] = _NAMES["documentLength"]
DEFAULT_EXTENSION: Final[str] = _NAMES["defaultExtension"]
# "v1.2" has none, "login.puml" and "notes.txt" have one.
_EXTENSION = patterns("names")["extension"]
_RULE = (
    "A {what} name is 1 to {length} letters, digits, spaces, '-', '_' or '.', "
    "without a space or dot at its start or end"
)


def key_of(name: str) -> str:
    """Return what must be unique: NFC of the casefolded name."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def room_name(text: object) -> KeyedName:
    """Return a room's name with its key; raise BadName if ``text`` breaks the rule."""
    return _checked(text, "room", ROOM_LENGTH)


def document_name(text: object) -> KeyedName:
    """Return a document's name, ``.puml`` added where it has no extension; raise BadName."""
    if isinstance(text, str) and text and not text.endswith((".", " ")) and not _EXTENSION.search(text):
        text += DEFAULT_EXTENSION
    return _checked(text, "document", DOCUMENT_LENGTH)


def room_ref(segment: str, *, deleted: bool = False) -> Ref:
    """Return the room that a path segment means: a name, or ``~`` and an id."""
    if segment.startswith("~"):
        if not ROOM_ID.fullmatch(segment[1:]):
            raise RoomNotFound("There is no such room.")
        return Ref(id=segment[1:], deleted=deleted)
    return Ref(key=room_name(segment).key, deleted=deleted)


def document_ref(segment: str, *, deleted: bool = False) -> Ref:
    """Return the document a path segment means: a name (``.puml`` may be left out), or ``~`` and an id."""
    if segment.startswith("~"):
        if not DOCUMENT_ID.fullmatch(segment[1:]):
            raise DocumentNotFound("There is no such document.")
        return Ref(id=segment[1:], deleted=deleted)
    return Ref(key=document_name(segment).key, deleted=deleted)


def _checked(text: object, what: str, length: int) -> KeyedName:
    rule = _RULE.format(what=what, length=length)
    if not isinstance(text, str):
        raise BadName(f"{rule}; it must be a text.")
    # NFC makes one character of four at most, and needs long for thousands of accents.
    name = text if len(text) > 4 * length else unicodedata.normalize("NFC", text)
    if not name:
        raise BadName(f"{rule}; this one is empty.")
    if len(name) > length:
        raise BadName(f"{rule}; this one has {len(name)}.")
    for character in name:
        if unicodedata.category(character)[0] not in "LMN" and character not in " -_.":
            shown = character if character.isprintable() else f"U+{ord(character):04X}"
            raise BadName(f"{rule}; '{shown}' is not allowed.")
    if name[0] in " ." or name[-1] in " .":
        raise BadName(f"{rule}; “{name}” has one.")
    return KeyedName(name, key_of(name))
