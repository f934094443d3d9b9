"""A hub with two users, Ada and Bob, with subdomains and in the long run with paths, too; and a browser."""

from __future__ import annotations

import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
from postgres import PostgresServer
from redis_server import RedisServer
from scale import LONG

# pytest's importlib mode puts no folder on the path.
sys.path.insert(0, str(Path(__file__).parent))
sys.path.append(str(Path(__file__).parents[1] / "browser"))

from hub import Hub
from windows import CHROMIUM_FLAGS

RECHECK = 3.0  # seconds


@pytest.fixture
def jp_asyncio_loop() -> None:
    """Replace pytest-jupyter's loop: sync Playwright has one of its own."""


@pytest.fixture
def jp_server_cleanup() -> None:
    """Replace pytest-jupyter's clean-up, which needs its loop."""


@pytest.fixture(scope="session")
def secret() -> str:
    """A password of Redis and Postgres that stands nowhere else."""
    return secrets.token_hex(24)


@pytest.fixture(scope="session")
def redis_url(secret: str) -> Iterator[str]:
    server = RedisServer("redis").start()
    server.execute("CONFIG", "SET", "requirepass", secret)  # not on its command line
    yield f"redis://:{secret}@127.0.0.1:{server.port}/0"
    server.remove()


@pytest.fixture(scope="session", params=["paths", "subdomains"] if LONG else ["subdomains"])
def hub(
    request: pytest.FixtureRequest, postgres_server: PostgresServer, redis_url: str, secret: str
) -> Iterator[Hub]:
    """Return a running hub; Ada and Bob have their servers."""
    database = postgres_server.create_database().rpartition("/")[2]
    role = f"gateway_{database}"
    postgres_server.execute(
        f"CREATE ROLE {role} LOGIN PASSWORD '{secret}'", f"ALTER DATABASE {database} OWNER TO {role}"
    )
    folder = Path(tempfile.mkdtemp(prefix="plant-hub-"))
    hub = Hub(
        folder,
        postgres_dsn=postgres_server.dsn(database, user=role, password=secret),
        redis_url=redis_url,
        subdomain_host="http://hub.localhost:{port}" if request.param == "subdomains" else "",
        recheck=RECHECK,
    )
    try:
        hub.start()
        hub.add_users("ada", "bob")
        yield hub
    finally:
        hub.stop()
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return a browser; it finds every host below localhost on this machine."""
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    assert path is not None, "No chromium on this machine: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()
