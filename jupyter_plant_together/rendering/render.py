"""``plant.render``: a picture in any Python process, with no server.

The engine stays loaded between calls, so one renderer is kept for the process; it ends with it.
"""

from __future__ import annotations

import atexit
import os
import struct
import warnings
from functools import cache
from typing import Any, Literal, overload

from .renderer import Renderer
from .settings import RenderSettings
from .text.blocks import split_pages
from .text.explain import cautions


class SVG(str):
    """The text of an SVG that a notebook shows as a picture."""

    __slots__ = ()

    def _repr_svg_(self) -> str:
        return str(self)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(f"<SVG of {len(self):,} characters>")


class PNG(bytes):
    """A PNG that a notebook shows as a picture, at half its pixels, so that it is sharp on any screen."""

    __slots__ = ()

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        width, height = struct.unpack(">II", self[16:24])
        return bytes(self), {"width": width // 2, "height": height // 2}

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(f"<PNG of {len(self):,} bytes>")


@overload
def render(source: str, format: Literal["svg"] = "svg", *, dark: bool = False, page: int = 0) -> SVG: ...


@overload
def render(source: str, format: Literal["png"], *, dark: bool = False, page: int = 0) -> PNG: ...


@overload
def render(source: str, format: Literal["pdf"], *, dark: bool = False, page: int = 0) -> bytes: ...


@overload
def render(source: str, format: str, *, dark: bool = False, page: int = 0) -> str | bytes: ...


def render(
    source: str,
    format: str = "svg",  # noqa: A002 - the API's word
    *,
    dark: bool = False,
    page: int = 0,
) -> str | bytes:
    """Draw PlantUML, here: no server, no Java, no network.

    Parameters
    ----------
    source
        The text; ``@startuml`` and ``@enduml`` may be left out.
    format
        ``"svg"``, ``"png"`` (at twice the size), or ``"pdf"`` (needs the extra ``pdf``).
    dark
        Whether the picture is for a dark page.
    page
        Which of the text's diagrams and pages (``newpage``), from 0.

    Returns
    -------
    str or bytes
        ``str`` for SVG, ``bytes`` for PNG and PDF. A notebook shows the first two as pictures.

    Raises
    ------
    PlantUMLSyntaxError
        If the text has an error; ``line`` is 1-based in the text given.
    UnsupportedDiagram
        If the engine cannot draw this type; the message names what could.
    RenderTimeout, LimitExceeded
        If drawing takes longer than 10 s, needs more than 256 MB, or the text has more than 1 MB.

    Warns
    -----
    UserWarning
        If something is drawn, but not as you will expect: a formula, a text whose ``@end`` line is missing.

    Examples
    --------
    >>> import jupyter_plant_together as plant
    >>> plant.render("Ada -> Ben : hello")[:4]
    '<svg'
    >>> plant.render("Ada -> Ben : hello", "png")[:4]
    b'\\x89PNG'
    >>> try:
    ...     plant.render("Ada -> Ben\\nAda -> -> Ben")
    ... except plant.PlantUMLSyntaxError as error:
    ...     print(error.line, error.message)
    2 line 2: This line is not understood (read as: sequence diagram).
    """
    data = default_renderer().submit(source, format, dark=dark, page=page).result()
    for caution in cautions(split_pages(source)[page]):
        warnings.warn(f"line {caution.line}: {caution.message}", stacklevel=2)
    if format == "svg":
        return SVG(data.decode())
    return PNG(data) if format == "png" else data


def default_renderer() -> Renderer:
    """Return this process's own renderer; a forked process gets another."""
    return _of_process(os.getpid())


@cache
def _of_process(pid: int) -> Renderer:
    renderer = Renderer(RenderSettings(), name="plant.render")
    atexit.register(renderer.close)
    return renderer
