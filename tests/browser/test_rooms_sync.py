"""Two people in one document, in two browsers."""

from __future__ import annotations

import pytest
from lab import LabServer
from playwright.sync_api import Page, expect
from pycrdt import Doc
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
from scale import scaled
from websockets.sync.client import connect

import jupyter_plant_together as plant

pytestmark = pytest.mark.browser

# What a tab knows of the document: the lengths of each client's runs of text, the names of shared types.
_STRUCTS = """
() => {
  const { ydoc } = window.jupyterapp.shell.currentWidget.context.model.sharedModel;
  const runs = Object.fromEntries(Array.from(ydoc.store.clients, ([id, all]) => [id, all.map(run => run.length)]));
  return { id: String(ydoc.clientID), runs, names: [...ydoc.share.keys()] };
}
"""


def server_state(server: LabServer, document: str) -> bytes:
    """Return the state that the server gives to a client that has nothing."""
    url = f"{server.url}plant-together/sync/{document}".replace("http", "ws", 1)
    with connect(url, additional_headers={"Authorization": f"token {server.token}"}) as socket:
        socket.send(bytes([0, 0, 1, 0]))
        for frame in socket:
            if isinstance(frame, bytes) and frame[:2] == bytes([0, 1]):
                at = 2
                while frame[at] & 0x80:
                    at += 1
                return frame[at + 1 :]
    raise AssertionError("The server closed.")


def test_both_type_and_see_each_other(two: tuple[Page, Page], lab_server: LabServer) -> None:
    """What one types reaches the other, with names at carets and in the toolbar."""
    ada, ben = two
    new_document(lab_server, "together.puml", "@startuml\ntitle one\n\n\n@enduml\n")
    for page in two:
        open_document(page, "together.puml")
    go_to_line(ada, 3)
    ada.keyboard.type("Ada -> Ben : hello")
    go_to_line(ben, 4)
    ben.keyboard.type("Ben -> Ada : well")
    expected = "@startuml\ntitle one\nAda -> Ben : hello\nBen -> Ada : well\n@enduml\n"
    for page in two:
        wait_for(lambda page=page: text(page) == expected, "both texts")  # type: ignore[misc]
        expect(page.locator(".jp-Diagram-canvas")).to_contain_text("well")
        expect_saved(page)
    assert source(lab_server, "together.puml") == expected
    for page, other in ((ada, "Ben"), (ben, "Ada")):
        flag = page.locator(".ptg-RemoteCaret-flag")
        expect(flag).to_have_text(other)
        expect(page.locator(".ptg-Avatar")).to_have_attribute("title", other)
    # The caret is where the other person is: at the end of their line.
    caret = ada.locator(".ptg-RemoteCaret").bounding_box()
    line = ada.locator(".cm-line").nth(3).bounding_box()
    assert caret and line
    assert line["y"] - 2 <= caret["y"] <= line["y"] + line["height"]

    ben.keyboard.press("Shift+Home")
    expect(ada.locator(".ptg-RemoteSelection").first).to_be_visible()
    ben.goto("about:blank")
    expect(ada.locator(".ptg-Avatar")).to_have_count(0)
    expect(ada.locator(".ptg-RemoteCaret")).to_have_count(0)


def test_a_notebook_is_seen_and_heard(lab_server: LabServer, ada: Page) -> None:
    """A program's edits arrive, it is called "name · notebook", and an edit here reaches it."""
    page = ada
    new_document(lab_server, "program.puml", "@startuml\n\n@enduml\n")
    open_document(page, "program.puml")
    room = plant.connect("example", url=lab_server.url, token=lab_server.token)
    with room["program"] as document:
        document.replace("@enduml", "A -> B : 🎉\n@enduml")
        wait_for(lambda: "A -> B : 🎉" in text(page), "the program's edit")
        expect(page.locator(".ptg-Avatar.ptg-mod-notebook")).to_have_count(1)
        title = page.locator(".ptg-Avatar").get_attribute("title") or ""
        assert title.endswith(" · notebook") and title.count("notebook") == 1
        go_to_line(page, 2)
        page.keyboard.type("B -> A")
        wait_for(lambda: "B -> A\n" in document.source, "the edit in the program")
    expect(page.locator(".ptg-Avatar")).to_have_count(0)


def test_many_keys_are_one_run(two: tuple[Page, Page], lab_server: LabServer) -> None:
    """Typed text stays one struct, without a word about `dirty`; the other tab stays clean."""
    ada, ben = two
    document = new_document(lab_server, "keys.puml")
    for page in two:
        open_document(page, "keys.puml")
    ben.evaluate(
        """() => {
          const { context } = window.jupyterapp.shell.currentWidget;
          window.dirtied = false;
          context.model.stateChanged.connect((_, { name, newValue }) => {
            window.dirtied ||= name === 'dirty' && newValue;
          });
        }"""
    )
    go_to_line(ada, 2)
    words = ("' " + "a line of a diagram is being typed " * 40)[: scaled(250, 1000)]
    ada.keyboard.type(words)
    expect_saved(ada)
    wait_for(lambda: words in text(ben), "the text in the other tab")
    assert words in source(lab_server, "keys.puml")
    assert ben.evaluate("window.dirtied") is False

    typed, seen = ada.evaluate(_STRUCTS), ben.evaluate(_STRUCTS)
    assert typed["names"] == seen["names"] == ["source"]
    assert typed["runs"].pop(typed["id"]) == [len(words)]
    assert seen["runs"].pop(typed["id"]) == [len(words)]
    # What the document began with, cut in two where Ada typed, is the only other author's.
    assert list(typed["runs"].values()) == list(seen["runs"].values()) == [[10, 9]]
    state = server_state(lab_server, document["id"])
    assert len(state) < len(words) + 100
    doc: Doc = Doc()
    doc.apply_update(state)
    assert list(doc.keys()) == ["source"]


