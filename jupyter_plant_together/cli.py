"""``jupyter plant-together``: look after an installation from the command line."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Iterator, Sequence
from dataclasses import fields
from itertools import chain
from pathlib import Path

from jupyter_core.application import JupyterApp
from traitlets import TraitError

from . import cli_compact, cli_transfer
from .cli_import import add_options, import_yredis
from .doctor import examine, examine_gateway
from .errors import Misconfigured, PlantTogetherError
from .findings import Finding
from .server.app import PlantTogether, gateway_address, package_version
from .server.optional import postgres_store, redis_address
from .server.storage import Settings, make
from .store.sqlite import schema
from .store.sqlite.store import SQLiteStore

_MARKS = {"ok": "ok     ", "warning": "warning", "error": "ERROR  "}


class _ServerConfiguration(JupyterApp):
    """Reads the configuration files that a Jupyter server reads."""

    name = "jupyter-plant-together"
    config_file_name = "jupyter_server_config"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    if given[:1] == ["gateway"]:  # a traitlets application, with options of its own
        from .server.gateway import run  # noqa: PLC0415 - nobody else needs it

        return run(given[1:])
    parser = argparse.ArgumentParser(
        prog="jupyter plant-together", description="Look after Plant Together on this machine."
    )
    parser.add_argument("--version", action="version", version=package_version())
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, text in (
        ("doctor", "check each part and say what to fix"),
        ("migrate", "bring the database to the schema of this version"),
        ("compact", "move what is in Redis to Postgres, and go on doing so"),
        ("import-yredis", "bring in the rooms and documents of Y-Redis and Plant Together"),
        ("export", "write a room to a zip file"),
        ("import", "bring zip files and PlantUML files into a room"),
        ("gateway", "serve the rooms of a JupyterHub (gateway --help-all for its settings)"),
        ("version", "print the version"),
    ):
        command = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
        if name not in ("version", "gateway"):
            command.add_argument(
                "--mode",
                choices=["embedded", "cluster"],
                help="default: PlantTogether.mode of the Jupyter configuration, where the addresses of a "
                "cluster are, too (or in environment variables)",
            )
            command.add_argument(
                "--database-path",
                type=Path,
                help="the SQLite file of the embedded mode; default: PlantTogether.database_path",
            )
        if name == "import-yredis":
            add_options(command)
        elif name == "compact":
            cli_compact.add_options(command)
        elif name == "export":
            cli_transfer.add_export_options(command)
        elif name == "import":
            cli_transfer.add_import_options(command)
    chosen = parser.parse_args(given)
    try:
        return _run(chosen)
    except (PlantTogetherError, TraitError) as error:
        print(error, file=sys.stderr)
        return 1


def _run(chosen: argparse.Namespace) -> int:
    if chosen.command == "version":
        print(package_version())
        return 0
    configured = configuration()
    mode = chosen.mode or ("embedded" if chosen.database_path else configured.mode)
    database = chosen.database_path or Path(configured.database_path).expanduser().absolute()
    dsn = configured.postgres_dsn
    if chosen.command in ("import-yredis", "compact", "export", "import"):
        traits = {field.name: getattr(configured, field.name) for field in fields(Settings)}
        settings = Settings(**{**traits, "mode": mode, "database_path": str(database)})
        if chosen.command in ("export", "import"):
            parts = configured.limits(), configured.drawing(), configured.log
            return asyncio.run(cli_transfer.run(chosen, settings, *parts))
        backend = make(settings, configured.log)
        if chosen.command == "compact":
            return asyncio.run(cli_compact.compact(chosen, backend))
        return asyncio.run(import_yredis(chosen, backend, configured.limits()))
    if mode == "remote":
        return _remote(chosen.command, gateway_address(configured.gateway_url))
    if mode == "cluster":
        return _migrate_cluster(dsn) if chosen.command == "migrate" else _doctor(examine_cluster(configured))
    return _migrate(database) if chosen.command == "migrate" else _doctor(examine(database))


def _remote(command: str, gateway: str) -> int:
    if command == "doctor":
        return _doctor(chain(examine(None), examine_gateway(gateway)))
    print(f"Mode 'remote' keeps nothing here: the database is migrated where the gateway {gateway} runs.")
    return 0


def configuration() -> PlantTogether:
    """Return the traits as the Jupyter server's configuration files set them."""
    files = _ServerConfiguration()
    files.load_config_file()
    return PlantTogether(config=files.config)


def examine_cluster(configured: PlantTogether) -> Iterator[Finding]:
    """Examine the installation and the servers of a cluster."""
    yield from examine(None)
    try:
        postgres_store(configured.postgres_dsn, migrate=False)
    except Misconfigured as error:
        yield Finding("Postgres", "error", error.message, "see the message")
    else:
        from .doctor_postgres import examine_postgres  # noqa: PLC0415 - needs the extra, which is there

        yield from examine_postgres(configured.postgres_dsn)
    try:
        address = redis_address(configured.redis_url)
    except Misconfigured as error:
        yield Finding("Redis", "error", error.message, "see the message")
    else:
        from .doctor_redis import examine_redis  # noqa: PLC0415 - needs the extra, which is there

        yield from examine_redis(address, configured.redis_prefix)


def _doctor(findings: Iterator[Finding]) -> int:
    worst = 0
    for finding in findings:
        print(f"{_MARKS[finding.state]}  {finding.part}: {finding.message}")
        if finding.state != "ok":
            print(f"         -> {finding.advice}")
        if finding.state == "error":
            worst = 1
    return worst


def _migrate_cluster(dsn: str) -> int:
    store = postgres_store(dsn, migrate=True)
    from .store.postgres.schema import known_version  # noqa: PLC0415 - needs the extra, which is there

    store.open()
    print(f"The {store.database.target} has schema {known_version()}.")
    return 0


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
