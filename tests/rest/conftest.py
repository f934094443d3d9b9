"""A Jupyter server with the extension, in this process, on a database of its own."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_jupyter.jupyter_server import *  # noqa: F403 - the fixtures of a server in this process
from tornado.httpclient import HTTPClientError, HTTPResponse

sys.path.insert(0, str(Path(__file__).parent))

from people import Ask, Naming, asking, dialling

Api = Callable[..., Awaitable[HTTPResponse]]


@pytest.fixture
def database_path(tmp_path: Path) -> Path:
    return tmp_path / "data of rooms" / "rooms.db"


@pytest.fixture
def plant_config() -> dict[str, Any]:
    """Override to configure the extension."""
    return {"example_room": False}


@pytest.fixture  # type: ignore[no-redef]
def jp_server_config(plant_config: dict[str, Any], database_path: Path) -> dict[str, Any]:
    return {
        "ServerApp": {"jpserver_extensions": {"jupyter_plant_together": True}},
        "PlantTogether": {"database_path": str(database_path), **plant_config},
    }


@pytest.fixture
def plant_app(jp_serverapp: Any, jp_asyncio_loop: asyncio.AbstractEventLoop) -> Iterator[Any]:
    """The running extension; pytest-jupyter itself does not call the start hooks."""
    manager = jp_serverapp.extension_manager
    jp_asyncio_loop.run_until_complete(manager.start_all_extensions())
    (app,) = manager.extension_apps["jupyter_plant_together"]
    yield app
    jp_asyncio_loop.run_until_complete(app.stop_extension())


@pytest.fixture
def api(plant_app: Any, http_server_client: Any, jp_base_url: str, jp_auth_header: dict[str, str]) -> Api:
    """Call ``api(method, path, json)``; errors come back as answers, not as exceptions."""

    async def call(
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: dict[str, str] | None = None,
        signed_in: bool = True,
        raw: bytes | None = None,
    ) -> HTTPResponse:
        data = raw if raw is not None else (None if body is None else json.dumps(body).encode())
        if data is None and method in ("POST", "PUT", "PATCH"):
            data = b""
        answer: HTTPResponse = await http_server_client.fetch(
            f"{jp_base_url}plant-together/api/v1/{path}",
            method=method,
            headers={**(jp_auth_header if signed_in else {}), **(headers or {})},
            body=data,
            raise_error=False,
            allow_nonstandard_methods=True,
            follow_redirects=False,
            request_timeout=60,  # the first picture loads the engine, on a machine that may be busy
        )
        if isinstance(answer.error, Exception) and not isinstance(answer.error, HTTPClientError):
            raise answer.error
        return answer

    return call


@pytest.fixture
def named_users(jp_server_config: dict[str, Any]) -> None:
    """Let the server know its users by name; for ``usefixtures``, so that it comes before the server."""
    jp_server_config["ServerApp"]["identity_provider_class"] = Naming


@pytest.fixture
def ask(api: Api) -> Ask:
    return asking(api)


@pytest.fixture
def dial(http_server_port: Any, jp_base_url: str) -> Callable[[str, str], Any]:
    return dialling(http_server_port, jp_base_url)
