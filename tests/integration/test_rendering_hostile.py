"""What strangers write is drawn or refused: it reads nothing, runs nothing and ends (RENDERING.md, *Security*).

Secrets lie in files, in the environment and on a web server of this machine. Whatever a text tries, none of them
may come to its picture or its error, and the web server must not be asked.
"""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil
import pytest

import jupyter_plant_together as plant
from jupyter_plant_together.rendering.renderer import Renderer
from jupyter_plant_together.rendering.settings import RenderSettings

SECRET = "xyzzy-secret"
LIMIT = 2.0


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLANT_SECRET", SECRET)
        made = Renderer(RenderSettings(processes=1))
        made.submit("Ada -> Ben : begun while the secret was in the environment").result()
        yield made
        made.close()


@pytest.fixture(scope="module")
def impatient() -> Iterator[Renderer]:
    made = Renderer(RenderSettings(processes=1, render_timeout=LIMIT))
    yield made
    made.close()


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


@pytest.mark.parametrize("format", ["svg", "png", "pdf"])
@pytest.mark.parametrize(
    "line",
    [
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
    ],
)
def test_files_the_environment_and_the_network_stay_out_of_the_picture(
    renderer: Renderer,
    folder: Path,
    web: tuple[str, list[str]],
    line: str,
    format: str,  # noqa: A002
) -> None:
    url, asked = web
    line = line.replace("{folder}", str(folder)).replace("{web}", url)
    source = f"@startuml\n{line}\nA -> B : [$x] $x.key <$s>\n@enduml"
    try:
        picture = renderer.submit(source, format).result()
    except plant.PlantTogetherError as error:
        said = error.message
        assert isinstance(error, plant.PlantUMLSyntaxError | plant.UnsupportedDiagram)
    else:
        said = picture.decode("latin-1")
    assert SECRET not in said and "root:" not in said
    host = Path("/etc/hostname")
    if format == "svg" and host.exists():
        assert f"[{host.read_text().strip()}]" not in said
    assert asked == []


def test_what_reading_a_file_as_json_gives_is_an_empty_object(renderer: Renderer, folder: Path) -> None:
    """It is no error in PlantUML, so that the picture is drawn; it shows that nothing was read."""
    source = f'!$x = %load_json("{folder}/data.json")\nA -> B : [$x]'
    assert ">[{}]<" in renderer.submit(source).result().decode()
    assert ">[]<" in renderer.submit('!$x = %getenv("PLANT_SECRET")\nA -> B : [$x]').result().decode()


@pytest.mark.parametrize(
    "source",
    [
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
    ],
)
def test_a_picture_holds_nothing_that_runs_loads_or_leads_elsewhere(renderer: Renderer, source: str) -> None:
    try:
        svg = renderer.submit(source).result().decode()
    except plant.PlantUMLSyntaxError:
        return  # nothing is shown
    tags = re.findall(r"<([^\s/>]+)((?:\"[^\"]*\"|[^\">])*)>", svg)
    known = {
        "svg",
        "defs",
        "g",
        "title",
        "text",
        "rect",
        "line",
        "polygon",
        "path",
        "ellipse",
        "circle",
        "image",
    }
    assert {name for name, _ in tags} <= known
    assert not any(re.search(r'\s(on\w+|href|src)="|url\(', attributes) for _, attributes in tags)


def test_the_environment_of_the_engine_has_no_secrets(renderer: Renderer) -> None:
    (process,) = renderer.pool.processes
    environment = Path(f"/proc/{process.pid}/environ")
    if not environment.exists():
        pytest.skip("only Linux shows the environment of a process")
    names = {entry.partition(b"=")[0] for entry in environment.read_bytes().split(b"\0") if entry}
    assert names <= {b"PATH", b"HOME", b"LANG", b"LC_ALL", b"TMPDIR", b"LD_LIBRARY_PATH", b"PYTHONPATH"}


def test_a_text_beyond_the_limit_is_refused_at_once(renderer: Renderer) -> None:
    with pytest.raises(plant.LimitExceeded, match="limit of 1,000,000 bytes"):
        renderer.submit("A -> B\n" * 200_000)


