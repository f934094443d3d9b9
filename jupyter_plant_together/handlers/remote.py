"""What a single-user server of a hub answers: that the rooms are at the gateway, and where that is.

It has no rooms, no database and no secret. Its pages and kernels go to the gateway themselves.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from jupyter_server.base.handlers import APIHandler
from tornado import web

SETTING = "plant_together_remote"
_ELSEWHERE = "The rooms of this server are at its gateway, {}."


@dataclass(frozen=True, slots=True)
class Remote:
    """Where the gateway is, and this package's version."""

    gateway_url: str
    version: str


@web.stream_request_body
class _NoBody(APIHandler):
    """Keeps nothing of what is sent here (PROTOCOL I6)."""

    def data_received(self, chunk: bytes) -> None:
        """Let a piece of a body pass."""


class RemoteHandler(_NoBody):
    """``me`` and ``health``."""

    auth_resource = "plant_together"

    @web.authenticated
    async def get(self) -> None:
        """Say where the gateway is."""
        remote: Remote = self.settings[SETTING]
        body = {"mode": "remote", "gateway_url": remote.gateway_url, "version": remote.version}
        self.set_header("Cache-Control", "no-store")
        self.finish(json.dumps(body))


class ElsewhereHandler(_NoBody):
    """Everything else under ``plant-together/``."""

    auth_resource = "plant_together"

    @web.authenticated
    async def get(self, path: str) -> None:
        """Answer 404 with the gateway's address."""
        remote: Remote = self.settings[SETTING]
        message = _ELSEWHERE.format(remote.gateway_url)
        self.set_status(404)
        body = {"error": "elsewhere", "message": message, "gateway_url": remote.gateway_url}
        self.finish(json.dumps(body))

    post = put = patch = delete = get


def handlers() -> list[tuple[str, Any]]:
    """Return the routes, relative to the server's base URL."""
    return [
        (r"plant-together/api/v1/(?:me|health)", RemoteHandler),
        (r"plant-together/(.*)", ElsewhereHandler),
    ]
