"""What the server draws for the page: diagrams that include others of their room, and types the engine lacks."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from lab import LabServer
from plantuml_jar import jar
from playwright.sync_api import Locator, Page, expect
from rooms import go_to_line, new_document, new_room, open_document

pytestmark = pytest.mark.browser


def picture(page: Page) -> Locator:
    return page.locator(".jp-Diagram:not(.lm-mod-hidden) .jp-Diagram-canvas svg text")


def problem(page: Page) -> Locator:
    return page.locator(".jp-Diagram:not(.lm-mod-hidden) .jp-Diagram-problem")


def test_a_picture_has_what_it_includes_and_follows_when_others_edit_that(
    lab_server: LabServer, two: tuple[Page, Page]
) -> None:
    ada, ben = two
    new_document(lab_server, "people.puml", "@startuml\nactor Grace\n@enduml\n")
    new_document(
        lab_server, "whole.puml", "@startuml\n!include people.puml\nGrace -> Shop : order\n@enduml\n"
    )
    open_document(ada, "whole.puml")
    expect(picture(ada).get_by_text("Grace").first).to_be_visible(timeout=60_000)
    expect(problem(ada)).to_be_hidden()

    # Somebody else changes the included one; nobody touches this one.
    open_document(ben, "people.puml")
    go_to_line(ben, 2)
    ben.keyboard.type("\nactor Linus")
    expect(picture(ada).get_by_text("Linus").first).to_be_visible()

    # One's own typing is drawn as ever.
    go_to_line(ada, 3)
    ada.keyboard.type(" of books")
    expect(picture(ada).get_by_text("order of books")).to_be_visible()

    # An error there is told at the line that includes it, and goes when it is mended.
    go_to_line(ben, 3)
    ben.keyboard.type("\nactor -> -> x")
    expect(problem(ada)).to_be_visible()
    expect(problem(ada)).to_contain_text(re.compile("line 2", re.IGNORECASE))
    ben.keyboard.press("Shift+Home")
    ben.keyboard.press("Delete")
    expect(problem(ada)).to_be_hidden(timeout=60_000)


def test_nothing_of_another_room_is_included(lab_server: LabServer, ada: Page) -> None:
    new_room(lab_server, "elsewhere")
    new_document(lab_server, "secret.puml", "@startuml\nactor Secret\n@enduml\n", room="elsewhere")
    new_document(lab_server, "curious.puml", "@startuml\n!include secret.puml\nA -> B\n@enduml\n")
    open_document(ada, "curious.puml")
    expect(
        ada.locator(".jp-Diagram:not(.lm-mod-hidden)").get_by_text("secret.puml cannot be included").first
    ).to_be_visible(timeout=60_000)
    expect(picture(ada).get_by_text("Secret")).to_have_count(0)


@pytest.mark.long
def test_a_type_that_the_page_cannot_draw_comes_from_the_servers_jar(
    start_lab: Callable[..., LabServer], new_page: Callable[..., Page]
) -> None:
    server = start_lab(args=("--PlantTogether.render_backend=jar", f"--PlantTogether.render_jar={jar()}"))
    page = new_page(server)
    new_document(server, "form.puml", "@startsalt\n{\n  Login | [Cancel]\n}\n@endsalt\n")
    open_document(page, "form.puml")
    expect(picture(page).get_by_text("Cancel")).to_be_visible(timeout=60_000)
    expect(problem(page)).to_be_hidden()


def test_a_text_that_includes_itself_is_told_so(lab_server: LabServer, ada: Page) -> None:
    new_document(lab_server, "ring.puml", "@startuml\n!include ring.puml\nA -> B\n@enduml\n")
    open_document(ada, "ring.puml")
    message = ada.locator(".jp-Diagram:not(.lm-mod-hidden) .jp-Diagram-problem")
    expect(message).to_contain_text("ring.puml", timeout=60_000)
    expect(message).to_contain_text("includes itself")


@pytest.mark.long
def test_while_the_server_is_away_the_picture_stays_and_comes_again_by_itself(
    start_lab: Callable[..., LabServer], new_page: Callable[..., Page]
) -> None:
    server = start_lab()
    page = new_page(server)
    new_document(server, "part.puml", "@startuml\nactor Grace\n@enduml\n")
    new_document(server, "whole.puml", "@startuml\n!include part.puml\nGrace -> Shop : order 🎉\n@enduml\n")
    open_document(page, "whole.puml")
    expect(picture(page).get_by_text("Grace").first).to_be_visible(timeout=60_000)
    server.kill()
    go_to_line(page, 3)
    page.keyboard.type(" of books")
    expect(problem(page)).to_contain_text("does not answer")
    expect(picture(page).get_by_text("Grace").first).to_be_visible()
    server.start()
    expect(picture(page).get_by_text("of books")).to_be_visible(timeout=60_000)
    expect(problem(page)).to_be_hidden()
