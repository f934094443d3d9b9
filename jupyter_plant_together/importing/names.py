"""Names from elsewhere as names that are allowed here and free."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Container

from ..rooms.names import DOCUMENT_LENGTH, ROOM_LENGTH, document_name, room_name
from ..store.port import KeyedName

_EXTENSION = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,15}$")


def free_room_name(wanted: str, taken: Container[str]) -> KeyedName:
    """Return the name nearest to ``wanted`` whose key is not taken."""
    return _free(_allowed(wanted, "room", ROOM_LENGTH), "", ROOM_LENGTH, taken, room_name)


def free_document_name(wanted: str, taken: Container[str]) -> KeyedName:
    """Return the name nearest to ``wanted`` whose key is not taken."""
    name = _allowed(wanted, "diagram", DOCUMENT_LENGTH)
    extension = _EXTENSION.search(name, 1)
    stem, end = (name[: extension.start()], extension.group()) if extension else (name, ".puml")
    return _free(stem, end, DOCUMENT_LENGTH, taken, document_name)


def _allowed(text: str, otherwise: str, length: int) -> str:
    name = "".join(
        character if unicodedata.category(character)[0] in "LMN" or character in " -_." else "-"
        for character in unicodedata.normalize("NFC", text[: 4 * length])
    )
    return name.strip(" .-")[:length].rstrip(" .") or otherwise


def _free(
    stem: str, end: str, length: int, taken: Container[str], named: Callable[[str], KeyedName]
) -> KeyedName:
    number = 1
    while True:
        suffix = end if number == 1 else f" {number}{end}"
        found = named(stem[: length - len(suffix)].rstrip(" .") + suffix)
        if found.key not in taken:
            return found
        number += 1
