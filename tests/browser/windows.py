"""Browser windows: how Lab is opened in one, and how one is cleared for the next test.

Loading Lab costs seconds, so windows are kept open for a module where a test does not need a fresh one; a
window on which a message or a dialog is left is loaded anew.
"""

from __future__ import annotations

from typing import Any

from lab import USER_COOKIE, LabServer
from playwright.sync_api import Browser, BrowserContext, Page, expect

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

_CLOSE_ALL = """
async () => {
  const { commands, shell } = window.jupyterapp;
  for (const widget of Array.from(shell.widgets('main'))) {
    widget.dispose();
  }
  await commands.execute('filebrowser:activate');
}
"""

#: What the next test should not find.
_LEFT = ".Toastify__toast, .jp-Dialog, .lm-Menu"


def new_context(browser: Browser, **options: Any) -> BrowserContext:
    """Return a browser of its own: no cookies, no memory."""
    return browser.new_context(viewport={"width": 1400, "height": 860}, **options)


def open_lab(context: BrowserContext, server: LabServer, path: str = "", user: str = "ada") -> Page:
    """Open a Lab window for a user."""
    context.add_cookies([{"name": USER_COOKIE, "value": user, "url": server.url}])
    page = context.new_page()
    page.goto(server.page_url(path))
    wait_for_lab(page)
    return page


def wait_for_lab(page: Page) -> None:
    """Wait until Lab can be used."""
    page.wait_for_selector("#jupyterlab-splash", state="detached", timeout=60_000)
    page.wait_for_selector(".jp-SideBar", timeout=60_000)


class KeptWindow:
    """One user's window, and what failed in it."""

    def __init__(self, context: BrowserContext, server: LabServer, user: str) -> None:
        self.failures: list[str] = []
        self.page = open_lab(context, server, user=user)
        self.page.on("pageerror", lambda error: self.failures.append(str(error)))
        self._url = f"{server.url}lab"

    def _load(self) -> None:
        self.page.goto(f"{self._url}?reset")
        wait_for_lab(self.page)

    def clear(self) -> Page:
        """Close all tabs and forget what failed."""
        page = self.page
        if not page.url.startswith(self._url):  # it went elsewhere
            self._load()
        page.keyboard.press("Escape")
        page.evaluate(_CLOSE_ALL)
        if page.locator(_LEFT).count():
            self._load()
        expect(page.locator(".jp-Diagram")).to_have_count(0)
        self.failures.clear()
        return page
