"""A room as files, and what was deleted in it: what ``Room`` and its twin in ``aio`` do by REST."""

from __future__ import annotations

import asyncio
import io
import os
import unicodedata
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import BadRequest
from ..shared import patterns, table
from ..util.atomic_file import whole_file
from .client.room_client import RoomClient, as_name


@dataclass(frozen=True)
class Imported:
    """What an import did, as names of documents."""

    created: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()


async def deleted(client: RoomClient) -> list[str]:
    """Return the names of the deleted documents."""
    return [item["name"] for item in await client.server.items(*client.path, query={"deleted": "true"})]


async def restore(client: RoomClient, name: str, to: str | None) -> str:
    """Bring back the deleted document ``name`` and return what it is called now."""
    body = {} if to is None else {"name": as_name(to)}
    return str(
        (await client.server.request("POST", *client.path, as_name(name), "restore", body=body))["name"]
    )


async def export(
    client: RoomClient, target: str | os.PathLike[str], documents: Sequence[str], kinds: Sequence[str]
) -> Path:
    """Write the room into a zip file, whole or not at all."""
    query = {
        "kinds": ",".join(kinds),
        "document": ["~" + (await client.find(one))["id"] for one in documents],
    }
    path = Path(target)
    with whole_file(path) as file:
        await client.server.download(file, "rooms", "~" + client.id, "export", query=query)
    return path


async def import_files(client: RoomClient, paths: Sequence[str | os.PathLike[str]]) -> Imported:
    """Import files, one after the other. All are read before the first is sent."""
    contents = [(path, await asyncio.to_thread(path.read_bytes)) for path in map(Path, paths)]
    _refuse_equal_names(contents)
    outcomes = []
    for path, data in contents:
        query = {} if path.suffix.lower() == ".zip" else {"name": path.name}
        outcomes.append(
            await client.server.request("POST", "rooms", "~" + client.id, "import", query=query, data=data)
        )
    return Imported(
        *(
            tuple(name for outcome in outcomes for name in outcome[what])
            for what in ("created", "changed", "unchanged")
        )
    )


def _refuse_equal_names(contents: Sequence[tuple[Path, bytes]]) -> None:
    """Raise BadRequest if one file would overwrite what another has just brought."""
    origins: dict[str, Path] = {}
    for path, data in contents:
        for name in _documents_in(path, data):
            other = origins.setdefault(_key_of(name), path)
            if other != path:
                raise BadRequest(
                    f"“{other}” and “{path}” both are or hold a document called “{name}”; "
                    "nothing was imported."
                )


def _documents_in(path: Path, data: bytes) -> Iterator[str]:
    if path.suffix.lower() != ".zip":
        yield path.name
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            entries = package.namelist()
    except (zipfile.BadZipFile, ValueError, OSError):
        return  # the server says what is wrong with it
    for entry in entries:
        *folders, file = entry.split("/")
        if file.lower().endswith(tuple(table("names")["textExtensions"])):
            yield folders[-1] if folders and file == "diagram.puml" else file


def _key_of(name: str) -> str:
    """Return what is one for names that are the same to the server."""
    whole = name if patterns("names")["extension"].search(name) else name + table("names")["defaultExtension"]
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", whole).casefold())
