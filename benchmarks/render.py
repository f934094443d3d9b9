"""Drawing with a warm engine, a hundred requests for one picture, and what a storm of drawing does to others.

Each drawing has a text of its own, so that no cache answers. Where Java is there, a cold ``java -jar`` is
timed beside it.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import scenarios
from servers import CLIENT_CORE, TOKEN, Server, running
from tornado.httpclient import AsyncHTTPClient

from jupyter_plant_together.rendering.renderer import Renderer
from jupyter_plant_together.rendering.settings import RenderSettings

ROUNDS = 30
STORM = 8  # people who ask for pictures at once
_number = itertools.count()


def sequence(lines: int) -> str:
    """Return a sequence diagram of so many messages, another one each time."""
    number = next(_number)
    return "\n".join(f"Ada -> Ben : message {i} of {number}" for i in range(lines))


def classes(lines: int) -> str:
    """Return a class diagram of about so many lines, another one each time."""
    number = next(_number)
    made = [f"class C{i} {{\n  +name{i} : text{number}\n}}" for i in range(lines // 4)]
    made += [f"C{i} --> C{(i * 7 + 1) % len(made)}" for i in range(len(made))]
    return "\n".join(made)


CASES: list[tuple[str, Callable[[], str], str]] = [
    ("sequence, 10 lines, SVG", lambda: sequence(10), "svg"),
    ("sequence, 10 lines, PNG", lambda: sequence(10), "png"),
    ("class, 100 lines, SVG", lambda: classes(100), "svg"),
    ("class, 100 lines, PNG", lambda: classes(100), "png"),
]


def warm() -> list[tuple[str, float, float]]:
    """Return each case's median and worst time in milliseconds."""
    renderer = Renderer(RenderSettings(processes=1))
    found = []
    try:
        for title, make, kind in CASES:
            for _ in range(60):  # compiled by then
                renderer.submit(make(), kind).result()
            times = []
            for _ in range(ROUNDS):
                source = make()
                begun = time.perf_counter()
                renderer.submit(source, kind).result()
                times.append(1e3 * (time.perf_counter() - begun))
            found.append((title, statistics.median(times), max(times)))
    finally:
        renderer.close()
    return found


def cold() -> float:
    """Return how many milliseconds a new process takes to its first picture."""
    begun = time.perf_counter()
    renderer = Renderer(RenderSettings(processes=1))
    renderer.submit(sequence(10)).result()
    renderer.close()
    return 1e3 * (time.perf_counter() - begun)


def java() -> float | None:
    """Return the same for the tests' jar, in milliseconds; None where no Java is."""
    if shutil.which("java") is None:
        return None
    sys.path.append(str(Path(__file__).parents[1] / "tests"))
    from plantuml_jar import jar  # noqa: PLC0415 - needs Java

    begun = time.perf_counter()
    source = f"@startuml\n{sequence(10)}\n@enduml\n".encode()
    subprocess.run(["java", "-jar", jar(), "-tsvg", "-pipe"], input=source, capture_output=True, check=True)
    return 1e3 * (time.perf_counter() - begun)


def once() -> tuple[int, float]:
    """Return how many drawings a hundred requests for one picture cost, and milliseconds for all."""
    renderer = Renderer(RenderSettings())
    try:
        renderer.submit(sequence(10)).result()
        before, source = renderer.pool.drawn, classes(100)
        begun = time.perf_counter()
        for future in [renderer.submit(source, "png") for _ in range(100)]:
            future.result()
        return renderer.pool.drawn - before, 1e3 * (time.perf_counter() - begun)
    finally:
        renderer.close()


async def _draw(server: Server) -> None:
    request = {"source": classes(100), "format": "png"}
    await AsyncHTTPClient().fetch(
        f"http://127.0.0.1:{server.port}/plant-together/api/v1/render",
        method="POST",
        body=json.dumps(request),
        headers={"Authorization": f"token {TOKEN}"},
        request_timeout=60,
        raise_error=False,
    )


async def storm(server: Server, people: int) -> tuple[scenarios.Figures, int]:
    """Return how edits propagate while so many people draw, and how many pictures these got."""
    drawn = 0

    async def go_on() -> None:
        nonlocal drawn
        while True:
            await _draw(server)
            drawn += 1

    await _draw(server)  # starts the engine
    drawing = [asyncio.create_task(go_on()) for _ in range(people)]
    figures = await scenarios.latency(server, writers=1, receivers=1, rate=50, seconds=6)
    for task in drawing:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    return figures, drawn


def report() -> None:
    """Print the figures."""
    every = set(range(os.cpu_count() or 1))
    os.sched_setaffinity(0, every)
    print("\npictures, in this process's child:")
    for title, median, worst in warm():
        print(f"  {title}: p50 {median:.0f} ms, worst {worst:.0f} ms")
    print(f"  from nothing to the first picture: {cold():.0f} ms")
    jar = java()
    if jar is not None:
        print(f"  the same with a cold java -jar: {jar:.0f} ms")
    drawings, took = once()
    print(f"  100 requests for one PNG of a class diagram: {drawings} drawing, {took:.0f} ms")
    os.sched_setaffinity(0, {CLIENT_CORE})
    with running("plant-together") as server:
        for people in (0, STORM):
            figures, drawn = asyncio.run(storm(server, people))
            p50, p95 = figures.values["p50"] / 1e3, figures.values["p95"] / 1e3
            print(
                f"  propagation of edits while {people} people draw without a pause ({drawn} pictures): "
                f"p50 {p50:.1f} ms, p95 {p95:.1f} ms"
            )


if __name__ == "__main__":
    report()
