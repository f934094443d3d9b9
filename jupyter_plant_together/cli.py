"""``jupyter plant-together``: look after an installation from the command line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from jupyter_core.application import JupyterApp
from traitlets import TraitError

from .app import PlantTogether, package_version
from .doctor import examine
from .errors import PlantTogetherError
from .store import schema
from .store.sqlite import SQLiteStore

_MARKS = {"ok": "ok     ", "warning": "warning", "error": "ERROR  "}


class _ServerConfiguration(JupyterApp):
    """Reads the configuration files that a Jupyter server reads."""

    name = "jupyter-plant-together"
    config_file_name = "jupyter_server_config"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    parser = argparse.ArgumentParser(
        prog="jupyter plant-together", description="Look after Plant Together on this machine."
    )
    parser.add_argument("--version", action="version", version=package_version())
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, text in (
        ("doctor", "check each part and say what to fix"),
        ("migrate", "bring the database to the schema of this version"),
        ("version", "print the version"),
    ):
        command = commands.add_parser(name, help=text, description=text.capitalize() + ".")
        if name != "version":
            command.add_argument(
                "--database-path",
                type=Path,
                help="the SQLite file; default: PlantTogether.database_path of the Jupyter configuration",
            )
    chosen = parser.parse_args(arguments)
    try:
        return _run(chosen)
    except (PlantTogetherError, TraitError) as error:
        print(error, file=sys.stderr)
        return 1


def _run(chosen: argparse.Namespace) -> int:
    if chosen.command == "version":
        print(package_version())
        return 0
    database = chosen.database_path or configured_database()
    return _migrate(database) if chosen.command == "migrate" else _doctor(database)


def configured_database() -> Path:
    """Return the database of the Jupyter server's configuration files."""
    configuration = _ServerConfiguration()
    configuration.load_config_file()
    return Path(PlantTogether(config=configuration.config).database_path).expanduser().absolute()


def _doctor(database: Path) -> int:
    worst = 0
    for finding in examine(database):
        print(f"{_MARKS[finding.state]}  {finding.part}: {finding.message}")
        if finding.state != "ok":
            print(f"         -> {finding.advice}")
        if finding.state == "error":
            worst = 1
    return worst


def _migrate(database: Path) -> int:
    if not database.exists():
        print(f"There is no database {database} yet; the first start makes it.")
        return 0
    store = SQLiteStore(database)
    try:
        store.open()
        print(f"The database {database} has schema {schema.known_version()}.")
        return 0
    finally:
        store.database.close_blocking()


if __name__ == "__main__":
    sys.exit(main())
