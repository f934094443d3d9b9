"""A document's past in Lab: looking at it, comparing in it, naming it."""

from __future__ import annotations

import pytest
from lab import LabServer
from past import both_have, confirm, entry, lines, open_history, then
from playwright.sync_api import Locator, Page, expect
from rooms import (
    expect_saved,
    go_to_line,
    new_document,
    new_room,
    open_document,
    rest,
    wait_for,
)

pytestmark = pytest.mark.browser

_DOCUMENTS = "rooms/example/documents"


def test_any_two_points_are_compared(ada: Page, ben: Page, lab_server: LabServer) -> None:
    """Versions with each other, the older at the left; a stretch with what was before it; arrows without labels."""
    base = "@startuml\nAda -> Ben\nBen -> Ada\n@enduml\n"
    new_document(lab_server, "two.puml", base)
    for page in (ada, ben):
        open_document(page, "two.puml")
        expect_saved(page)
    for page, name, line in ((ada, "one", "Ada -> Ada"), (ben, "other", "Ben ->]")):
        rest(lab_server, "POST", f"{_DOCUMENTS}/two.puml/versions", {"name": name})
        go_to_line(page, 2)
        page.keyboard.type(f"\n{line}")
        expect_saved(page)
        both_have(ada, ben, lambda now, line=line: line in now, "the line")  # type: ignore[misc]
    panel = open_history(ada)
    heads, pictures = panel.locator(".ptg-History-heads span"), panel.locator(".ptg-History-picture")
    changed = "line.ptg-mod-changed"

    def sides(left: str, right: str) -> None:
        for i, words in enumerate((left, right)):
            expect(heads.nth(i)).to_contain_text(words)

    entry(panel, "other").click()
    panel.get_by_label("Compare with").select_option(label=_option(panel, "one"))
    sides("one", "other")
    expect(panel.locator(".ptg-History-entry.ptg-mod-other")).to_contain_text("one")
    expect(pictures.nth(0).locator(changed)).to_have_count(0)
    expect(pictures.nth(1).locator(changed)).to_have_count(3)  # to oneself: out, down and back
    entry(panel, "one").click()
    entry(panel, "other").click(modifiers=["Control"])
    sides("one", "other")
    expect(panel.locator(".ptg-History-entry[aria-selected=true]")).to_contain_text("one")
    expect(pictures.nth(1).locator(changed)).to_have_count(3)
    entry(panel, "ben").click()
    panel.get_by_label("Compare with").select_option("before")
    sides("Before", "ben")
    both = panel.locator(".cm-mergeViewEditor .cm-content")
    wait_for(
        lambda: "Ben ->]" not in lines(both.first) and "Ada -> Ada" in lines(both.first), "the text before"
    )
    expect(both.last).to_contain_text("Ben ->]")
    expect(pictures.nth(1).locator(changed)).to_have_count(1)
    assert lines(both.first) == base.replace("Ben\n", "Ben\nAda -> Ada\n", 1)
    panel.get_by_label("Compare with").select_option("now")
    sides("ben", "Now")
    expect(panel.locator(".ptg-History-entry.ptg-mod-other")).to_have_count(0)


def _option(panel: Locator, name: str) -> str:
    """Return the words of the choice that begins with a name."""
    words = panel.get_by_label("Compare with").locator("option").all_text_contents()
    return next(one for one in words if one.startswith(name))


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
    panel.get_by_label("Compare with").select_option("nothing")
    expect(panel.locator(".ptg-History-picture:visible")).to_have_count(1)
    expect(pictures.first.locator(".ptg-mod-changed")).to_have_count(0)


def test_load_more(ada: Page, lab_server: LabServer) -> None:
    """A long past comes in pages, without a gap or a stretch twice."""
    new_document(lab_server, "long.puml", "@startuml\n@enduml\n")
    for number in range(48):  # each is a stretch, since they alternate
        written = f"@startuml\ntitle {number}\n@enduml\n".encode()
        rest(lab_server, "PUT", f"{_DOCUMENTS}/long.puml/source", written, user=("ada", "ben")[number % 2])
    open_document(ada, "long.puml")
    expect_saved(ada)
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
    new_room(lab_server, "roles")
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
