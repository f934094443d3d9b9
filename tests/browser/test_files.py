"""Rooms out to files and in again, by Lab's dialogs."""

from __future__ import annotations

import io
import uuid
import zipfile
from pathlib import Path

import pytest
from lab import LabServer
from playwright.sync_api import FilePayload, Locator, Page, expect
from rooms import (
    item,
    let_in,
    names,
    new_document,
    new_room,
    open_document,
    rest,
    show_rooms,
    source,
    text,
    wait_for,
)
from windows import wait_for_lab

pytestmark = pytest.mark.browser

TEXTS = {
    "login.puml": "@startuml\nAda -> Ben : hello\n@enduml\n",
    "größe 方.puml": "@startuml\nclass Größe\n@enduml\n",
    "notes.txt": "@startuml\nnote over Ada : 🌱\nAda -> Ada\n@enduml\n",
}
# It is drawn until the server's patience ends.
ENDLESS = "@startuml\n!procedure $f($n)\n!if $n > 0\n$f($n - 1)\n$f($n - 1)\n!endif\n!endprocedure\n$f(40)\nA -> B\n"


@pytest.fixture
def room(lab_server: LabServer) -> str:
    """Return Ada's room with three documents."""
    name = f"files {uuid.uuid4().hex[:6]}"
    new_room(lab_server, name)
    for document, content in TEXTS.items():
        new_document(lab_server, document, content, name)
    return name


def texts(server: LabServer, room: str) -> dict[str, str]:
    """Return the texts of a room as the server has them."""
    return {name: source(server, name, room) for name in names(server, f"rooms/{room}/documents")}


def dialog_of(page: Page, room: str, entry: str) -> Locator:
    """Choose an entry of a room's context menu and return the dialog that opens."""
    show_rooms(page)
    page.evaluate("() => window.jupyterapp.commands.execute('plant-together:refresh-rooms')")
    item(page, room).click(button="right")
    page.get_by_role("menuitem", name=entry, exact=True).click()
    dialog = page.locator(".jp-Dialog")
    expect(dialog).to_be_visible()
    return dialog


def chosen(dialog: Locator, files: dict[str, bytes]) -> None:
    """Choose files as the browser's own dialog gives them."""
    payloads: list[FilePayload] = [
        {"name": name, "mimeType": "", "buffer": data} for name, data in files.items()
    ]
    dialog.locator("input[type=file]").set_input_files(payloads)


def accept(dialog: Locator, name: str) -> None:
    dialog.get_by_role("button", name=name, exact=True).click()


def toast(page: Page, words: str) -> Locator:
    return page.locator(".Toastify__toast", has_text=words)


def test_a_room_goes_out_and_into_another(lab_server: LabServer, ada: Page, room: str) -> None:
    """The zip has texts and pictures; another room has the same texts afterwards, and twice changes nothing."""
    new_document(lab_server, "wrong.puml", "@startuml\n?!\n@enduml\n", room)
    dialog = dialog_of(ada, room, "Export…")
    boxes = dialog.get_by_role("group", name="Diagrams").get_by_role("checkbox")
    expect(boxes).to_have_count(4)
    assert [box.is_checked() for box in boxes.all()] == [True] * 4
    dialog.get_by_role("checkbox", name="Picture (.svg)").check()
    with ada.expect_download() as download:
        accept(dialog, "Export")
    assert download.value.suggested_filename == f"{room}.zip"
    package = Path(download.value.path()).read_bytes()
    with zipfile.ZipFile(io.BytesIO(package)) as found:
        assert sorted(found.namelist()) == [
            "NOT-DRAWN.txt",
            "größe 方/diagram.puml",
            "größe 方/diagram.svg",
            "login/diagram.puml",
            "login/diagram.svg",
            "notes.txt/diagram.puml",
            "notes.txt/diagram.svg",
            "wrong/diagram.puml",
        ]
        assert found.read("notes.txt/diagram.puml").decode() == TEXTS["notes.txt"]
    expect(ada.locator(".jp-Dialog")).to_have_count(0)
    expect(toast(ada, "NOT-DRAWN.txt")).to_be_visible()

    other = f"copy of {room}"
    new_room(lab_server, other)
    new_document(lab_server, "login.puml", "other", other)
    open_document(ada, "login.puml", other)
    for created, changed, unchanged in ((3, 1, 0), (0, 0, 4)):
        dialog = dialog_of(ada, other, "Import…")
        chosen(dialog, {"room.zip": package})
        accept(dialog, "Import")
        expect(dialog).to_contain_text(f"Imported into “{other}”")
        for words, count in (("new", created), ("changed", changed), ("so already", unchanged)):
            expect(dialog.locator("h3", has_text=words)).to_have_count(1 if count else 0)
        expect(dialog.get_by_role("listitem")).to_have_count(created + changed + unchanged)
        accept(dialog, "Show the room")
        expect(item(ada, "größe 方.puml")).to_be_visible()
    assert texts(lab_server, other) == texts(lab_server, room)
    # Who has it open sees an edit.
    wait_for(lambda: text(ada) == TEXTS["login.puml"], "the text in the editor")


def test_only_what_is_chosen_goes_out(lab_server: LabServer, ada: Page, room: str) -> None:
    """Nothing chosen cannot be exported; the keyboard is enough."""
    dialog = dialog_of(ada, room, "Export…")
    export = dialog.get_by_role("button", name="Export", exact=True)
    accept(dialog, "None")
    expect(export).to_be_disabled()
    expect(dialog).to_contain_text("0 of 3")
    dialog.get_by_role("checkbox", name="login.puml").focus()
    ada.keyboard.press("Space")
    expect(export).to_be_enabled()
    with ada.expect_download() as download:
        ada.keyboard.press("Enter")
    with zipfile.ZipFile(download.value.path()) as found:
        assert found.namelist() == ["login/diagram.puml"]
    expect(ada.locator(".Toastify__toast")).to_have_count(0)


