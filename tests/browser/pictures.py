"""Take the pictures in docs/images: a real JupyterLab in Chromium, with the frontend as it is built now.

``python tests/browser/pictures.py`` writes light.png, dark.png, error.png, two-people.png and cell.png.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from cells import run_notebook
from lab import LabServer, Starter
from playwright.sync_api import Browser, Page, expect, sync_playwright
from rooms import expect_saved, go_to_line, open_document
from windows import CHROMIUM_FLAGS, open_lab

IMAGES = Path(__file__).parents[2] / "docs" / "images"

ORDER = """@startuml
title Place an order
autonumber

actor Customer
participant "Web shop" as Shop
participant Payments
database Orders

Customer -> Shop : check out
activate Shop
Shop -> Payments : charge the card
activate Payments

alt accepted
  Payments --> Shop : receipt
  Shop -> Orders : store
  Shop --> Customer : thank you
else declined
  Payments --> Shop : reason
  Shop --> Customer : try another card
end
deactivate Payments
deactivate Shop

note over Shop, Payments : retried for an hour
@enduml
"""

SHOP = """@startuml
package shop {
  abstract class Item {
    +name : String
    +price : Money
    +{abstract} weight() : Mass
  }
  class Book {
    +isbn : String
  }
  class Order {
    -number : int
    +total() : Money
  }
  enum State {
    OPEN
    PAID
    SENT
  }
}
Item <|-- Book
Order "1" *-- "many" Item : contains >

Order --> State
note right of Order : kept for ten years
@enduml
"""

OPEN = """
async path => {
  const widget = await window.jupyterapp.commands.execute('docmanager:open', { path });
  await widget.context.ready;
  window.jupyterapp.shell.activateById(widget.id);
}
"""

THEME = "theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme })"


def window(browser: Browser, server: LabServer, user: str = "ada", height: int = 800) -> Page:
    """Open a Lab of a user, in a browser of its own."""
    context = browser.new_context(viewport={"width": 1360, "height": height})
    return open_lab(context, server, user=user)


def take(page: Page, name: str) -> None:
    """Take one picture when everything has settled."""
    expect(page.locator(".jp-Diagram-canvas svg")).to_be_visible(timeout=60_000)
    page.wait_for_timeout(1_500)
    page.screenshot(path=IMAGES / f"{name}.png")


def local(browser: Browser, server: LabServer) -> None:
    """Take light.png, dark.png and error.png: local files."""
    page = window(browser, server)
    page.evaluate(OPEN, "order.puml")
    take(page, "light")
    page.evaluate(THEME, "JupyterLab Dark")
    expect(page.locator(".jp-Diagram-preview")).to_have_attribute("data-paper", "dark")
    take(page, "dark")
    page.evaluate(
        "window.jupyterapp.commands.execute('apputils:change-theme', { theme: 'JupyterLab Light' })"
    )
    page.evaluate("window.jupyterapp.shell.currentWidget.dispose()")
    page.evaluate(OPEN, "shop.puml")
    expect(page.locator(".jp-Diagram-canvas svg")).to_be_visible(timeout=60_000)
    go_to_line(page, 23)
    page.keyboard.type("Order -> -> Invoice")
    expect(page.locator(".jp-Diagram-problem")).to_be_visible()
    take(page, "error")
    page.context.close()


def together(browser: Browser, server: LabServer) -> None:
    """Take two-people.png: the example room, with others in it."""
    ada, ben, mina = (window(browser, server, user, 860) for user in ("ada", "ben", "mina"))
    for page in (ada, ben, mina):
        open_document(page, "welcome.puml")
        expect_saved(page)
    ada.evaluate("window.jupyterapp.commands.execute('plant-together:show-rooms', { path: 'example' })")
    expect(ada.locator(".jp-Diagram-canvas svg")).to_be_visible(timeout=60_000)
    go_to_line(mina, 22)
    mina.keyboard.type(" now")
    go_to_line(ben, 17)
    ben.keyboard.press("Home")
    ben.keyboard.press("Shift+End")
    expect(ada.locator(".jp-Diagram-canvas")).to_contain_text("at once now")
    expect(ada.locator(".ptg-RemoteCaret-flag")).to_have_count(2)
    ada.mouse.move(700, 840)
    take(ada, "two-people")


def cell(browser: Browser, server: LabServer) -> None:
    """Take cell.png: the same document in the output of a notebook's cell."""
    ada, ben = (window(browser, server, user, 640) for user in ("ada", "ben"))
    output = run_notebook(
        ada,
        server,
        "import jupyter_plant_together as plant\n\nroom = plant.connect('example')",
        "doc = room['welcome']\ndoc",
    )
    open_document(ben, "welcome.puml")
    go_to_line(ben, 3)
    expect(output.locator(".jp-Diagram-canvas svg")).to_be_visible(timeout=60_000)
    expect(output.locator(".ptg-RemoteCaret-flag")).to_have_count(1)
    ada.evaluate("window.jupyterapp.commands.execute('application:toggle-left-area')")
    take(ada, "cell")


def main() -> None:
    """Take all pictures."""
    starter = Starter()
    with tempfile.TemporaryDirectory(prefix="pictures-") as home:
        server = LabServer(Path(home), starter, named_users=True)
        server.root.mkdir(parents=True)
        (server.root / "order.puml").write_text(ORDER)
        (server.root / "shop.puml").write_text(SHOP)
        server.start()
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=shutil.which("chromium"), args=CHROMIUM_FLAGS
                )
                local(browser, server)
                together(browser, server)
                cell(browser, server)
                browser.close()
        finally:
            server.stop()
            starter.close()


if __name__ == "__main__":
    main()
