"""A room as files, and what was deleted in it: what ``Room`` and its twin in ``aio`` do by REST."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..util.atomic_file import whole_file
from .client.core import Core, as_name


@dataclass(frozen=True)
class Imported:
    """What an import did, as names of documents."""

    created: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()


async def deleted(core: Core) -> list[str]:
    """Return the names of the deleted documents."""
    return [item["name"] for item in await core.server.items(*core.path, query={"deleted": "true"})]


async def restore(core: Core, name: str, to: str | None) -> str:
    """Bring back the deleted document ``name`` and return what it is called now."""
    body = {} if to is None else {"name": as_name(to)}
    return str((await core.server.request("POST", *core.path, as_name(name), "restore", body=body))["name"])


async def export(
    core: Core, target: str | os.PathLike[str], documents: Sequence[str], kinds: Sequence[str]
) -> Path:
    """Write the room into a zip file, whole or not at all."""
    query = {"kinds": ",".join(kinds), "document": ["~" + (await core.find(one))["id"] for one in documents]}
    path = Path(target)
    with whole_file(path) as file:
        await core.server.download(file, "rooms", "~" + core.id, "export", query=query)
    return path


async def bring(core: Core, paths: Sequence[str | os.PathLike[str]]) -> Imported:
    """Import files, one after the other. All are read before the first is sent."""
    contents = [(path, await asyncio.to_thread(path.read_bytes)) for path in map(Path, paths)]
    outcomes = []
    for path, data in contents:
        query = {} if path.suffix.lower() == ".zip" else {"name": path.name}
        outcomes.append(
            await core.server.request("POST", "rooms", "~" + core.id, "import", query=query, data=data)
        )
    return Imported(
        *(
            tuple(name for outcome in outcomes for name in outcome[what])
            for what in ("created", "changed", "unchanged")
        )
    )
