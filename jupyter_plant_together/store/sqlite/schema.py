"""Numbered SQL files, applied in order inside one transaction each, and the version they leave behind.

SQLite keeps the version in ``PRAGMA user_version`` and our mark in ``PRAGMA application_id``, so that a
database of another program is never written to, and one of a newer Plant Together is never opened.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from .. import migration_files
from ..migration_files import Migration
from ..schema_errors import newer_schema, older_schema
from .errors import unavailable

APPLICATION_ID = 0x506C5467  # "PlTg"


def migrations() -> list[Migration]:
    """Return the migrations this version knows, in order."""
    return migration_files.read("sqlite")


def known_version() -> int:
    """Return the newest schema version that this version of the package can work with."""
    return migrations()[-1].version


def statements(sql: str) -> Iterator[str]:
    """Split a script into its statements (``executescript`` would commit the transaction around it)."""
    pending = ""
    for line in sql.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending.strip()
            pending = ""


def schema_version(connection: sqlite3.Connection) -> int:
    """Return the schema version of an open database; 0 for an empty one."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def check(connection: sqlite3.Connection, path: Path) -> int:
    """Return the schema version; raise for a database of another program or a newer version."""
    # In one transaction: another process may be making the schema at this moment.
    own = not connection.in_transaction
    if own:
        connection.execute("BEGIN")
    try:
        version = schema_version(connection)
        mark = connection.execute("PRAGMA application_id").fetchone()[0]
        empty = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0
    finally:
        if own and connection.in_transaction:
            connection.execute("COMMIT")
    if mark != APPLICATION_ID and not empty:
        raise unavailable("not-a-database", path)
    if version > known_version():
        raise newer_schema(f"The database file {path}", version, known_version(), "database_path")
    return version


def migrate(connection: sqlite3.Connection, path: Path, *, allowed: bool = True) -> list[str]:
    """Bring the database to the known version and return the names of the migrations that ran.

    Two processes may start at once: each looks at the version again inside its write transaction. With
    ``allowed=False`` a database that would need a migration raises :class:`~..schema_errors.SchemaError`.
    """
    version = check(connection, path)
    if version == known_version():
        return []
    if not allowed and version > 0:
        raise older_schema(f"The database file {path}", version, known_version())
    applied = []
    for migration in migrations():
        connection.execute("BEGIN IMMEDIATE")
        try:
            if check(connection, path) < migration.version:
                for statement in statements(migration.sql):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {migration.version}")
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                applied.append(migration.name)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
    return applied