def test_an_export_that_takes_long_can_be_stopped(lab_server: LabServer, ada: Page, room: str) -> None:
    downloads: list[str] = []
    ada.on("download", lambda download: downloads.append(download.url))
    new_document(lab_server, "endless.puml", ENDLESS, room)
    dialog = dialog_of(ada, room, "Export…")
    dialog.get_by_role("checkbox", name="Picture (.png)").check()
    accept(dialog, "Export")
    progress = ada.locator(".ptg-ProgressDialog")
    expect(progress.get_by_role("status")).to_contain_text("of 4")
    accept(progress, "Cancel")
    expect(toast(ada, "The export was cancelled.")).to_be_visible()
    assert downloads == []


def test_a_bad_file_keeps_out_the_others_until_it_is_left_out(
    lab_server: LabServer, ada: Page, room: str
) -> None:
    before = texts(lab_server, room)
    dialog = dialog_of(ada, room, "Import…")
    expect(dialog.get_by_role("button", name="Import", exact=True)).to_be_disabled()
    chosen(dialog, {"picture.png": b"\x89PNG"})
    expect(dialog.get_by_role("alert")).to_contain_text("“picture.png” is neither")
    chosen(dialog, {"fresh.puml": b"fresh\r\n", "bad.zip": b"no zip", "login.puml": b"new\n"})
    accept(dialog, "Import")
    expect(dialog.get_by_role("alert")).to_have_text("“bad.zip”: This is no zip file. Nothing was changed.")
    assert texts(lab_server, room) == before
    dialog.get_by_role("button", name="Leave out bad.zip").click()
    accept(dialog, "Import")
    expect(dialog.locator("h3")).to_have_text(["One is new", "One was changed"])
    accept(dialog, "Close")
    assert texts(lab_server, room) == {**before, "fresh.puml": "fresh\n", "login.puml": "new\n"}


def test_files_can_be_dropped(lab_server: LabServer, ada: Page, room: str) -> None:
    dialog = dialog_of(ada, room, "Import…")
    dialog.locator(".ptg-Drop").evaluate(
        """zone => {
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File(['@startuml\\n@enduml\\n'], 'dropped ü.pu'));
          for (const type of ['dragenter', 'dragover', 'drop']) {
            zone.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
          }
        }"""
    )
    expect(dialog.get_by_role("listitem")).to_contain_text("dropped ü.pu")
    accept(dialog, "Import")
    expect(dialog.locator("h3")).to_have_text("One is new")
    accept(dialog, "Close")
    assert source(lab_server, "dropped ü.pu", room) == "@startuml\n@enduml\n"


def test_an_import_can_be_stopped_and_leaves_nothing(lab_server: LabServer, ada: Page, room: str) -> None:
    before = texts(lab_server, room)
    held: list[str] = []
    # A network so slow that nothing arrives.
    ada.route("**/import*", lambda route: held.append(route.request.method))
    try:
        dialog = dialog_of(ada, room, "Import…")
        chosen(dialog, {"fresh.puml": b"x" * 500_000})
        accept(dialog, "Import")
        progress = ada.locator(".ptg-ProgressDialog")
        expect(progress.get_by_role("status")).to_have_text("One file is sent · 500.0 kB")
        accept(progress, "Cancel")
        expect(toast(ada, "The import was cancelled.")).to_be_visible()
        expect(ada.locator(".jp-Dialog")).to_have_count(0)
    finally:
        ada.unroute("**/import*")
    assert held == ["POST"]
    assert texts(lab_server, room) == before


def test_who_may_only_look_exports_and_does_not_import(lab_server: LabServer, ben: Page, room: str) -> None:
    rest(lab_server, "PATCH", f"rooms/{room}", {"private": True})
    let_in(lab_server, room, "ben", "viewer")
    dialog = dialog_of(ben, room, "Import…")
    expect(dialog).to_contain_text("You may only look")
    ben.keyboard.press("Enter")
    dialog = dialog_of(ben, room, "Export…")
    with ben.expect_download() as download:
        accept(dialog, "Export")
    with zipfile.ZipFile(download.value.path()) as found:
        assert len(found.namelist()) == 3


def test_the_command_palette_asks_which_room(lab_server: LabServer, ada: Page, room: str) -> None:
    """Where none is open or selected; the keyboard is enough."""
    rest(lab_server, "DELETE", f"rooms/{room}/documents/notes.txt")
    ada.reload()  # what an earlier test selected would be meant
    wait_for_lab(ada)
    for words, title in (
        ("Export Room", f"Export “{room}”"),
        ("Import into Room", f"Import into “{room}”"),
        ("Deleted Diagrams of a Room", f"Deleted diagrams of “{room}”"),
    ):
        show_rooms(ada)
        ada.evaluate("() => window.jupyterapp.commands.execute('apputils:activate-command-palette')")
        ada.keyboard.type(words)
        expect(ada.locator(".lm-CommandPalette-item.lm-mod-active")).to_contain_text(words)
        ada.keyboard.press("Enter")
        expect(ada.locator(".jp-Dialog-header")).to_have_text("Which room?")
        ada.locator(".jp-Dialog select").select_option(room)
        accept(ada.locator(".jp-Dialog"), "Choose")
        expect(ada.locator(".jp-Dialog-header")).to_contain_text(title)
        ada.keyboard.press("Escape")
        expect(ada.locator(".jp-Dialog")).to_have_count(0)
