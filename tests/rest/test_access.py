"""Who may ask: sign-in, XSRF, origins, the connection file; and who one then is (PROTOCOL I1, I2, P2)."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from jupyter_server.auth import IdentityProvider, User
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

from jupyter_plant_together.server.connection_file import local_url
from jupyter_plant_together.util.variables import CONNECTION_FILE


def error(answer: Any, status: int, code: str) -> str:
    assert answer.code == status, answer.body
    body = json.loads(answer.body)
    assert body["error"] == code
    return str(body["message"])


def connection(plant_app: Any) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(Path(os.environ[CONNECTION_FILE]).read_text())
    return content


async def test_who_is_not_signed_in_gets_401_and_changes_nothing(api: Any) -> None:
    for method, path in (
        ("GET", "me"),
        ("GET", "health"),
        ("GET", "rooms"),
        ("GET", "rooms/x/documents/y/source"),
        ("GET", "rooms/.."),
    ):
        error(await api(method, path, signed_in=False), 401, "not-signed-in")
    wrong = {"Authorization": "token wrong"}
    error(await api("GET", "rooms", signed_in=False, headers=wrong), 401, "not-signed-in")
    error(await api("POST", "rooms", {"name": "x"}, signed_in=False, headers=wrong), 403, "access-denied")
    assert json.loads((await api("GET", "rooms")).body)["items"] == []


async def test_a_cookie_needs_the_xsrf_token_to_change_something(api: Any) -> None:
    first = await api("GET", "me")
    cookies = "; ".join(line.split(";")[0] for line in first.headers.get_list("Set-Cookie"))
    assert "username-" in cookies
    headers = {"Cookie": cookies}
    assert (await api("GET", "rooms", signed_in=False, headers=headers)).code == 200
    error(await api("POST", "rooms", {"name": "x"}, signed_in=False, headers=headers), 403, "access-denied")
    token = "2|00000000|" + "0" * 32 + "|1"
    with_xsrf = {"Cookie": f"{cookies}; _xsrf={token}", "X-XSRFToken": token}
    made = await api("POST", "rooms", {"name": "x"}, signed_in=False, headers=with_xsrf)
    assert made.code == 201, made.body


async def test_a_foreign_origin_is_refused(api: Any) -> None:
    first = await api("GET", "me")
    cookies = "; ".join(line.split(";")[0] for line in first.headers.get_list("Set-Cookie"))
    headers = {"Cookie": cookies, "Origin": "https://elsewhere.example"}
    error(await api("GET", "rooms", signed_in=False, headers=headers), 403, "access-denied")
    # A token in a header proves the request: a browser does not send it on its own.
    assert (await api("GET", "rooms", headers={"Origin": "https://elsewhere.example"})).code == 200


async def test_the_token_of_the_connection_file_opens_plant_together_only(
    api: Any, plant_app: Any, jp_fetch: Any
) -> None:
    found = connection(plant_app)
    assert found["pid"] == os.getpid()
    assert found["url"].endswith("/a%40b/")
    assert f":{plant_app.serverapp.port}/" in found["url"]
    header = {"Authorization": f"token {found['token']}"}
    made = await api("POST", "rooms", {"name": "x"}, signed_in=False, headers=header)
    assert made.code == 201
    with pytest.raises(HTTPClientError) as refused:
        await jp_fetch("api", "contents", headers=dict(header))
    assert refused.value.code == 403


async def test_the_connection_file_is_private_and_goes_with_the_server(plant_app: Any) -> None:
    path = Path(os.environ[CONNECTION_FILE])
    assert path.parent == Path(plant_app.serverapp.runtime_dir)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    await plant_app.stop_extension()
    assert not path.exists()
    assert CONNECTION_FILE not in os.environ


def test_the_url_for_this_machine() -> None:
    assert local_url(ip="", port=1, base_url="/", secure=False) == "http://127.0.0.1:1/"
    assert local_url(ip="0.0.0.0", port=1, base_url="/b/", secure=True) == "https://127.0.0.1:1/b/"
    assert local_url(ip="::", port=1, base_url="/", secure=False) == "http://[::1]:1/"
    assert local_url(ip="::1", port=1, base_url="/", secure=False) == "http://[::1]:1/"
    assert local_url(ip="192.0.2.7", port=1, base_url="/", secure=False) == "http://192.0.2.7:1/"


async def test_with_jupyters_own_sign_in_everyone_is_local(api: Any, plant_app: Any) -> None:
    """PROTOCOL I1: the invented name only decorates (PROTOCOL P2)."""
    browser = json.loads((await api("GET", "me")).body)
    kernel_token = {"Authorization": f"token {connection(plant_app)['token']}"}
    kernel = json.loads((await api("GET", "me", signed_in=False, headers=kernel_token)).body)
    assert browser["subject"] == kernel["subject"] == "local"
    assert kernel["user"]["kind"] == "notebook"
    assert kernel["user"]["display_name"].endswith(" · notebook")
    assert set(kernel["user"]) == {
        "username",
        "name",
        "display_name",
        "initials",
        "avatar_url",
        "color",
        "kind",
    }
    made = await api("POST", "rooms", {"name": "x"})
    assert json.loads(made.body)["created_by"] == "local"


class Naming(IdentityProvider):
    """Names users by a header, as a hub's provider does by its token."""

    def get_user(self, handler: Any) -> User | None:
        name = handler.request.headers.get("X-User")
        return None if name is None else User(name, name=name.title(), color="var(--jp-x)")


class TestNamed:
    """A server whose identity provider knows who people are."""

    @pytest.fixture
    def jp_server_config(self, jp_server_config: dict[str, Any]) -> dict[str, Any]:
        jp_server_config["ServerApp"]["identity_provider_class"] = Naming
        return jp_server_config

    async def test_the_subject_is_the_username(self, api: Any, plant_app: Any) -> None:
        me = json.loads((await api("GET", "me", signed_in=False, headers={"X-User": "ada"})).body)
        assert me["subject"] == "ada"
        assert me["user"]["display_name"] == "Ada"
        assert me["user"]["kind"] == "browser"
        assert me["user"]["color"].startswith("#")
        error(await api("GET", "me"), 401, "not-signed-in")

    async def test_a_kernel_cannot_prove_its_user(self, api: Any, plant_app: Any) -> None:
        """PROTOCOL I2."""
        header = {"Authorization": f"token {connection(plant_app)['token']}"}
        me = json.loads((await api("GET", "me", signed_in=False, headers=header)).body)
        assert (me["subject"], me["user"]["display_name"]) == ("server", "server · notebook")


@pytest.mark.parametrize("headers", [{}, {"Authorization": "token wrong"}])
async def test_a_websocket_without_sign_in_is_refused_before_the_upgrade(
    api: Any,
    plant_app: Any,
    jp_http_port: int,
    http_server_port: Any,
    jp_base_url: str,
    headers: dict[str, str],
) -> None:
    await api("POST", "rooms", {"name": "x"})
    document = json.loads((await api("POST", "rooms/x/documents", {"name": "a"})).body)["id"]
    url = f"ws://127.0.0.1:{http_server_port[1]}{jp_base_url}plant-together/sync/{document}"
    for _ in range(100):
        with pytest.raises(HTTPClientError) as refused:
            await websocket_connect(HTTPRequest(url, headers=headers))
        assert refused.value.code == 403
    assert plant_app._registry.documents() == []
