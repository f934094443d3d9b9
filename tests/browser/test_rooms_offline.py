"""Rooms while the server, or only its rooms, cannot be reached."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from cut import Cut
from lab import LabServer
from playwright.sync_api import Browser, BrowserContext, Page, expect
from rooms import (
    expect_saved,
    go_to_line,
    let_in,
    new_document,
    open_document,
    rest,
    source,
    status,
    text,
    wait_for,
)
from windows import new_context, open_lab

pytestmark = pytest.mark.browser


@pytest.fixture
def cuttable(browser: Browser) -> Iterator[tuple[BrowserContext, Cut]]:
    """Return a browser that can be cut off from the rooms, and what cuts it."""
    context = new_context(browser)
    yield context, Cut(context)
    context.close()


@pytest.mark.long
def test_two_tabs_go_on_without_the_server(
    start_lab: Callable[..., LabServer], new_page: Callable[..., Page]
) -> None:
    """Two tabs sync with each other; what was typed arrives although its tab was closed."""
    server = start_lab(named_users=True)
    new_document(server, "alone.puml", "@startuml\n\n\n@enduml\n")
    first = new_page(server)
    second = new_page(server, context=first.context)
    for page in (first, second):
        open_document(page, "alone.puml")
        expect_saved(page)
    server.kill()
    for page in (first, second):
        expect(status(page)).to_have_attribute("data-kind", "offline", timeout=20_000)
        expect(status(page)).to_have_text("Offline")
    go_to_line(first, 2)
    first.keyboard.type("A -> B")
    wait_for(lambda: "A -> B" in text(second), "the first tab's text in the second")
    expect(status(first)).to_have_text("Offline, 6 changes kept")
    go_to_line(second, 3)
    second.keyboard.type("B -> C")
    wait_for(lambda: "B -> C" in text(first), "the second tab's text in the first")
    expected = "@startuml\nA -> B\nB -> C\n@enduml\n"
    second.close()
    first.wait_for_timeout(300)
    first.close()

    server.start()
    again = new_page(server, context=first.context)
    open_document(again, "alone.puml")
    wait_for(lambda: text(again) == expected, "the text after the restart")
    expect_saved(again)
    assert source(server, "alone.puml") == expected


def test_reload_while_rooms_are_cut(lab_server: LabServer, cuttable: tuple[BrowserContext, Cut]) -> None:
    """The local copy opens after a reload, says that it holds changes, and syncs on return."""
    new_document(lab_server, "copy.puml")
    context, cut = cuttable
    page = open_lab(context, lab_server)
    open_document(page, "copy.puml")
    expect_saved(page)
    cut.cut()
    expect(status(page)).to_have_attribute("data-kind", "offline", timeout=20_000)
    go_to_line(page, 2)
    page.keyboard.type("A -> B : kept 🎉")
    expect(status(page)).to_contain_text("changes kept")
    page.wait_for_timeout(500)
    page.close()

    page = open_lab(context, lab_server)
    open_document(page, "copy.puml")
    assert text(page) == "@startuml\nA -> B : kept 🎉\n@enduml\n"
    expect(status(page)).to_have_text("Offline, changes kept", timeout=20_000)
    go_to_line(page, 2)
    page.keyboard.type("!")
    assert "kept" not in source(lab_server, "copy.puml")
    cut.mend()
    expect_saved(page)
    assert source(lab_server, "copy.puml") == "@startuml\nA -> B : kept 🎉!\n@enduml\n"


def test_a_deletion_keeps_unsent_text(lab_server: LabServer, cuttable: tuple[BrowserContext, Cut]) -> None:
    """What was typed offline into a document that is deleted meanwhile is offered, and becomes a new one."""
    new_document(lab_server, "lost.puml")
    context, cut = cuttable
    page = open_lab(context, lab_server)
    open_document(page, "lost.puml")
    expect_saved(page)
    cut.cut()
    expect(status(page)).to_have_attribute("data-kind", "offline", timeout=20_000)
    go_to_line(page, 2)
    page.keyboard.type("A -> B : mine")
    rest(lab_server, "DELETE", "rooms/example/documents/lost.puml")
    cut.mend()
    expect(status(page)).to_have_text("Not there any more", timeout=20_000)
    assert "mine" in text(page)
    page.get_by_role("button", name="Keep as new").click()
    # Playwright hands the page's requests on only while it waits itself: no wait_for here.
    expect_saved(page)
    assert source(lab_server, "lost.puml") == "@startuml\nA -> B : mine\n@enduml\n"


@pytest.mark.parametrize("what", ["deleted", "removed"])
def test_e3_unsent_text_of_what_is_gone_is_offered_after_a_reload(
    start_lab: Callable[..., LabServer], cuttable: tuple[BrowserContext, Cut], what: str
) -> None:
    """A page that was closed offline finds its copy, though no tab can open what it is a copy of."""
    server = start_lab(named_users=True)
    rest(server, "POST", "rooms", {"name": "team", "private": True})
    let_in(server, "team", "ben", "editor")
    new_document(server, "gone.puml", room="team")
    context, cut = cuttable
    page = open_lab(context, server, user="ben")
    open_document(page, "gone.puml", "team")
    expect_saved(page)
    cut.cut()
    expect(status(page)).to_have_attribute("data-kind", "offline", timeout=20_000)
    go_to_line(page, 2)
    page.keyboard.type("A -> B : mine")
    expect(status(page)).to_contain_text("changes kept")
    page.wait_for_timeout(500)  # the copy is written
    page.close()
    if what == "deleted":
        rest(server, "DELETE", "rooms/team/documents/gone.puml")
    else:
        rest(server, "DELETE", "rooms/team/members/user/ben")
    cut.mend()

    page = open_lab(context, server, user="ben")
    offer = page.locator(".Toastify__toast", has_text="gone.puml” was deleted")
    expect(offer).to_be_visible(timeout=20_000)
    again = offer.get_by_role("button", name="Keep as new")
    expect(again).to_have_count(1 if what == "deleted" else 0)
    with page.expect_download() as download:
        offer.get_by_role("button", name="Download").click()
    mine = "@startuml\nA -> B : mine\n@enduml\n"
    assert download.value.path().read_text() == mine
    offer.get_by_role("button", name="Save to my files").click()
    expect(page.locator(".jp-Diagram:not(.lm-mod-hidden) .cm-content")).to_contain_text("mine")
    assert (server.root / "gone.puml").read_text() == mine
    page.close()

    page = open_lab(context, server, user="ben")
    page.wait_for_function("indexedDB.databases().then(all => !all.some(one => one.name.includes('d_')))")
    expect(page.locator(".Toastify__toast", has_text="gone.puml")).to_have_count(0)
