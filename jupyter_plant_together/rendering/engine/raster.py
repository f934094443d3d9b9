"""From SVG to PNG (resvg) and PDF (vl-convert, an extra), with the bundled fonts; in the child process.

System fonts are looked at only for a text with characters that the bundled ones lack, so that pictures are
the same on every machine.
"""

from __future__ import annotations

import json
import math
from functools import cache

from ..unavailable import not_installed
from .assets import FONTS, font_files, metrics

_SIDE_AT_MOST = 16_000  # pixels
_AREA_AT_MOST = 60_000_000


@cache
def _covered() -> frozenset[int]:
    found: set[int] = set()
    for first, widths in json.loads(metrics())["n"]["runs"]:
        found.update(first + i for i, width in enumerate(widths) if width >= 0)
    return frozenset(found)


def needs_system_fonts(svg: str) -> bool:
    """Whether the text has characters that the bundled fonts lack."""
    return any(ord(char) > 0x7E and ord(char) not in _covered() for char in set(svg))


def fitting(width: float, height: float, scale: float) -> float:
    """Return the scale, or a smaller one where the picture would be beyond use."""
    area = width * height
    longest = max(width, height, 1.0)
    return min(scale, _SIDE_AT_MOST / longest, math.sqrt(_AREA_AT_MOST / max(area, 1.0)))


def png(svg: str, *, scale: float, background: str) -> bytes:
    """Return a PNG; raises ValueError where the SVG is not one."""
    import resvg_py  # noqa: PLC0415 - looked for by the parent, which has the sentence for its absence

    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg,
            zoom=scale,
            background=background,
            skip_system_fonts=not needs_system_fonts(svg),
            font_files=font_files(),
            font_family="DejaVu Sans",
            sans_serif_family="DejaVu Sans",
            serif_family="DejaVu Sans",
            monospace_family="DejaVu Sans Mono",
        )
    )


def pdf(svg: str, *, scale: float, background: str) -> bytes:
    """Return a PDF with embedded fonts and text that can be selected.

    Raises
    ------
    RenderUnavailable
        If vl-convert is not installed.
    """
    try:
        import vl_convert  # noqa: PLC0415 - an extra that may be absent
    except ModuleNotFoundError:
        raise not_installed("vl-convert-python", "pdf") from None
    vl_convert.register_font_directory(str(FONTS))
    return bytes(vl_convert.svg_to_pdf(_named_fonts(svg)))


def _named_fonts(svg: str) -> str:
    return svg.replace('font-family="sans-serif"', 'font-family="DejaVu Sans"').replace(
        'font-family="monospace"', 'font-family="DejaVu Sans Mono"'
    )
