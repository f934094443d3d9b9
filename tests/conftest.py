"""Fixtures for all levels; coroutine tests run on pytest-jupyter's event loop."""

import sys
from pathlib import Path

# pytest's importlib mode puts no folder on the path; the fixtures of real servers are modules beside this.
sys.path.insert(0, str(Path(__file__).parent))

pytest_plugins = ["pytest_jupyter.jupyter_server", "postgres", "redis_server"]
