"""PlantUML to pictures by the real engine, in real child processes."""

from __future__ import annotations

import json
import os
import re
import struct
import zlib
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

import jupyter_plant_together as plant
from jupyter_plant_together.rendering.pool.worker_pool import Superseded
from jupyter_plant_together.rendering.renderer import Renderer, size_of
from jupyter_plant_together.rendering.settings import RenderSettings

CORPUS = Path(__file__).parents[1] / "data" / "corpus"
REFERENCES = CORPUS / "references.json"
NOT_DRAWN = {"archimate", "archimate_nostd", "aws", "chen", "ditaa", "dot", "files", "salt"}
GRID = 12


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    made = Renderer(RenderSettings(processes=1, render_timeout=60.0))  # how long it takes is no matter here
    yield made
    made.close()


def structure(svg: str) -> dict[str, Any]:
    """What is in a picture: how many of which elements, and its texts."""
    elements = Counter(re.findall(r"<([a-zA-Z]+)", svg))
    texts = re.findall(r"<text[^>]*>([^<]*)<", svg)
    return {"elements": dict(sorted(elements.items())), "texts": texts}


def pixels(png: bytes) -> tuple[int, int, list[int]]:
    """The size of a PNG, and the mean brightness (0-255) of the fields of a grid over it."""
    width, height, depth, colour = struct.unpack(">IIBB", png[16:26])
    assert (depth, colour) == (8, 6)
    data, at = b"", 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            data += png[at + 8 : at + 8 + length]
        at += length + 12
    raw, stride = zlib.decompress(data), width * 4
    sums, counts, above = [0] * GRID**2, [0] * GRID**2, bytearray(stride)
    for y in range(height):
        kind, line = raw[y * (stride + 1)], bytearray(raw[y * (stride + 1) + 1 : (y + 1) * (stride + 1)])
        for i in range(stride):
            left = line[i - 4] if i >= 4 else 0
            up, corner = above[i], above[i - 4] if i >= 4 else 0
            if kind == 1:
                line[i] = (line[i] + left) & 255
            elif kind == 2:
                line[i] = (line[i] + up) & 255
            elif kind == 3:
                line[i] = (line[i] + (left + up) // 2) & 255
            elif kind == 4:
                a, b, c = abs(up - corner), abs(left - corner), abs(left + up - 2 * corner)
                line[i] = (line[i] + (left if a <= b and a <= c else up if b <= c else corner)) & 255
        for x in range(width):
            field = y * GRID // height * GRID + x * GRID // width
            sums[field] += line[x * 4] + line[x * 4 + 1] + line[x * 4 + 2]
            counts[field] += 3
        above = line
    return width, height, [total // max(count, 1) for total, count in zip(sums, counts)]


@pytest.mark.parametrize("name", sorted(path.stem for path in CORPUS.glob("*.puml")))
def test_every_diagram_of_the_corpus(renderer: Renderer, name: str) -> None:
    """Set PLANT_TOGETHER_KEEP_REFERENCES to write the reference anew: look at every picture then."""
    source = (CORPUS / f"{name}.puml").read_text("utf-8")
    if name in NOT_DRAWN:
        with pytest.raises(plant.UnsupportedDiagram, match=r"PlantUML server or the PlantUML jar"):
            renderer.submit(source).result()
        return
    svg = renderer.submit(source).result().decode()
    width, height, fields = pixels(renderer.submit(source, "png", scale=0.5).result())
    made = {**structure(svg), "width": width, "height": height, "pixels": fields}
    if os.environ.get("PLANT_TOGETHER_KEEP_REFERENCES"):
        known = json.loads(REFERENCES.read_text("utf-8")) if REFERENCES.exists() else {}
        known[name] = made
        lines = (f"{json.dumps(key)}: {json.dumps(known[key], ensure_ascii=False)}" for key in sorted(known))
        REFERENCES.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")
    kept = json.loads(REFERENCES.read_text("utf-8"))[name]
    assert made["elements"] == kept["elements"]
    assert made["texts"] == kept["texts"]
    assert (width, height) == pytest.approx((kept["width"], kept["height"]), abs=1)
    if name not in {"unicode", "emoji_icons"}:  # drawn with whatever fonts the machine has for them
        assert all(abs(one - other) <= 12 for one, other in zip(fields, kept["pixels"]))


def test_a_text_with_an_error_blames_the_line() -> None:
    with pytest.raises(plant.PlantUMLSyntaxError) as caught:
        plant.render("title x\nAda -> Ben\nAda -> -> Ben")
    assert caught.value.line == 3
    assert "not understood" in caught.value.message


def test_a_diagram_is_not_influenced_by_the_one_before(renderer: Renderer) -> None:
    renderer.submit("@startuml\n" + "[*] --> One\n" * 12 + "@enduml").result()
    lines = "\n".join(f"A -> B : message {i}" for i in range(14))
    svg = renderer.submit(f"@startuml\n{lines}\n@enduml").result().decode()
    assert svg.count("message") >= 14 and "ellipse" not in svg


def test_what_is_asked_by_many_at_once_is_drawn_once(renderer: Renderer) -> None:
    before = renderer.pool.drawn
    asked: list[Future[bytes]] = [renderer.submit("Ada -> Ben : once", "png") for _ in range(100)]
    assert len({future.result() for future in asked}) == 1
    assert renderer.submit("Ada -> Ben : once", "png").done()
    assert renderer.pool.drawn - before == 1


def test_of_a_lane_only_the_latest_is_drawn() -> None:
    renderer = Renderer(RenderSettings(processes=1))
    try:
        asked = [renderer.submit(f"Ada -> Ben : {i}", lane="preview") for i in range(20)]
        assert b">19<" in asked[-1].result()
        superseded = [future for future in asked[:-1] if isinstance(future.exception(), Superseded)]
        assert len(superseded) >= 18  # the first may have been begun
    finally:
        renderer.close()


def test_a_pdf_is_made(renderer: Renderer) -> None:
    assert renderer.submit("Ada -> Ben : hello", "pdf").result().startswith(b"%PDF-")


def test_dark_pictures_bring_their_paper(renderer: Renderer) -> None:
    width, _, fields = pixels(renderer.submit("Ada -> Ben : hello", "png", dark=True).result())
    assert max(fields[:GRID]) < 80 and width == pytest.approx(
        2 * size_of(renderer.submit("Ada -> Ben : hello").result().decode())[0], abs=2
    )
