"""Finding the server: arguments, environment, a hub's gateway, connection file, the only running server.

A server writes a connection file into Jupyter's runtime folder and names it to its kernels by
``PLANT_TOGETHER_CONNECTION_FILE``; its token opens Plant Together only. After a restart the file, the
token and perhaps the port are new, so a client looks again whenever it cannot connect, and prefers the
address that it had. On a JupyterHub the server names the gateway instead, and the hub's own token of this
server opens it (docs/jupyterhub.md).
"""

from __future__ import annotations

import json
import os
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit, urlunsplit

from jupyter_core.paths import jupyter_runtime_dir

from ...errors import BadRequest, Disconnected
from ...util.variables import CONNECTION_FILE, GATEWAY_URL, INTERNAL_GATEWAY_URL

HUB_TOKEN = "JUPYTERHUB_API_TOKEN"
_PAGES = frozenset({"lab", "tree", "notebooks", "plant-together"})


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server's root with its base URL, ending in ``/``, a token, and where both were found."""

    url: str
    token: str
    found: str


Probe = Callable[[Endpoint], Awaitable[str | None]]
"""Tells why an endpoint is of no use; None if it is."""


def parse_url(url: str) -> tuple[str, str | None]:
    """Return the server's root and the token in ``url``, which may be one copied from a browser.

    Raises
    ------
    BadRequest
        If it is not an http or https URL.
    """
    parts = urlsplit(url.strip())
    scheme = {"ws": "http", "wss": "https"}.get(parts.scheme, parts.scheme)
    if scheme not in ("http", "https") or not parts.hostname:
        raise BadRequest(f"{url!r} is not the address of a Jupyter server (http://… or https://…).")
    kept: list[str] = []
    for segment in parts.path.split("/"):
        if segment in _PAGES and kept[-1:] != ["services"]:  # where a hub has its gateway
            break
        if segment:
            kept.append(segment)
    path = "/" + "".join(segment + "/" for segment in kept)
    tokens = parse_qs(parts.query).get("token")
    return urlunsplit((scheme, parts.netloc, path, "", "")), tokens[0] if tokens else None


class Discovery:
    """Where this client's server is, asked again whenever it does not answer.

    Parameters
    ----------
    url, token
        What the caller of ``connect`` gave.
    probe
        Asks a candidate whether it is there.
    environ
        The environment variables.
    """

    def __init__(
        self, url: str | None, token: str | None, probe: Probe, environ: Mapping[str, str] = os.environ
    ) -> None:
        self._environ = environ
        self._found = "the arguments of connect()"
        if url is None and (url := environ.get("PLANT_TOGETHER_URL") or None) is not None:
            self._found = "PLANT_TOGETHER_URL"
        self._url: str | None = None
        in_url: str | None = None
        if url is not None:
            self._url, in_url = parse_url(url)
        self._token = token or in_url or environ.get("PLANT_TOGETHER_TOKEN") or None
        self._probe = probe

    async def locate(self, previous: Endpoint | None = None) -> Endpoint:
        """Return the server; ``previous`` is preferred if it is still (or again) there.

        Raises
        ------
        Disconnected
            With the candidates and what is wrong with each.
        """
        if self._url is not None:
            return Endpoint(self._url, self._token or self._token_for(self._url), self._found)
        if (gateway := self._gateway()) is not None:
            return gateway
        files = list(self._connection_files())
        if previous is not None:
            for endpoint in files:
                if endpoint.url == previous.url:
                    return endpoint
        named = self._environ.get(CONNECTION_FILE)
        if named and (own := _read(Path(named), self._token)) is not None:
            return own
        return await self._only_one(files)

    def _gateway(self) -> Endpoint | None:
        for name in (INTERNAL_GATEWAY_URL, GATEWAY_URL):
            if url := self._environ.get(name):
                return Endpoint(parse_url(url)[0], self._token or self._environ.get(HUB_TOKEN, ""), name)
        return None

    def _token_for(self, url: str) -> str:
        gateway = self._gateway()
        if gateway is not None and gateway.url == url:
            return gateway.token
        for endpoint in self._connection_files():
            if endpoint.url == url:
                return endpoint.token
        return ""

    def _connection_files(self) -> Iterator[Endpoint]:
        named = self._environ.get(CONNECTION_FILE)
        folders = {Path(jupyter_runtime_dir())} | ({Path(named).parent} if named else set())
        paths = [path for folder in folders for path in folder.glob("plant-together-*.json")]
        for path in sorted(paths, key=_modified, reverse=True):
            endpoint = _read(path, self._token)
            if endpoint is not None:
                yield endpoint

    async def _only_one(self, files: list[Endpoint]) -> Endpoint:
        known = {endpoint.url for endpoint in files}
        candidates = files + [server for server in _running_servers(self._token) if server.url not in known]
        answering, refused = [], []
        for endpoint in candidates:
            problem = await self._probe(endpoint)
            if problem is None:
                answering.append(endpoint)
            else:
                refused.append(f"{endpoint.url} ({problem})")
        if len(answering) == 1:
            return answering[0]
        if answering:
            names = ", ".join(endpoint.url for endpoint in answering)
            raise Disconnected(f"Several servers could be meant, say which by url=…: {names}.")
        tried = "; tried " + ", ".join(refused) if refused else ""
        raise Disconnected(
            "No running Jupyter server with Plant Together was found: start one, or give connect() a url "
            f"and a token (or set PLANT_TOGETHER_URL and PLANT_TOGETHER_TOKEN){tried}."
        )


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0  # removed meanwhile


def _read(path: Path, token: str | None) -> Endpoint | None:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None  # removed, or not ours to read
    return _endpoint(content, token, f"the connection file {path}")


def _endpoint(content: Any, token: str | None, found: str) -> Endpoint | None:
    if not isinstance(content, dict) or not isinstance(content.get("url"), str):
        return None
    pid = content.get("pid")
    if isinstance(pid, int) and not _alive(pid):
        return None
    try:
        url, _ = parse_url(content["url"])
    except BadRequest:
        return None
    return Endpoint(url, token or str(content.get("token") or ""), found)


def _alive(pid: int) -> bool:
    if os.name != "posix":
        return True  # a signal 0 would end the process there; the probe decides
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass  # it runs, as somebody else
    return True


def _running_servers(token: str | None) -> Iterator[Endpoint]:
    from jupyter_server.serverapp import list_running_servers  # noqa: PLC0415 - half a second to import

    for server in list_running_servers():
        endpoint = _endpoint(server, token, "the running servers of this user")
        if endpoint is not None:
            yield endpoint
