"""Notebooks in JupyterLab: written, opened, run."""

from __future__ import annotations

import nbformat
from lab import LabServer
from playwright.sync_api import Locator, Page

_OPEN = """
async path => {
  const { commands, shell } = window.jupyterapp;
  const panel = await commands.execute('docmanager:open', { path });
  await panel.context.ready;
  await panel.sessionContext.ready;
  shell.activateById(panel.id);
}
"""

_EXECUTE = """
async code => {
  const panel = Array.from(window.jupyterapp.shell.widgets('main')).find(w => w.sessionContext?.session);
  const future = panel.sessionContext.session.kernel.requestExecute({ code });
  let printed = '';
  future.onIOPub = ({ header, content }) => {
    printed += header.msg_type === 'stream' ? content.text : '';
    printed += header.msg_type === 'error' ? content.traceback.join('\\n') : '';
  };
  await future.done;
  return printed.trim();
}
"""


def printed(page: Page, code: str) -> str:
    """Run code in the kernel of the notebook on the page; returns what it printed."""
    return str(page.evaluate(_EXECUTE, code))


def open_notebook(page: Page, server: LabServer, name: str, cells: list[nbformat.NotebookNode]) -> None:
    """Write a notebook with these cells, and open it."""
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, server.root / name)
    page.evaluate(_OPEN, name)


def run_notebook(page: Page, server: LabServer, *cells: str) -> Locator:
    """Open a notebook with these cells, and run them all; returns the diagrams in its outputs."""
    open_notebook(page, server, "drawing.ipynb", [nbformat.v4.new_code_cell(cell) for cell in cells])
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
    return page.locator(".jp-DiagramOutput")
