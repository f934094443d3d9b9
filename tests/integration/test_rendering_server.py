"""A drawing server as the backend: a real PlantUML server, and servers that mean no good."""

from __future__ import annotations

import re
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from hostile import ACTIVE, is_only_a_picture
from plantuml_jar import jar

import jupyter_plant_together as plant
from jupyter_plant_together.errors import Misconfigured
from jupyter_plant_together.rendering.backends.external import SVG_AT_MOST
from jupyter_plant_together.rendering.renderer import Renderer
from jupyter_plant_together.rendering.settings import RenderSettings

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" width="9px" height="9px">'
LIMIT = 2.0
Answer = Callable[[BaseHTTPRequestHandler], None]


def drawing_at(url: str, **more: Any) -> Renderer:
    return Renderer(
        RenderSettings(processes=1, render_backend="server", render_scope="all", render_url=url, **more)
    )


@pytest.fixture(scope="module")
def plantuml_server() -> Iterator[str]:
    """PlantUML's own small server; it says on which port it is."""
    command = ["java", "-Djava.awt.headless=true", "-DPLANTUML_SECURITY_PROFILE=INTERNET", "-jar", jar()]
    options = ["-picoweb:0:127.0.0.1", "-Playout=smetana"]
    with subprocess.Popen([*command, *options], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        port = next(found[1] for line in process.stderr if (found := re.search(r"webPort=(\d+)", line)))
        drain = threading.Thread(target=process.stderr.read)
        drain.start()
        yield f"http://127.0.0.1:{port}/plantuml"
        process.kill()
        drain.join()


@pytest.fixture(scope="module")
def renderer(plantuml_server: str) -> Iterator[Renderer]:
    made = drawing_at(plantuml_server)
    yield made
    made.close()


@pytest.fixture
def serve() -> Iterator[Callable[[Answer], str]]:
    """Return a function that starts a server with such answers and returns its address."""
    servers: list[tuple[ThreadingHTTPServer, threading.Thread]] = []

    def start(answer: Answer) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                try:
                    answer(self)
                except OSError:
                    pass  # whoever asked has gone

            do_POST = do_GET

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        servers.append((server, thread))
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.socket.close()


def saying(body: str, status: int = 200, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body.encode())

    return answer


# --- a server that means well ------------------------------------------------------------------------


def test_a_plantuml_server_draws(renderer: Renderer) -> None:
    assert b">hello<" in renderer.submit("Ada -> Ben : hello").result()
    assert b">Sign in<" in renderer.submit("@startsalt\n{ [Sign in] }\n@endsalt").result()
    assert "Ωmega ✓" in renderer.submit("Ada -> Ben : Ωmega ✓").result().decode().replace("\xa0", " ")
    assert renderer.submit("Ada -> Ben : hello", "png").result().startswith(b"\x89PNG")


def test_an_error_has_its_line_in_the_whole_text(renderer: Renderer) -> None:
    with pytest.raises(plant.PlantUMLSyntaxError, match="not understood") as caught:
        renderer.submit("title x\nAda -> Ben\nAda -> -> Ben").result()
    assert caught.value.line == 3


@pytest.mark.parametrize("source", ACTIVE)
def test_a_picture_holds_nothing_that_runs_loads_or_leads_elsewhere(renderer: Renderer, source: str) -> None:
    try:
        svg = renderer.submit(source).result().decode()
    except plant.PlantTogetherError:
        return  # nothing is shown; of one of these the server answers 503
    assert is_only_a_picture(svg, images=True)


def test_a_text_that_would_read_is_not_sent(serve: Callable[[Answer], str]) -> None:
    asked: list[str] = []

    def note(handler: BaseHTTPRequestHandler) -> None:
        asked.append(handler.path)
        saying(f"{HEAD}</svg>")(handler)

    renderer = drawing_at(serve(note))
    try:
        for line in (
            "!include /etc/passwd",
            "!includeurl http://127.0.0.1/x",
            "!include <../x>",
            "!import x.zip",
        ):
            with pytest.raises(plant.PlantUMLSyntaxError, match="Only documents of the same room") as caught:
                renderer.submit(f"A -> B\n{line}").result()
            assert caught.value.line == 2
        assert asked == []
        assert renderer.submit("!include <C4/C4_Context>\nA -> B").result().startswith(b"<svg")
    finally:
        renderer.close()


def test_kroki_is_asked_by_post_and_counts_lines_from_0(serve: Callable[[Answer], str]) -> None:
    asked: list[tuple[str, str, bytes]] = []

    def kroki(handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        asked.append((handler.command, handler.path, body))
        if b"wrong" in body:
            said = "Error 400: Syntax Error? (Assumed diagram type: sequence) (line: 2)"
            saying(said, 400)(handler)
        else:
            saying(f"{HEAD}<text>drawn</text></svg>")(handler)

    renderer = drawing_at(serve(kroki) + "/kroki/", render_server="kroki")
    try:
        assert b">drawn<" in renderer.submit("Ada -> Ben").result()
        assert asked == [("POST", "/kroki/plantuml/svg", b"@startuml\nAda -> Ben\n@enduml")]
        with pytest.raises(plant.PlantUMLSyntaxError, match=r"read as: sequence diagram") as caught:
            renderer.submit("Ada -> Ben\nwrong").result()
        assert caught.value.line == 2
    finally:
        renderer.close()


def test_a_text_that_is_too_long_for_an_address_is_posted(serve: Callable[[Answer], str]) -> None:
    asked: list[str] = []

    def note(handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers.get("Content-Length", 0))
        asked.append(f"{handler.command} {handler.path[:5]} {len(handler.rfile.read(length)) > 50_000}")
        saying(f"{HEAD}</svg>")(handler)

    renderer = drawing_at(serve(note))
    try:
        renderer.submit("Ada -> Ben : short").result()
        renderer.submit("\n".join(f"Ada -> Ben : {number * 7919}" for number in range(4_000))).result()
    finally:
        renderer.close()
    assert asked == ["GET /svg/ False", "POST /svg True"]


# --- servers that mean no good -----------------------------------------------------------------------

HOSTILE_SVG = (
    f"{HEAD}<script>alert(1)</script><g onload='alert(1)' style='fill:red;background:url(//x)'>"
    "<a href='javascript:alert(1)'><text onclick='x' x='1'>shown</text></a></g>"
    "<foreignObject><body xmlns='http://www.w3.org/1999/xhtml'><iframe src='//x'/></body></foreignObject>"
    "<image href='//127.0.0.1/x.png'/><style>@import url(//x)</style><use href='//x#y'/></svg>"
)


def test_a_hostile_picture_is_cleaned(serve: Callable[[Answer], str]) -> None:
    renderer = drawing_at(serve(saying(HOSTILE_SVG)))
    try:
        svg = renderer.submit("Ada -> Ben").result().decode()
    finally:
        renderer.close()
    assert is_only_a_picture(svg)
    assert '<text x="1">shown</text>' in svg and 'style="fill:red"' in svg


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (saying("<html><script>alert(1)</script></html>"), "no picture: it does not begin with <svg>"),
        (saying("not XML"), "no picture: it is not well-formed"),
        (saying(""), "no picture"),
        (
            saying(f'<!DOCTYPE svg [<!ENTITY e SYSTEM "file:///etc/passwd">]>{HEAD}<text>&e;</text></svg>'),
            "entities of its own",
        ),
        (
            saying(
                f'<!DOCTYPE svg [<!ENTITY a "{"x" * 99}"><!ENTITY b "&a;&a;">]>{HEAD}<text>&b;</text></svg>'
            ),
            "entities of its own",
        ),
        (saying(HEAD + "<g>" * 5_000 + "</g>" * 5_000 + "</svg>"), "nested too deeply"),
        (saying("gone", 503), "answered 503"),
        (saying("", 302, Location="http://127.0.0.1:9/secret"), "answered 302 .it sends elsewhere"),
        (saying("x", Content_Length="-5"), "no picture"),
    ],
)
def test_what_is_no_picture_is_refused(serve: Callable[[Answer], str], answer: Answer, message: str) -> None:
    renderer = drawing_at(serve(answer))
    try:
        with pytest.raises(plant.PlantTogetherError, match=message) as caught:
            renderer.submit("Ada -> Ben").result()
        assert "root:" not in caught.value.message and caught.value.status == 422
    finally:
        renderer.close()


