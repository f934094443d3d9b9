"""Looks at the Postgres of a cluster: whether it can be used, and whether it keeps what it confirms."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from ...errors import PlantTogetherError
from ...store.postgres import schema
from ...store.postgres.database import once
from ...store.postgres.errors import Target, unavailable
from ...store.postgres.schema import Connection
from .finding import Finding

_PART = "Postgres"
# Settings that confirm a commit before it is safe.
_UNSAFE = {
    "fsync": "what was saved may be lost when the machine of Postgres loses power",
    "full_page_writes": "the database may be damaged when the machine of Postgres loses power",
    "synchronous_commit": "the last edits that were confirmed may be lost when Postgres crashes",
}


def examine_postgres(dsn: str) -> Iterator[Finding]:
    """Examine the database at ``dsn``; nothing is changed, and the password is never shown."""
    try:
        target = Target.parse(dsn)
        yield from asyncio.run(once(target, lambda connection: _examine(connection, target)))
    except PlantTogetherError as error:
        yield Finding(_PART, "error", error.message, "see the message")


async def _examine(connection: Connection, target: Target) -> list[Finding]:
    found = await schema.check(connection, target)
    server = connection.get_server_version()
    place = f"{target.place}, database “{target.database}”, version {server.major}.{server.minor}"
    findings = []
    if found == 0:
        if not await connection.fetchval("SELECT has_database_privilege(current_database(), 'CREATE')"):
            raise unavailable("read-only", target)
        findings.append(Finding(_PART, "ok", f"{place}: the first start makes the tables"))
    elif found < schema.known_version():
        message = f"{place} has schema {found}, this version needs {schema.known_version()}"
        findings.append(Finding(_PART, "warning", message, "jupyter plant-together migrate"))
    else:
        await schema.check_rights(connection, target)
        rooms, size = await connection.fetchrow(
            f"SELECT (SELECT count(*) FROM {schema.SCHEMA}.room WHERE deleted_at IS NULL), "
            "pg_database_size(current_database())"
        ) or (0, 0)
        findings.append(Finding(_PART, "ok", f"{place}, schema {found}, {rooms} rooms, {size:,} bytes"))
    for setting, risk in _UNSAFE.items():
        if await connection.fetchval("SELECT current_setting($1)", setting) == "off":
            message = f"{setting} is off: {risk}"
            findings.append(Finding(_PART, "warning", message, f"set {setting} = on in postgresql.conf"))
    return findings
