"""Test set-up that all tests share; pytest-jupyter also runs every ``async def`` test."""

pytest_plugins = ["pytest_jupyter.jupyter_server"]
