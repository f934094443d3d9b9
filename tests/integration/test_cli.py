"""``jupyter plant-together`` as people run it, on real files and against a real server."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import forkserver
import pytest

from jupyter_plant_together.cli import main as command_line
from jupyter_plant_together.cli.main import Main, main
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


def test_version_loads_no_server() -> None:
    code = (
        "import sys; from jupyter_plant_together.cli.main import main; main(['version']); print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    version, modules = done.stdout.splitlines()
    assert version
    assert not {"tornado", "jupyter_server", "pycrdt"} & set(modules.split())


COMMANDS = sorted(Main.subcommands)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help_and_the_common_options(
    command: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main([command, "--help"]) == 0
    short = capsys.readouterr().out
    assert short.startswith(f"jupyter plant-together {command}")
    assert short.count("\n") < 45
    assert max(map(len, short.splitlines())) <= 100
    for option in ("--config", "--log-level", "--help-all"):
        assert option in short
    assert main([command, "--help-all"]) == 0
    everything = capsys.readouterr().out
    assert everything.startswith(short.rstrip())
    if command != "version":
        assert ("--Gateway.ip" if command == "gateway" else "--PlantTogether.mode") in everything
        assert "max_source_size" in everything
    assert main([command, f"--config={tmp_path / 'none.py'}", *["x"] * 2]) == 2


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("nonsense", "There is no command “nonsense”; jupyter-plant-together --help lists them."),
        ("export", "Something is missing: jupyter plant-together export ROOM."),
        ("import design", "Something is missing: jupyter plant-together import ROOM FILE...."),
        ("export a b", "“b” is too much: jupyter plant-together export ROOM."),
        ("export --nonsense=1 a", "There is no option --nonsense; --help lists them."),
        ("doctor --nonsense", "There is no option --nonsense; --help lists them."),
        ("doctor -x", "There is no option -x; --help lists them."),
        ("migrate --PlantTogether.mod=1", "There is no option --PlantTogether.mod; --help-all lists them."),
        ("migrate --Plant.mode=cluster", "There is no option --Plant.mode; --help-all lists them."),
        ("doctor --mode=wrong", "The 'mode' trait of a PlantTogether instance expected any of "),
        ("doctor --PlantTogether.idle_timeout=-1", "The value of the 'idle_timeout' trait of a "),
        ("doctor --mode", "Argument --PlantTogether.mode: expected one argument; "),
        ("version --nonsense", "There is no option --nonsense; --help lists them."),
        (
            "gateway --port=none",
            "The 'port' trait of a GatewayCommand instance expected an int, not the str 'none'.",
        ),
        ("doctor --config=none.py", "There is no configuration file none.py."),
    ],
)
def test_a_wrong_command_line_is_one_sentence(
    line: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(line.split()) == 2
    output = capsys.readouterr()
    assert (output.out, output.err.count("\n")) == ("", 1)
    assert output.err.startswith(sentence)


def test_options_may_stand_between_arguments_and_traits_are_options(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    configuration = tmp_path / "other.py"
    path = tmp_path / "rooms.db"
    configuration.write_text(f"c.PlantTogether.database_path = {str(path)!r}\n")
    file = tmp_path / "login.puml"
    file.write_text("@startuml\na -> b\n@enduml\n")
    assert main(["import", "design", f"--config={configuration}", str(file)]) == 0
    assert path.exists()
    assert (
        main(["import", "design", f"--PlantTogether.database_path={path}", "--log-level=ERROR", str(file)])
        == 0
    )
    assert [line.rpartition(": ")[2] for line in capsys.readouterr().out.splitlines()] == [
        "1 created",
        "1 unchanged",
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("im", {"import", "import-yredis"}),
        ("export --o", {"--output"}),
        ("doctor --mode ", {"embedded", "cluster", "remote"}),
        ("gateway --p", {"--port"}),
        ("doctor --PlantTogether.render_ja", {"--PlantTogether.render_jar", "--PlantTogether.render_java"}),
    ],
)
def test_the_shell_completes_commands_options_and_values(line: str, expected: set[str]) -> None:
    """As argcomplete's shell function asks: the line in variables, the answer on descriptor 8."""
    whole = f"jupyter-plant-together {line}"
    asked = {"COMP_LINE": whole, "COMP_POINT": str(len(whole)), "COMP_TYPE": "9", "_ARGCOMPLETE": "1"}
    code = "import sys; from jupyter_plant_together.cli.main import main; sys.exit(main())"
    done = subprocess.run(
        ["bash", "-c", 'exec "$0" -c "$1" 8>&1 9>/dev/null >/dev/null', sys.executable, code],
        env={**os.environ, **asked, "_ARGCOMPLETE_IFS": "\n", "_ARGCOMPLETE_SHELL": "bash"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert expected <= {word.strip() for word in done.stdout.split("\n")}, done.stderr


def test_the_module_of_the_console_script_says_that_it_completes() -> None:
    assert b"PYTHON_ARGCOMPLETE_OK" in Path(command_line.__file__).read_bytes()[:1024]
