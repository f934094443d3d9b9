"""Which version of this package runs."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def package_version() -> str:
    """Return the version of this package."""
    try:
        return version("jupyter_plant_together")
    except PackageNotFoundError:  # a checkout on the path, not installed
        return "0"
