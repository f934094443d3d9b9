"""From Python objects to PlantUML: ``plant.diagrams``.

Each function returns a text, to be drawn (``plant.render``) or put into a document (``doc.source = …``),
where people go on with it. Names and labels come out as they are, whatever characters they have.

Examples
--------
>>> doc.source = plant.diagrams.state([(None, "", "open"), ("open", "close", "closed")])
>>> "open" in plant.render(doc.source)
True
"""

from __future__ import annotations

from .plain_data import json, sequence, state
from .python_types import classes
from .tables import er

__all__ = ["classes", "er", "json", "sequence", "state"]


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
