"""Where a client looks for its server, and in which order (docs/notebook.md, *Connect*)."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from jupyter_plant_together.errors import BadRequest, Disconnected
from jupyter_plant_together.notebook.client.discovery import Discovery, Endpoint, parse_url
from jupyter_plant_together.util.variables import CONNECTION_FILE


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "runtime"
    folder.mkdir()
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(folder))
    return folder


@pytest.fixture
def dead_pid() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def write(folder: Path, name: str, url: str, token: str = "t", pid: int | None = None) -> Path:
    path = folder / name
    path.write_text(json.dumps({"url": url, "token": token, "pid": os.getpid() if pid is None else pid}))
    return path


class Probe:
    def __init__(self, **problems: str) -> None:
        self.problems = problems
        self.asked: list[str] = []

    async def __call__(self, endpoint: Endpoint) -> str | None:
        self.asked.append(endpoint.url)
        return self.problems.get(endpoint.token)


def locate(
    url: str | None = None,
    token: str | None = None,
    previous: Endpoint | None = None,
    probe: Probe | None = None,
    **environ: str,
) -> Endpoint:
    return asyncio.run(Discovery(url, token, probe or Probe(), environ).locate(previous))


@pytest.mark.parametrize(
    ("given", "url", "token"),
    [
        ("http://localhost:8888", "http://localhost:8888/", None),
        ("http://localhost:8888/lab?token=abc", "http://localhost:8888/", "abc"),
        ("https://h/user/x/lab/tree/a/b.ipynb?reset", "https://h/user/x/", None),
        ("wss://h:1/base/plant-together/sync/d_1", "https://h:1/base/", None),
        (" http://[::1]:8888/base ", "http://[::1]:8888/base/", None),
        ("http://h/caf%C3%A9/tree", "http://h/caf%C3%A9/", None),
    ],
)
def test_urls_as_people_copy_them(given: str, url: str, token: str | None) -> None:
    assert parse_url(given) == (url, token)


@pytest.mark.parametrize("given", ["", "localhost:8888", "ftp://h/", "http://"])
def test_no_url(given: str) -> None:
    with pytest.raises(BadRequest, match="is not the address of a Jupyter server"):
        parse_url(given)


def named(path: Path) -> dict[str, Any]:
    return {CONNECTION_FILE: str(path)}


def test_arguments_come_first(runtime: Path) -> None:
    file = write(runtime, "plant-together-1.json", "http://file/")
    found = locate("http://argument", "a", PLANT_TOGETHER_URL="http://env/", **named(file))
    assert (found.url, found.token) == ("http://argument/", "a")


def test_a_url_alone_finds_its_token(runtime: Path) -> None:
    write(runtime, "plant-together-1.json", "http://server:1/base/", token="from-file")
    assert locate("http://server:1/base/lab").token == "from-file"
    assert locate("http://server:1/base", PLANT_TOGETHER_TOKEN="from-env").token == "from-env"
    assert locate("http://other:1/base").token == ""


def test_environment_before_files(runtime: Path) -> None:
    file = write(runtime, "plant-together-1.json", "http://file/")
    found = locate(PLANT_TOGETHER_URL="http://env/", PLANT_TOGETHER_TOKEN="e", **named(file))
    assert (found.url, found.token) == ("http://env/", "e")


def test_a_kernel_finds_its_own_server(runtime: Path) -> None:
    probe = Probe()
    own = write(runtime, "plant-together-1.json", "http://own/", token="own")
    write(runtime, "plant-together-2.json", "http://other/")
    found = locate(probe=probe, **named(own))
    assert (found.url, found.token, probe.asked) == ("http://own/", "own", [])


def test_after_a_restart_the_same_address_is_preferred(runtime: Path, dead_pid: int) -> None:
    old = write(runtime, "plant-together-1.json", "http://own:1/", token="old", pid=dead_pid)
    write(runtime, "plant-together-2.json", "http://other:2/")
    write(runtime, "plant-together-3.json", "http://own:1/", token="new")
    previous = Endpoint("http://own:1/", "old", "")
    assert locate(previous=previous, **named(old)).token == "new"


def test_after_a_restart_elsewhere_the_only_server_is_taken(runtime: Path, dead_pid: int) -> None:
    old = write(runtime, "plant-together-1.json", "http://own:1/", pid=dead_pid)
    write(runtime, "plant-together-2.json", "http://own:2/", token="new")
    previous = Endpoint("http://own:1/", "old", "")
    assert locate(previous=previous, **named(old)).url == "http://own:2/"


def test_the_only_running_server(runtime: Path) -> None:
    write(runtime, "plant-together-1.json", "http://a:1/", token="a")
    write(runtime, "jpserver-1.json", "http://a:1/", token="also a")
    write(runtime, "jpserver-2.json", "http://b:2/", token="b")
    probe = Probe(b="there is no Plant Together")
    assert locate(probe=probe) == Endpoint(
        "http://a:1/", "a", f"the connection file {runtime / 'plant-together-1.json'}"
    )
    assert sorted(probe.asked) == ["http://a:1/", "http://b:2/"]


def test_several_servers_are_named(runtime: Path) -> None:
    write(runtime, "plant-together-1.json", "http://a:1/")
    write(runtime, "jpserver-2.json", "http://b:2/")
    with pytest.raises(Disconnected, match=r"say which by url=…: http://a:1/, http://b:2/\."):
        locate()


def test_no_server_names_what_was_tried(runtime: Path, dead_pid: int) -> None:
    write(runtime, "plant-together-1.json", "http://gone:1/", pid=dead_pid)
    with pytest.raises(Disconnected, match=r"PLANT_TOGETHER_TOKEN\)\.$"):
        locate()
    (runtime / "plant-together-2.json").write_text("{")
    (runtime / "plant-together-3.json").write_text('{"url": 1}')
    write(runtime, "jpserver-2.json", "http://b:2/", token="b")
    with pytest.raises(Disconnected, match=r"tried http://b:2/ \(does not answer\)"):
        locate(probe=Probe(b="does not answer"))
