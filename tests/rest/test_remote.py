"""Mode remote: a single-user server of a hub says where the gateway is, and has nothing else."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_plant_together.errors import Misconfigured
from jupyter_plant_together.notebook.client.discovery import Discovery, Endpoint
from jupyter_plant_together.server.app import gateway_address
from jupyter_plant_together.util.variables import GATEWAY_URL, INTERNAL_GATEWAY_URL

URL = "https://hub.example.org/services/plant-together/"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv(GATEWAY_URL, URL.rstrip("/"))  # as a hub's configuration sets it
    yield


@pytest.fixture
def plant_config() -> dict[str, Any]:
    return {}


async def test_me_and_health_name_the_gateway_and_all_else_is_elsewhere(
    api: Any, plant_app: Any, database_path: Path
) -> None:
    for call in ("me", "health"):
        answer = await api("GET", call)
        assert answer.code == 200
        assert json.loads(answer.body) == {
            "mode": "remote",
            "gateway_url": URL,
            "version": json.loads(answer.body)["version"],
        }
        assert (await api("GET", call, signed_in=False)).code == 403
    for method, path in (("GET", "rooms"), ("POST", "rooms"), ("PUT", "rooms/x/documents/a/source")):
        answer = await api(method, path, {"name": "x"})
        assert answer.code == 404
        assert json.loads(answer.body)["gateway_url"] == URL
    assert plant_app.serverapp.web_app.settings["page_config_data"]["plantTogetherGatewayUrl"] == URL
    # There is no database, and what could make one is not there either.
    assert not database_path.exists()
    assert plant_app._components is None
    assert not list(Path(plant_app.serverapp.runtime_dir).glob("plant-together-*"))
    await plant_app.stop_extension()


async def test_kernels_of_it_find_the_gateway_with_the_hubs_token(plant_app: Any) -> None:
    assert os.environ[GATEWAY_URL] == URL  # kernels inherit it

    async def probe(endpoint: Endpoint) -> str | None:
        raise AssertionError("nothing needs to be searched for")

    environ = {GATEWAY_URL: URL, "JUPYTERHUB_API_TOKEN": "of-this-server"}
    found = await Discovery(None, None, probe, environ).locate()
    assert (found.url, found.token) == (URL, "of-this-server")
    # The token is for the gateway; what the caller names otherwise does not get it.
    other = await Discovery("https://elsewhere.example/", None, probe, environ).locate()
    assert (other.url, other.token) == ("https://elsewhere.example/", "")
    same = await Discovery(URL + "plant-together/api/v1/me", None, probe, environ).locate()
    assert (same.url, same.token) == (URL, "of-this-server")
    inside = {**environ, INTERNAL_GATEWAY_URL: "http://gateway:10101/services/plant-together/"}
    found = await Discovery(None, None, probe, inside).locate()
    assert (found.url, found.token) == (inside[INTERNAL_GATEWAY_URL], "of-this-server")
    given = await Discovery(None, "mine", probe, environ).locate()
    assert (given.url, given.token) == (URL, "mine")


@pytest.mark.parametrize("url", ["", "hub.example.org", "ftp://hub.example.org/", "https://user:word@hub/"])
def test_a_wrong_address_is_refused_with_one_sentence_that_tells_no_password(url: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        gateway_address(url)
    assert "PlantTogether.gateway_url" in caught.value.message
    assert "word" not in caught.value.message
