"""What the browser tests of a document's past share: open it, choose in it, read what it shows."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect
from rooms import text, wait_for


def open_history(page: Page) -> Locator:
    """Open the history of the diagram in front and return its tab's content."""
    page.locator(".jp-Diagram:not(.lm-mod-hidden) .ptg-HistoryButton").locator("visible=true").click()
    panel = page.locator(".ptg-History:not(.lm-mod-hidden)")
    expect(panel.locator(".ptg-History-entry").first).to_be_visible()
    return panel


def entry(panel: Locator, words: str) -> Locator:
    """Return the newest line of the list that says these words."""
    return panel.locator(".ptg-History-entry", has_text=words).first


def then(panel: Locator) -> Locator:
    """Return the text of then."""
    return panel.locator(".cm-mergeViewEditor").first.locator(".cm-content")


def lines(content: Locator) -> str:
    """Return an editor's text as it is shown."""
    return "\n".join(content.locator(".cm-line").all_text_contents())


def confirm(page: Page, button: str) -> None:
    """Press a button of the dialog in front."""
    page.locator(".jp-Dialog").get_by_role("button", name=button, exact=True).click()
    expect(page.locator(".jp-Dialog")).to_have_count(0)


def both_have(ada: Page, ben: Page, wanted: Callable[[str], bool], what: str) -> None:
    """Wait until both windows have one text, and it is as wanted."""
    wait_for(lambda: wanted(text(ada)) and text(ada) == text(ben), what)
