"""The schema ``plant_together`` of a Postgres database: its version, its migrations, the rights it needs.

Replicas start together: each takes an advisory lock, then looks at the version again, so that one of them
migrates and the others find it done. Each migration is one transaction.
"""

from __future__ import annotations

from typing import TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from .. import migration_files
from ..migration_files import Migration
from ..schema_errors import newer_schema, older_schema
from .errors import OLDEST, Target, unavailable

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]"

SCHEMA = "plant_together"
_LOCK = 0x506C_5467_0001
_RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE")


def migrations() -> list[Migration]:
    """Return the migrations this version knows, in order."""
    return migration_files.read("postgres")


def known_version() -> int:
    """Return the newest schema version that this version of the package can work with."""
    return migrations()[-1].version


async def schema_version(connection: Connection) -> int:
    """Return the schema version of a database; 0 for one without our tables."""
    if await connection.fetchval("SELECT to_regclass($1)", f"{SCHEMA}.meta") is None:
        return 0
    found = await connection.fetchval(f"SELECT value FROM {SCHEMA}.meta WHERE key = 'schema'")
    return int(found or 0)


def check_server(version: int, target: Target) -> None:
    """Raise Misconfigured for a server older than what the statements need."""
    if version < OLDEST:
        raise unavailable("old", target, str(version))


async def check(connection: Connection, target: Target) -> int:
    """Return the schema version; raises Misconfigured for an old server or a newer schema."""
    check_server(connection.get_server_version().major, target)
    version = await schema_version(connection)
    if version > known_version():
        raise newer_schema(f"The {target}", version, known_version(), "postgres_dsn")
    return version


async def migrate(connection: Connection, target: Target, *, allowed: bool = True) -> list[str]:
    """Bring the database to the known version and return the names of the migrations that ran.

    With ``allowed=False`` a database that would need a migration raises SchemaError.
    """
    version = await check(connection, target)
    if version == known_version():
        return []
    if not allowed:
        raise older_schema(f"The {target}", version, known_version())
    # Before the transaction, not in it: a transaction may go on seeing the tables of its beginning.
    await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
    try:
        return [migration.name for migration in migrations() if await _apply(connection, target, migration)]
    finally:
        await connection.execute("SELECT pg_advisory_unlock($1)", _LOCK)


async def _apply(connection: Connection, target: Target, migration: Migration) -> bool:
    async with connection.transaction():
        if await check(connection, target) >= migration.version:
            return False
        await connection.execute(migration.sql)
        await connection.execute(
            f"UPDATE {SCHEMA}.meta SET value = $1 WHERE key = 'schema'", migration.version
        )
        return True


async def check_rights(connection: Connection, target: Target) -> None:
    """Raise Misconfigured where the user cannot write: its rights, or a server that only reads."""
    missing = await connection.fetchval(
        "SELECT count(*) FROM pg_class AS t, unnest($1::text[]) AS r (name) "
        "WHERE t.relnamespace = $2::text::regnamespace AND t.relkind = 'r' "
        "AND NOT has_table_privilege(t.oid, r.name)",
        _RIGHTS,
        SCHEMA,
    )
    reads_only = await connection.fetchval("SELECT current_setting('transaction_read_only')")
    if missing or reads_only == "on":
        raise unavailable("read-only", target)
