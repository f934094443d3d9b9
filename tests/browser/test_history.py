"""A document's past in Lab: looking at it, naming it, going back while others type."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from lab import LabServer
from past import confirm, entry, lines, open_history, then
from playwright.sync_api import Page, expect
from rooms import (
    caret_line,
    expect_saved,
    go_to_line,
    new_document,
    open_document,
    rest,
    source,
    text,
    wait_for,
)

pytestmark = pytest.mark.browser

_DOCUMENTS = "rooms/example/documents"

#: Goes on typing in the page while the test does something else: one letter each 40 ms at the caret.
_TYPE_ON = """
([word, times]) => {
  const view = window.jupyterapp.shell.currentWidget.content.editorPane.editor.editor;
  window.typedOn = new Promise(done => {
    let count = 0;
    const timer = setInterval(() => {
      view.dispatch(view.state.replaceSelection(word));
      if (++count >= times) {
        clearInterval(timer);
        done(count);
      }
    }, 40);
  });
}
"""


def both_have(ada: Page, ben: Page, wanted: Callable[[str], bool], what: str) -> None:
    wait_for(lambda: wanted(text(ada)) and text(ada) == text(ben), what)


def front(page: Page, name: str) -> None:
    """Bring a document's tab to the front again."""
    open_document(page, name)


def test_restore_while_two_people_type(two: tuple[Page, Page], lab_server: LabServer) -> None:
    """The text becomes what it was, what is typed from then on stays, and Undo brings back all that went."""
    ada, ben = two
    before = "@startuml\ntitle old\nAda -> Ben : first\n\n\n@enduml\n"
    new_document(lab_server, "back.puml", before)
    for page in two:
        open_document(page, "back.puml")
        expect_saved(page)
    rest(lab_server, "POST", f"{_DOCUMENTS}/back.puml/versions", {"name": "reviewed"})
    go_to_line(ada, 2)
    ada.keyboard.type("er")
    go_to_line(ada, 3)
    ada.keyboard.type(" of all")
    ada.wait_for_timeout(700)  # an undo step of its own
    both_have(ada, ben, lambda now: "of all" in now, "the newer text")

    panel = open_history(ada)
    entry(panel, "reviewed").click()
    expect(then(panel)).to_contain_text("title old")
    go_to_line(ben, 4)
    ben.evaluate(_TYPE_ON, ["b", 60])
    panel.get_by_role("button", name="Restore…").click()
    confirm(ada, "Restore")
    front(ada, "back.puml")
    go_to_line(ada, 5)
    ada.keyboard.type("Ben -> Ada : later")
    assert ben.evaluate("() => window.typedOn") == 60

    def restored(now: str) -> bool:
        return "older" not in now and "of all" not in now and "later\n" in now

    both_have(ada, ben, restored, "the restored text with what both typed since")
    written = text(ada).split("\n")[3]
    assert 0 < len(written) < 60 and set(written) == {"b"}  # the rest was there before the restore
    assert text(ada) == before.replace("\n\n\n", f"\n{written}\nBen -> Ada : later\n")
    assert source(lab_server, "back.puml") == text(ada)
    assert caret_line(ada, "Ben") == 4
    ben.keyboard.type("!")
    both_have(ada, ben, lambda now: f"\n{written}!\n" in now, "Ben's caret is where it was")

    for _ in range(40):  # what she typed after it is undone first
        ada.keyboard.press("Control+z")
        if "older" in text(ada):
            break
    now = text(ada)
    assert "title older\nAda -> Ben : first of all\n" in now
    assert "b" * 60 + "!" in now  # Ben's own
    both_have(ada, ben, lambda now: "older" in now, "the undone restore")
    expect_saved(ada)
    assert source(lab_server, "back.puml") == now


def test_rollback_while_two_people_type(two: tuple[Page, Page], lab_server: LabServer) -> None:
    """One person's edits go, deleted text comes back, and what others wrote between and since stays."""
    ada, ben = two
    new_document(lab_server, "rolled.puml", "@startuml\ntitle kept\n\n\n@enduml\n")
    for page in two:
        open_document(page, "rolled.puml")
        expect_saved(page)
    go_to_line(ben, 2)
    for _ in range(4):
        ben.keyboard.press("Backspace")
    ben.keyboard.type("broken")
    expect_saved(ben)
    both_have(ada, ben, lambda now: "title broken" in now, "what Ben did")
    go_to_line(ada, 3)
    ada.keyboard.type("Ada -> Ben : mine")
    expect_saved(ada)
    panel = open_history(ada)
    entry(panel, "ben").click()
    expect(then(panel)).to_contain_text("broken")
    front(ada, "rolled.puml")
    go_to_line(ada, 4)
    ada.evaluate(_TYPE_ON, ["a", 50])
    panel = open_history(ada)
    panel.get_by_role("button", name="Undo edits…").click()
    confirm(ada, "Undo the edits")
    go_to_line(ben, 1)
    ben.keyboard.type(" ' ben again")
    assert ada.evaluate("() => window.typedOn") == 50
    front(ada, "rolled.puml")
    expected = "@startuml ' ben again\ntitle kept\nAda -> Ben : mine\n" + "a" * 50 + "\n@enduml\n"
    both_have(ada, ben, lambda now: now == expected, "the text without Ben's stretch")
    expect_saved(ada)
    assert source(lab_server, "rolled.puml") == expected
    assert caret_line(ada, "Ben") == 1