# --- what does not end --------------------------------------------------------------------------------

RECURSION = "!procedure $f($n)\n!if $n > 0\n$f($n - 1)\n$f($n - 1)\n!endif\n!endprocedure\n$f(40)\nA -> B"
HOG = '!$x = "xxxxxxxxxx"\n!while %strlen($x) < 2000000000\n!$x = $x + $x\n!endwhile\nA -> B : $x'
DOUBLING = (
    "!function $d($s, $n)\n!if $n == 0\n!return $s\n!endif\n!return $d($s + $s, $n - 1)\n!endfunction\n"
    '!$x = $d("xxxxxxxxxx", 40)\nA -> B : $x'
)


@pytest.mark.parametrize(
    "source",
    [
        RECURSION,
        DOUBLING,
        "\n".join(f"A -> B : m{i}" for i in range(20_000)),
        "@startmindmap\n" + "\n".join("*" * (i + 1) + f" n{i}" for i in range(400)) + "\n@endmindmap",
        "@startjson\n" + "[" * 3000 + "]" * 3000 + "\n@endjson",
        "!while 1 == 1\nA -> B\n!endwhile",
    ],
    ids=["recursion", "doubling", "lines", "mindmap", "json", "while"],
)
def test_what_does_not_end_is_ended_in_time_and_the_next_picture_is_drawn(
    impatient: Renderer, source: str
) -> None:
    alive_soon(impatient, "before")
    begun = time.monotonic()
    with pytest.raises(plant.PlantTogetherError, match=r"limit of 2 s|256,000,000|too many|does not end"):
        impatient.submit(source).result()
    assert time.monotonic() - begun <= LIMIT + 2.0
    alive_soon(impatient, "after")


_numbers = itertools.count()


def alive_soon(renderer: Renderer, when: str) -> None:
    """Draw a picture; on a machine that has no time for it the limit of these tests is short, so try again."""
    for _ in range(5):
        try:
            assert renderer.submit(f"Ada -> Ben : {when} {next(_numbers)}").result().startswith(b"<svg")
            return
        except plant.RenderTimeout:
            continue
    raise AssertionError("no picture was drawn")


def test_a_drawing_that_needs_too_much_memory_is_ended_by_that_limit_and_the_memory_is_given_back() -> None:
    renderer = Renderer(RenderSettings(processes=1, render_timeout=60.0, render_memory=16_000_000))
    try:
        renderer.submit("Ada -> Ben : before").result()
        (process,) = renderer.pool.processes
        before = process.pid
        with pytest.raises(plant.LimitExceeded, match="16,000,000") as caught:
            renderer.submit(HOG).result()
        assert caught.value.details["limit"] == "render_memory"
        assert not process.started, "the child and its memory are gone"
        assert renderer.submit("Ada -> Ben : after").result().startswith(b"<svg")
        assert process.pid != before
    finally:
        renderer.close()


def test_closing_ends_the_child_even_while_it_draws() -> None:
    renderer = Renderer(RenderSettings(processes=1, render_timeout=60.0))
    renderer.submit("Ada -> Ben : begin").result()
    (process,) = renderer.pool.processes
    future = renderer.submit(RECURSION)
    renderer.close()
    assert not process.started
    assert isinstance(future.exception(timeout=10), plant.PlantTogetherError)


def test_no_child_outlives_a_parent_that_was_killed_while_it_drew() -> None:
    code = (
        "import sys\n"
        "from jupyter_plant_together.rendering.renderer import Renderer\n"
        "from jupyter_plant_together.rendering.settings import RenderSettings\n"
        "renderer = Renderer(RenderSettings(processes=1, render_timeout=600.0))\n"
        "renderer.submit('Ada -> Ben').result()\n"
        "renderer.submit(sys.argv[1])\n"
        "print(renderer.pool.processes[0].pid, flush=True)\n"
        "sys.stdin.read()\n"
    )
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", code, RECURSION], stdin=pipe, stdout=pipe) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        assert child.is_running()
        parent.kill()
        _, alive = psutil.wait_procs([child], timeout=30)
        assert not alive
