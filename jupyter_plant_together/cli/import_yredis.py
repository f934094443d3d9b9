"""``jupyter plant-together import-yredis``: rooms and documents out of Y-Redis and Plant Together."""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from traitlets import Bool, Unicode, default

from ..errors import BadRequest, Misconfigured
from ..rooms.identity import LOCAL
from ..server.optional import not_installed
from ..server.storage import Storage, make_storage
from .command import Command
from .transfer import owner_of_new_rooms, untouched

if TYPE_CHECKING:
    from redis.asyncio import Redis

_DSN_VARIABLE = "PLANT_TOGETHER_IMPORT_DSN"
_REDIS_VARIABLE = "PLANT_TOGETHER_IMPORT_REDIS_URL"
_HOURS = 12 * 3600.0


class ImportYRedis(Command):
    """Imports out of Y-Redis."""

    name = "jupyter-plant-together import-yredis"
    description = "Bring in the rooms and documents of Y-Redis and Plant Together. It may be repeated."
    examples = f"""
        export {_DSN_VARIABLE}=postgresql://user:password@host:5432/database
        jupyter plant-together import-yredis --dry-run
        jupyter plant-together import-yredis --owner=ada --users=users.csv
    """
    aliases = {  # noqa: RUF012 - as traitlets has it
        "from": "ImportYRedis.source",
        "redis": "ImportYRedis.redis",
        "prefix": "ImportYRedis.prefix",
        "text": "ImportYRedis.text",
        "owner": "ImportYRedis.owner",
        "users": "ImportYRedis.users",
        **Command.aliases,
    }
    flags = {  # noqa: RUF012
        "private": (
            {"ImportYRedis": {"private": True}},
            "All rooms are private (in mode 'cluster' they are).",
        ),
        "open": ({"ImportYRedis": {"private": False}}, "Rooms that everybody could open there are so here."),
        "dry-run": ({"ImportYRedis": {"dry_run": True}}, "Report what would be done, and change nothing."),
    }

    source = Unicode(
        help="The Postgres database of Y-Redis, postgresql://user:password@host:5432/database; better in the "
        f"environment variable {_DSN_VARIABLE}, which nobody else on the machine can read."
    ).tag(config=True, value="URL")
    redis = Unicode(
        help="The Redis of Y-Redis, for what it has not moved into Postgres yet; or the environment variable "
        f"{_REDIS_VARIABLE}."
    ).tag(config=True, value="URL")
    prefix = Unicode("y", help="The prefix of Y-Redis's streams (default: y).").tag(config=True)
    text = Unicode("monaco", help="The name of the shared text in each document (default: monaco).").tag(
        config=True, value="NAME"
    )
    owner = Unicode(
        help="Who owns rooms whose owner has no user name here (default: local; needed in mode 'cluster')."
    ).tag(config=True, value="USER")
    private = Bool(None, allow_none=True, help="Whether all rooms are private.").tag(config=True)
    users = Unicode(
        help="A CSV file of two columns: id or e-mail address of a user there, user name here."
    ).tag(config=True, value="FILE")
    dry_run = Bool(help="Whether to change nothing.").tag(config=True)

    @default("source")
    def _source_default(self) -> str:
        return os.environ.get(_DSN_VARIABLE, "")  # noqa: TID251 - an address with a password

    @default("redis")
    def _redis_default(self) -> str:
        return os.environ.get(_REDIS_VARIABLE, "")  # noqa: TID251 - an address with a password

    async def run(self) -> int:
        """Import into a store and print the report."""
        owner = owner_of_new_rooms(self.settings, self.owner, LOCAL)
        with untouched(self.settings, dry_run=self.dry_run) as settings:
            storage = make_storage(settings, self.configured.log)
            try:
                return await self._import(storage, owner)
            finally:
                await storage.stop()

    async def _import(self, storage: Storage, owner: str) -> int:
        try:
            from ..importing.importer import Importer  # noqa: PLC0415 - needs the extra
            from ..importing.source import YRedis  # noqa: PLC0415
            from ..store.postgres.database import once  # noqa: PLC0415
            from ..store.postgres.errors import Target  # noqa: PLC0415
            from ..store.postgres.schema import Connection  # noqa: PLC0415
        except ModuleNotFoundError as error:
            raise not_installed("import-yredis", error) from None
        if not self.source:
            raise Misconfigured(
                f"Where is the Postgres of Y-Redis? Set --from, or the environment variable {_DSN_VARIABLE}.",
                reason="dsn",
            )
        target = Target.parse(self.source, "--from")
        await storage.journal.start()
        importer = Importer(
            storage.store,
            storage.journal,
            owner=owner,
            private=self.settings.mode == "cluster" if self.private is None else self.private,
            users=_users(self.users),
            limits=self.configured.limits(),
            dry_run=self.dry_run,
            progress=_progress if sys.stderr.isatty() else _silent,
        )

        async def work(connection: Connection, redis: Redis | None) -> None:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                await importer.run(YRedis(connection, target, redis, prefix=self.prefix, text=self.text))

        await _with_redis(
            self.redis, lambda redis: once(target, lambda found: work(found, redis), timeout=_HOURS)
        )
        for line in importer.report.lines(dry_run=self.dry_run):
            print(line)
        return 0


async def _with_redis(url: str, work: Callable[[Redis | None], Awaitable[None]]) -> None:
    if not url:
        await work(None)
        return
    import redis  # noqa: PLC0415 - needs the extra

    from ..journal.redis.client.address import parse_address  # noqa: PLC0415

    address = parse_address(url)
    client = address.client()
    try:
        await client.ping()
        await work(client)
    except redis.RedisError as error:
        # Its text may quote the URL's user, never the password; the kind of error says enough.
        sentence = f"Redis at {address} cannot be read ({type(error).__name__})."
        raise Misconfigured(sentence, reason="redis") from None
    finally:
        await client.aclose()


def _users(path: str) -> dict[str, str]:
    if not path:
        return {}
    try:
        with Path(path).open(newline="", encoding="utf-8") as file:
            rows = [[cell.strip() for cell in row] for row in csv.reader(file) if any(row)]
    except (OSError, ValueError) as error:
        raise BadRequest(f"The file {path} cannot be read ({error}).") from None
    if bad := next((row for row in rows if len(row) != 2 or not all(row)), None):
        raise BadRequest(f"The file {path} has a line that is not two columns: {','.join(bad)}")
    return {row[0]: row[1] for row in rows}


def _silent(done: int, total: int, name: str) -> None:
    pass


def _progress(done: int, total: int, name: str) -> None:
    width = 30
    filled = width * done // total if total else width
    bar = "#" * filled + "." * (width - filled)
    end = "\n" if done == total else ""
    print(f"\r[{bar}] {done}/{total} {name[:40]:40}", end=end, file=sys.stderr, flush=True)
