"""Rooms as zip files, and what comes out of a zip file that anybody may have made.

A room's zip file has one folder for each document, ``<document>/diagram.puml``, with the pictures beside it.
What comes in is read whole before anything is changed: names without a path in them, UTF-8, sizes within the
limits as they turn out and not as the file says, no name twice.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import BadName, BadRequest, PlantTogetherError
from ..limits import Limits
from ..shared import table
from . import names
from .source_text import normalised

TEXT_KIND = "puml"
TEXT = f"diagram.{TEXT_KIND}"
NOT_DRAWN = "NOT-DRAWN.txt"
SUFFIXES: tuple[str, ...] = tuple(table("names")["textExtensions"])
_IGNORED = ("__MACOSX/", ".DS_Store")
_ENTRIES_AT_MOST = 2_000
_LISTED_AT_MOST = 20_000  # entries of any kind
_UNPACKED_AT_MOST = 5  # times the limit of an upload
# Others take memory as their makers please: 2 KB of bzip2 can ask for gigabytes.
_METHODS = {zipfile.ZIP_STORED: "stored", zipfile.ZIP_DEFLATED: "deflated"}
_LISTED = b"PK\x01\x02"  # before each entry of the list
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")  # the second: empty
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same content makes the same bytes


@dataclass(frozen=True, slots=True)
class ImportedDocument:
    """A document that a zip file holds."""

    name: str
    text: str


class ZipWriter:
    """Makes a zip file piece by piece: what was added comes out at once and is not kept."""

    def __init__(self) -> None:
        self._out = _Pipe()
        self._archive = zipfile.ZipFile(self._out, "w", zipfile.ZIP_DEFLATED)

    def add(self, path: str, content: bytes) -> bytes:
        """Return the piece that holds one more file."""
        entry = zipfile.ZipInfo(path, _EPOCH)
        entry.compress_type = zipfile.ZIP_DEFLATED
        self._archive.writestr(entry, content)
        return self._out.taken()

    def end(self) -> bytes:
        """Return the last piece, after which the file is whole."""
        self._archive.close()
        return self._out.taken()


class _Pipe(io.RawIOBase):
    """A file that is only written, and emptied in between; without places to go back to."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken


def path_in(name: str, file: str) -> str:
    """Return the path in a zip file of a document's file."""
    return f"{_folder(name)}/{file}"


def picture_name(kind: str, page: int | None) -> str:
    """Return what a picture is called; ``page`` counts from 0 where there are several."""
    return f"diagram.{kind}" if page is None else f"diagram-{page + 1}.{kind}"


def is_zip(name: str, data: bytes) -> bool:
    """Whether a file is a zip file, or says that it is one."""
    return name.lower().endswith(".zip") or data[:4] in _ZIP


def unpack(data: bytes, limits: Limits) -> list[ImportedDocument]:
    """Return the documents of a zip file.

    Raises
    ------
    BadRequest
        If it is no zip file, or an entry is not what it may be; the message names the entry.
    LimitExceeded
        If there is too much in it.
    """
    if data.count(_LISTED) > _LISTED_AT_MOST:
        raise BadRequest(f"The zip file has too many entries; at most {_ENTRIES_AT_MOST:,} are read.")
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError):
        raise BadRequest("This is no zip file.") from None
    found: dict[str, ImportedDocument] = {}
    with archive:
        entries = []
        for entry in archive.infolist():
            if not entry.is_dir() and not _ignored(entry.filename):
                _check_path(entry.filename)
                if entry.filename.lower().endswith(SUFFIXES):  # pictures are made anew
                    entries.append(entry)
        if len(entries) > _ENTRIES_AT_MOST:
            raise BadRequest(
                f"The zip file has {len(entries):,} entries; at most {_ENTRIES_AT_MOST:,} are read."
            )
        for entry in entries:  # all of them, before the first is unpacked
            _check_method(entry)
        left = _UNPACKED_AT_MOST * limits.max_upload_size
        for entry in entries:
            one = document(_document_name(entry.filename), _content(archive, entry, limits), limits)
            key = names.key_of(one.name)
            if key in found:
                raise BadRequest(f"The zip file has two documents called “{one.name}”.")
            found[key] = one
            left -= len(one.text)
            if left < 0:
                raise BadRequest(
                    f"The zip file holds too much: over {_UNPACKED_AT_MOST} times what may be sent."
                )
            if len(found) > limits.max_documents_per_room:
                raise limits.exceeded("max_documents_per_room", "The number of documents in the zip file")
    if not found:
        raise BadRequest("The zip file has no PlantUML files (.puml).")
    return list(found.values())


