"""``jupyter plant-together`` where the rooms are in Postgres, as people run it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest
from postgres import PASSWORD, PostgresServer
from postgres import run as in_a_loop
from redis_server import RedisServer

from jupyter_plant_together.cli.main import main
from jupyter_plant_together.store.postgres.schema import known_version


@dataclass
class Done:
    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Done]
EDITOR, OWNER = 2, 3  # as roles are kept


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command line with a database in the environment; its output must not tell a password."""
    for name in ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))

    def run(dsn: str, *arguments: str, redis: str = "") -> Done:
        monkeypatch.setenv("PLANT_TOGETHER_POSTGRES_DSN", dsn)
        monkeypatch.setenv("PLANT_TOGETHER_REDIS_URL", redis)
        status = main(arguments)
        output = capsys.readouterr()
        assert PASSWORD not in output.out + output.err
        assert "wr0ng" not in output.out + output.err
        return Done(status, output.out, output.err)

    return run


def lines_of(part: str, output: str) -> list[str]:
    lines = output.splitlines()
    return [
        text
        for line, advice in zip(lines, [*lines[1:], ""])
        if f"  {part}: " in line
        for text in (line, advice)
        if text is line or text.startswith("         ->")
    ]


def test_migrate_makes_the_tables_and_doctor_finds_them(
    run: Run, postgres_dsn: str, postgres_server: PostgresServer
) -> None:
    database = postgres_dsn.rpartition("/")[2]
    place = f"127.0.0.1:{postgres_server.port}"
    first, *_ = lines_of("Postgres", run(postgres_dsn, "doctor", "--mode=cluster").stdout)
    assert first.startswith(f"ok       Postgres: {place}, database “{database}”, version ")
    assert first.endswith(": the first start makes the tables")
    for _ in range(2):
        done = run(postgres_dsn, "migrate", "--mode=cluster")
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == f"The database “{database}” at {place} has schema {known_version()}.\n"
    first, *risks = lines_of("Postgres", run(postgres_dsn, "doctor", "--mode=cluster").stdout)
    assert f", schema {known_version()}, 0 rooms, " in first
    assert risks == [
        "warning  Postgres: fsync is off: what was saved may be lost when the machine of Postgres loses power",
        "         -> set fsync = on in postgresql.conf",
    ]
    postgres_server.execute(
        "UPDATE plant_together.meta SET value = 99 WHERE key = 'schema'", database=database
    )
    for command in ("migrate", "doctor"):
        done = run(postgres_dsn, command, "--mode=cluster")
        assert done.returncode == 1
        assert "has schema 99, written by a newer version" in done.stdout + done.stderr


def test_the_mode_of_the_servers_configuration_is_meant(run: Run, postgres_dsn: str, tmp_path: Path) -> None:
    folder = tmp_path / "jupyter_config_dir"
    folder.mkdir()
    (folder / "jupyter_server_config.py").write_text(
        f"c.PlantTogether.mode = 'cluster'\nc.PlantTogether.postgres_dsn = {postgres_dsn!r}\n"
    )
    assert run("", "migrate").stdout.startswith("The database “test_")


def test_a_gateway_that_does_not_answer_is_named(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "jupyter_config_dir"
    folder.mkdir()
    file = folder / "jupyter_server_config.py"
    file.write_text(
        "c.PlantTogether.mode = 'remote'\nc.PlantTogether.gateway_url = 'http://127.0.0.1:1/plant/'\n"
    )
    done = run("", "doctor")
    assert done.returncode == 1
    assert "ERROR    gateway: http://127.0.0.1:1/plant/ does not answer" in done.stdout
    file.write_text("c.PlantTogether.mode = 'remote'\n")
    done = run("", "doctor")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("PlantTogether.gateway_url is empty: mode 'remote' needs it")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("", "PlantTogether.postgres_dsn is empty: mode 'cluster' keeps its rooms in Postgres"),
        ("mysql://ada:wr0ng@db/x", "PlantTogether.postgres_dsn is not a URL of Postgres"),
        ("{base}:wr0ng@{place}/postgres", "does not let the user “plant” in: correct user or password"),
        ("{base}:{password}@{place}/wrong", "has no database “wrong”"),
        ("{base}:{password}@127.0.0.1:1/postgres", "Postgres at 127.0.0.1:1 cannot be reached"),
    ],
    ids=["empty", "no URL", "password", "database", "port"],
)
def test_bad_configuration_is_one_sentence(
    run: Run, postgres_server: PostgresServer, change: str, sentence: str
) -> None:
    place = f"127.0.0.1:{postgres_server.port}"
    dsn = change.format(base="postgresql://plant", password=PASSWORD, place=place)
    done = run(dsn, "migrate", "--mode=cluster")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert sentence in done.stderr
    done = run(dsn, "doctor", "--mode=cluster")
    assert (done.returncode, done.stderr) == (1, "")
    assert sentence in lines_of("Postgres", done.stdout)[0]
    assert lines_of("Postgres", done.stdout)[0].startswith("ERROR ")


