"""Pictures that the servers of a cluster share, in a real Redis and a real Valkey."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from redis_server import RedisServer

from jupyter_plant_together.journal.redis.client.address import parse_address
from jupyter_plant_together.rendering.pool.shared_pictures import SharedPictures
from jupyter_plant_together.rendering.renderer import Renderer
from jupyter_plant_together.rendering.settings import RenderSettings

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><g></g></svg>'
pytestmark = pytest.mark.usefixtures("kept_drawing")
PNG = b"\x89PNG\r\n\x1a\n..."
TEXT = "Ada -> Ben : shared"


def pictures(server: RedisServer, version: str = "1") -> SharedPictures:
    return SharedPictures(parse_address(server.url).blocking_client, "y", version)


@pytest.fixture
def two(redis_server: RedisServer) -> Iterator[tuple[Renderer, Renderer]]:
    """Renderers of two servers."""
    made = [Renderer(RenderSettings(processes=1), shared=pictures(redis_server)) for _ in range(2)]
    yield made[0], made[1]
    for renderer in made:
        renderer.close()


def test_what_one_server_has_drawn_the_other_does_not_draw(two: tuple[Renderer, Renderer]) -> None:
    for format in ("svg", "png"):  # noqa: A001 - the API's word
        one, other = (renderer.submit(TEXT, format).result() for renderer in two)
        assert one == other
    first, second = (renderer.numbers() for renderer in two)
    assert (first["drawings_total"], first["drawings_shared_total"]) == (2, 0)
    assert (second["drawings_total"], second["drawings_shared_total"]) == (0, 2)
    assert not two[1].pool.processes[0].started, "no engine was loaded for it"


@pytest.mark.parametrize(
    "poison",
    [
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"></svg>',
        b"<html><script>alert(1)</script></html>",
        PNG,
        b"\xff\xfe",
        b"",
    ],
)
def test_what_somebody_else_put_there_cannot_script(
    two: tuple[Renderer, Renderer], redis_server: RedisServer, poison: bytes
) -> None:
    drawn = two[0].submit(TEXT).result()
    (place,) = redis_server.execute("KEYS", "y:render:*")
    kept = redis_server.execute("GET", place)
    assert kept[32:] == drawn
    redis_server.execute("SET", place, kept[:32] + poison)
    assert two[1].submit(TEXT).result() == drawn
    assert two[1].numbers()["drawings_shared_total"] == 0


def test_a_failure_of_redis_costs_a_drawing_and_nothing_else(
    two: tuple[Renderer, Renderer], redis_server: RedisServer
) -> None:
    redis_server.kill()
    assert two[0].submit(TEXT).result() == two[1].submit(TEXT).result()
    assert [renderer.numbers()["drawings_total"] for renderer in two] == [1, 1]
    assert [renderer.numbers()["drawing_failures_total"] for renderer in two] == [0, 0]


def test_all_of_it_is_bounded_and_expires(redis_server: RedisServer) -> None:
    shared = pictures(redis_server)
    for number in range(1_500):
        shared.put(f"key {number}", "svg", SVG)
    places = redis_server.execute("KEYS", "y:render:*")
    assert 400 < len(places) <= 512
    assert all(0 < redis_server.execute("TTL", place) <= 86_400 for place in places[:20])
    shared.put("large", "png", PNG + b"x" * 128_000)
    shared.put("a PDF", "pdf", b"%PDF-1.7")
    shared.put("not inert", "svg", b"<script/>")
    assert [
        shared.get(key, kind) for key, kind in (("large", "png"), ("a PDF", "pdf"), ("not inert", "svg"))
    ] == [
        None,
        None,
        None,
    ]
    shared.close()


def test_a_place_that_another_picture_took_gives_nothing_wrong(redis_server: RedisServer) -> None:
    shared = pictures(redis_server)
    marked = {f"key {number}": SVG.replace(b"<g>", b'<g id="n%d">' % number) for number in range(1_000)}
    for key, picture in marked.items():
        shared.put(key, "svg", picture)
    found = {key: shared.get(key, "svg") for key in marked}
    assert all(picture in (None, marked[key]) for key, picture in found.items())
    assert sum(picture is not None for picture in found.values()) > 300
    assert shared.get("key 999", "png") is None, "of another kind"
    assert pictures(redis_server, "2").get("key 999", "svg") is None, "of another version"
    shared.close()
