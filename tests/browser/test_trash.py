"""The trash of a room and of the rooms: back, or gone for good."""

from __future__ import annotations

import urllib.error
import uuid
from collections.abc import Callable

import pytest
from lab import LabServer
from playwright.sync_api import Locator, Page, expect
from rooms import expect_saved, item, let_in, names, new_document, new_room, rest, show_rooms, text

pytestmark = pytest.mark.browser


@pytest.fixture
def room(lab_server: LabServer) -> str:
    """Return a room of Ada's."""
    name = f"trash {uuid.uuid4().hex[:6]}"
    new_room(lab_server, name, private=True)
    return name


def discard(server: LabServer, name: str, room: str) -> None:
    """Make a document and delete it."""
    new_document(server, name, f"@startuml\ntitle {name}\n@enduml\n", room)
    rest(server, "DELETE", f"rooms/{room}/documents/{name}")


def trash_of(page: Page, room: str) -> Locator:
    """Open a room's trash by its context menu."""
    show_rooms(page)
    page.evaluate("() => window.jupyterapp.commands.execute('plant-together:refresh-rooms')")
    item(page, room).click(button="right")
    page.get_by_role("menuitem", name="Deleted Diagrams…").click()
    dialog = page.locator(".ptg-TrashDialog")
    expect(dialog).to_be_visible()
    return dialog


def row_of(dialog: Locator, name: str) -> Locator:
    return dialog.get_by_role("listitem").filter(has_text=name)


def test_from_the_list_to_the_trash_and_out_for_good(lab_server: LabServer, ada: Page, room: str) -> None:
    """By the keyboard: Delete asks and names what goes, Escape keeps it, and then it is gone everywhere."""
    new_document(lab_server, "secret.puml", room=room)
    discard(lab_server, "other.puml", room)
    show_rooms(ada, room)
    item(ada, "secret.puml").click()
    ada.keyboard.press("Delete")
    ada.locator(".jp-Dialog .jp-mod-accept").click()
    expect(item(ada, "secret.puml")).to_have_count(0)

    dialog = trash_of(ada, room)
    rows = dialog.get_by_role("listitem")
    expect(rows.first).to_contain_text("secret.puml")  # what was deleted last comes first
    expect(rows.first).to_contain_text("by you")
    expect(dialog.get_by_role("button", name="Restore secret.puml")).to_be_focused()
    ada.keyboard.press("Delete")
    question = dialog.get_by_role("group")
    expect(question).to_contain_text("“secret.puml” goes with its text, its history and its named versions")
    expect(question.get_by_role("button", name="Keep it")).to_be_focused()
    ada.keyboard.press("Escape")
    expect(question).to_be_hidden()
    expect(rows).to_have_count(2)
    assert len(names(lab_server, f"rooms/{room}/documents?deleted=true")) == 2

    ada.keyboard.press("Delete")
    ada.keyboard.press("Tab")
    ada.keyboard.press("Enter")
    expect(row_of(dialog, "secret.puml")).to_have_count(0)
    assert names(lab_server, f"rooms/{room}/documents?deleted=true") == ["other.puml"]
    for call in ("restore", "purge"):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            rest(lab_server, "POST", f"rooms/{room}/documents/secret.puml/{call}")

    restore = dialog.get_by_role("button", name="Restore other.puml")
    expect(restore).to_be_focused()
    # What takes the focus behind the dialog does not keep it, though the row that had it first is gone.
    ada.locator(".ptg-RoomsBrowser .jp-DirListing-itemText[tabindex='0']").first.focus()
    expect(restore).to_be_focused()
    ada.keyboard.press("Delete")
    question.get_by_role("button", name="Delete for good").click()
    expect(dialog).to_contain_text("Nothing is in the trash of this room.")
    expect(dialog.get_by_role("button", name="Close", exact=True)).to_be_focused()
    ada.keyboard.press("Enter")
    expect(dialog).to_have_count(0)