def test_a_redirect_is_not_followed(serve: Callable[[Answer], str]) -> None:
    followed: list[str] = []

    def other(handler: BaseHTTPRequestHandler) -> None:
        followed.append(handler.path)
        saying(f"{HEAD}</svg>")(handler)

    renderer = drawing_at(serve(saying("", 307, Location=serve(other))))
    try:
        with pytest.raises(plant.PlantTogetherError, match="not followed"):
            renderer.submit("Ada -> Ben").result()
    finally:
        renderer.close()
    assert followed == []


def drip(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b" ")
        time.sleep(0.05)


def drip_headers(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.0 200 OK\r\nX-Long: ")
    while True:
        handler.wfile.write(b"x")
        time.sleep(0.05)


@pytest.mark.parametrize(
    "answer", [drip, drip_headers, lambda _: time.sleep(8)], ids=["body", "head", "silence"]
)
def test_what_does_not_end_is_ended_in_time(serve: Callable[[Answer], str], answer: Answer) -> None:
    renderer = drawing_at(serve(answer), render_timeout=LIMIT)
    try:
        begun = time.monotonic()
        with pytest.raises(plant.RenderTimeout, match="limit of 2 s"):
            renderer.submit("Ada -> Ben").result()
        assert time.monotonic() - begun <= LIMIT + 2.0
    finally:
        renderer.close()


def test_what_is_too_large_is_read_no_further(serve: Callable[[Answer], str]) -> None:
    sent = [0]

    def flood(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(HEAD.encode())
        while sent[0] < 10 * SVG_AT_MOST:
            handler.wfile.write(b"<g/>" * 100_000)
            sent[0] += 400_000

    renderer = drawing_at(serve(flood), render_timeout=30.0)
    try:
        with pytest.raises(plant.LimitExceeded, match="larger than the limit"):
            renderer.submit("Ada -> Ben").result()
    finally:
        renderer.close()
    assert sent[0] < 5 * SVG_AT_MOST


def test_a_server_that_is_not_there_is_named_and_the_built_in_engine_goes_on(
    serve: Callable[[Answer], str],
) -> None:
    renderer = drawing_at("http://127.0.0.1:9")
    try:
        with pytest.raises(plant.PlantTogetherError, match=r"server at 127\.0\.0\.1:9 does not answer"):
            renderer.submit("Ada -> Ben").result()
    finally:
        renderer.close()


@pytest.mark.parametrize(
    "url",
    ["", "ftp://x/", "file:///etc/passwd", "plantuml.example.org", "http://", "http://x:y/", "http://a@b/"],
)
def test_a_wrong_address_is_said_before_the_start(url: str) -> None:
    with pytest.raises(Misconfigured, match=r"PlantTogether\.render_url "):
        drawing_at(url)
