"""Fills ``jupyter_plant_together/rendering/engine/built/``: everything foreign that drawing in Python needs.

Nothing of it is committed; it comes from packages that are installed for the build. From the frontend's
``node_modules``: PlantUML's JavaScript engine (as a classic script, with Graphviz, themes, emoji and icons,
each gzipped to the same bytes each time) and the DejaVu fonts, whose widths are written down for the engine,
because it measures text itself. From the Python package ``c4-diagrams``, which carries it: the C4 library.
Each comes with its licence. The Makefile and the wheel's build (hatch_build.py) run this.
"""

import gzip
import json
import re
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "labextension" / "node_modules"
TARGET = ROOT / "jupyter_plant_together" / "rendering" / "engine" / "built"
AS_THEY_ARE = ("viz-global.js", "themes.js", "emoji.js", "openiconic.js")
MEASURED = {"n": "DejaVuSans.ttf", "b": "DejaVuSans-Bold.ttf", "m": "DejaVuSansMono.ttf"}
FONTS = (
    *MEASURED.values(),
    "DejaVuSans-Oblique.ttf",
    "DejaVuSans-BoldOblique.ttf",
    "DejaVuSansMono-Bold.ttf",
)
_EXPORT = re.compile(r"export\s*\{\s*([\w$]+) as render\s*,\s*([\w$]+) as renderToString\s*\};?\s*$")
# How a file of C4 includes the one below it: from beside it, else from the network.
_BELOW = re.compile(
    r'^!if %variable_exists\("RELATIVE_INCLUDE"\)\s+!include \./(\w+)\.puml\s+!else\s+!include \S+\s+!endif',
    re.MULTILINE,
)


class Missing(Exception):
    """A package that things come from is not installed; says which, and what brings it."""


def fill() -> None:
    """Fill the folder; raises Missing where there is nothing to take from."""
    _engine(MODULES / "@plantuml" / "core")
    _fonts(MODULES / "dejavu-fonts-ttf")
    _c4()


def _engine(source: Path) -> None:
    if not (source / "plantuml.js").exists():
        raise Missing(f"{source} has no engine: run `jlpm install` in labextension first.")
    texts = {name: (source / name).read_text("utf-8") for name in AS_THEY_ARE}
    texts["plantuml.js"] = _classic((source / "plantuml.js").read_text("utf-8"))
    for name, text in texts.items():
        _write(f"{name}.gz", gzip.compress(text.encode(), 9, mtime=0))
    _write("LICENSE", (source / "LICENSE").read_bytes())
    _write("VERSION", f"{json.loads((source / 'package.json').read_text('utf-8'))['version']}\n".encode())


def _classic(module: str) -> str:
    """Return the engine's module as a script that sets ``globalThis.PUML``."""
    export = _EXPORT.search(module)
    if export is None:
        raise SystemExit("plantuml.js ends in another export than expected: look at the new version.")
    return (
        f"(function(){{{module[: export.start()]}\n"
        f"globalThis.PUML={{render:{export[1]},renderToString:{export[2]}}};}})();\n"
    )


def _fonts(source: Path) -> None:
    try:
        from fontTools.ttLib import TTFont  # noqa: PLC0415 - needed for the build alone
    except ImportError:
        raise Missing("The package fonttools is not installed, which measures the fonts.") from None
    if not (source / "ttf").is_dir():
        raise Missing(f"{source} has no fonts: run `jlpm install` in labextension first.")
    for name in FONTS:
        _write(f"fonts/{name}", (source / "ttf" / name).read_bytes())
    _write("fonts/LICENSE", (source / "LICENSE").read_bytes())
    tables = {key: _widths(TTFont(source / "ttf" / name)) for key, name in MEASURED.items()}
    _write("metrics.json", (json.dumps(tables, separators=(",", ":")) + "\n").encode())


def _widths(font: Any) -> dict[str, Any]:
    """Return a font's heights and widths in thousandths of its size."""
    scale = 1000 / font["head"].unitsPerEm
    widths = {code: round(font["hmtx"][name][0] * scale) for code, name in font.getBestCmap().items()}
    runs: list[tuple[int, list[int]]] = []
    for code in sorted(widths):
        if runs and code - (runs[-1][0] + len(runs[-1][1])) < 8:  # a short gap is cheaper than a new run
            runs[-1][1].extend([-1] * (code - runs[-1][0] - len(runs[-1][1])))
            runs[-1][1].append(widths[code])
        else:
            runs.append((code, [widths[code]]))
    heights = font["hhea"]
    return {"ascent": round(heights.ascent * scale), "descent": round(-heights.descent * scale), "runs": runs}


def _c4() -> None:
    try:
        source = Path(str(distribution("c4-diagrams").locate_file("c4/vendor/c4_plantuml")))
    except PackageNotFoundError:
        raise Missing("The package c4-diagrams is not installed, which carries the C4 library.") from None
    for path in sorted(source.glob("*.puml")):
        text = _BELOW.sub(r"!include <C4/\1>", path.read_text("utf-8-sig"))
        if re.search(r"^\s*!include(?! <C4/)", text, re.MULTILINE):
            raise SystemExit(f"{path.name} includes in another way than expected: look at the new version.")
        _write(f"libraries/c4/{path.name.lower()}", text.encode())
    _write("libraries/c4/LICENSE", (source / "LICENSE").read_bytes())


def _write(name: str, data: bytes) -> None:
    """Write what has changed, completely or not at all."""
    path = TARGET / name
    if path.exists() and path.read_bytes() == data:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = path.with_name(path.name + ".part")
    whole.write_bytes(data)
    whole.replace(path)


if __name__ == "__main__":
    try:
        fill()
    except Missing as error:
        sys.exit(str(error))
