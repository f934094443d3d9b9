"""JupyterLab in a real Chromium.

``lab_server`` is one Lab for a test module, ``start_lab`` makes others (named users, a base URL, settings).
``ada`` and ``ben`` are two people's windows, kept open for the module and cleared for each test;
``new_page`` opens fresh ones, each in a browser context of its own.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

# pytest's importlib mode puts no folder on the path.
sys.path.insert(0, str(Path(__file__).parent))

from lab import LabServer, Starter
from windows import CHROMIUM_FLAGS, KeptWindow, new_context, open_lab

# The engine alone takes seconds to load where two cores do all.
expect.set_options(timeout=20_000)


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


@pytest.fixture(scope="session")
def starter() -> Iterator[Starter]:
    """Return the process that forks servers."""
    starter = Starter()
    yield starter
    starter.close()


@pytest.fixture(scope="module")
def start_lab(
    starter: Starter, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., LabServer]]:
    """Return a function that starts a JupyterLab; its arguments are LabServer's."""
    servers: list[LabServer] = []

    def start(
        *, settings: dict[str, dict[str, Any]] | None = None, home: Path | None = None, **options: Any
    ) -> LabServer:
        server = LabServer(home or tmp_path_factory.mktemp("lab"), starter, **options)
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


@pytest.fixture(scope="module")
def kept_window(browser: Browser, lab_server: LabServer) -> Iterator[Callable[[str], KeptWindow]]:
    """Return a function that gives a user's window, the same one throughout a test module."""
    windows: dict[str, KeptWindow] = {}

    def window(user: str) -> KeptWindow:
        if user not in windows:
            windows[user] = KeptWindow(new_context(browser), lab_server, user)
        return windows[user]

    yield window
    for kept in windows.values():
        kept.page.context.close()


@pytest.fixture
def ada(kept_window: Callable[[str], KeptWindow]) -> Iterator[Page]:
    """Return Ada's window, cleared, in which nothing fails unseen."""
    window = kept_window("ada")
    yield window.clear()
    assert window.failures == []


@pytest.fixture
def ben(kept_window: Callable[[str], KeptWindow]) -> Iterator[Page]:
    """Return Ben's window, cleared, in which nothing fails unseen."""
    window = kept_window("ben")
    yield window.clear()
    assert window.failures == []


@pytest.fixture
def two(ada: Page, ben: Page) -> tuple[Page, Page]:
    """Return Ada's and Ben's windows."""
    return ada, ben


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
            context = new_context(browser, **options)
            contexts.append(context)
        return open_lab(context, server, path, user)

    yield open_page
    for context in contexts:
        context.close()
