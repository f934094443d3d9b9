"""JupyterLab in a real Chromium.

``lab_server`` is one Lab for a test module, ``start_lab`` makes others (named
users, a base URL, settings); ``new_page`` opens browser contexts of their own,
so that two pages are two people.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

# pytest's importlib mode puts no folder on the path.
sys.path.insert(0, str(Path(__file__).parent))

from lab import USER_COOKIE, LabServer

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


@pytest.fixture
def jp_asyncio_loop() -> None:
    """Replace pytest-jupyter's loop: sync Playwright has one of its own."""


@pytest.fixture
def jp_server_cleanup() -> None:
    """Replace pytest-jupyter's clean-up, which needs its loop."""


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of the browser."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        path = shutil.which(name)
        if path:
            return path
    pytest.fail("No chromium on this machine: apt-get install chromium")


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """Return a browser for one test module."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def start_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., LabServer]]:
    """Return a function that starts a JupyterLab; its arguments are LabServer's."""
    servers: list[LabServer] = []

    def start(
        *, settings: dict[str, dict[str, Any]] | None = None, home: Path | None = None, **options: Any
    ) -> LabServer:
        server = LabServer(home or tmp_path_factory.mktemp("lab"), **options)
        for plugin, values in (settings or {}).items():
            server.set_setting(plugin, **values)
        servers.append(server)
        return server.start()

    yield start
    for server in servers:
        server.stop()


@pytest.fixture(scope="module")
def lab_server(start_lab: Callable[..., LabServer]) -> LabServer:
    """Return one JupyterLab for a test module, with named users."""
    return start_lab(named_users=True)


@pytest.fixture
def new_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a Lab in a browser context of its own."""
    contexts: list[BrowserContext] = []

    def open_page(
        server: LabServer,
        path: str = "",
        *,
        user: str = "ada",
        context: BrowserContext | None = None,
        **options: Any,
    ) -> Page:
        if context is None:
            context = browser.new_context(viewport={"width": 1400, "height": 860}, **options)
            contexts.append(context)
        context.add_cookies([{"name": USER_COOKIE, "value": user, "url": server.url}])
        page = context.new_page()
        page.goto(server.page_url(path))
        page.wait_for_selector("#jupyterlab-splash", state="detached", timeout=60_000)
        page.wait_for_selector(".jp-SideBar", timeout=60_000)
        return page

    yield open_page
    for context in contexts:
        context.close()
