"""Rooms for teams, as people see them: links, roles that change under way, and the end of it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable

import pytest
from cut import Cut
from lab import LabServer
from playwright.sync_api import Browser, Locator, Page, expect
from rooms import go_to_line, let_in, new_room, open_document, rest, status, text, wait_for
from windows import new_context, open_lab

pytestmark = pytest.mark.browser

SOURCE = "@startuml\nAda -> Ben : hello\n@enduml\n"


@pytest.fixture
def room(lab_server: LabServer) -> str:
    """Return Ada's private room with the document ``plan.puml``."""
    name = f"team {uuid.uuid4().hex[:6]}"
    new_room(lab_server, name, private=True)
    rest(lab_server, "POST", f"rooms/{name}/documents", {"name": "plan", "source": SOURCE})
    return name


def share_dialog(page: Page) -> Locator:
    """Open the dialog by the button beside the avatars."""
    page.locator(".jp-Diagram:not(.lm-mod-hidden) .ptg-ShareButton").click()
    dialog = page.locator(".ptg-ShareDialog")
    expect(dialog.get_by_role("heading", name="Who has access")).to_be_visible()
    return dialog


def row_of(dialog: Locator, user: str) -> Locator:
    return dialog.locator(f"[data-subject='user:{user}']")


def notice(page: Page) -> Locator:
    """The sentence over an editor that cannot be written in."""
    return page.locator(".jp-Diagram:not(.lm-mod-hidden) .jp-Diagram-notice")


def toast(page: Page, words: str) -> Locator:
    return page.locator(".Toastify__toast", has_text=words)


def test_a_link_brings_somebody_in_and_roles_change_under_way(
    lab_server: LabServer, two: tuple[Page, Page], room: str
) -> None:
    ada, ben = two
    open_document(ada, "plan.puml", room)
    dialog = share_dialog(ada)
    dialog.get_by_role("combobox", name="Role", exact=True).last.select_option("viewer")
    dialog.get_by_role("button", name="Make a link").click()
    link = dialog.get_by_role("textbox", name="Invitation link").input_value()
    assert link.startswith(f"{lab_server.url}plant-together/invitation?lab=%2Flab#i_")
    expect(dialog.get_by_text("May look · 0 of 1 used · ends in 7 days")).to_be_visible()
    dialog.get_by_role("button", name="Close").last.click()

    # Ben follows the link: he is in the room, may look, and is seen.
    ben.goto(link)
    expect(toast(ben, f"You are in the room “{room}”: May look.")).to_be_visible(timeout=60_000)
    assert "invitation" not in ben.url, "a reload does not follow it again"
    open_document(ben, "plan.puml", room)
    expect(notice(ben)).to_have_text("You may look at this document, not change it.")
    expect(status(ben)).to_have_text("Read only")
    expect(ben.locator(".ptg-RolePill")).to_have_text("May look")
    go_to_line(ben, 2)
    ben.keyboard.type("not possible")
    assert text(ben) == SOURCE
    expect(ada.locator(".ptg-RemoteCaret-flag")).to_have_text("Ben")

    # Made an editor, he can type at once.
    dialog = share_dialog(ada)
    role = dialog.get_by_role("combobox", name="Role of ben")
    role.focus()
    role.select_option("editor")
    expect(toast(ben, f"You may edit in the room “{room}” now.")).to_be_visible()
    expect(role).to_be_focused()  # the list was made anew
    expect(notice(ben)).to_be_hidden()
    expect(ben.locator(".ptg-RolePill")).to_be_hidden()
    expect(ben.locator(".jp-Diagram").get_by_text("read-only").filter(visible=True)).to_have_count(0)
    go_to_line(ben, 2)
    ben.keyboard.type(" possible")
    wait_for(lambda: "hello possible" in text(ada), "Ada sees what the editor typed")

    # Made a viewer again, he is locked; removed, he is told and the room is gone.
    dialog.get_by_role("combobox", name="Role of ben").select_option("viewer")
    expect(toast(ben, f"You may only look in the room “{room}” now.")).to_be_visible()
    expect(notice(ben)).to_be_visible()
    row_of(dialog, "ben").get_by_role("button", name="Remove ben").press("Enter")
    # Nobody is left but herself, whose row has the focus now.
    expect(dialog.get_by_role("combobox", name="Role of ada")).to_be_focused()
    expect(toast(ben, "You no longer have access to “plan.puml”.")).to_be_visible()
    ben.evaluate("() => window.jupyterapp.commands.execute('plant-together:show-rooms', { path: '' })")
    ben.evaluate("() => window.jupyterapp.commands.execute('plant-together:refresh-rooms')")
    listing = ben.locator(".ptg-RoomsBrowser .jp-DirListing-content")
    expect(listing.get_by_text("example", exact=True)).to_be_visible()
    expect(listing.get_by_text(room)).to_have_count(0)


