"""Draws the pictures of the documents from the ``.puml`` files beside them: ``python tools/drawings.py``."""

from __future__ import annotations

from pathlib import Path

import jupyter_plant_together as plant

DOCS = Path(__file__).parents[1] / "docs"


def main() -> None:
    """Write ``docs/images/{name}.svg`` for each ``docs/{name}.puml``."""
    for source in sorted(DOCS.glob("*.puml")):
        picture = plant.render(source.read_text(encoding="utf-8"))
        (DOCS / "images" / f"{source.stem}.svg").write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    main()
