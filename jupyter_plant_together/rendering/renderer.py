"""From a text to a picture: the one way that HTTP, notebooks and scripts share.

:meth:`Renderer.submit` returns a future, so that a thread can block on it and an event loop await it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import BadRequest, LimitExceeded, PlantUMLSyntaxError, UnsupportedDiagram
from .backends.external import ExternalBackend, picture
from .backends.selection import make as make_backend
from .engine.process import Process, RenderFailed
from .engine.raster import fitting
from .pool.futures import or_else, then
from .pool.worker_pool import WorkerPool
from .settings import RenderSettings
from .svg.inert import is_inert
from .text.blocks import Page, split_pages
from .text.explain import Answer, error_of, missing_type
from .unavailable import RenderUnavailable

if TYPE_CHECKING:
    from .pool.shared_pictures import SharedPictures

FORMATS = ("svg", "png", "pdf")
SCALE = 2.0  # pixels of a PNG for one unit of the SVG
# The engine's dark colours are made for a dark page; a picture of its own brings it along.
PAPER = {False: "#ffffff", True: "#1e1e1e"}
_BAR = re.compile(
    r'(<g><title(?:/>|>[^<]*</title>)<rect (?:(?!width="10" )[^>])*width="10" [^>]*fill=")'
    r'#FFFFFF(" stroke="#E7E7E7")'
)
_VIEW_BOX = re.compile(r'(<svg\b[^>]*?\bviewBox=")([^"]*)(")')
_WARM_UP = "Ada -> Ben : hello"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A picture that is asked for."""

    page: Page
    format: str
    dark: bool
    scale: float
    lane: str | None
    user: str

    @property
    def drawing(self) -> str:
        """What equal drawings have in common, whatever their format; errors name lines of the text."""
        digest = hashlib.sha256(self.page.text.encode(errors="replace")).hexdigest()
        return f"{self.dark:d} {self.page.first_line} {digest}"


