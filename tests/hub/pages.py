"""Browsers of users: signed in at the hub, at the Lab of their own server or of another one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from hub import Hub
from playwright.sync_api import Browser, Page
from windows import new_context


@contextmanager
def page_of(browser: Browser, hub: Hub, name: str, *, ours: bool = True) -> Iterator[Page]:
    """Sign somebody in at the hub and open the Lab of their server; without ours it does not sign in itself."""
    context = new_context(browser)
    try:
        page = context.new_page()
        page.goto(f"http://{hub.host()}/hub/login")
        page.fill("#username_input", name)
        page.fill("#password_input", "any")
        page.click("#login_submit")
        page.wait_for_url(lambda url: "/hub/login" not in url)
        if not ours:
            page.route("**/lab/extensions/@plant-together/**", lambda route: route.abort())
        visit(page, hub, name)
        yield page
    finally:
        context.close()


def visit(page: Page, hub: Hub, server: str) -> None:
    """Open the Lab of a server; a visitor is asked whether its pages may know who they are."""
    page.goto(f"http://{hub.host(server)}/user/{server}/lab?reset")  # no tabs of another test
    if page.locator("form:has-text('Authorize')").count():
        page.click("input[type=submit], button[type=submit]")
    page.wait_for_selector("#jupyter-config-data", state="attached")
