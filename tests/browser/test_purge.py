"""The history of a document is replaced for good while people have it open (PROTOCOL E1-E3)."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from cut import Cut
from lab import LabServer
from playwright.sync_api import Browser, Page, expect
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
from windows import new_context, open_lab

sys.path.insert(0, str(Path(__file__).parents[1] / "integration"))
from stock_clients import YWebsocket

pytestmark = pytest.mark.browser


class Place(NamedTuple):
    """A server as a stock client is told of it."""

    token: str
    sync_url: str


SECRET = "the-password-is-swordfish"

#: Everything that IndexedDB of the page holds, as text: names, keys, and bytes as Latin letters.
_STORED = """
async () => {
  const request = it => new Promise((done, fail) => {
    it.onsuccess = () => done(it.result);
    it.onerror = () => fail(it.error);
  });
  const words = [];
  for (const { name } of await indexedDB.databases()) {
    const database = await request(indexedDB.open(name));
    for (const store of database.objectStoreNames) {
      const all = await request(database.transaction(store).objectStore(store).getAll());
      for (const one of all) {
        const bytes = one instanceof Uint8Array ? one : new Uint8Array();
        words.push(Array.from(bytes, byte => String.fromCharCode(byte)).join(''));
        words.push(JSON.stringify(one));
      }
    }
    database.close();
  }
  return words.join('\\n');
}
"""


@pytest.mark.long
def test_purged_text_never_comes_back(ben: Page, lab_server: LabServer, browser: Browser) -> None:
    """Not from a tab that was offline, its second tab, their memory, or a stock client with the old history (PROTOCOL E3).

    What was typed offline is offered to its author; the text as it was, and what follows, is everybody's.
    """
    new_room(lab_server, "old")  # it is Ada's
    document = new_document(lab_server, "purged.puml", "@startuml\n\n\n@enduml\n", "old")
    place = f"rooms/old/documents/~{document['id']}"
    sync_url = f"{lab_server.url.replace('http', 'ws', 1)}plant-together/sync"
    context = new_context(browser)
    cut = Cut(context)
    first, second = open_lab(context, lab_server), open_lab(context, lab_server)
    stock = YWebsocket(Place(lab_server.token, sync_url), document["id"])
    try:
        stock.ask("connect")
        for page in (first, second, ben):
            open_document(page, "purged.puml", "old")
            expect_saved(page)
        go_to_line(first, 2)
        first.keyboard.insert_text(SECRET)
        expect_saved(first)
        for page in (second, ben):
            wait_for(lambda page=page: SECRET in text(page), "the secret")  # type: ignore[misc]
        assert SECRET in stock.ask("text")
        go_to_line(ben, 2)
        for _ in SECRET:
            ben.keyboard.press("Backspace")
        ben.keyboard.type("Ada -> Ben : harmless")
        expect_saved(ben)
        for page in (first, second):
            wait_for(lambda page=page: text(page) == text(ben), "the text without it")  # type: ignore[misc]
        assert SECRET in first.evaluate(_STORED)  # the history is in the browser's memory

        cut.cut()
        for page in (first, second):
            expect(status(page)).to_have_attribute("data-kind", "offline", timeout=20_000)
        go_to_line(first, 3)
        first.keyboard.type("Ben -> Ada : typed offline")
        wait_for(lambda: "typed offline" in text(second), "the other tab's text")
        first.wait_for_timeout(500)  # it is in the memory, too
        before = source(lab_server, "purged.puml", "old")
        rest(lab_server, "POST", f"{place}/forget", {"confirm": "purged.puml"})
        wait_for(lambda: stock.ask("closed")["code"] == 4409, "the stock client is told")
        stock.ask("insert", index=0, value="' from the old history\n")
        stock.ask("reconnect", times=1)
        wait_for(lambda: stock.ask("closes") == 2, "the stock client is told again")
        assert stock.ask("closed") == {"code": 4409, "again": False}

        cut.mend()
        for page in (first, second, ben):
            expect_saved(page)
            expect(page.locator(".jp-Diagram:not(.lm-mod-hidden) .cm-content")).to_contain_text("harmless")
            assert text(page) == before
        go_to_line(second, 2)
        second.keyboard.type("!")
        expect_saved(second)
        after = before.replace("harmless", "harmless!")
        for page in (first, ben):
            wait_for(lambda page=page: text(page) == after, "what is typed afterwards")  # type: ignore[misc]
        offer = first.locator(".Toastify__toast", has_text="The history of “purged.puml” was replaced")
        expect(offer).to_have_count(1)
        offer.get_by_role("button", name="Keep as new").click()
        content = first.locator(".jp-Diagram:not(.lm-mod-hidden) .cm-content")
        expect(content).to_contain_text("Ben -> Ada : typed offline")
        expect_saved(first)
        kept = text(first)
        assert "harmless" in kept and "Ben -> Ada : typed offline" in kept and SECRET not in kept

        assert source(lab_server, "purged.puml", "old") == after
        for page in (first, second, ben):
            assert SECRET not in page.evaluate(_STORED)
        authors = rest(lab_server, "GET", f"{place}/authors")
        assert authors["source"] == after
    finally:
        stock.quit()
        context.close()
