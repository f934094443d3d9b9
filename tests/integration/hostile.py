"""What strangers write: texts that try to read, to run and to go on for ever, and secrets they must not get.

Secrets lie in files, in the environment and on a web server of this machine; the web server notes who asked.
"""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import jupyter_plant_together as plant
from jupyter_plant_together.rendering.renderer import Renderer
from jupyter_plant_together.rendering.settings import RenderSettings

SECRET = "xyzzy-secret"


@contextmanager
def secret_in_the_environment() -> Iterator[None]:
    """While it lasts, the environment has the secret, under names that a text may ask for."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLANT_SECRET", SECRET)
        patch.setenv("PLANTUML_SECRET", SECRET)
        yield


def begun_with_the_secret(settings: RenderSettings) -> Iterator[Renderer]:
    """Yield a renderer whose process was started while the environment had the secret."""
    with secret_in_the_environment():
        made = Renderer(settings)
        made.submit("Ada -> Ben : begun while the secret was in the environment").result()
        yield made
        made.close()


READING = [
    "!include {folder}/part.puml",
    "!include file://{folder}/part.puml",
    "!include ../../../../../../../..{folder}/part.puml",
    "!include {folder}/part.puml!S",
    "!include /etc/passwd",
    "!include_many {folder}/part.puml",
    "!include_once {folder}/part.puml",
    "!includesub {folder}/part.puml!S",
    "!import {folder}/part.puml",
    "!include <..{folder}/part>",
    "!include <../../etc/passwd>",
    "!include {web}/part.puml",
    "!includeurl {web}/part.puml",
    "!theme own from {folder}",
    "!theme own from {web}",
    '!$x = %load_json("{folder}/data.json")',
    '!$x = %load_json("file://{folder}/data.json")',
    '!$x = %load_json("{web}/data.json")',
    '!$x = %load_json("/etc/hostname")',
    '!$x = %getenv("PLANT_SECRET")',
    '!$x = %getenv("PATH")',
    '!$x = "<img:{web}/picture.svg>"',
    '!$x = "<img:{folder}/picture.svg>"',
    '!$x = "<img:/etc/hostname>"',
    "sprite $s {folder}/picture.svg",
    'sprite s <svg viewBox="0 0 9 9"><image href="{folder}/picture.svg"/><image href="{web}/p.svg"/></svg>',
    "skinparam backgroundImage {web}/picture.svg",
]

ACTIVE = [
    "!pragma svgInteractive true\nA -> B : x",
    "A -> B : [[javascript:alert(1) x]] [[data:text/html,<script>alert(1)</script> y]]",
    'A -> B : <script>alert(1)</script> " onload="x <svg onload=x> <?xml x?> <!DOCTYPE x> &e;',
    "class A [[javascript:alert(1)]]\nurl of A is [[javascript:alert(1)]]",
    'sprite s <svg viewBox="0 0 9 9"><script>alert(1)</script><a href="javascript:x"><path d="M0 0 L9 9 z" '
    'onclick="x"/></a></svg>\nA -> B : <$s>',
    'A -> B : <img:data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9ImFsZXJ0KDEpIi8+> <img:x" onload="y.png>',
    'skinparam defaultFontName "x\\" onload=\\"y"\nA -> B : x',
    "skinparam backgroundColor url(http://127.0.0.1/x)\nA -> B : x",
    '!$x = %chr(60) + "script" + %chr(62)\ntitle $x\nA -> B : $x',
]

RECURSION = "!procedure $f($n)\n!if $n > 0\n$f($n - 1)\n$f($n - 1)\n!endif\n!endprocedure\n$f(40)\nA -> B"
HOG = '!$x = "xxxxxxxxxx"\n!while %strlen($x) < 2000000000\n!$x = $x + $x\n!endwhile\nA -> B : $x'
DOUBLING = (
    "!function $d($s, $n)\n!if $n == 0\n!return $s\n!endif\n!return $d($s + $s, $n - 1)\n!endfunction\n"
    '!$x = $d("xxxxxxxxxx", 40)\nA -> B : $x'
)
ENDLESS = {
    "recursion": RECURSION,
    "doubling": DOUBLING,
    "lines": "\n".join(f"A -> B : m{i}" for i in range(20_000)),
    "mindmap": "@startmindmap\n" + "\n".join("*" * (i + 1) + f" n{i}" for i in range(400)) + "\n@endmindmap",
    "json": "@startjson\n" + "[" * 3000 + "]" * 3000 + "\n@endjson",
    "while": "!while 1 == 1\nA -> B\n!endwhile",
}
_ELEMENTS = frozenset(
    ["svg", "defs", "g", "title", "text", "rect", "line", "polygon", "path", "ellipse", "circle", "image"]
)


def reading(line: str, folder: Path, url: str) -> str:
    """Return a diagram with one of READING, which shows what was read."""
    line = line.replace("{folder}", str(folder)).replace("{web}", url)
    return f"@startuml\n{line}\nA -> B : [$x] $x.key <$s>\n@enduml"


def tells_secrets(said: str) -> bool:
    """Whether what came of a diagram of READING has something that was read."""
    host = Path("/etc/hostname")
    name = host.read_text().strip() if host.exists() else ""
    return SECRET in said or "root:" in said or f"[{name}]" in said


def is_only_a_picture(svg: str, *, images: bool = False) -> bool:
    """Whether nothing in an SVG runs, loads or leads elsewhere; written apart from what it tests."""
    if images:
        svg = re.sub(r' href="data:image/png;base64,[A-Za-z0-9+/=]*"', "", svg)
    tags = re.findall(r"<([^\s/>]+)((?:\"[^\"]*\"|[^\">])*)>", svg)
    return {name for name, _ in tags} <= _ELEMENTS and not any(
        re.search(r'\s(on\w+|href|src)="|url\(', attributes) for _, attributes in tags
    )


_numbers = itertools.count()


def alive_soon(renderer: Renderer) -> None:
    """Draw a picture; on a machine that has no time for it the limit of these tests is short, so try again."""
    for _ in range(5):
        try:
            assert renderer.submit(f"Ada -> Ben : {next(_numbers)}").result().startswith(b"<svg")
            return
        except plant.RenderTimeout:
            continue
    raise AssertionError("no picture was drawn")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("secrets")
    (made / "part.puml").write_text(f"@startuml\n!startsub S\nA -> B : {SECRET}\n!endsub\n@enduml\n")
    (made / "data.json").write_text(f'{{"key": "{SECRET}"}}')
    (made / "puml-theme-own.puml").write_text(f"title {SECRET}\n")
    (made / "picture.svg").write_text(f'<svg xmlns="http://www.w3.org/2000/svg"><text>{SECRET}</text></svg>')
    return made


@pytest.fixture(scope="module")
def web(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """A web server that gives the secret to whoever asks, and notes who did."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            path = folder / self.path.lstrip("/")
            self.send_response(200)
            self.end_headers()
            self.wfile.write(path.read_bytes() if path.is_file() else SECRET.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()
