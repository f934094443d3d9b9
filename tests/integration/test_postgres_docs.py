"""What docs/postgres.md tells administrators to run, run."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from postgres import PASSWORD, PostgresServer, binaries
from stores import make_document

from jupyter_plant_together.store.postgres.store import PostgresStore

PAGE = (Path(__file__).parents[2] / "docs" / "postgres.md").read_text(encoding="utf-8")


def sql() -> list[str]:
    return re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)


async def test_the_grants_are_enough(postgres_server: PostgresServer) -> None:
    owner, grants = sql()
    role, database = f"docs_{postgres_server.port}", f"docs_{postgres_server.port}"
    statements = [
        line.replace("plant ", f"{role} ").replace(" plant;", f" {role};") for line in owner.splitlines()
    ]
    postgres_server.execute(*statements)
    try:
        # The servers' user owns the database.
        store = PostgresStore(postgres_server.dsn(database, user=role, password="password"))
        await make_document(store)
        await store.close()
    finally:
        postgres_server.execute(f"DROP DATABASE {database} WITH (FORCE)")
    # Another user makes the tables; the servers' user may only fill them.
    dsn = postgres_server.create_database()
    migrated = PostgresStore(dsn)
    migrated.open()
    other = dsn.rpartition("/")[2]
    postgres_server.execute(
        *(line.replace(" plant;", f" {role};") for line in grants.splitlines()), database=other
    )
    store = PostgresStore(postgres_server.dsn(other, user=role, password="password"), migrate=False)
    document = await make_document(store)
    assert (await store.load(document.id)).tail == []
    assert await store.health() == {"state": "ok"}
    await store.close()
    postgres_server.execute(f"DROP OWNED BY {role}", database=other)
    postgres_server.execute(f"DROP DATABASE {other} WITH (FORCE)", f"DROP ROLE {role}")


async def test_a_dump_of_the_schema_is_a_backup(postgres_server: PostgresServer, postgres_dsn: str) -> None:
    if not (binaries() / "psql").exists():
        pytest.skip("this build of Postgres has no psql")
    store = PostgresStore(postgres_dsn)
    document = await make_document(store)
    await store.close()
    assert "pg_dump --schema=plant_together" in PAGE
    dump = subprocess.run(
        [str(binaries() / "pg_dump"), "--schema=plant_together", postgres_dsn],
        env={"PGPASSWORD": PASSWORD},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    empty = postgres_server.create_database()
    subprocess.run(
        [str(binaries() / "psql"), "--quiet", "--set=ON_ERROR_STOP=1", empty],
        input=dump,
        check=True,
        capture_output=True,
        text=True,
    )
    again = PostgresStore(empty)
    assert (await again.load(document.id)).document == document
    await again.close()
