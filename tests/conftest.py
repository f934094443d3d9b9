"""Fixtures for all levels; coroutine tests run on pytest-jupyter's event loop."""

pytest_plugins = ["pytest_jupyter.jupyter_server"]
