"""Versions, migrations and rights of the tables in Postgres."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import asyncpg
import pytest
from postgres import PostgresServer

from jupyter_plant_together.errors import Misconfigured
from jupyter_plant_together.store.postgres import schema
from jupyter_plant_together.store.postgres.errors import Target
from jupyter_plant_together.store.postgres.store import PostgresStore
from jupyter_plant_together.store.schema_errors import SchemaError


def database_of(dsn: str) -> str:
    return dsn.rpartition("/")[2]


async def test_replicas_that_start_at_once_migrate_once(postgres_dsn: str) -> None:
    stores = [PostgresStore(postgres_dsn) for _ in range(8)]
    assert await asyncio.gather(*(store.cursor() for store in stores)) == [0] * 8
    for store in stores:
        await store.close()


def test_processes_that_start_at_once_migrate_once(postgres_dsn: str) -> None:
    code = (
        "import sys\n"
        "from jupyter_plant_together.store.postgres.store import PostgresStore\n"
        "store = PostgresStore(sys.stdin.readline().strip())\n"
        "store.open()\n"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, text=True) for _ in range(3)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(postgres_dsn + "\n")
        process.stdin.close()
    assert [process.wait() for process in processes] == [0, 0, 0]


async def test_a_newer_schema_is_refused_untouched(
    postgres_dsn: str,
) -> None:
    PostgresStore(postgres_dsn).open()
    connection = await asyncpg.connect(postgres_dsn)
    await connection.execute("UPDATE plant_together.meta SET value = 99 WHERE key = 'schema'")
    with pytest.raises(SchemaError, match=r"has schema 99, written by a newer version"):
        PostgresStore(postgres_dsn).open()
    store = PostgresStore(postgres_dsn)
    with pytest.raises(SchemaError, match="newer version"):
        await store.cursor()
    await store.close()
    assert await schema.schema_version(connection) == 99
    await connection.close()


async def test_a_migration_that_fails_leaves_nothing_behind(
    postgres_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = schema.migrations()
    broken = schema.Migration(
        known[-1].version + 1,
        "broken",
        "CREATE TABLE plant_together.half (x int); INSERT INTO nowhere VALUES (1);",
    )
    monkeypatch.setattr(schema, "migrations", lambda: [*known, broken])
    connection = await asyncpg.connect(postgres_dsn)
    target = Target.parse(postgres_dsn)
    with pytest.raises(asyncpg.UndefinedTableError, match="nowhere"):
        await schema.migrate(connection, target)
    assert await schema.schema_version(connection) == known[-1].version
    assert await connection.fetchval("SELECT to_regclass('plant_together.half')") is None
    with pytest.raises(SchemaError, match=f"needs {broken.version}: run 'jupyter plant-together migrate'"):
        await schema.migrate(connection, target, allowed=False)
    await connection.close()


def test_where_migrations_are_not_allowed_the_sentence_names_the_command(postgres_dsn: str) -> None:
    with pytest.raises(SchemaError, match="no tables of Plant Together yet: run 'jupyter plant-together mig"):
        PostgresStore(postgres_dsn, migrate=False).open()
    PostgresStore(postgres_dsn).open()
    PostgresStore(postgres_dsn, migrate=False).open()


async def test_the_database_may_hold_other_tables_of_the_same_names(postgres_dsn: str) -> None:
    connection = await asyncpg.connect(postgres_dsn)
    await connection.execute("CREATE TABLE public.room (id int); CREATE TABLE public.document (id int)")
    store = PostgresStore(postgres_dsn)
    assert await store.cursor() == 0
    await store.close()
    assert await connection.fetchval("SELECT count(*) FROM public.room") == 0
    await connection.close()


def test_users_with_too_few_rights_are_told(postgres_server: PostgresServer, postgres_dsn: str) -> None:
    database = database_of(postgres_dsn)
    postgres_server.execute("DROP ROLE IF EXISTS reader", "CREATE ROLE reader LOGIN PASSWORD 'word'")
    dsn = postgres_server.dsn(database, user="reader", password="word")
    # It may neither make the tables nor, once they are there, look at them, nor write.
    for grant in (
        None,
        "GRANT USAGE ON SCHEMA plant_together TO reader",
        "GRANT SELECT ON ALL TABLES IN SCHEMA plant_together TO reader",
        "GRANT INSERT, UPDATE ON ALL TABLES IN SCHEMA plant_together TO reader",
    ):
        with pytest.raises(
            Misconfigured, match=f"does not let the user “reader” change .*“{database}”"
        ) as no:
            PostgresStore(dsn).open()
        assert no.value.details["reason"] == "read-only"
        if grant is None:
            PostgresStore(postgres_dsn).open()
        else:
            postgres_server.execute(grant, database=database)
    postgres_server.execute(
        "GRANT DELETE ON ALL TABLES IN SCHEMA plant_together TO reader", database=database
    )
    PostgresStore(dsn).open()
    postgres_server.execute("ALTER ROLE reader SET default_transaction_read_only = on")
    with pytest.raises(Misconfigured, match="name the primary server"):
        PostgresStore(dsn).open()
    postgres_server.execute("DROP OWNED BY reader", database=database)
    postgres_server.execute("DROP ROLE reader")


def test_an_old_server_is_named() -> None:
    target = Target.parse("postgresql://ada:secret@db/plant")
    schema.check_server(13, target)
    with pytest.raises(Misconfigured, match=r"^Postgres at db is version 12; 13 or later is needed\.$"):
        schema.check_server(12, target)
