"""``jupyter plant-together import-yredis``: rooms and documents out of Y-Redis and Plant Together."""

from __future__ import annotations

import argparse
import csv
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import BadRequest, Misconfigured
from .limits import Limits
from .server.optional import not_installed
from .server.storage import Backend

if TYPE_CHECKING:
    from redis.asyncio import Redis

_DSN_VARIABLE = "PLANT_TOGETHER_IMPORT_DSN"
_REDIS_VARIABLE = "PLANT_TOGETHER_IMPORT_REDIS_URL"
_HOURS = 12 * 3600.0


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options of ``import-yredis``."""
    command.add_argument(
        "--from",
        dest="source",
        default=os.environ.get(_DSN_VARIABLE, ""),  # noqa: TID251 - an address with a password
        metavar="URL",
        help="the Postgres database of Y-Redis, postgresql://user:password@host:5432/database; "
        f"better in the environment variable {_DSN_VARIABLE}, which nobody else on the machine can read",
    )
    command.add_argument(
        "--redis",
        default=os.environ.get(_REDIS_VARIABLE, ""),  # noqa: TID251 - an address with a password
        metavar="URL",
        help="the Redis of Y-Redis, for what it has not moved into Postgres yet; "
        f"or the environment variable {_REDIS_VARIABLE}",
    )
    command.add_argument("--prefix", default="y", help="the prefix of Y-Redis's streams (default: y)")
    command.add_argument(
        "--text", default="monaco", help="the name of the shared text in each document (default: monaco)"
    )
    command.add_argument(
        "--owner", default="local", help="who owns rooms whose owner has no user name here (default: local)"
    )
    command.add_argument(
        "--users",
        type=Path,
        metavar="FILE",
        help="a CSV file of two columns: id or e-mail address of a user there, user name here",
    )
    command.add_argument(
        "--dry-run", action="store_true", help="report what would be done, and change nothing"
    )


async def import_yredis(chosen: argparse.Namespace, backend: Backend, limits: Limits) -> int:
    """Import into a store and print the report; ends the backend."""
    try:
        return await _import(chosen, backend, limits)
    finally:
        await backend.end()


async def _import(chosen: argparse.Namespace, backend: Backend, limits: Limits) -> int:
    try:
        from .importing.importer import Importer  # noqa: PLC0415 - needs the extra
        from .importing.source import YRedis  # noqa: PLC0415
        from .store.postgres.database import once  # noqa: PLC0415
        from .store.postgres.errors import Target  # noqa: PLC0415
        from .store.postgres.schema import Connection  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise not_installed("import-yredis", error) from None
    if not chosen.source:
        raise Misconfigured(
            f"Where is the Postgres of Y-Redis? Set --from, or the environment variable {_DSN_VARIABLE}.",
            reason="dsn",
        )
    target = Target.parse(chosen.source, "--from")
    await backend.journal.start()
    importer = Importer(
        backend.store,
        backend.journal,
        owner=chosen.owner,
        users=_users(chosen.users),
        limits=limits,
        dry_run=chosen.dry_run,
        progress=_progress if sys.stderr.isatty() else _silent,
    )

    async def work(connection: Connection, redis: Redis | None) -> None:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            await importer.run(YRedis(connection, target, redis, prefix=chosen.prefix, text=chosen.text))

    await _with_redis(
        chosen.redis, lambda redis: once(target, lambda found: work(found, redis), timeout=_HOURS)
    )
    for line in importer.report.lines(dry_run=chosen.dry_run):
        print(line)
    return 0


async def _with_redis(url: str, work: Callable[[Redis | None], Awaitable[None]]) -> None:
    if not url:
        await work(None)
        return
    import redis  # noqa: PLC0415 - needs the extra

    from .journal.redis.client.address import parse_address  # noqa: PLC0415

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


def _users(path: Path | None) -> dict[str, str]:
    if path is None:
        return {}
    try:
        with path.open(newline="", encoding="utf-8") as file:
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