class Renderer:
    """Makes pictures, equal ones once; give it back with :meth:`close`.

    Parameters
    ----------
    settings
        Its limits.
    name
        What its threads are called.
    shared
        Other servers' pictures, closed with the renderer.

    Raises
    ------
    Misconfigured
        If the settings name a backend that cannot be.
    """

    def __init__(
        self,
        settings: RenderSettings,
        *,
        name: str = "plant-together drawing",
        shared: SharedPictures | None = None,
    ) -> None:
        self.settings = settings
        self.shared = shared
        self.pool = WorkerPool(settings, name, lambda: Process(settings), settings.process_count)
        self.backend_pool: WorkerPool[ExternalBackend] | None = None
        backend = make_backend(settings)
        if backend is not None:
            # Its own queue: what it makes wait does not keep the built-in engine from drawing.
            self.backend_pool = WorkerPool(
                settings, f"{name} ({settings.render_backend})", lambda: backend, backend.concurrency
            )

    def submit(
        self,
        source: str,
        format: str = "svg",  # noqa: A002 - the API's word
        *,
        dark: bool = False,
        page: int = 0,
        scale: float = SCALE,
        lane: str | None = None,
        user: str = "",
    ) -> Future[bytes]:
        """Ask for a picture.

        Parameters
        ----------
        source
            The text, with or without ``@startuml``.
        format
            ``svg`` (UTF-8), ``png`` or ``pdf``.
        dark
            Whether it is for a dark page.
        page
            Which of the diagrams and pages of the text, from 0.
        scale
            Pixels of a PNG for one unit; lowered for pictures that would be beyond use.
        lane
            Replaces what still waits in the same lane.
        user
            Who asks: users who wait take turns.

        Raises
        ------
        BadRequest, LimitExceeded, PlantUMLSyntaxError
            At once, if there is nothing to draw, or too much. The future has the errors of drawing.
        """
        if format not in FORMATS:
            raise BadRequest(f"Pictures are made as {', '.join(FORMATS)}, not as “{format}”.")
        if not 0.1 <= scale <= 10:
            raise BadRequest("The scale of a picture must be from 0.1 to 10.")
        wanted = Wanted(self._page(source, page), format, dark, scale, lane, user)
        if self.backend_pool is None:
            return self._by_engine(wanted)
        pool = self.backend_pool
        if self.settings.render_scope == "all" or missing_type(wanted.page) is not None:
            return self._by_backend(pool, wanted)
        return or_else(self._by_engine(wanted), UnsupportedDiagram, lambda: self._by_backend(pool, wanted))

    def warm_up(self) -> None:
        """Load the engine behind the scenes, ahead of the first picture."""
        self.submit(_WARM_UP, lane="warm-up")

    def close(self) -> None:
        """End the processes."""
        if self.backend_pool is not None:
            self.backend_pool.close()
        self.pool.close()
        if self.shared is not None:
            self.shared.close()

    def numbers(self) -> dict[str, float]:
        """Return what was done since the start, for those who watch."""
        pools = [pool.numbers() for pool in (self.pool, self.backend_pool) if pool is not None]
        numbers = {name: sum(pool[name] for pool in pools) for name in pools[0]}
        shared = 0 if self.shared is None else self.shared.hits
        numbers["drawings_total"] -= shared
        return {**numbers, "drawings_shared_total": shared}

    # --- inside --------------------------------------------------------------------------------------

    def _page(self, source: str, number: int) -> Page:
        if len(source.encode(errors="replace")) > self.settings.max_source_size:
            limit = self.settings.max_source_size
            raise LimitExceeded(
                f"The text is over the limit of {limit:,} bytes{self.settings.named('max_source_size')}.",
                limit="max_source_size",
            )
        pages = split_pages(source)
        if not pages:
            raise PlantUMLSyntaxError(None, "There is nothing to draw yet.")
        if number >= len(pages) and not pages.are_all:
            raise BadRequest(
                f"Of a text the first {len(pages)} pictures are drawn, numbered from 0; there is no {number}."
            )
        if not 0 <= number < len(pages):
            raise BadRequest(f"The text has {len(pages)} pictures, numbered from 0; there is no {number}.")
        return pages[number]

    def _by_engine(self, wanted: Wanted) -> Future[bytes]:
        page, dark, format = wanted.page, wanted.dark, wanted.format  # noqa: A001 - the API's word
        drawing = f"svg {wanted.drawing}"

        def drawn(process: Process) -> bytes:
            return self._once(drawing, "svg", lambda: self._draw(process, page, dark))

        if format == "svg":
            return self.pool.submit(drawing, drawn, lane=wanted.lane, user=wanted.user)

        def rastered(process: Process) -> bytes:
            svg = self.pool.known(drawing)
            if svg is None:
                svg = self._draw(process, page, dark)
                self.pool.keep(drawing, svg)
            return self._raster(process, svg.decode(), wanted)

        key = f"{format} {wanted.scale} {drawing}"

        def shared(process: Process) -> bytes:
            return self._once(key, format, lambda: rastered(process))

        return self.pool.submit(key, shared, lane=wanted.lane, user=wanted.user)

    def _by_backend(self, pool: WorkerPool[ExternalBackend], wanted: Wanted) -> Future[bytes]:
        page, dark = wanted.page, wanted.dark
        drawing = f"{self.settings.render_backend} {wanted.drawing}"
        drawn = pool.submit(
            drawing,
            lambda backend: self._once(drawing, "svg", lambda: picture(backend, page, dark=dark).encode()),
            lane=wanted.lane,
            user=wanted.user,
        )
        if wanted.format == "svg":
            return drawn

        def raster(svg: bytes) -> Future[bytes]:
            return self.pool.submit(
                f"{wanted.format} {wanted.scale} {drawing}",
                lambda process: self._raster(process, svg.decode(), wanted),
                lane=wanted.lane,
                user=wanted.user,
            )

        return then(drawn, raster)

    def _once(self, key: str, kind: str, make: Callable[[], bytes]) -> bytes:
        """Return what another server has made for ``key``, or make it and share it."""
        if self.shared is None:
            return make()
        found = self.shared.get(key, kind)
        if found is not None:
            return found
        self.shared.put(key, kind, made := make())
        return made

    def _draw(self, process: Process, page: Page, dark: bool) -> bytes:
        head, body = process.ask({"do": "svg", "dark": dark}, page.text)
        answer = Answer(body.decode(), head.get("error"))
        error = error_of(answer, page)
        if error is not None:
            raise error
        if not is_inert(answer.svg):
            raise RenderFailed("The picture holds what no picture may hold, so it is not shown.")
        svg = _BAR.sub(r"\1#222222\2", answer.svg) if dark else answer.svg
        return with_margin(svg, page.margin).encode()

    def _raster(self, process: Process, svg: str, wanted: Wanted) -> bytes:
        width, height = size_of(svg)
        head: dict[str, Any] = {
            "do": wanted.format,
            "scale": fitting(width, height, wanted.scale),
            "background": PAPER[wanted.dark],
        }
        answer, data = process.ask(head, svg)
        if answer.get("missing"):
            raise RenderUnavailable(answer["missing"])
        if answer.get("error"):
            raise RenderFailed(f"The picture could not be made: {answer['error']}")
        return data


def size_of(svg: str) -> tuple[float, float]:
    """Return the width and height of a picture in its own units."""
    box = _box(svg)
    return (box[2], box[3]) if box else (100.0, 100.0)


def resized(svg: str, width: float) -> str:
    """Return the picture, shown ``width`` pixels wide."""
    box = _box(svg)
    if box is None or not box[2]:
        return svg
    return _sized(svg, width, box[3] * width / box[2])


def with_margin(svg: str, margin: float) -> str:
    """Return the picture with space around it."""
    box = _box(svg)
    if not margin or box is None:
        return svg
    x, y, width, height = box[0] - margin, box[1] - margin, box[2] + 2 * margin, box[3] + 2 * margin
    svg = _VIEW_BOX.sub(rf"\g<1>{x:g} {y:g} {width:g} {height:g}\g<3>", svg, count=1)
    return _sized(svg, width, height)


def _sized(svg: str, width: float, height: float) -> str:
    head, end, rest = svg.partition(">")
    for name, value in (("width", width), ("height", height)):
        head = re.sub(rf'(\s{name}=")[^"]*(")', rf"\g<1>{value:g}\g<2>", head, count=1)
    return head + end + rest


def _box(svg: str) -> tuple[float, float, float, float] | None:
    match = _VIEW_BOX.match(svg)
    parts = match[2].replace(",", " ").split() if match else []
    try:
        x, y, width, height = (float(part) for part in parts)
    except ValueError:
        return None
    return x, y, width, height