def gather(
    files: Sequence[tuple[str, bytes]], limits: Limits, *, called: Sequence[str] | None = None
) -> list[ImportedDocument]:
    """Return the documents of several files, each a zip file or a PlantUML file.

    ``called`` is what whoever reads an error knows the files as, where that is not their names. Raises as
    ``unpack`` does, and if two documents would have one name.
    """
    found: dict[str, ImportedDocument] = {}
    origins: dict[str, str] = {}
    for (name, data), known in zip(files, called or [name for name, _ in files], strict=True):
        try:
            ones = unpack(data, limits) if is_zip(name, data) else [document(name, data, limits)]
        except PlantTogetherError as error:
            if name in error.message or len(files) == 1:
                raise
            raise type(error)(f"“{known}”: {error.message}", **error.details) from None
        for one in ones:
            key = names.key_of(one.name)
            if key in found:
                raise BadRequest(
                    f"“{origins[key]}” and “{known}” both are or hold a document called “{one.name}”; "
                    "nothing was imported."
                )
            found[key], origins[key] = one, known
    if len(found) > limits.max_documents_per_room:
        raise limits.exceeded("max_documents_per_room", "The number of documents")
    return list(found.values())


def document(name: str, content: bytes, limits: Limits) -> ImportedDocument:
    """Return one document of a name and the bytes of its file; raises BadRequest or LimitExceeded."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadRequest(f"“{name}” is not text in UTF-8.") from None
    try:
        named = names.document_name(name)
    except BadName as error:
        raise BadName(f"“{name}”: {error.message}") from None
    return ImportedDocument(named.name, normalised(text, limits))


def _ignored(path: str) -> bool:
    return path.startswith(_IGNORED) or path.endswith(_IGNORED)


def _check_path(path: str) -> None:
    parts = path.split("/")
    if "\\" in path or ":" in path or "\0" in path or "" in parts or ".." in parts or "." in parts:
        raise BadRequest(f"The entry {path!r} of the zip file leads out of it.")


def _document_name(path: str) -> str:
    *folders, file = path.split("/")
    # Our own zip files name the folder after the document.
    return folders[-1] if folders and file == TEXT else file


def _check_method(entry: zipfile.ZipInfo) -> None:
    if entry.flag_bits & 1:
        raise BadRequest(f"The entry {entry.filename!r} of the zip file is encrypted.")
    if entry.compress_type not in _METHODS:
        raise BadRequest(
            f"The entry {entry.filename!r} of the zip file is packed in a way that is not read here; "
            f"entries are {' or '.join(_METHODS.values())}."
        )


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limits: Limits) -> bytes:
    most = limits.max_source_size
    try:
        with archive.open(entry) as file:
            content = file.read(most + 4)  # what the entry says of its size may be a lie
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError):
        raise BadRequest(f"The entry {entry.filename!r} of the zip file is damaged.") from None
    if len(content) > most + 3:
        raise limits.exceeded("max_source_size", f"The entry {entry.filename!r}")
    return content


def _folder(name: str) -> str:
    """Return the document's name, without ``.puml`` where that is added again by itself."""
    stem = name.removesuffix(names.DEFAULT_EXTENSION)
    return stem if stem and names.document_name(stem).name == name else name
