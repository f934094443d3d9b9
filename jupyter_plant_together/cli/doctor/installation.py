"""Looks at every part of an installation and says, for each that is not well, what to do.

Nothing here changes anything: the database is opened for reading only, servers are asked for their health.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from jupyter_core.paths import jupyter_config_path, jupyter_path, jupyter_runtime_dir

from ...errors import PlantTogetherError
from ...store.sqlite import schema
from ...store.sqlite.database import LOW_SPACE
from ...store.sqlite.errors import translate
from ...store.sqlite.filesystem import network_filesystem
from .finding import Finding

EXTENSION = "jupyter_plant_together"
LABEXTENSION = "@plant-together/jupyterlab"


def examine(database: Path | None) -> Iterator[Finding]:
    """Examine the installation, the SQLite database if there is one, and the servers of this account."""
    yield from _packages()
    yield _server_extension()
    yield _labextension()
    if database is not None:
        yield from _database(database)
    yield from _servers()


def _packages() -> Iterator[Finding]:
    for name in (EXTENSION, "jupyter_server", "pycrdt", "jupyterlab"):
        try:
            yield Finding(name, "ok", version(name))
        except PackageNotFoundError:
            state: Literal["warning", "error"] = "warning" if name == "jupyterlab" else "error"
            yield Finding(name, state, "not installed", f"pip install {name.replace('_', '-')}")


def _server_extension() -> Finding:
    found = None
    # Jupyter lets the first folder win, and in a folder jupyter_server_config.json over its .d folder.
    for folder in map(Path, reversed(jupyter_config_path())):
        parts = sorted((folder / "jupyter_server_config.d").glob("*.json"))
        for file in (*parts, folder / "jupyter_server_config.json"):
            found = _enabled_in(file, found)
    if found:
        return Finding("server extension", "ok", "enabled")
    message = "not enabled" if found is None else "disabled"
    return Finding("server extension", "error", message, f"jupyter server extension enable {EXTENSION}")


def _enabled_in(file: Path, before: bool | None) -> bool | None:
    try:
        config = json.loads(file.read_text(encoding="utf-8"))
        return bool(config["ServerApp"]["jpserver_extensions"][EXTENSION])
    except (OSError, ValueError, KeyError, TypeError):  # absent, or says nothing about us
        return before


def _labextension() -> Finding:
    for folder in jupyter_path("labextensions"):
        package = Path(folder) / LABEXTENSION / "package.json"
        if package.is_file():
            built = json.loads(package.read_text(encoding="utf-8")).get("version", "?")
            return Finding("JupyterLab extension", "ok", f"version {built}")
    advice = "reinstall jupyter-plant-together (in a checkout: make lab)"
    return Finding("JupyterLab extension", "warning", "not installed", advice)


def _database(path: Path) -> Iterator[Finding]:
    folder = path.parent
    while not folder.exists():
        folder = folder.parent
    if not os.access(folder, os.W_OK):
        yield Finding("database folder", "error", f"{folder} cannot be written", "change its permissions")
    kind = network_filesystem(path)
    if kind is not None:
        message = f"{path} lies on a network file system ({kind})"
        yield Finding(
            "database folder", "warning", message, "set PlantTogether.database_path to a local file"
        )
    free = shutil.disk_usage(folder).free
    if free < LOW_SPACE:
        yield Finding("database folder", "error", f"{free:,} bytes are left on {folder}", "free some space")
    if path.exists():
        yield _contents(path)
    else:
        yield Finding("database", "ok", f"{path} is made at the first start")


def _contents(path: Path) -> Finding:
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=2.0)
    except sqlite3.Error as error:
        return Finding("database", "error", translate(error, path).message, "check the file's permissions")
    try:
        found = schema.check(connection, path)
        problems = [row[0] for row in connection.execute("PRAGMA quick_check(3)") if row[0] != "ok"]
        if problems:
            return Finding(
                "database", "error", f"{path} is damaged: {'; '.join(problems)}", "restore it from a copy"
            )
        if found < schema.known_version():
            message = f"{path} has schema {found}, this version writes {schema.known_version()}"
            return Finding("database", "warning", message, "jupyter plant-together migrate")
        (rooms,) = connection.execute("SELECT count(*) FROM room WHERE deleted_at IS NULL").fetchone()
        size = path.stat().st_size
        return Finding("database", "ok", f"{path}, schema {found}, {rooms} rooms, {size:,} bytes")
    except PlantTogetherError as error:
        return Finding("database", "error", error.message, "see the message")
    except sqlite3.Error as error:
        failure = translate(error, path)
        advice = "restore it from a copy" if failure.details["reason"] == "corrupt" else "see the message"
        return Finding("database", "error", failure.message, advice)
    finally:
        connection.close()


def _servers() -> Iterator[Finding]:
    for file in sorted(Path(jupyter_runtime_dir()).glob("plant-together-*.json")):
        try:
            found = json.loads(file.read_text(encoding="utf-8"))
            yield _server(str(found["url"]), str(found["token"]))
        except (OSError, ValueError, KeyError, TypeError):
            yield Finding("server", "warning", f"{file} cannot be read", "remove it")


def examine_gateway(url: str) -> Iterator[Finding]:
    """Examine whether the gateway of a JupyterHub answers, which needs no sign-in."""
    try:
        with urllib.request.urlopen(f"{url}plant-together/api/v1/health", timeout=10) as answer:
            status = answer.status
    except urllib.error.HTTPError as error:
        status = error.code
    except (OSError, ValueError) as error:
        message = f"{url} does not answer ({error})"
        yield Finding("gateway", "error", message, "check PlantTogether.gateway_url")
        return
    if status in (200, 401, 403):  # it asks who we are, so it is there
        yield Finding("gateway", "ok", f"{url} answers")
    else:
        yield Finding("gateway", "error", f"{url} answers {status}", "check PlantTogether.gateway_url")


def _server(url: str, token: str) -> Finding:
    request = urllib.request.Request(
        f"{url}plant-together/api/v1/health", headers={"Authorization": f"token {token}"}
    )
    # The server of this machine, found through a private file: its certificate may be self-made.
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with urllib.request.urlopen(request, timeout=10, context=context) as answer:
            health = json.load(answer)
    except urllib.error.HTTPError as error:
        try:
            message = str(json.load(error)["message"])
        except (ValueError, KeyError, TypeError):
            message = f"answers {error.code}"
        return Finding("server", "error", f"{url}: {message}", "see the message")
    except (OSError, ValueError) as error:
        return Finding("server", "warning", f"{url} does not answer ({error})", "start it again")
    parts = health["parts"]
    warnings = [part["message"] for part in parts.values() if part["state"] == "warning"]
    live = parts["live"]
    summary = f"{url}: {live['documents']} documents open, {live['sessions']} connections"
    if warnings:
        return Finding("server", "warning", f"{summary}; {' '.join(warnings)}", "see the message")
    return Finding("server", "ok", summary)
