"""What the browser tests of rooms share: open, read, type, ask the server."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from typing import Any

from lab import USER_COOKIE, LabServer
from playwright.sync_api import Locator, Page, expect

_OPEN = """
async path => {
  const widget = await window.jupyterapp.commands.execute('docmanager:open', { path });
  await widget.context.ready;
  window.jupyterapp.shell.activateById(widget.id);
}
"""

_TEXT = "() => window.jupyterapp.shell.currentWidget.context.model.sharedModel.getSource()"


def rest(server: LabServer, method: str, path: str, body: object = None, *, user: str = "") -> Any:
    """Ask the server as a program does, or as a user's page; the answer's JSON, or its text."""
    headers = {"Authorization": f"token {server.token}", "Content-Type": "application/json"}
    if user:
        headers |= {"Cookie": f"{USER_COOKIE}={user}; _xsrf=x", "X-XSRFToken": "x"}
    request = urllib.request.Request(
        f"{server.url}plant-together/api/v1/{urllib.parse.quote(path, safe='/?=')}",
        method=method,
        data=body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode(),
        headers=headers,
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        content = response.read()
        is_json = "json" in response.headers.get("Content-Type", "")
        return json.loads(content) if is_json and content else content.decode()


def new_document(
    server: LabServer, name: str, source: str = "@startuml\n\n@enduml\n", room: str = "example"
) -> Any:
    """Make a document in a room; one that a first try of the test has left goes to the trash."""
    return _make(server, f"rooms/{room}/documents", {"name": name, "source": source})


def new_room(server: LabServer, name: str, *, private: bool = False) -> Any:
    """Make a room; one that a first try of the test has left goes to the trash."""
    return _make(server, "rooms", {"name": name, "private": private})


def _make(server: LabServer, place: str, body: dict[str, Any]) -> Any:
    try:
        return rest(server, "POST", place, body)
    except urllib.error.HTTPError as error:
        if error.code != 409:
            raise
        rest(server, "DELETE", f"{place}/{body['name']}")
        return rest(server, "POST", place, body)


def source(server: LabServer, name: str, room: str = "example") -> str:
    """Return a document's text as the server has it."""
    return str(rest(server, "GET", f"rooms/{room}/documents/{name}/source"))


def open_document(page: Page, name: str, room: str = "example") -> Locator:
    """Open a document and return its editor's content."""
    page.evaluate(_OPEN, f"Rooms:{room}/{name}")
    content = page.locator(".jp-Diagram:not(.lm-mod-hidden) .cm-content")
    expect(content).to_be_visible()
    return content


def text(page: Page) -> str:
    """Return the text of the shared model in front."""
    return str(page.evaluate(_TEXT))


def go_to_line(page: Page, line: int) -> None:
    """Put the caret at the end of a line (1-based), by the keyboard."""
    page.locator(".jp-Diagram:not(.lm-mod-hidden) .cm-content").focus()
    page.keyboard.press("Control+Home")
    for _ in range(line - 1):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("End")


def status(page: Page) -> Locator:
    """Return the status bar's word on the document."""
    return page.locator(".ptg-Status")


def expect_saved(page: Page) -> None:
    """Wait until the status says that all is saved."""
    expect(status(page)).to_have_attribute("data-kind", "saved", timeout=20_000)


def wait_for(check: Callable[[], bool], what: str, timeout: float = 20) -> None:
    """Wait until `check` holds."""
    deadline = time.monotonic() + timeout
    while not check():
        assert time.monotonic() < deadline, f"Not within {timeout} s: {what}"
        time.sleep(0.05)


def caret_line(page: Page, name: str) -> int:
    """Return the line (1-based) at which somebody else's caret is shown; `name` is the end of their name."""
    flags = page.locator(".ptg-RemoteCaret-flag")
    flag = next(flag for flag in flags.all() if (flag.text_content() or "").endswith(name))
    caret = flag.locator("..").bounding_box()
    assert caret
    middle = caret["y"] + caret["height"] / 2
    for number, line in enumerate(page.locator(".jp-Diagram:not(.lm-mod-hidden) .cm-line").all(), 1):
        box = line.bounding_box()
        if box and box["y"] <= middle <= box["y"] + box["height"]:
            return number
    raise AssertionError(f"The caret of {name} is at no line.")


def show_rooms(page: Page, path: str = "") -> Locator:
    """Open the sidebar at a path and return its list."""
    page.wait_for_function("window.jupyterapp.commands.hasCommand('plant-together:new-room')")
    page.evaluate("path => window.jupyterapp.commands.execute('plant-together:show-rooms', { path })", path)
    listing = page.locator(".ptg-RoomsBrowser .jp-DirListing-content")
    expect(listing).to_be_visible()
    return listing


def item(page: Page, name: str) -> Locator:
    """Return a row of the rooms' list."""
    return page.locator(".ptg-RoomsBrowser .jp-DirListing-item", has_text=name)


def let_in(server: LabServer, room: str, user: str, role: str) -> None:
    """Give somebody a role in a room."""
    rest(server, "PUT", f"rooms/{room}/members/user/{user}", {"role": role})


def names(server: LabServer, path: str) -> list[str]:
    """Return the names in a list of the server."""
    return [entry["name"] for entry in rest(server, "GET", path)["items"]]
