"""A gateway that the hub starts itself, below a base URL of the hub's own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hub import SERVICE, Hub


@pytest.fixture
def managed(postgres_dsn: str, redis_url: str) -> Iterator[Hub]:
    folder = Path(tempfile.mkdtemp(prefix="plant-hub-"))
    hub = Hub(folder, postgres_dsn=postgres_dsn, redis_url=redis_url, base_url="/jupyter/", managed=True)
    try:
        hub.start()
        yield hub
    finally:
        hub.stop()
        shutil.rmtree(folder)


def test_the_hub_tells_it_all_that_it_must_know(managed: Hub) -> None:
    assert managed.api("POST", "users/ada")[0] == 201
    token = managed.token("ada")
    managed.until(lambda: managed.ask(token, "GET", "me")[0] == 200)
    assert managed.ask(token, "POST", "rooms", {"name": "design"})[0] == 201
    assert managed.ask(token, "GET", "health")[0] == 200
    assert managed.ask(None, "GET", "me")[0] == 401
    for path, status, place in (
        ("plant-together/signin", 302, "/jupyter/hub/api/oauth2/authorize?client_id=service-plant-together&"),
        ("logout", 302, "/jupyter/hub/logout"),
        ("oauth_callback", 400, ""),
        ("oauth_callback?code=forged&state=forged", 403, ""),
    ):
        got, _, headers = managed.fetch("GET", SERVICE + path)
        assert (got, (headers.get("Location") or "").startswith(place)) == (status, True), path
