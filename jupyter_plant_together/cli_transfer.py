"""``jupyter plant-together export`` and ``import``: a room as a zip file, without a running server.

The database is opened as a second server of the same person would open it (PROTOCOL D1), so a server may run
meanwhile: whoever has a document open sees an import as an edit.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import BadRequest, RoomNotFound
from .rooms.identity import JupyterIdentity, Principal
from .rooms.policy import Policy
from .rooms.transfer import Outcome
from .server.components import Assembly, Circumstances
from .util.atomic_file import whole_file

if TYPE_CHECKING:
    import logging
    from collections.abc import AsyncIterator

    from .limits import Limits
    from .rendering.settings import RenderSettings
    from .server.storage import Settings


def add_export_options(parser: argparse.ArgumentParser) -> None:
    """Add what ``export`` takes."""
    parser.add_argument("room", help="the room's name, or ~ and its id")
    parser.add_argument("-o", "--output", type=Path, help="the zip file; default: ROOM.zip here")
    parser.add_argument("--document", action="append", default=[], help="only this one (repeatable)")
    parser.add_argument(
        "--kinds",
        default="puml",
        help="what is written of each document: some of puml, svg, png, history, with commas; default: puml",
    )


def add_import_options(parser: argparse.ArgumentParser) -> None:
    """Add what ``import`` takes."""
    parser.add_argument("room", help="the room's name, or ~ and its id; it is made if there is none")
    parser.add_argument("files", type=Path, nargs="+", help="zip files and PlantUML files")


async def run(
    chosen: argparse.Namespace,
    settings: Settings,
    limits: Limits,
    drawing: RenderSettings,
    log: logging.Logger,
) -> int:
    """Export or import, and say what was done; returns the exit status."""
    async with _open(settings, limits, drawing, log) as (assembly, who):
        if chosen.command == "export":
            return await _export(chosen, assembly, who)
        return await _import(chosen, assembly, who)


@asynccontextmanager
async def _open(
    settings: Settings, limits: Limits, drawing: RenderSettings, log: logging.Logger
) -> AsyncIterator[tuple[Assembly, Principal]]:
    identity = JupyterIdentity(invented=True)
    circumstances = Circumstances(
        policy=Policy(roles=False),  # whoever can open the database can do anything to it
        identity=identity,
        connection_token="",
        identity_recheck=300,
        policy_grace=120,
        history_retention=0,
        idle_timeout=30,
        example_room=False,
        drawing=drawing,
    )
    assembly = Assembly(settings, limits, circumstances, log)
    await assembly.start()
    try:
        yield assembly, identity.server()
    finally:
        await assembly.stop()


async def _export(chosen: argparse.Namespace, assembly: Assembly, who: Principal) -> int:
    export = await assembly.services.transfer.export(
        who, chosen.room, only=chosen.document, kinds=[kind for kind in chosen.kinds.split(",") if kind]
    )
    path: Path = chosen.output or Path(f"{export.name}.zip")
    size = 0
    try:
        with whole_file(path) as file:
            async for piece in export:
                size += file.write(piece)
    except OSError as error:
        raise BadRequest(f"{path} cannot be written: {error.strerror}.") from None
    print(f"{path}: {size:,} bytes")
    for line in export.not_drawn:
        print(f"not drawn: {line}", file=sys.stderr)
    return 0


async def _import(chosen: argparse.Namespace, assembly: Assembly, who: Principal) -> int:
    contents = _read(chosen.files)
    try:
        room = await assembly.rooms.room(who, chosen.room)
    except RoomNotFound:
        if chosen.room.startswith("~"):
            raise
        room = await assembly.rooms.create_room(who, chosen.room)
    transfer = assembly.services.transfer
    for path, data in contents:
        if path.suffix.lower() == ".zip":
            outcome = await transfer.import_zip(who, f"~{room.id}", data)
        else:
            outcome = await transfer.import_file(who, f"~{room.id}", path.name, data)
        _say(path, outcome)
    return 0


def _read(paths: Sequence[Path]) -> list[tuple[Path, bytes]]:
    contents = []
    for path in paths:
        try:
            contents.append((path, path.read_bytes()))
        except OSError as error:
            raise BadRequest(f"{path} cannot be read: {error.strerror}.") from None
    return contents


def _say(path: Path, outcome: Outcome) -> None:
    parts = [
        f"{len(names)} {what}"
        for what, names in (
            ("created", outcome.created),
            ("changed", outcome.changed),
            ("unchanged", outcome.unchanged),
        )
        if names
    ]
    print(f"{path}: {', '.join(parts)}", file=sys.stdout)
