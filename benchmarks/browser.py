"""Keystroke to picture: a real JupyterLab in a real Chromium, the time from a key to its new picture.

Each key ends a label with another character, so the picture is new each time; the clock runs in the page,
from the ``keydown`` event to the change of the preview's SVG (a MutationObserver; painting comes within the
next frame).
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "browser"))

from lab import LabServer, Starter

KEYS = 40
DIAGRAM = ".jp-Diagram"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
OPEN = """
async path => {
  const widget = await window.jupyterapp.commands.execute('docmanager:open', { path });
  await widget.context.ready;
  window.jupyterapp.shell.activateById(widget.id);
}
"""
WATCH = """
() => {
  window.delays = [];
  let pressed = 0;
  document.addEventListener('keydown', () => { pressed ||= performance.now(); }, true);
  const canvas = document.querySelector('.jp-Diagram:not(.lm-mod-hidden) .jp-Diagram-canvas');
  new MutationObserver(() => {
    if (pressed) {
      window.delays.push(performance.now() - pressed);
      pressed = 0;
    }
  }).observe(canvas, { childList: true, subtree: true });
}
"""


def source(lines: int) -> str:
    """Return a sequence diagram of about ``lines`` lines whose last line is typed on."""
    body = "".join(f"A{n % 5} -> B{n % 7}: message {n}\n" for n in range(lines - 3))
    return f"@startuml\n{body}A -> B: typed "


def measure(page: Page, path: str) -> tuple[float, float]:
    """Type into one diagram; returns median and 95th percentile in milliseconds."""
    page.evaluate(OPEN, path)
    diagram = page.locator(f"{DIAGRAM}:not(.lm-mod-hidden)")
    diagram.locator(".jp-Diagram-canvas svg").wait_for(timeout=60_000)
    diagram.locator(".cm-content").click()
    page.keyboard.press("Control+End")
    page.keyboard.type("warm ", delay=300)
    page.wait_for_timeout(2_000)
    page.evaluate(WATCH)
    for key in range(KEYS):
        page.keyboard.press("abcdefghij"[key % 10])
        page.wait_for_function("n => window.delays.length > n", arg=key, timeout=20_000)
        page.wait_for_timeout(60)
    delays = sorted(page.evaluate("() => window.delays"))
    page.evaluate("() => window.jupyterapp.shell.currentWidget.dispose()")
    page.locator(DIAGRAM).wait_for(state="detached")
    return statistics.median(delays), delays[int(len(delays) * 0.95)]


def report() -> None:
    """Print the figures, or why there are none."""
    chromium = shutil.which("chromium")
    if chromium is None:
        print("keystroke to picture is left out: there is no chromium.")
        return
    with tempfile.TemporaryDirectory(prefix="bench-lab-") as home:
        starter = Starter()
        server = LabServer(Path(home), starter)
        for lines in (10, 100, 1_000):
            server.root.mkdir(parents=True, exist_ok=True)
            (server.root / f"lines{lines}.puml").write_text(source(lines))
        server.start()
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
                page = browser.new_page(viewport={"width": 1400, "height": 860})
                page.goto(server.page_url())
                page.wait_for_selector(".jp-SideBar", timeout=60_000)
                page.wait_for_function("() => window.jupyterapp.commands.hasCommand('docmanager:open')")
                for lines in (10, 100, 1_000):
                    p50, p95 = measure(page, f"lines{lines}.puml")
                    print(
                        f"keystroke to picture, {lines:,} lines: p50 {p50:.0f} ms, p95 {p95:.0f} ms",
                        flush=True,
                    )
                browser.close()
        finally:
            server.stop()
            starter.close()


if __name__ == "__main__":
    report()
