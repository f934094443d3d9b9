"""``jupyter plant-together`` as people run it, on real files and against a real server."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import time
import urllib.request
from pathlib import Path

import forkserver
import pytest

from jupyter_plant_together.store.sqlite import schema
from jupyter_plant_together.store.sqlite.store import SQLiteStore


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    folders = ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    return {**os.environ, **{name: str(tmp_path / name.lower()) for name in folders}}


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return forkserver.run("jupyter_plant_together.cli", arguments, environment)


def make_database(path: Path) -> None:
    store = SQLiteStore(path)
    store.open()
    store.database.close_blocking()


def test_migrate_makes_nothing_but_brings_up_to_date(environment: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    done = run(environment, "migrate", f"--database-path={path}")
    assert (done.returncode, path.exists()) == (0, False)
    assert "the first start makes it" in done.stdout
    sqlite3.connect(path).close()
    path.touch()
    done = run(environment, "migrate", f"--database-path={path}")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"schema {schema.known_version()}" in done.stdout
    connection = sqlite3.connect(path)
    assert schema.schema_version(connection) == schema.known_version()
    connection.execute("PRAGMA user_version = 999")
    connection.close()
    done = run(environment, "migrate", f"--database-path={path}")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "newer version" in done.stderr


def test_the_database_of_the_servers_configuration_is_meant(
    environment: dict[str, str], tmp_path: Path
) -> None:
    folder = Path(environment["JUPYTER_CONFIG_DIR"])
    folder.mkdir()
    path = tmp_path / "configured.db"
    (folder / "jupyter_server_config.py").write_text(f"c.PlantTogether.database_path = {str(path)!r}\n")
    assert str(path) in run(environment, "doctor").stdout


def test_doctor_names_a_damaged_database_and_what_to_do(environment: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    make_database(path)
    assert f"schema {schema.known_version()}" in run(environment, "doctor", f"--database-path={path}").stdout
    content = bytearray(path.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    path.write_bytes(content)
    done = run(environment, "doctor", f"--database-path={path}")
    assert done.returncode == 1
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("ERROR    database")]
    assert "damaged" in line
    assert "-> restore it from a copy" in done.stdout


def test_doctor_asks_a_running_server_and_notices_a_dead_one(
    environment: dict[str, str], tmp_path: Path
) -> None:
    server = forkserver.start(
        "jupyter_server",
        [
            *("--allow-root", "--no-browser", "--ip=127.0.0.1"),
            *(
                "--port=0",
                "--ServerApp.base_url=/b%C3%BCro/",
                "--ServerApp.jpserver_extensions={'jupyter_plant_together': True}",
            ),
            # With a password there is no token that anybody could find elsewhere.
            *("--IdentityProvider.token=", "--PasswordIdentityProvider.hashed_password=sha1:0:0"),
        ],
        environment,
        folder=tmp_path,
    )
    try:
        runtime = Path(environment["JUPYTER_RUNTIME_DIR"])
        deadline = time.monotonic() + 60
        while not (files := list(runtime.glob("plant-together-*.json"))) and time.monotonic() < deadline:
            time.sleep(0.1)
        (file,) = files
        found = json.loads(file.read_text())
        assert found["pid"] == server.pid
        request = urllib.request.Request(
            f"{found['url']}plant-together/api/v1/rooms", headers={"Authorization": f"token {found['token']}"}
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            assert [room["name"] for room in json.load(answer)["items"]] == ["example"]
        done = run(environment, "doctor")
        assert f"ok       server: {found['url']}: 0 documents open" in done.stdout
        # To a single-user server it might be the gateway of a hub.
        folder = Path(environment["JUPYTER_CONFIG_DIR"])
        folder.mkdir(exist_ok=True)
        configuration = folder / "jupyter_server_config.py"
        configuration.write_text(
            f"c.PlantTogether.mode = 'remote'\nc.PlantTogether.gateway_url = {found['url']!r}\n"
        )
        assert f"ok       gateway: {found['url']} answers" in run(environment, "doctor").stdout
        assert "where the gateway" in run(environment, "migrate").stdout
        configuration.unlink()
    finally:
        server.kill()
        server.wait()
    done = run(environment, "doctor")
    assert f"{found['url']} does not answer" in done.stdout


def test_version_and_usage(environment: dict[str, str]) -> None:
    assert run(environment, "version").stdout == run(environment, "--version").stdout != ""
    assert run(environment, "nonsense").returncode == 2
    assert run(environment).returncode == 2
