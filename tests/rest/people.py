"""A server that names its users by a header, as a hub's provider does by its token."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from jupyter_server.auth import IdentityProvider, User
from websockets.asyncio.client import connect

Ask = Callable[..., Awaitable[tuple[int, Any]]]


class Naming(IdentityProvider):
    """Whoever sends ``X-User: ada`` is ada, and needs no XSRF token."""

    def get_user(self, handler: Any) -> User | None:
        name = handler.request.headers.get("X-User")
        return None if not name else User(name, name=name.title())

    def is_token_authenticated(self, handler: Any) -> bool:
        return True


def asking(api: Any) -> Ask:
    """Return ``await ask("ada", method, path, body)``: the status and the JSON of the answer."""

    async def ask(user: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        answer = await api(method, path, body, signed_in=False, headers={"X-User": user})
        return answer.code, json.loads(answer.body) if answer.body else None

    return ask


def dialling(http_server_port: Any, jp_base_url: str) -> Callable[[str, str], Any]:
    """Return ``dial("ada", path)``: a WebSocket of somebody, relative to ``plant-together/``."""

    def dial(user: str, path: str) -> Any:
        url = f"ws://127.0.0.1:{http_server_port[1]}{jp_base_url}plant-together/{path}"
        return connect(url, additional_headers={"X-User": user}, proxy=None)

    return dial
