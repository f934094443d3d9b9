"""A Postgres that is wrongly named or lets nobody in: one sentence that says what to change, and no password."""

from __future__ import annotations

import logging
import os
import subprocess
import traceback
from pathlib import Path

import pytest
from postgres import PostgresServer
from stores import make_document, refused, update

from jupyter_plant_together.errors import Misconfigured
from jupyter_plant_together.store.postgres.errors import Target
from jupyter_plant_together.store.postgres.store import PostgresStore


async def test_a_wrong_password(postgres_server: PostgresServer) -> None:
    store = PostgresStore(postgres_server.dsn(password="wr0ng-word"))
    error = await refused(store)
    assert isinstance(error, Misconfigured)
    assert error.details["reason"] == "password"
    assert error.message == (
        f"Postgres at 127.0.0.1:{postgres_server.port} does not let the user “plant” in: correct user or "
        "password in PlantTogether.postgres_dsn."
    )
    with pytest.raises(Misconfigured, match="does not let the user"):
        store.open()
    await store.close()


async def test_a_database_that_is_not_there(postgres_server: PostgresServer) -> None:
    store = PostgresStore(postgres_server.dsn("nowhere"))
    error = await refused(store)
    assert isinstance(error, Misconfigured)
    assert "has no database “nowhere”: create it" in error.message
    await store.close()


@pytest.mark.parametrize(
    "dsn",
    [
        "",
        "wr0ng",
        "mysql://ada:wr0ng@db/plant",
        "postgresql://ada:wr0ng@db",
        "postgresql:///plant",
        "host=db password=wr0ng dbname=plant",
        # Passwords with characters that ought to be encoded.
        "postgresql://ada:wr0ng/wr0ng@db:5432/plant",
        "postgresql://ada:wr0ng?wr0ng@db:5432/plant",
        "postgresql://ada:wr0ng#wr0ng@db:5432/plant",
        "postgresql://ada:wr0ng/plant",
        "postgresql://ada:wr0ng@db:wr0ng/plant",
        "postgresql://ada:[wr0ng@db/plant",
        "postgresql://ada:x@db/plant?sslmode=wr0ng",
        "postgresql://ada:x@127.0.0.1:99999999/plant",
    ],
)
def test_what_is_no_url_of_postgres(dsn: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        PostgresStore(dsn).open()
    assert caught.value.message.startswith(
        "PlantTogether.postgres_dsn is not a URL of Postgres; it looks like"
    )
    assert "wr0ng" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("dsn", "place", "user", "database"),
    [
        ("postgresql://ada:p%40ss@db.example:5433/plant", "db.example:5433", "ada", "plant"),
        ("postgres://ada:p@ss@db/plant?sslmode=require", "db", "ada", "plant"),
        ("postgresql://a:b@one:1,two:2/plant?target_session_attrs=primary", "one:1,two:2", "a", "plant"),
        ("postgresql://a@[::1]:5432/plant", "[::1]:5432", "a", "plant"),
        ("postgresql:///plant?host=/run/postgresql&user=ada", "/run/postgresql", "ada", "plant"),
    ],
)
def test_what_may_be_shown_of_a_url(dsn: str, place: str, user: str, database: str) -> None:
    target = Target.parse(dsn)
    assert (target.place, target.user, target.database) == (place, user, database)
    assert dsn not in repr(target)


async def test_too_many_connections(postgres_server: PostgresServer, postgres_dsn: str) -> None:
    PostgresStore(postgres_dsn).open()
    database = postgres_dsn.rpartition("/")[2]
    postgres_server.execute("DROP ROLE IF EXISTS crowd", "CREATE ROLE crowd LOGIN SUPERUSER PASSWORD 'word'")
    postgres_server.execute("ALTER ROLE crowd NOSUPERUSER CONNECTION LIMIT 0")
    store = PostgresStore(postgres_server.dsn(database, user="crowd", password="word"))
    assert (await refused(store)).details["reason"] == "busy"
    await store.close()
    postgres_server.execute("DROP ROLE crowd")


async def test_rights_that_are_taken_away_while_it_runs(
    postgres_server: PostgresServer, postgres_dsn: str
) -> None:
    database = postgres_dsn.rpartition("/")[2]
    store = PostgresStore(postgres_dsn)
    document = await make_document(store)
    postgres_server.execute(f"ALTER DATABASE {database} SET default_transaction_read_only = on")
    await store.close()
    again = PostgresStore(postgres_dsn)
    with pytest.raises(Misconfigured, match="does not let the user “plant” change the database"):
        await again.append([update(document)])
    assert (await again.health())["reason"] == "read-only"
    postgres_server.execute(f"ALTER DATABASE {database} RESET default_transaction_read_only")
    await again.append([update(document)])
    assert await again.health() == {"state": "ok"}
    await again.close()


def certificate(path: Path, key: Path) -> None:
    """Make a certificate for 127.0.0.1 that is its own authority."""
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
            *("-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", str(key), "-out", str(path)),
        ],
        check=True,
        capture_output=True,
    )


async def test_an_encrypted_connection(tmp_path: Path, own_server: PostgresServer) -> None:
    server = own_server
    if not server.has_tls:
        pytest.skip("this build of Postgres knows no TLS")
    path, key = server.folder / "server.crt", server.folder / "server.key"
    certificate(path, key)
    certificate(tmp_path / "other.crt", tmp_path / "other.key")
    owner = server.folder.stat()
    for file in (path, key):
        os.chown(file, owner.st_uid, owner.st_gid)
    key.chmod(0o600)
    server.set(ssl="on", ssl_cert_file=str(path), ssl_key_file=str(key))
    server.stop()
    server.start()
    try:
        store = PostgresStore(f"{server.dsn()}?sslmode=verify-full&sslrootcert={path}")
        await make_document(store)
        assert await store.database.query(
            lambda c: c.fetchval("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
        )
        await store.close()
        stranger = PostgresStore(f"{server.dsn()}?sslmode=verify-full&sslrootcert={tmp_path / 'other.crt'}")
        error = await refused(stranger)
        assert isinstance(error, Misconfigured)
        assert "The encrypted connection to Postgres at 127.0.0.1" in error.message
        await stranger.close()
    finally:
        server.set(ssl="off")


async def test_a_server_without_encryption_where_it_is_demanded(postgres_server: PostgresServer) -> None:
    store = PostgresStore(f"{postgres_server.dsn()}?sslmode=require")
    assert (await refused(store)).details["reason"] == "tls"
    await store.close()


async def test_the_log_of_a_store_in_trouble_does_not_tell_the_password(
    postgres_server: PostgresServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    store = PostgresStore(postgres_server.dsn(password="wr0ng-word"))
    for _ in range(2):
        await refused(store)
    await store.close()
    assert "wr0ng" not in caplog.text
