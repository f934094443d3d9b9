"""The files that the engine is made of, and the libraries that diagrams may include.

``built/`` is filled by ``tools/engine.py`` when the project is set up or its wheel is built.
"""

from __future__ import annotations

import gzip
import re
from pathlib import Path

from ..unavailable import RenderUnavailable

HERE = Path(__file__).parent
ENGINE = HERE / "built"
FONTS = ENGINE / "fonts"
SIDE_FILES = frozenset({"themes.js", "emoji.js", "openiconic.js"})
_LIBRARY = re.compile(r"([a-z0-9][a-z0-9_-]*(?:\.[0-9]+)*)\.min\.js")


def engine_file(name: str) -> str:
    """Return a script of the engine; raises RenderUnavailable where it was not built."""
    try:
        return gzip.decompress((ENGINE / f"{name}.gz").read_bytes()).decode()
    except FileNotFoundError:
        raise RenderUnavailable(
            "The drawing engine is not in this checkout: run `make setup`, or install a wheel."
        ) from None


def script(name: str) -> str:
    """Return a script of this package."""
    return (HERE / "js" / name).read_text("utf-8")


def metrics() -> str:
    """Return the JSON of the fonts' widths."""
    return (ENGINE / "metrics.json").read_text("utf-8")


def font_files() -> list[str]:
    """Return the paths of the bundled fonts."""
    return sorted(str(path) for path in FONTS.glob("*.ttf"))


def library(wanted: str) -> tuple[str, dict[str, list[str]]] | None:
    """Return the name and the files (lines by lower-case path without extension) of a library.

    ``wanted`` is what the engine asks for, like ``c4.min.js``. It comes from the text of a diagram, so
    only plain names are looked for, and only among the folders that are there.
    """
    match = _LIBRARY.fullmatch(wanted)
    folder = None if match is None else ENGINE / "libraries" / match[1]
    if match is None or folder is None or not folder.is_dir():
        return None
    files = {
        path.relative_to(folder).with_suffix("").as_posix(): path.read_text("utf-8").split("\n")
        for path in folder.rglob("*.puml")
    }
    return match[1], files
