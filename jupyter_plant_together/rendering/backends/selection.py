"""Which backend the settings ask for, looked at before the server starts: a wrong setting stops it there."""

from __future__ import annotations

import shutil
from pathlib import Path
from urllib.parse import urlsplit

from ...errors import Misconfigured
from ..settings import RenderSettings
from .external import ExternalBackend
from .jar import Jar
from .server import Server

BACKENDS = ("builtin", "jar", "server")
SCOPES = ("missing", "all")
SERVERS = ("plantuml", "kroki")


def make(settings: RenderSettings) -> ExternalBackend | None:
    """Return the configured backend, None for the built-in engine alone; nothing is started yet.

    Raises
    ------
    Misconfigured
        If a setting must be changed first; one sentence that names it.
    """
    if settings.render_backend == "builtin":
        return None
    if settings.render_backend == "jar":
        return _jar(settings)
    return _server(settings)


def _jar(settings: RenderSettings) -> ExternalBackend:
    jar = settings.render_jar.strip()
    if not jar or not Path(jar).expanduser().is_file():
        wrong = "names no file" if jar else "is empty"
        raise Misconfigured(
            f"PlantTogether.render_jar {wrong}: render_backend 'jar' needs it; set it to the path of your "
            "plantuml.jar."
        )
    if shutil.which(settings.render_java) is None:
        raise Misconfigured(
            f"PlantTogether.render_java = '{settings.render_java}' is no program here: render_backend 'jar' "
            "needs Java."
        )
    return Jar(settings)


def _server(settings: RenderSettings) -> ExternalBackend:
    try:
        parts = urlsplit(settings.render_url.strip())
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
        valid = valid and not (parts.query or parts.fragment or parts.username)
    except ValueError:  # a port that is no number
        valid = False
    if not valid:
        raise Misconfigured(
            "PlantTogether.render_url is not the address of a drawing server: render_backend 'server' needs "
            "it; set it to something like https://plantuml.example.org/plantuml."
        )
    return Server(settings)