def test_a_link_that_was_revoked_or_used_lets_nobody_in(
    lab_server: LabServer, two: tuple[Page, Page], room: str
) -> None:
    ada, ben = two
    open_document(ada, "plan.puml", room)
    dialog = share_dialog(ada)
    dialog.get_by_role("button", name="Make a link").click()
    link = dialog.get_by_role("textbox", name="Invitation link").input_value()
    dialog.get_by_role("button", name="Revoke").click()
    expect(dialog.get_by_role("button", name="Revoke")).to_have_count(0)
    ben.evaluate(
        "link => void window.jupyterapp.commands.execute("
        "'plant-together:accept-invitation', { invitation: link })",
        link,
    )
    expect(ben.locator(".jp-Dialog")).to_contain_text("Cannot accept the invitation")
    ben.keyboard.press("Enter")
    ben.evaluate(
        "() => void window.jupyterapp.commands.execute("
        "'plant-together:accept-invitation', { invitation: 'https://example.org/' })"
    )
    expect(ben.locator(".jp-Dialog")).to_contain_text("This is not an invitation link")
    ben.keyboard.press("Enter")
    assert "ben" not in json.dumps(rest(lab_server, "GET", f"rooms/{room}/members"))


def test_whoever_is_no_owner_reads_who_has_access_and_may_leave(
    lab_server: LabServer, two: tuple[Page, Page], room: str
) -> None:
    ada, ben = two
    let_in(lab_server, room, "ben", "editor")
    open_document(ben, "plan.puml", room)
    dialog = share_dialog(ben)
    expect(row_of(dialog, "ada")).to_contain_text("Owner")
    expect(dialog.get_by_text("Only owners of the room change who has access.")).to_be_visible()
    expect(dialog.get_by_role("combobox")).to_have_count(0)
    dialog.get_by_role("button", name="Leave the room").click()
    dialog.get_by_role("button", name="Really leave? Press again").click()
    expect(dialog).to_have_count(0)
    assert "ben" not in json.dumps(rest(lab_server, "GET", f"rooms/{room}/members"))

    # The last owner cannot leave, and hears why.
    open_document(ada, "plan.puml", room)
    dialog = share_dialog(ada)
    dialog.get_by_role("button", name="Leave the room").click()
    dialog.get_by_role("button", name="Really leave? Press again").click()
    expect(dialog.get_by_role("alert").filter(has_text="owner")).to_be_visible()
    ada.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_a_room_is_opened_to_everyone_by_its_context_menu(
    lab_server: LabServer, two: tuple[Page, Page], room: str
) -> None:
    ada, ben = two
    ada.evaluate("() => window.jupyterapp.commands.execute('plant-together:show-rooms', { path: '' })")
    ada.evaluate("() => window.jupyterapp.commands.execute('plant-together:refresh-rooms')")
    ada.locator(".ptg-RoomsBrowser .jp-DirListing-item", has_text=room).click(button="right")
    ada.get_by_role("menuitem", name="Share room…").click()
    dialog = ada.locator(".ptg-ShareDialog")
    dialog.get_by_role("combobox", name="Everyone else").select_option("editor")
    wait_for(
        lambda: "everyone" in json.dumps(rest(lab_server, "GET", f"rooms/{room}/members")), "the room is open"
    )
    ada.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    open_document(ben, "plan.puml", room)
    go_to_line(ben, 2)
    ben.keyboard.type(" all")
    wait_for(
        lambda: "hello all" in rest(lab_server, "GET", f"rooms/{room}/documents/plan/source"), "it is saved"
    )


def test_what_was_typed_before_a_downgrade_reached_the_page_is_offered(
    lab_server: LabServer, browser: Browser, room: str
) -> None:
    """PROTOCOL I2: an update of somebody who may not write changes nothing, and is not lost to its author (PROTOCOL A5)."""
    let_in(lab_server, room, "ben", "editor")
    context = new_context(browser)
    cut = Cut(context)
    try:
        ben = open_lab(context, lab_server, user="ben")
        open_document(ben, "plan.puml", room)
        cut.cut()
        go_to_line(ben, 2)
        ben.keyboard.type(" while away")
        expect(status(ben)).to_have_attribute("data-kind", "offline", timeout=20_000)
        let_in(lab_server, room, "ben", "viewer")
        cut.mend()
        offer = toast(ben, "Your text is kept.")
        expect(offer).to_be_visible(timeout=30_000)
        wait_for(lambda: text(ben) == SOURCE, "the tab shows what the others have")
        assert rest(lab_server, "GET", f"rooms/{room}/documents/plan/source") == SOURCE
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        offer.get_by_role("button", name="Copy the text").click()
        assert "while away" in ben.evaluate("() => navigator.clipboard.readText()")
    finally:
        context.close()


def test_where_people_are_not_told_apart_the_dialog_says_why(
    start_lab: Callable[..., LabServer], new_page: Callable[..., Page]
) -> None:
    server = start_lab()
    page = new_page(server)
    open_document(page, "welcome.puml")
    page.locator(".ptg-ShareButton").click()
    dialog = page.locator(".ptg-ShareDialog")
    expect(dialog.locator(".ptg-Share-off")).to_contain_text("token")
    expect(dialog.get_by_role("combobox")).to_have_count(0)


def test_names_that_are_none_and_people_who_are_unknown(lab_server: LabServer, ada: Page, room: str) -> None:
    open_document(ada, "plan.puml", room)
    dialog = share_dialog(ada)
    name = dialog.get_by_role("textbox", name="Name")
    long = "a-user-with-a-very-long-name-" * 4
    for user in ("zoë", long):
        name.fill(user)
        name.press("Enter")
        expect(row_of(dialog, user)).to_be_visible()
    name.fill(" ")
    name.press("Enter")
    expect(dialog.get_by_role("alert").filter(visible=True)).to_be_visible()
    assert dialog.evaluate("node => node.querySelector('.ptg-Share').scrollWidth <= node.offsetWidth")