def test_the_extra_is_needed_by_nothing_but_the_cluster_mode(tmp_path: Path) -> None:
    for name in ("asyncpg", "redis", "hiredis"):
        (tmp_path / f"{name}.py").write_text(f"raise ModuleNotFoundError(name={name!r})\n")
    path = tmp_path / "rooms.db"
    code = (
        "import sys; sys.path.insert(0, sys.argv.pop(1)); from jupyter_plant_together.cli.main import main; "
        f"from pathlib import Path; Path({str(path)!r}).touch(); "
        f"assert main(['migrate', '--database-path={path}']) == 0; sys.exit(main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path), "migrate", "--mode=cluster"],
        env={**os.environ, "PLANT_TOGETHER_POSTGRES_DSN": "postgresql://a@b/c", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert f"The database {path} has schema" in done.stdout
    assert (done.returncode, done.stderr) == (
        1,
        "The package asyncpg is missing for mode 'cluster': pip install 'jupyter-plant-together[cluster]'.\n",
    )


def test_doctor_looks_at_redis(run: Run, postgres_dsn: str, redis_server: RedisServer) -> None:
    server = redis_server

    def look(url: str) -> list[str]:
        done = run(postgres_dsn, "doctor", "--mode=cluster", redis=url)
        found = lines_of("Redis", done.stdout)
        assert done.returncode == any(line.startswith("ERROR") for line in found)
        return found

    name = server.kind.capitalize()
    (line,) = look(server.url)
    assert line.startswith(f"ok       Redis: 127.0.0.1:{server.port}, {name} ")
    assert line.endswith(", persistence: AOF, fsync everysec")
    server.execute("CONFIG", "SET", "appendonly", "no")
    _, risk, advice = look(server.url)
    assert "keeps no append-only file" in risk
    assert advice == "         -> set appendonly = yes in redis.conf"
    server.execute("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
    for url, sentence in (
        (server.url, "drops keys when its memory is full (maxmemory-policy allkeys-lru)"),
        ("", "PlantTogether.redis_url is empty"),
        ("http://wr0ng", "PlantTogether.redis_url is not a Redis URL"),
        ("redis://:wr0ng@127.0.0.1:1/0", "Redis at 127.0.0.1:1 cannot be reached"),
        (f"redis://:wr0ng@127.0.0.1:{server.port}/0", "refuses Plant Together"),
    ):
        assert sentence in look(url)[0]


@pytest.mark.parametrize(("option", "private"), [("", True), ("--private", True), ("--open", False)])
def test_a_room_that_is_imported_belongs_to_somebody(
    run: Run,
    postgres_dsn: str,
    redis_server: RedisServer,
    tmp_path: Path,
    option: str,
    private: bool,
) -> None:
    """Issue 12: they were owned by “local” and every user of the hub could edit them."""
    file = tmp_path / "a.puml"
    file.write_text("A -> B\n")
    arguments = ["import", "--mode=cluster", "design", str(file), *([option] if option else [])]
    done = run(postgres_dsn, *arguments, redis=redis_server.url)
    assert (done.returncode, done.stderr) == (1, "Say who owns the rooms that are made: --owner=USER.\n")
    owned = [*arguments, "--owner=ada"]
    for dry in (["--dry-run"], []):
        done = run(postgres_dsn, *owned, *dry, redis=redis_server.url)
        assert done.returncode == 0, done.stderr
        everyone = [] if private else [(private, "ada", "", EDITOR)]
        assert rooms(postgres_dsn) == ([] if dry else [*everyone, (private, "ada", "ada", OWNER)])


def test_a_dry_run_of_an_import_makes_no_tables(
    run: Run, postgres_dsn: str, redis_server: RedisServer, tmp_path: Path
) -> None:
    """Issue 12, 9: it made them, or migrated those of an older version under the servers that use them."""
    file = tmp_path / "a.puml"
    file.write_text("A -> B\n")
    arguments = ["import", "--mode=cluster", "--owner=ada", "--dry-run", "design", str(file)]
    done = run(postgres_dsn, *arguments, redis=redis_server.url)
    assert done.stdout == "Dry run, nothing was changed. The room “design” would be made; documents: 1.\n"

    async def tables() -> object:
        connection = await asyncpg.connect(postgres_dsn)
        try:
            return await connection.fetchval("SELECT to_regclass('plant_together.meta')")
        finally:
            await connection.close()

    assert in_a_loop(tables) is None


def rooms(dsn: str) -> list[tuple[object, ...]]:
    """Return whether each room is private, who made it, and its members with their roles."""

    async def job() -> list[tuple[object, ...]]:
        connection = await asyncpg.connect(dsn)
        try:
            rows = await connection.fetch(
                "SELECT r.private, r.created_by, m.subject, m.role FROM plant_together.room r "
                "JOIN plant_together.member m ON m.room = r.id ORDER BY m.role"
            )
        finally:
            await connection.close()
        return [tuple(row) for row in rows]

    return in_a_loop(job)
