"""``%%plantuml``: a cell that is a diagram, and ``%plantuml``, which shows a shared one.

Loaded by ``%load_ext jupyter_plant_together``. The text is drawn here, in the kernel; or, where the first
line names a shared document (``room/document``), it is written into that, and the cell shows the document.
"""

from __future__ import annotations

from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, magics_class
from IPython.core.magic_arguments import argument, magic_arguments, parse_argstring
from IPython.display import display

from ..errors import DocumentNotFound, PlantTogetherError, PlantUMLSyntaxError
from ..rendering.render import PNG, SVG, default_renderer
from ..rendering.renderer import resized, size_of
from .document import Document
from .room import Room, connect


@magics_class
class PlantUMLMagics(Magics):
    """The magics; rooms that they opened stay connected."""

    def __init__(self, shell: Any) -> None:
        super().__init__(shell)
        self._rooms: dict[str, Room] = {}

    @magic_arguments()
    @argument(
        "target", nargs="?", default="", help="A shared document, room/document; made if it is not there."
    )
    @argument("-f", "--format", choices=["svg", "png"], default="svg", help="How it is shown (svg).")
    @argument("-s", "--size", type=int, default=0, metavar="WIDTH", help="The picture's width in pixels.")
    @argument("-d", "--dark", action="store_true", help="Draw for a dark page.")
    @argument("-p", "--page", type=int, default=0, help="Which of the text's diagrams and pages, from 0.")
    @line_cell_magic
    def plantuml(self, line: str, cell: str | None = None) -> Document | None:
        """Draw the cell, or write it into a shared document; without a cell, show that document's picture."""
        options = parse_argstring(self.plantuml, line)
        if options.size < 0:
            raise UsageError("--size must be a width in pixels.")
        try:
            if cell is None:
                self._show(self._document(options.target, None).source, options, 0)
            elif options.target:
                document = self._document(options.target, cell)
                document.source = cell
                document.flush()
                return document
            else:
                self._show(cell, options, 1)
        except PlantTogetherError as error:
            raise UsageError(error.message) from None
        return None

    def _document(self, target: str, source: str | None) -> Document:
        name, slash, document = target.partition("/")
        if not (name and slash and document):
            raise UsageError("Name the shared document as room/document.")
        room = self._rooms.get(name)
        if room is None:
            room = self._rooms[name] = connect(name, create=source is not None)
        try:
            return room[document]
        except DocumentNotFound:
            if source is None:
                raise
            return room.create(document)

    def _show(self, source: str, options: Any, above: int) -> None:
        """Draw ``source``, of which ``above`` lines of the cell stand above."""
        ask = {"dark": options.dark, "page": options.page}
        try:
            svg = default_renderer().submit(source, "svg", **ask).result().decode()
        except PlantUMLSyntaxError as error:
            raise UsageError(_pointing(error, source, above)) from None
        if options.format == "svg":
            display(SVG(resized(svg, options.size) if options.size else svg))
            return
        scale = 2 * options.size / max(size_of(svg)[0], 1.0) if options.size else 2.0
        data = default_renderer().submit(source, "png", **ask, scale=min(max(scale, 0.1), 10.0)).result()
        display(PNG(data))


def _pointing(error: PlantUMLSyntaxError, source: str, above: int) -> str:
    """Return what is wrong, with the line of the cell that it is about."""
    lines = source.splitlines()
    if error.line is None or not 0 < error.line <= len(lines):
        return error.message
    said = error.message.removeprefix(f"line {error.line}: ")
    number = error.line + above
    return f"line {number}: {said}\n{number:>6} | {lines[error.line - 1]}"


def load(shell: Any) -> None:
    """Register the magics with IPython."""
    shell.register_magics(PlantUMLMagics(shell))
    default_renderer().warm_up()
