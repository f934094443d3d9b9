"""Copies PlantUML's JavaScript engine from the frontend's node_modules into the Python package.

``python tools/engine.py`` fills ``jupyter_plant_together/rendering/engine/``, which is git-ignored like the
built frontend: the engine as a classic script, Graphviz, themes, emoji and icons, each gzipped (the same
bytes each time), and the licence. The Makefile and the wheel's build (hatch_build.py) run it.
"""

import gzip
import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "labextension" / "node_modules" / "@plantuml" / "core"
TARGET = ROOT / "jupyter_plant_together" / "rendering" / "engine"
AS_THEY_ARE = ("viz-global.js", "themes.js", "emoji.js", "openiconic.js")
_EXPORT = re.compile(r"export\s*\{\s*([\w$]+) as render\s*,\s*([\w$]+) as renderToString\s*\};?\s*$")


def classic(module: str) -> str:
    """Return the engine's module as a script that sets ``globalThis.PUML``."""
    export = _EXPORT.search(module)
    if export is None:
        raise SystemExit("plantuml.js ends in another export than expected: look at the new version.")
    return (
        f"(function(){{{module[: export.start()]}\n"
        f"globalThis.PUML={{render:{export[1]},renderToString:{export[2]}}};}})();\n"
    )


def copy(source: Path = SOURCE, target: Path = TARGET) -> bool:
    """Fill ``target``; returns whether there is anything to copy from."""
    if not (source / "plantuml.js").exists():
        return False
    target.mkdir(parents=True, exist_ok=True)
    texts = {name: (source / name).read_text("utf-8") for name in AS_THEY_ARE}
    texts["plantuml.js"] = classic((source / "plantuml.js").read_text("utf-8"))
    for name, text in texts.items():
        _write(target / f"{name}.gz", gzip.compress(text.encode(), 9, mtime=0))
    _write(target / "LICENSE", (source / "LICENSE").read_bytes())
    version = json.loads((source / "package.json").read_text("utf-8"))["version"]
    _write(target / "VERSION", f"{version}\n".encode())
    return True


def _write(path: Path, data: bytes) -> None:
    """Write what has changed, completely or not at all."""
    if path.exists() and path.read_bytes() == data:
        return
    whole = path.with_name(path.name + ".part")
    whole.write_bytes(data)
    whole.replace(path)


if __name__ == "__main__":
    if not copy():
        sys.exit(f"{SOURCE} has no engine: run `jlpm install` in labextension first.")
