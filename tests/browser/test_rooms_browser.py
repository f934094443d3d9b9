"""The rooms in the sidebar, used as the file browser is."""

from __future__ import annotations

import urllib.error

import pytest
from lab import LabServer
from playwright.sync_api import Locator, Page, expect
from rooms import (
    expect_saved,
    item,
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

pytestmark = pytest.mark.browser


def drag(page: Page, what: Locator, where: Locator) -> None:
    """Drag by the mouse, as a person does."""
    start, end = what.bounding_box(), where.bounding_box()
    assert start
    assert end
    page.mouse.move(start["x"] + 40, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(end["x"] + min(60, end["width"] / 2), end["y"] + min(300, end["height"] / 2), steps=10)
    page.mouse.up()


def put_rooms(page: Page, side: str) -> None:
    """Put the rooms into the sidebar of a side."""
    page.evaluate(
        """side => {
          const { shell } = window.jupyterapp;
          const rooms = document.getElementById('ptg-rooms-browser');
          const widget = ['left', 'right'].flatMap(area => Array.from(shell.widgets(area)))
            .find(one => one.node === rooms);
          shell.add(widget, side, { rank: 101 });
          shell.activateById(widget.id);
        }""",
        side,
    )


def test_make_a_room_and_a_diagram(lab_server: LabServer, ada: Page) -> None:
    """The toolbar makes a room, the empty room offers the first diagram, and it opens."""
    page = ada
    show_rooms(page)
    page.locator(".ptg-RoomsBrowser [data-jp-item-name='plant-together:new-room']").click()
    page.locator(".jp-Dialog input").fill("Größe 方")
    page.keyboard.press("Enter")
    expect(page.locator(".ptg-RoomsHint")).to_contain_text("No diagrams in this room yet")
    page.locator(".ptg-RoomsHint button").click()
    expect(page.locator(".ptg-PlaceBody-room")).to_have_value("Größe 方")
    expect(page.locator(".ptg-PlaceBody-name")).to_be_focused()
    page.locator(".ptg-PlaceBody-name").fill("first")
    page.keyboard.press("Enter")
    expect_saved(page)
    expect(page.locator(".jp-Diagram .cm-content")).to_contain_text("Alice -> Bob")
    assert names(lab_server, "rooms/Größe 方/documents") == ["first.puml"]
    expect(item(page, "first.puml")).to_be_visible()
    expect(page.locator(".ptg-RoomsHint")).to_be_hidden()


def test_a_bad_name_is_one_sentence(lab_server: LabServer, ada: Page) -> None:
    """The server's rule reaches the person who broke it."""
    page = ada
    show_rooms(page)
    before = names(lab_server, "rooms")
    page.locator(".ptg-RoomsBrowser [data-jp-item-name='plant-together:new-room']").click()
    page.locator(".jp-Dialog input").fill("what?")
    page.keyboard.press("Enter")
    expect(page.locator(".jp-Dialog-header")).to_have_text("Cannot make the room")
    expect(page.locator(".jp-Dialog-body")).to_contain_text("letters")
    assert names(lab_server, "rooms") == before


def test_rename_and_delete_by_the_list(lab_server: LabServer, ada: Page) -> None:
    """F2 renames, Delete deletes, as for files; an open tab follows the name."""
    page = ada
    new_document(lab_server, "old.puml")
    open_document(page, "old.puml")
    show_rooms(page, "example")
    item(page, "old.puml").click()
    page.keyboard.press("F2")
    page.locator(".ptg-RoomsBrowser .jp-DirListing-editor").fill("renamed")
    page.keyboard.press("Enter")
    expect(item(page, "renamed.puml")).to_be_visible()
    expect(page.locator(".lm-DockPanel-tabBar .lm-mod-current .lm-TabBar-tabLabel")).to_have_text(
        "renamed.puml"
    )
    expect(page.locator(".jp-Dialog")).to_have_count(0)
    item(page, "renamed.puml").click()
    page.keyboard.press("Delete")
    page.locator(".jp-Dialog .jp-mod-accept").click()
    expect(item(page, "renamed.puml")).to_have_count(0)
    with pytest.raises(urllib.error.HTTPError, match="404"):
        source(lab_server, "renamed.puml")
    # Whoever deletes it is not told so as news, and the tab is gone.
    expect(page.locator(".jp-Diagram")).to_have_count(0)
    expect(page.locator(".Toastify__toast")).to_have_count(0)


def test_a_taken_name_is_one_sentence(lab_server: LabServer, ada: Page) -> None:
    """Renaming onto another document never offers to overwrite it: it is another person's."""
    page = ada
    new_document(lab_server, "first.puml")
    new_document(lab_server, "second.puml", "@startuml\ntitle second\n@enduml\n")
    show_rooms(page, "example")
    for name, word in (("second", "already"), ("what?", "not allowed")):
        item(page, "first.puml").click()
        page.keyboard.press("F2")
        page.locator(".ptg-RoomsBrowser .jp-DirListing-editor").fill(name)
        page.keyboard.press("Enter")
        dialog = page.locator(".jp-Dialog")
        expect(dialog).to_contain_text(word)
        expect(dialog).not_to_contain_text("verwrite")
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
    assert {"first.puml", "second.puml"} <= set(names(lab_server, "rooms/example/documents"))
    assert source(lab_server, "second.puml") == "@startuml\ntitle second\n@enduml\n"


def test_a_drag_never_moves_a_document_out_of_its_room(lab_server: LabServer, ada: Page) -> None:
    """Onto the path above the list: a sentence. Onto the files: a copy. From the files into a room: a copy."""
    page = ada
    new_document(lab_server, "dragged.puml", "@startuml\ntitle dragged\n@enduml\n")
    page.evaluate(
        """content => window.jupyterapp.serviceManager.contents.save(
          'mine.puml', { type: 'file', format: 'text', content }
        )""",
        "@startuml\ntitle mine\n@enduml\n",
    )
    show_rooms(page, "example")
    drag(page, item(page, "dragged.puml"), page.locator(".ptg-RoomsBrowser .jp-BreadCrumbs-home"))
    expect(page.locator(".jp-Dialog")).to_contain_text("stays in its room")
    page.keyboard.press("Escape")

    # Both lists in view: the files on the left, the rooms on the right.
    put_rooms(page, "right")
    page.evaluate("window.jupyterapp.shell.activateById('filebrowser')")
    files = page.locator("#filebrowser .jp-DirListing-content")
    mine = page.locator("#filebrowser .jp-DirListing-item", has_text="mine.puml")
    expect(mine).to_be_visible()
    drag(page, item(page, "dragged.puml"), files)
    expect(page.locator("#filebrowser .jp-DirListing-item", has_text="dragged.puml")).to_be_visible()
    assert (lab_server.root / "dragged.puml").read_text() == "@startuml\ntitle dragged\n@enduml\n"
    drag(page, mine, page.locator(".ptg-RoomsBrowser .jp-DirListing-content"))
    expect(item(page, "mine.puml")).to_be_visible()
    assert source(lab_server, "mine.puml") == "@startuml\ntitle mine\n@enduml\n"
    assert {"dragged.puml", "mine.puml"} <= set(names(lab_server, "rooms/example/documents"))
    assert (lab_server.root / "mine.puml").exists()
    put_rooms(page, "left")


def test_a_renamed_room_is_followed(lab_server: LabServer, ada: Page) -> None:
    """Somebody renames the room that is shown and open: list and tab go with it, and typing too."""
    page = ada
    new_room(lab_server, "before")
    rest(lab_server, "POST", "rooms/before/documents", {"name": "plan", "source": "@startuml\n@enduml\n"})
    content = open_document(page, "plan.puml", room="before")
    show_rooms(page, "before")
    expect(item(page, "plan.puml")).to_be_visible()
    rest(lab_server, "PATCH", "rooms/before", {"name": "after"})
    expect(page.locator(".ptg-RoomsBrowser .jp-FileBrowser-crumbs")).to_contain_text("after")
    expect(item(page, "plan.puml")).to_be_visible()
    assert page.evaluate("window.jupyterapp.shell.currentWidget.context.path") == "Rooms:after/plan.puml"
    content.focus()
    page.keyboard.press("Control+Home")
    page.keyboard.type("' moved ")
    expect_saved(page)
    wait_for(
        lambda: "' moved" in rest(lab_server, "GET", "rooms/after/documents/plan.puml/source"),
        "the text at its new place",
    )
    expect(page.locator(".jp-Dialog")).to_have_count(0)


def test_the_menu_offers_what_applies(lab_server: LabServer, ada: Page) -> None:
    """No terminal, no notebook, no folder in a room."""
    page = ada
    new_document(lab_server, "menu.puml")
    show_rooms(page, "example")
    item(page, "menu.puml").click(button="right")
    menu = page.locator(".lm-Menu")
    expect(menu).to_contain_text("Copy to Files…")
    labels = menu.locator(".lm-Menu-itemLabel").all_inner_texts()
    assert {"Open", "Rename", "Duplicate", "Copy to Room…", "Download"} <= set(labels)
    for word in ("Terminal", "Notebook", "Folder", "New File"):
        assert not [label for label in labels if word in label]


def test_copies_between_files_and_rooms(lab_server: LabServer, ada: Page) -> None:
    """An upload becomes a document, a file is shared in a room, a document is copied to the files."""
    page = ada
    (lab_server.root / "local.puml").write_bytes("@startuml\r\nA -> B : ü😀\r\n@enduml\r\n".encode())
    show_rooms(page, "example")
    page.evaluate(
        """async () => {
          const { contents } = window.jupyterapp.serviceManager;
          const bytes = new TextEncoder().encode('\\ufeff@startuml\\r\\nX -> Y : 😀\\r\\n@enduml\\r\\n');
          const content = btoa(String.fromCharCode(...bytes));
          await contents.save('Rooms:example/up.puml', { type: 'file', format: 'base64', content });
        }"""
    )
    expect(item(page, "up.puml")).to_be_visible()
    assert source(lab_server, "up.puml") == "@startuml\nX -> Y : 😀\n@enduml\n"

    page.evaluate("window.jupyterapp.commands.execute('filebrowser:activate')")
    page.locator("#filebrowser .jp-DirListing-item", has_text="local.puml").click(button="right")
    page.locator(".lm-Menu-item", has_text="Share in a Room…").click()
    expect(page.locator(".jp-Dialog")).to_contain_text("the file stays")
    page.locator(".ptg-PlaceBody-room").fill("example")
    page.locator(".jp-Dialog .jp-mod-accept").click()
    expect_saved(page)
    expect(page.locator(".jp-Diagram .cm-content")).to_contain_text("ü😀")
    assert text(page) == "@startuml\nA -> B : ü😀\n@enduml\n"
    assert source(lab_server, "local.puml") == "@startuml\nA -> B : ü😀\n@enduml\n"
    assert (lab_server.root / "local.puml").exists()

    show_rooms(page, "example")
    item(page, "up.puml").click(button="right")
    page.locator(".lm-Menu-item", has_text="Copy to Files…").click()
    page.locator(".jp-Dialog .jp-mod-accept").click()
    wait_for((lab_server.root / "up.puml").exists, "the file")
    assert (lab_server.root / "up.puml").read_text() == "@startuml\nX -> Y : 😀\n@enduml\n"


def test_what_a_room_cannot_hold(lab_server: LabServer, ada: Page) -> None:
    """Files among the rooms, folders and notebooks in a room: a sentence, and nothing is made."""
    page = ada
    attempt = """options => window.jupyterapp.serviceManager.contents.newUntitled(options)
      .then(() => '', error => error.message)"""
    for options, word in (
        ({"path": "Rooms:", "type": "file", "ext": ".puml"}, "Open a room first"),
        ({"path": "Rooms:example", "type": "directory"}, "not folders"),
        ({"path": "Rooms:example", "type": "notebook"}, "PlantUML documents"),
    ):
        assert word in page.evaluate(attempt, options)
    picture = {"type": "file", "format": "base64", "content": "iVBORw0KGgr/"}
    save = """([path, model]) => window.jupyterapp.serviceManager.contents.save(path, model)
      .then(() => '', error => error.message)"""
    assert "is not a text" in page.evaluate(save, ["Rooms:example/a.png", picture])
    assert "by “Import…”" in page.evaluate(save, ["Rooms:example/a.zip", picture])
    assert not {"a.png", "a.zip", "untitled.ipynb"} & set(names(lab_server, "rooms/example/documents"))
