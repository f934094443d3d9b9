"""A step of the wheel's build: the drawing engine from the frontend's node_modules.

An sdist already has it, and an editable install gets it from ``make setup``.
"""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class EngineHook(BuildHookInterface):  # type: ignore[type-arg]
    """Fills ``jupyter_plant_together/rendering/engine`` before files are collected."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Copy the engine; fail where a wheel or an sdist would lack it."""
        root = Path(self.root)
        copied = runpy.run_path(str(root / "tools" / "engine.py"))["copy"]()
        there = (root / "jupyter_plant_together" / "rendering" / "engine" / "plantuml.js.gz").exists()
        if version != "editable" and not copied and not there:
            raise RuntimeError("There is no drawing engine to put into the package: run `make setup` first.")
