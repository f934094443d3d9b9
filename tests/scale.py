"""How much of a thing a test does: little in a push, all of it in the long run (``make long``)."""

from __future__ import annotations

import os

#: Whether this is the long run.
LONG = os.environ.get("PLANT_TOGETHER_LONG") == "1"


def scaled(push: int, long: int) -> int:
    """Return how many in this run."""
    return long if LONG else push
