"""What Lab itself does with the drive `Rooms:`: saves, uploads, "Save As", restored tabs."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from lab import LabServer
from playwright.sync_api import Browser, Page, expect
from rooms import (
    expect_saved,
    go_to_line,
    new_document,
    new_room,
    open_document,
    rest,
    source,
    status,
    text,
    wait_for,
)
from windows import new_context, open_lab

pytestmark = pytest.mark.browser

_TRY = """
async ([method, args]) => {
  try {
    await window.jupyterapp.serviceManager.contents[method](...args);
    return null;
  } catch (error) {
    return error.message;
  }
}
"""


@pytest.fixture
def page(ada: Page) -> Page:
    """Return Ada's window."""
    return ada


def contents(page: Page, method: str, *args: Any) -> str | None:
    """Call Lab's contents manager; the message of its error, if there is one."""
    message: str | None = page.evaluate(_TRY, [method, list(args)])
    return message


def test_what_cannot_be_gets_a_sentence(page: Page, lab_server: LabServer) -> None:
    """What rooms do not hold is refused in words, and changes nothing."""
    new_document(lab_server, "rules.puml")
    new_room(lab_server, "other")
    before = rest(lab_server, "GET", "rooms/example/documents")
    new = "newUntitled"
    picture = base64.b64encode(b"\x89PNG\xff\x00").decode()
    for expected, method, *args in (
        ("Open a room first", new, {"path": "Rooms:", "type": "file", "ext": "puml"}),
        ("not folders", new, {"path": "Rooms:example", "type": "directory"}),
        ("PlantUML documents", new, {"path": "Rooms:example", "type": "notebook"}),
        (
            "is not a text",
            "save",
            "Rooms:example/a.png",
            {"type": "file", "format": "base64", "content": picture},
        ),
        ("kept in a room", "save", "Rooms:a.puml", {"type": "file", "format": "text", "content": "x"}),
        ("stays in its room", "rename", "Rooms:example/rules.puml", "Rooms:other/rules.puml"),
        ("name", "rename", "Rooms:example/rules.puml", "Rooms:example/what?.puml"),
        ("no document “none.puml”", "get", "Rooms:example/none.puml"),
    ):
        message = contents(page, method, *args)
        assert message is not None and expected in message, (method, args, message)
    assert rest(lab_server, "GET", "rooms/example/documents") == before


def test_uploads_and_save_as(page: Page, lab_server: LabServer) -> None:
    """Files arrive as text, in chunks too; "Save As" makes a document and opens it."""
    halves = b"@startuml\r\ntitle \xc3", b"\xbc\r\n@enduml\r\n"
    for chunk, part in zip((1, -1), halves, strict=True):
        body = {
            "type": "file",
            "format": "base64",
            "chunk": chunk,
            "content": base64.b64encode(part).decode(),
        }
        assert contents(page, "save", "Rooms:example/upload.puml", body) is None
    assert source(lab_server, "upload.puml") == "@startuml\ntitle ü\n@enduml\n"

    open_document(page, "upload.puml")
    page.keyboard.press("Control+Shift+s")
    page.locator(".jp-Dialog input").fill("example/second.puml")
    page.locator(".jp-Dialog .jp-mod-accept").click()
    expect(page.locator(".lm-DockPanel-tabBar .lm-mod-current .lm-TabBar-tabLabel")).to_have_text(
        "second.puml"
    )
    wait_for(lambda: text(page) == "@startuml\ntitle ü\n@enduml\n", "the text of the copy")
    expect_saved(page)
    assert source(lab_server, "second.puml") == source(lab_server, "upload.puml")


def test_a_paste_that_is_too_large(page: Page, lab_server: LabServer) -> None:
    """The document stays as it was and can be edited; the text is offered, not lost (4413)."""
    new_document(lab_server, "large.puml", "@startuml\ntitle small\n@enduml\n")
    content = open_document(page, "large.puml")
    expect_saved(page)
    page.keyboard.press("Control+End")
    content.evaluate(
        """(node, line) => {
          const clipboardData = new DataTransfer();
          clipboardData.setData('text/plain', line.repeat(12000));
          node.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
        }""",
        f"' {'x' * 100}\n",
    )
    toast = page.locator(".Toastify__toast")
    expect(toast).to_contain_text("larger than the server allows", timeout=20_000)
    expect_saved(page)
    assert text(page) == source(lab_server, "large.puml") == "@startuml\ntitle small\n@enduml\n"
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    toast.get_by_role("button", name="Copy the text").click()
    wait_for(
        lambda: page.evaluate("navigator.clipboard.readText().then(text => text.length)") > 1_200_000,
        "the text",
    )
    toast.get_by_role("button", name="Discard").click()
    go_to_line(page, 2)
    page.keyboard.type("!")
    wait_for(lambda: "small!" in source(lab_server, "large.puml"), "an edit after it")


def test_without_indexeddb(lab_server: LabServer, browser: Browser) -> None:
    """Where the browser keeps nothing all works, and the status says that there is no offline copy."""
    new_document(lab_server, "bare.puml")
    context = new_context(browser)
    context.add_init_script(
        "Object.defineProperty(window, 'indexedDB', { get() { throw new DOMException('blocked', 'SecurityError') } })"
    )
    page = open_lab(context, lab_server)
    open_document(page, "bare.puml")
    go_to_line(page, 2)
    page.keyboard.type("A -> B")
    expect_saved(page)
    expect(status(page)).to_have_text("Saved (no offline copy)")
    wait_for(lambda: source(lab_server, "bare.puml") == "@startuml\nA -> B\n@enduml\n", "the text")
    context.close()


def test_tabs_come_back(page: Page, lab_server: LabServer) -> None:
    """Lab's layout restores the tab of a room's document."""
    new_document(lab_server, "restored.puml", "@startuml\ntitle again\n@enduml\n")
    open_document(page, "restored.puml")
    expect_saved(page)
    page.wait_for_timeout(2000)  # Lab saves its layout a second after the last change.
    page.goto(f"{lab_server.url}lab")
    expect(page.locator(".lm-DockPanel-tabBar .lm-TabBar-tabLabel", has_text="restored.puml")).to_be_visible(
        timeout=40_000
    )
    expect(page.locator(".jp-Diagram-canvas")).to_contain_text("again", timeout=40_000)
    expect(page.locator(".jp-Dialog")).to_have_count(0)


def test_without_the_server_part(start_lab: Callable[..., LabServer], new_page: Callable[..., Page]) -> None:
    """Rooms are hidden, one notification says what to do, local diagrams work."""
    server = start_lab(config='c.ServerApp.jpserver_extensions = {"jupyter_plant_together": False}\n')
    (server.root / "local.puml").write_text("@startuml\ntitle alone\n@enduml\n")
    page = new_page(server)
    toast = page.locator(".Toastify__toast")
    expect(toast).to_have_count(1, timeout=20_000)
    expect(toast).to_contain_text("jupyter server extension enable jupyter_plant_together")
    expect(page.locator("[data-id=ptg-rooms-browser]")).to_have_count(0)
    expect(page.locator(".jp-LauncherCard", has_text="Shared diagram")).to_have_count(0)
    page.evaluate("() => { window.jupyterapp.commands.execute('docmanager:open', { path: 'local.puml' }); }")
    expect(page.locator(".jp-Diagram-canvas")).to_contain_text("alone", timeout=40_000)