def test_what_comes_back_under_a_taken_name_asks_for_another(
    lab_server: LabServer, ada: Page, room: str
) -> None:
    discard(lab_server, "regret.puml", room)
    new_document(lab_server, "regret.puml", room=room)
    dialog = trash_of(ada, room)
    dialog.get_by_role("button", name="Restore regret.puml").click()
    expect(dialog).to_contain_text("“regret.puml” is there already")
    name = dialog.get_by_role("textbox", name="Restore it as")
    expect(name).to_have_value("regret 2.puml")
    expect(name).to_be_focused()
    name.fill("what?")
    name.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("not allowed")
    name.fill("regretted.puml")
    name.press("Enter")
    expect(row_of(dialog, "regret.puml")).to_contain_text("Restored as “regretted.puml”")
    dialog.get_by_role("button", name="Open regretted.puml").click()
    expect_saved(ada)
    assert text(ada) == "@startuml\ntitle regret.puml\n@enduml\n"
    assert names(lab_server, f"rooms/{room}/documents") == ["regret.puml", "regretted.puml"]


def test_only_owners_delete_for_good_and_the_others_read_why(
    lab_server: LabServer, ben: Page, room: str
) -> None:
    discard(lab_server, "kept.puml", room)
    let_in(lab_server, room, "ben", "editor")
    dialog = trash_of(ben, room)
    expect(row_of(dialog, "kept.puml")).to_contain_text("by ada")
    purge = dialog.get_by_role("button", name="Delete kept.puml for good")
    expect(purge).to_be_disabled()
    expect(purge).to_have_attribute("title", "Only owners of the room delete for good.")
    expect(dialog.get_by_text("Only owners of the room delete for good.")).to_be_visible()
    ben.keyboard.press("Delete")
    expect(dialog.get_by_role("group")).to_have_count(0)
    dialog.get_by_role("button", name="Restore kept.puml").click()
    expect(dialog).to_contain_text("Restored")
    ben.keyboard.press("Escape")

    rest(lab_server, "DELETE", f"rooms/{room}/documents/kept.puml")
    let_in(lab_server, room, "ben", "viewer")
    dialog = trash_of(ben, room)
    expect(dialog.get_by_role("button", name="Restore kept.puml")).to_be_disabled()
    expect(dialog.get_by_text("You may only look in this room.")).to_be_visible()


def test_rooms_come_back_or_go(lab_server: LabServer, ada: Page) -> None:
    for name in ("attic", "cellar"):
        new_room(lab_server, name)
        new_document(lab_server, "plan.puml", room=name)
        rest(lab_server, "DELETE", f"rooms/{name}")
    show_rooms(ada).click(button="right", position={"x": 60, "y": 500})
    ada.get_by_role("menuitem", name="Deleted Rooms…").click()
    dialog = ada.locator(".ptg-TrashDialog")
    expect(row_of(dialog, "attic")).to_contain_text("Room with 1 diagram")
    dialog.get_by_role("button", name="Delete cellar for good").click()
    expect(dialog.get_by_role("group")).to_contain_text("The room “cellar” goes with 1 diagram")
    dialog.get_by_role("button", name="Delete for good", exact=True).click()
    expect(row_of(dialog, "cellar")).to_have_count(0)
    dialog.get_by_role("button", name="Restore attic").click()
    dialog.get_by_role("button", name="Open attic").click()
    expect(item(ada, "plan.puml")).to_be_visible()
    assert "cellar" not in names(lab_server, "rooms?deleted=true")
    assert "attic" in names(lab_server, "rooms")


def test_the_trash_says_when_it_is_emptied(
    start_lab: Callable[..., LabServer], new_page: Callable[..., Page]
) -> None:
    """And nobody's name, where the server cannot tell people apart."""
    server = start_lab(config="c.PlantTogether.history_retention = 30.0\n")
    discard(server, "old.puml", "example")
    page = new_page(server)
    dialog = trash_of(page, "example")
    expect(dialog).to_contain_text("What was deleted is removed for good after 30 days.")
    expect(row_of(dialog, "old.puml")).to_contain_text("removed in 4 weeks")
    expect(row_of(dialog, "old.puml")).not_to_contain_text(" by ")
