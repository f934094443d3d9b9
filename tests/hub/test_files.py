"""Rooms as files where they are at a gateway: Lab of the user's own server asks another host."""

from __future__ import annotations

import zipfile

from hub import Hub
from pages import page_of
from playwright.sync_api import Browser, FilePayload, Page, expect
from rooms import wait_for
from windows import wait_for_lab

SOURCE = "@startuml\nAda -> Bob : from the gateway\n@enduml\n"


def run(page: Page, command: str, room: str) -> None:
    """Begin a command on a room."""
    page.evaluate(
        "([command, room]) => void window.jupyterapp.commands.execute(command, { room })",
        [f"plant-together:{command}", room],
    )


def texts(hub: Hub, room: str) -> dict[str, str]:
    """Return the names of a room's documents with their texts."""
    token = hub.token("ada")
    _, found = hub.ask(token, "GET", f"rooms/{room}/documents")
    return {
        item["name"]: hub.ask(token, "GET", f"rooms/{room}/documents/~{item['id']}/source")[1]
        for item in found["items"]
    }


def test_a_room_goes_out_to_the_browser_and_comes_in_again(hub: Hub, browser: Browser) -> None:
    token = hub.token("ada")
    for room in ("outgoing", "incoming"):
        hub.make_room(token, room)
    for name in ("one", "two"):
        hub.ask(token, "POST", "rooms/outgoing/documents", {"name": name, "source": SOURCE})
    with page_of(browser, hub, "ada") as page:
        wait_for_lab(page)
        page.wait_for_function("window.jupyterapp.commands.hasCommand('plant-together:export-room')")
        run(page, "export-room", "outgoing")
        dialog = page.locator(".jp-Dialog")
        dialog.get_by_role("checkbox", name="Picture (.svg)").check()
        with page.expect_download() as download:
            dialog.get_by_role("button", name="Export", exact=True).click()
        with zipfile.ZipFile(download.value.path()) as found:
            assert len(found.namelist()) == 4
            assert b"from the gateway" in found.read("one/diagram.svg")
        expect(dialog).to_have_count(0)

        run(page, "import-files", "incoming")
        package: FilePayload = {
            "name": "outgoing.zip",
            "mimeType": "application/zip",
            "buffer": download.value.path().read_bytes(),
        }
        dialog.locator("input[type=file]").set_input_files([package])
        dialog.get_by_role("button", name="Import", exact=True).click()
        expect(dialog.locator("h3")).to_have_text("2 are new")
        wait_for(lambda: texts(hub, "incoming") == texts(hub, "outgoing"), "the same texts")

        # Deleted for good, also there.
        assert hub.ask(token, "DELETE", "rooms/incoming/documents/one")[0] == 204
        page.keyboard.press("Escape")
        run(page, "restore-deleted", "incoming")
        expect(dialog).to_contain_text("by you")
        dialog.get_by_role("button", name="Delete one.puml for good").click()
        dialog.get_by_role("button", name="Delete for good", exact=True).click()
        expect(dialog).to_contain_text("Nothing is in the trash")
        assert hub.ask(token, "POST", "rooms/incoming/documents/one/restore")[0] == 404
