"""Writes rendering/metrics.json: the widths of the bundled fonts, for the engine, which measures text itself.

Run it when the fonts change: ``python tools/font_metrics.py`` (needs fontTools).
"""

import json
from pathlib import Path
from typing import Any

from fontTools.ttLib import TTFont

RENDER = Path(__file__).parent.parent / "jupyter_plant_together" / "rendering"
FACES = {"n": "DejaVuSans.ttf", "b": "DejaVuSans-Bold.ttf", "m": "DejaVuSansMono.ttf"}


def table(path: Path) -> dict[str, Any]:
    """Return a face's heights and widths in thousandths of its size."""
    font = TTFont(path)
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


if __name__ == "__main__":
    tables = {key: table(RENDER / "fonts" / name) for key, name in FACES.items()}
    (RENDER / "metrics.json").write_text(json.dumps(tables, separators=(",", ":")) + "\n")