def test_undo_is_ones_own(two: tuple[Page, Page], lab_server: LabServer) -> None:
    """Undo takes back what one typed oneself and nothing of the other."""
    ada, ben = two
    new_document(lab_server, "undo.puml", "@startuml\n\n\n@enduml\n")
    for page in two:
        open_document(page, "undo.puml")
    go_to_line(ada, 2)
    ada.keyboard.insert_text("A -> B")  # at once: on a busy machine keys are two steps of undo
    wait_for(lambda: "A -> B" in text(ben), "Ada's line")
    go_to_line(ben, 3)
    ben.keyboard.insert_text("B -> C")
    wait_for(lambda: "B -> C" in text(ada), "Ben's line")
    ada.keyboard.press("Control+z")
    wait_for(lambda: text(ben) == "@startuml\n\nB -> C\n@enduml\n", "Ada's undo")
    ada.keyboard.press("Control+z")
    assert "B -> C" in text(ada)
    ada.keyboard.press("Control+Shift+z")
    wait_for(lambda: text(ben) == "@startuml\nA -> B\nB -> C\n@enduml\n", "Ada's redo")
    ben.keyboard.press("Control+z")
    wait_for(lambda: text(ada) == "@startuml\nA -> B\n\n@enduml\n", "Ben's undo")


def test_emoji_and_right_to_left(two: tuple[Page, Page], lab_server: LabServer) -> None:
    """Text beyond the basic plane and from right to left arrives whole, from both sides."""
    ada, ben = two
    new_document(lab_server, "unicode.puml", "@startuml\n\n\n@enduml\n")
    for page in two:
        open_document(page, "unicode.puml")
    go_to_line(ada, 2)
    ada.keyboard.insert_text("A -> B : 👩‍👩‍👧 🎉")
    go_to_line(ben, 3)
    ben.keyboard.insert_text("note over A : שלום עולם 👍")
    expected = "@startuml\nA -> B : 👩‍👩‍👧 🎉\nnote over A : שלום עולם 👍\n@enduml\n"
    for page in two:
        wait_for(lambda page=page: text(page) == expected, "the same text")  # type: ignore[misc]
    ben.keyboard.press("Backspace")
    expected = expected.replace(" 👍", " ")
    for page in two:
        wait_for(lambda page=page: text(page) == expected, "a whole emoji gone")  # type: ignore[misc]
    wait_for(lambda: source(lab_server, "unicode.puml") == expected, "the server's text")


def test_a_rename_reaches_the_other(two: tuple[Page, Page], lab_server: LabServer) -> None:
    """A tab follows the new name of its document and of its room, and goes on."""
    ada, ben = two
    new_room(lab_server, "sketches")
    rest(
        lab_server,
        "POST",
        "rooms/sketches/documents",
        {"name": "old.puml", "source": "@startuml\n\n@enduml\n"},
    )
    for page in two:
        open_document(page, "old.puml", "sketches")
    ben.evaluate(
        "() => window.jupyterapp.serviceManager.contents.rename('Rooms:sketches/old.puml', 'Rooms:sketches/new.puml')"
    )
    for page in two:
        expect(page.locator(".lm-DockPanel-tabBar .lm-mod-current .lm-TabBar-tabLabel")).to_have_text(
            "new.puml"
        )
    ada.evaluate("() => window.jupyterapp.serviceManager.contents.rename('Rooms:sketches', 'Rooms:drawings')")
    path = "() => window.jupyterapp.shell.currentWidget.context.path"
    for page in two:
        wait_for(lambda page=page: page.evaluate(path) == "Rooms:drawings/new.puml", "the new path")  # type: ignore[misc]
    go_to_line(ben, 2)
    ben.keyboard.type("A -> B : still here")
    wait_for(lambda: "still here" in text(ada), "the text after the renames")
    ada.keyboard.press("Control+s")
    expect_saved(ada)


def test_a_deletion_is_told(two: tuple[Page, Page], lab_server: LabServer) -> None:
    """Who has a document open that another deletes is told, and can bring it back."""
    ada, ben = two
    new_document(lab_server, "gone.puml", "@startuml\ntitle kept\n@enduml\n")
    for page in two:
        open_document(page, "gone.puml")
    ada.evaluate("() => window.jupyterapp.serviceManager.contents.delete('Rooms:example/gone.puml')")
    expect(status(ben)).to_have_attribute("data-kind", "ended")
    expect(ben.locator(".jp-Diagram-notice")).to_be_visible()
    expect(ben.locator(".jp-Diagram-notice")).to_contain_text("deleted")
    assert "title kept" in text(ben)
    notice = ben.locator(".jp-Notification-Toast-Message, .Toastify__toast")
    expect(notice.first).to_contain_text("was deleted")
    ben.get_by_role("button", name="Restore").click()
    expect_saved(ben)
    go_to_line(ben, 2)
    ben.keyboard.type(" and back")
    wait_for(lambda: "title kept and back" in source(lab_server, "gone.puml"), "the restored text")
