"""A step of the wheel's build: what drawing needs (engine.py), which is not committed.

An sdist already has it, and an editable install gets it from ``make setup``.
"""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class EngineHook(BuildHookInterface):  # type: ignore[type-arg]
    """Fills ``jupyter_plant_together/rendering/engine/built`` before files are collected."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fill the folder; fail where a wheel or an sdist would lack something."""
        root = Path(self.root)
        tool = runpy.run_path(str(root / "tools" / "engine.py"))
        try:
            tool["fill"]()
        except tool["Missing"] as error:
            sdist = (root / "PKG-INFO").exists()
            if version != "editable" and not sdist:
                raise RuntimeError(f"What drawing needs cannot be put into the package. {error}") from None
