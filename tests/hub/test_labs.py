"""Two users of a hub, each in the Lab of their own server, in one room at the gateway."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

import pytest
from clients import kernel_of
from cut import Cut
from hub import Hub
from pages import page_of
from playwright.sync_api import Browser, Page, expect
from rooms import caret_line, expect_saved, go_to_line, open_document, status, text, wait_for
from windows import wait_for_lab

_DIAGRAM = "drawing.puml"
_ADD = f"""
import jupyter_plant_together as plant
doc = plant.connect("{{room}}", create=False)["{_DIAGRAM}"]
doc.replace("@enduml", "{{line}}\\n@enduml")
doc.flush(timeout=20)
"""


def shows(page: Page, written: Sequence[str]) -> bool:
    return all(words in text(page) for words in written)


def make_diagram(hub: Hub, room: str) -> None:
    """Ada makes a room with a diagram, and Bob its editor."""
    ada = hub.token("ada")
    hub.make_room(ada, room)
    diagram = {"name": _DIAGRAM, "source": "@startuml\n@enduml\n"}
    assert hub.ask(ada, "POST", f"rooms/{room}/documents", diagram)[0] == 201
    assert hub.ask(ada, "PUT", f"rooms/{room}/members/user/bob", {"role": "editor"})[0] == 204


def open_diagram(page: Page, room: str) -> None:
    """Open the diagram in Lab, and wait until it is live."""
    wait_for_lab(page)
    open_document(page, _DIAGRAM, room)
    expect_saved(page)


def write(page: Page, line: str) -> None:
    """Type a line after the first one."""
    go_to_line(page, 1)
    page.keyboard.type(f"\n{line}")


def test_two_users_in_their_own_labs_and_their_kernels_draw_together(hub: Hub, browser: Browser) -> None:
    make_diagram(hub, "labs")
    with page_of(browser, hub, "ada") as ada, page_of(browser, hub, "bob") as bob:
        for page in (ada, bob):
            open_diagram(page, "labs")
        write(ada, "Ada -> Bob : typed by her")
        write(bob, "Bob -> Ada : typed by him")
        with kernel_of(hub, "ada") as hers, kernel_of(hub, "bob") as his:
            hers.run(_ADD.format(room="labs", line="Ada -> Bob : from her kernel"))
            his.run(_ADD.format(room="labs", line="Bob -> Ada : from his kernel"))
            written = ("typed by her", "typed by him", "from her kernel", "from his kernel")
            for page in (ada, bob):
                wait_for(partial(shows, page, written), text(page))
                picture = page.locator(".jp-Diagram:not(.lm-mod-hidden) .jp-Diagram-canvas svg")
                for words in written:
                    expect(picture).to_contain_text(words)
        for page, other in ((ada, "bob"), (bob, "ada")):
            expect(page.locator(".ptg-Avatar").first).to_be_visible()
            assert caret_line(page, other) >= 1
        assert text(ada) == text(bob)


def answers(hub: Hub, port: int) -> bool:
    """Tell whether a replica serves."""
    try:
        return hub.ask_replica(port, hub.token("ada"), "GET", "me")[0] == 200
    except OSError:
        return False


def test_what_is_typed_while_the_gateway_is_away_is_kept_and_goes_out_by_itself(
    hub: Hub, browser: Browser
) -> None:
    make_diagram(hub, "outage")
    with page_of(browser, hub, "ada") as ada:
        open_diagram(ada, "outage")
        ports = list(hub.replicas)
        try:
            for port in ports:
                hub.replicas[port].terminate()
            for port in ports:
                hub.replicas.pop(port).wait(60)
            write(ada, "Ada -> Bob : while it is away")
            expect(status(ada)).to_have_attribute("data-kind", "offline")
            expect(status(ada)).to_contain_text("kept")
            expect(status(ada)).to_have_attribute(
                "title", re.compile("The gateway to the rooms does not answer")
            )
            expect(ada.locator(".ptg-RoomsNotice")).to_contain_text("Rooms cannot be reached")
            files = ada.evaluate("window.jupyterapp.serviceManager.contents.get('').then(one => one.type)")
            assert files == "directory", "the user's own files are as ever"
        finally:
            for port in ports:
                if port not in hub.replicas:
                    hub.start_replica(port)
            for port in ports:
                wait_for(partial(answers, hub, port), "a replica is there again", 60)
        expect_saved(ada)
        path = f"rooms/outage/documents/{_DIAGRAM}/source"
        assert "while it is away" in hub.ask(hub.token("ada"), "GET", path)[1]
        expect(ada.locator(".ptg-RoomsNotice")).to_be_hidden()


@pytest.mark.parametrize("what", ["removed", "demoted", "deleted"])
def test_e3_what_happened_while_a_page_was_offline_is_told_and_its_text_offered(
    hub: Hub, browser: Browser, what: str
) -> None:
    """A refused ticket ends the connection, and a refused edit the Doc (PROTOCOL Refusals, A5)."""
    room = f"offline-{what}"
    make_diagram(hub, room)
    ada, place = hub.token("ada"), f"rooms/{room}/documents/{_DIAGRAM}"
    bobs = f"rooms/{room}/members/user/bob"
    with page_of(browser, hub, "bob") as bob:
        cut = Cut(bob.context)
        open_diagram(bob, room)
        cut.cut()
        expect(status(bob)).to_have_attribute("data-kind", "offline")
        write(bob, "Bob -> Ada : mine")
        expect(status(bob)).to_contain_text("kept")
        match what:
            case "removed":
                assert hub.ask(ada, "DELETE", bobs)[0] == 204
            case "demoted":
                assert hub.ask(ada, "PUT", bobs, {"role": "viewer"})[0] == 204
            case _:
                assert hub.ask(ada, "DELETE", place)[0] == 204
        cut.mend()
        offer = bob.locator(".Toastify__toast", has_text=_DIAGRAM).filter(has=bob.get_by_text("Download"))
        expect(offer).to_be_visible()
        expect(offer.get_by_role("button", name="Keep as new")).to_have_count(int(what == "deleted"))
        offer.get_by_role("button", name="Save to my files").click()
        expect(bob.locator(".jp-Diagram:not(.lm-mod-hidden) .cm-content")).to_contain_text("mine")
