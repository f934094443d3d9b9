"""Schema versions and migrations, and what kind of file system a database lies on (PROTOCOL D2)."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from jupyter_plant_together.store.port import Ref
from jupyter_plant_together.store.schema_errors import SchemaError
from jupyter_plant_together.store.sqlite import schema
from jupyter_plant_together.store.sqlite.filesystem import mount_table, network_filesystem
from jupyter_plant_together.store.sqlite.store import SQLiteStore


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "store.db"


async def test_a_newer_schema_is_refused_untouched(path: Path) -> None:
    store = SQLiteStore(path)
    store.open()
    await store.close()
    raw = sqlite3.connect(path)
    raw.execute(f"PRAGMA user_version = {schema.known_version() + 1}")
    raw.close()
    before = path.read_bytes()
    newer = SQLiteStore(path)
    with pytest.raises(SchemaError, match="newer version"):
        newer.open()
    await newer.close()
    assert path.read_bytes() == before


async def test_processes_that_start_at_once_migrate_once(tmp_path: Path) -> None:
    for attempt in range(20):
        stores = [SQLiteStore(tmp_path / f"{attempt}.db") for _ in range(6)]
        assert await asyncio.gather(*(store.cursor() for store in stores)) == [0] * 6
        for store in stores:
            await store.close()


def test_a_migration_that_fails_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = schema.migrations()
    broken = schema.Migration(
        known[-1].version + 1, "broken", "CREATE TABLE half (x);\nINSERT INTO nowhere VALUES (1);\n"
    )
    monkeypatch.setattr(schema, "migrations", lambda: [*known, broken])
    connection = sqlite3.connect(tmp_path / "x.db", isolation_level=None)
    with pytest.raises(sqlite3.OperationalError, match="nowhere"):
        schema.migrate(connection, tmp_path / "x.db")
    assert schema.schema_version(connection) == known[-1].version
    assert connection.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'half'").fetchone() == (0,)
    with pytest.raises(SchemaError, match="migrate_on_start"):
        schema.migrate(connection, tmp_path / "x.db", allowed=False)
    connection.close()


async def test_a_database_from_before_names_were_called_keys_opens(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    connection = sqlite3.connect(path, isolation_level=None)
    with pytest.MonkeyPatch.context() as patch:
        before = schema.migrations()[:3]
        patch.setattr(schema, "migrations", lambda: before)
        schema.migrate(connection, path)
    connection.execute(
        "INSERT INTO room (id, name, folded, private, description, created_by, created_at, updated_at) "
        "VALUES ('r_old', 'Straße', 'strasse', 0, '', 'ada', 1, 1)"
    )
    connection.close()
    store = SQLiteStore(path)
    store.open()
    try:
        assert (await store.room(Ref(key="strasse"))).name == "Straße"
    finally:
        await store.close()


def test_network_file_systems_are_recognised(tmp_path: Path) -> None:
    """PROTOCOL D2."""
    mounts = [
        ("/", "ext4"),
        ("/home", "nfs4"),
        ("/home/ada/local disk", "xfs"),
        ("/home/ada/mnt", "fuse.sshfs"),
        ("/homes", "cifs"),
    ]
    assert network_filesystem(Path("/home/ada/x.db"), mounts) == "nfs4"
    assert network_filesystem(Path("/home/ada/local disk/x.db"), mounts) is None
    assert network_filesystem(Path("/home/ada/mnt/a/b.db"), mounts) == "fuse.sshfs"
    assert network_filesystem(Path("/homestead/x.db"), mounts) is None
    assert network_filesystem(Path("/homes/x.db"), mounts) == "cifs"
    table = tmp_path / "mounts"
    table.write_text("srv:/x /mnt/my\\040disk nfs rw 0 0\n", encoding="utf-8")
    assert mount_table(table) == [("/mnt/my disk", "nfs")]
    assert mount_table(tmp_path / "none") == []


async def test_a_network_file_system_gets_no_write_ahead_log(path: Path) -> None:
    """PROTOCOL D2."""
    store = SQLiteStore(path)
    # What network_filesystem() would have found; the machine has no such mount.
    store.database.network = "nfs4"
    await store.cursor()
    mode = await store.database.read(
        lambda connection: connection.execute("PRAGMA journal_mode").fetchone()[0]
    )
    assert mode == "delete"
    assert (await store.health())["reason"] == "network"
    await store.close()


async def test_d2_commits_are_on_the_disk_before_they_are_said_to_be(path: Path) -> None:
    store = SQLiteStore(path)
    level, mode = await store.database.write(
        lambda connection: [
            connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("synchronous", "journal_mode")
        ]
    )
    assert (level, mode) == (2, "wal")  # FULL
    await store.close()
