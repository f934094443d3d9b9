"""``jupyter plant-together export`` and ``import``: a room as a zip file, without a running server.

The database is opened as a second server of the same person would open it (PROTOCOL D1), so a server may run
meanwhile: whoever has a document open sees an import as an edit.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from traitlets import Bool, List, Unicode

from ..errors import BadRequest, RoomNotFound, Unavailable
from ..rooms import zip_files
from ..rooms.identity import JupyterIdentity, Principal
from ..rooms.policy import Policy
from ..rooms.transfer import Outcome
from ..server.app import PlantTogether
from ..server.components import Components, Profile
from ..server.optional import postgres_store
from ..store.schema_errors import NoTables
from ..util.atomic_file import whole_file
from .command import Command

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from ..server.storage import StorageSettings
    from ..store.port import Room


class Export(Command):
    """Exports."""

    name = "jupyter-plant-together export"
    usage = "ROOM"
    least, most = 1, 1
    description = "Write a room, given by its name or by ~ and its id, to a zip file."
    examples = """
        jupyter plant-together export design
        jupyter plant-together export design -o login.zip --document login --kinds puml,svg
    """
    aliases = {  # noqa: RUF012 - as traitlets has it
        "o": "Export.output",
        "output": "Export.output",
        "document": "Export.documents",
        "kinds": "Export.kinds",
        **Command.aliases,
    }

    output = Unicode(help="The zip file; default: ROOM.zip here.").tag(config=True, value="FILE")
    documents = List(Unicode(), help="Only this one (repeatable).").tag(config=True, value="NAME")
    kinds = Unicode(
        "puml",
        help="What is written of each document: some of puml, svg, png, history, with commas; default: puml.",
    ).tag(config=True)

    async def run(self) -> int:
        """Export, and say how much."""
        (room,) = self.extra_args
        async with _open(self.settings, self.configured) as (components, who):
            export = await components.services.transfer.export(
                who, room, only=self.documents, kinds=[kind for kind in self.kinds.split(",") if kind]
            )
            path = Path(self.output or f"{export.name}.zip")
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


class Import(Command):
    """Imports."""

    name = "jupyter-plant-together import"
    usage = "ROOM FILE..."
    least, most = 2, None
    description = (
        "Bring zip files and PlantUML files into a room, which is made if there is none of that name."
    )
    examples = """
        jupyter plant-together import design login.puml
        jupyter plant-together import "design copy" design.zip
        jupyter plant-together import design login.puml --mode=cluster --owner=ada --open
    """
    aliases = {"owner": "Import.owner", **Command.aliases}  # noqa: RUF012 - as traitlets has it
    flags = {  # noqa: RUF012
        "private": ({"Import": {"private": True}}, "A room that is made is for its owner and its members."),
        "open": ({"Import": {"private": False}}, "A room that is made is for everybody."),
        "dry-run": ({"Import": {"dry_run": True}}, "Say what would be done, and make and change nothing."),
    }

    owner = Unicode(help="Who owns the room if it is made; needed in mode 'cluster'.").tag(
        config=True, value="USER"
    )
    private = Bool(None, allow_none=True, help="Whether a room that is made is private.").tag(config=True)
    dry_run = Bool(help="Whether to change nothing.").tag(config=True)

    async def run(self) -> int:
        """Import, and say what became of each file."""
        name, *files = self.extra_args
        contents = _read([Path(file) for file in dict.fromkeys(files)])
        found = zip_files.gather(
            [(path.name, data) for path, data in contents],
            self.configured.limits(),
            called=[str(path) for path, _ in contents],
        )
        with untouched(self.settings, dry_run=self.dry_run) as settings:
            async with _open(settings, self.configured) as (components, who):
                room = await self._room(components, who, name)
                if self.dry_run:
                    known = "would be changed" if room is not None else "would be made"
                    print(
                        f"Dry run, nothing was changed. The room “{name}” {known}; documents: {len(found)}."
                    )
                    return 0
                assert room is not None  # or it would have been made
                transfer = components.services.transfer
                for path, data in contents:
                    if zip_files.is_zip(path.name, data):
                        outcome = await transfer.import_zip(who, f"~{room.id}", data)
                    else:
                        outcome = await transfer.import_file(who, f"~{room.id}", path.name, data)
                    _say(path, outcome)
        return 0

    async def _room(self, components: Components, who: Principal, name: str) -> Room | None:
        """Return the room of a name, made if there is none; None where that is not to be done."""
        try:
            return await components.rooms.room(who, name)
        except RoomNotFound:
            if name.startswith("~"):
                raise
        owner = owner_of_new_rooms(self.settings, self.owner, who.subject)
        private = self.settings.mode == "cluster" if self.private is None else self.private
        if self.dry_run:
            return None
        return await components.rooms.create_room(replace(who, subject=owner), name, private=private)


def owner_of_new_rooms(settings: StorageSettings, given: str, otherwise: str) -> str:
    """Return who owns rooms that a command makes; among many people that must be said."""
    if not given and settings.mode == "cluster":
        raise BadRequest("Say who owns the rooms that are made: --owner=USER.")
    return given or otherwise


@contextmanager
def untouched(settings: StorageSettings, *, dry_run: bool) -> Iterator[StorageSettings]:
    """Yield settings with which a dry run changes nothing.

    Where there is no database file, or a database without tables, another that is gone after; no tables are
    made, and none are migrated.
    """
    if not dry_run:
        yield settings
        return
    if not _is_empty(settings):
        yield replace(settings, migrate_on_start=False)
        return
    with tempfile.TemporaryDirectory(prefix="plant-together-") as folder:
        yield replace(settings, mode="embedded", database_path=str(Path(folder) / "rooms.db"))


def _is_empty(settings: StorageSettings) -> bool:
    if settings.mode == "embedded":
        return not Path(settings.database_path).exists()
    try:
        postgres_store(settings.postgres_dsn, migrate=False).open()
    except NoTables:
        return True
    except Unavailable:  # whoever opens it says why
        pass
    return False


@asynccontextmanager
async def _open(
    settings: StorageSettings, configured: PlantTogether
) -> AsyncIterator[tuple[Components, Principal]]:
    identity = JupyterIdentity(invented=True)
    profile = Profile(
        policy=Policy(roles=False),  # whoever can open the database can do anything to it
        identity=identity,
        connection_token="",
        identity_recheck=300,
        policy_grace=120,
        history_retention=0,
        idle_timeout=30,
        example_room=False,
        render_settings=configured.render_settings(),
    )
    components = Components(settings, configured.limits(), profile, configured.log)
    await components.start()
    try:
        yield components, identity.server()
    finally:
        await components.stop()


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
            ("not known to be saved, import again", outcome.unsaved),
        )
        if names
    ]
    print(f"{path}: {', '.join(parts)}", file=sys.stdout)
