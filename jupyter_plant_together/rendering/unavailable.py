"""What is said where something that drawing needs is not installed."""

from __future__ import annotations

from ..errors import PlantTogetherError


class RenderUnavailable(PlantTogetherError):
    """Pictures cannot be made here, because something is not installed; the message names it."""

    code = "render-unavailable"
    status = 503


def not_installed(package: str, extra: str | None = None) -> RenderUnavailable:
    """Return the error for a package that is missing."""
    what = package if extra is None else f"'jupyter-plant-together[{extra}]'"
    return RenderUnavailable(f"The package {package} is missing for drawing: pip install {what}.")