def test_the_timeline_moves_plays_and_compares(ada: Page, lab_server: LabServer) -> None:
    """A point can be chosen, gone to by the slider, played to, named and compared; changes are marked."""
    new_document(lab_server, "line.puml", "@startuml\nAda -> Ben : hello\nBen -> Ada : same\n@enduml\n")
    open_document(ada, "line.puml")
    for number in range(3):
        go_to_line(ada, 2)
        ada.keyboard.type(f" {number}")
        expect_saved(ada)
        ada.wait_for_timeout(300)
    panel = open_history(ada)
    slider = panel.get_by_role("slider")
    slider.focus()
    ada.keyboard.press("Home")
    expect(then(panel)).to_contain_text("hello")
    wait_for(lambda: "hello 0" not in lines(then(panel)), "the first text")
    # In both pictures what differs is marked, and nothing else.
    pictures = panel.locator(".ptg-History-picture")
    expect(pictures.nth(1)).to_contain_text("hello 0 1 2")
    expect(pictures.nth(0).locator("text.ptg-mod-changed")).to_have_text(["hello"])
    expect(pictures.nth(1).locator("text.ptg-mod-changed")).to_have_text(["hello 0 1 2"])
    expect(pictures.nth(1).locator("line.ptg-mod-changed")).to_have_count(1)
    expect(pictures.nth(0).locator("text.ptg-mod-changed")).to_have_css("fill", "rgb(207, 34, 46)")
    expect(pictures.nth(1).locator("text.ptg-mod-changed")).to_have_css("fill", "rgb(26, 127, 55)")
    expect(pictures.nth(1).locator("line.ptg-mod-changed")).to_have_css("stroke", "rgb(26, 127, 55)")
    expect(panel.locator(".cm-changedText").first).to_be_visible()

    panel.get_by_role("button", name="Name…").click()
    ada.locator(".jp-Dialog input").fill("first draft")
    confirm(ada, "Name")
    expect(entry(panel, "first draft")).to_be_visible()
    panel.get_by_role("button", name="Play").click()
    expect(panel.get_by_role("button", name="Pause")).to_be_visible()
    wait_for(lambda: "hello 0 1 2" in lines(then(panel)), "the text at the end of the play")
    expect(panel.get_by_role("button", name="Play")).to_be_visible()
    entry(panel, "first draft").click()
    wait_for(lambda: "hello 0" not in lines(then(panel)), "the version's text")
    panel.get_by_label("Compare with now").uncheck()
    expect(panel.locator(".ptg-History-picture:visible")).to_have_count(1)
    expect(pictures.first.locator(".ptg-mod-changed")).to_have_count(0)


def test_load_more(ada: Page, ben: Page, lab_server: LabServer) -> None:
    """A long past comes in pages, without a gap or a stretch twice."""
    new_document(lab_server, "long.puml", "@startuml\n@enduml\n")
    for page in (ada, ben):
        open_document(page, "long.puml")
        expect_saved(page)
    for _ in range(24):  # each is a stretch, since they alternate
        for page in (ada, ben):
            before = text(page)
            page.keyboard.press("Control+Home")
            page.keyboard.insert_text("x")
            expect_saved(page)
            wait_for(lambda: text(ada) == text(ben) != before, "one text")  # noqa: B023
    panel = open_history(ada)
    entries = panel.locator(".ptg-History-entry")
    expect(entries).to_have_count(40)
    panel.get_by_role("button", name="Load more").click()
    expect(entries).to_have_count(48)  # the document itself was made by Ada, too
    expect(panel.get_by_role("button", name="Load more")).to_be_hidden()
    keys = entries.evaluate_all("all => all.map(one => one.dataset.key)")
    assert len(set(keys)) == 48
    found = rest(lab_server, "GET", f"{_DOCUMENTS}/long.puml/timeline")
    assert [f"s{one['first']}" for one in found["items"]] == keys


def test_what_one_may_do_follows_the_role(ada: Page, ben: Page, lab_server: LabServer) -> None:
    """A viewer sees the past and cannot change it; made an editor he can, without opening it again."""
    rest(lab_server, "POST", "rooms", {"name": "roles"})
    rest(
        lab_server,
        "POST",
        "rooms/roles/documents",
        {"name": "role.puml", "source": "@startuml\na->b\n@enduml\n"},
    )
    rest(lab_server, "PUT", "rooms/roles/members/everyone", {"role": "viewer"})
    open_document(ben, "role.puml", "roles")
    panel = open_history(ben)
    restore = panel.get_by_role("button", name="Restore…")
    expect(then(panel)).to_contain_text("a->b")
    expect(restore).to_be_hidden()
    rest(lab_server, "PUT", "rooms/roles/members/everyone", {"role": "editor"})
    expect(restore).to_be_visible()
    rest(lab_server, "PUT", "rooms/roles/members/everyone", {"role": "viewer"})
    expect(restore).to_be_hidden()
