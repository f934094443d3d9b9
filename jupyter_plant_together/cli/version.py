"""``jupyter plant-together version``."""

from __future__ import annotations

from ..util.version import package_version
from .arguments import Arguments


class Version(Arguments):
    """Prints the version."""

    name = "jupyter-plant-together version"
    description = "Print the version."

    def _check_names(self, classes: object) -> None:
        """Take the settings of every command, and read none: loading them would take a second."""

    def start(self) -> None:
        """Print it."""
        print(package_version())
