"""The README keeps its promises: links resolve, commands exist and run."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMMANDS = re.findall(
    r"^jupyter plant-together (?:export|import) .*$", (ROOT / "README.md").read_text(), re.M
)
DOCS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.name)
def test_links_and_pictures_exist(page: Path) -> None:
    prose = re.sub(r"^```.*?^```|`[^`\n]+`", "", page.read_text(), flags=re.M | re.S)
    targets = re.findall(r"\]\(([^)#]+)[^)]*\)", prose)
    missing = [t for t in targets if not t.startswith("http") and not (page.parent / t).exists()]
    assert missing == []


def test_every_make_target_that_is_named_exists() -> None:
    named = set(re.findall(r"`?make ([a-z]+)", (ROOT / "README.md").read_text()))
    assert {"lab", "test", "lint", "bench", "clean", "help"} <= named
    for target in named:
        subprocess.run(["make", "--dry-run", target], cwd=ROOT, check=True, capture_output=True)


def test_make_lab_opens_the_example_room(tmp_path: Path) -> None:
    """What `make lab` runs, without a browser, in a home of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "PLANT_TOGETHER"))}
    environment |= {
        "HOME": str(tmp_path),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "JUPYTER_DATA_DIR": str(tmp_path / "data"),
        "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
    }
    command = [".ci/lab", "--no-browser", f"--port={port}", "--IdentityProvider.token=t"]
    log = (tmp_path / "log").open("wb")
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        address = f"http://127.0.0.1:{port}/"
        end = time.monotonic() + 60
        while True:
            try:
                request = urllib.request.Request(
                    address + "plant-together/api/v1/rooms/example/documents/welcome/source",
                    headers={"Authorization": "token t"},
                )
                with urllib.request.urlopen(request, timeout=5) as answer:
                    source = answer.read().decode()
                break
            except (urllib.error.URLError, OSError):
                assert server.poll() is None and time.monotonic() < end, (tmp_path / "log").read_text()
                time.sleep(0.2)
        assert source.startswith("@startuml")
        with urllib.request.urlopen(address + "?token=t", timeout=10) as page:
            assert page.url.startswith(address + "lab/tree/Rooms:example/welcome.puml")
        # one directory of the notebooks is within reach of the file browser
        with urllib.request.urlopen(
            address + "api/contents/getting-started.ipynb?content=0&token=t"
        ) as answer:
            assert answer.status == 200
        # Beside the running server, in another folder.
        for line in COMMANDS:
            done = subprocess.run(
                [sys.executable, "-m", "jupyter_plant_together.cli", *line.split()[2:]],
                cwd=tmp_path,
                env=environment,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
        request = urllib.request.Request(
            address + "plant-together/api/v1/rooms/copy/documents/welcome/source",
            headers={"Authorization": "token t"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert answer.read().decode() == source
    finally:
        server.terminate()
        server.wait(20)
        log.close()
