"""The examples of docs/notebook.md and the README do what they say.

Every ``python`` block runs, in order, in one namespace and inside a running event loop, as cells do. What a
block prints must be what its ``# →`` comments say.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from notebook_server import JupyterProcess

import jupyter_plant_together as plant

ROOT = Path(__file__).parents[2]


def blocks(page: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", (ROOT / page).read_text(), re.MULTILINE | re.DOTALL)


async def run(code: str, namespace: dict[str, Any]) -> None:
    compiled = compile(code, "example", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    result = eval(compiled, namespace)
    if inspect.isawaitable(result):
        await result


@pytest.fixture
def kernel(server: JupyterProcess, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> JupyterProcess:
    """Make this process find the server as a kernel of it does, in a folder that takes what it saves."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLANT_TOGETHER_CONNECTION_FILE", str(server.connection_file))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(server.runtime))
    return server


def test_examples_of_the_page(
    kernel: JupyterProcess, eventually: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    examples = blocks("docs/notebook.md")
    assert len(examples) > 10
    namespace: dict[str, Any] = {}

    async def main() -> None:
        for example in examples:
            code = example.replace("http://127.0.0.1:8888/", kernel.url).replace("my-token", kernel.token)
            await run(code, namespace)
            printed = [line.rstrip() for line in capsys.readouterr().out.splitlines() if line]
            assert printed == [line.rstrip() for line in re.findall(r"# → (.*)$", example, re.MULTILINE)], (
                code
            )

    try:
        asyncio.run(main())
        eventually(lambda: namespace["changes"], "the callback of the page")
        assert not namespace["changes"][0][0], "somebody else's change"
    finally:
        for room in [thing for thing in namespace.values() if isinstance(thing, plant.Room)]:
            room.close()


def test_example_of_the_readme(
    kernel: JupyterProcess,
    connect: Callable[..., plant.Room],
    eventually: Callable[..., None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    (example,) = [block for block in blocks("README.md") if "plant.connect" in block]
    other = connect("example", kernel).create("welcome", "@startuml\nactor Ada\n@enduml\n")
    namespace: dict[str, Any] = {}
    asyncio.run(run(example, namespace))
    assert "good morning from a notebook" in other.wait_for("good morning", 10)
    assert other.source.rstrip().endswith("@enduml"), "what stands behind the end is not drawn"
    other.append("!")
    heard: list[str] = []

    def called() -> bool:
        heard.append(capsys.readouterr().out)
        return str(len(other.source)) in "".join(heard)

    eventually(called, "the callback")
    namespace["room"].close()


@pytest.mark.parametrize("name", plant.__all__)
def test_every_public_name_is_explained(name: str) -> None:
    thing = getattr(plant, name)
    assert inspect.getdoc(thing)
    if inspect.isclass(thing) and not issubclass(thing, BaseException):
        foreign = [base for base in thing.__mro__ if not base.__module__.startswith("jupyter_plant_together")]
        for member, value in inspect.getmembers(thing):
            if not member.startswith("_") and not any(member in vars(base) for base in foreign):
                named = inspect.ismemberdescriptor(value) and f"{member}\n" in _attributes(thing)
                assert inspect.getdoc(value) or named, f"{name}.{member}"


def _attributes(thing: type) -> str:
    """Return the names in the *Attributes* of a class's docstring, one or more a line."""
    return (inspect.getdoc(thing) or "").partition("Attributes")[2].replace(", ", "\n")
