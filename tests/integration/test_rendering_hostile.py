"""What strangers write is drawn or refused: it reads nothing, runs nothing and ends (docs/rendering.md, *Security*).

Whatever a text tries, no secret (``hostile``) may come to its picture or its error, and the web server must
not be asked. ``test_rendering_jar`` tries the same with a jar.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from hostile import (
    ACTIVE,
    ENDLESS,
    HOG,
    READING,
    RECURSION,
    alive_soon,
    begun_with_the_secret,
    folder,  # noqa: F401 - a fixture
    is_only_a_picture,
    reading,
    tells_secrets,
    web,  # noqa: F401 - a fixture
)

import jupyter_plant_together as plant
from jupyter_plant_together.rendering.renderer import Renderer
from jupyter_plant_together.rendering.settings import RenderSettings

LIMIT = 2.0


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    yield from begun_with_the_secret(RenderSettings(processes=1))


@pytest.fixture(scope="module")
def impatient() -> Iterator[Renderer]:
    made = Renderer(RenderSettings(processes=1, render_timeout=LIMIT))
    yield made
    made.close()


@pytest.mark.parametrize("format", ["svg", "png", "pdf"])
@pytest.mark.parametrize("line", READING)
def test_files_the_environment_and_the_network_stay_out_of_the_picture(
    renderer: Renderer,
    folder: Path,  # noqa: F811
    web: tuple[str, list[str]],  # noqa: F811
    line: str,
    format: str,  # noqa: A002
) -> None:
    url, asked = web
    try:
        picture = renderer.submit(reading(line, folder, url), format).result()
    except plant.PlantTogetherError as error:
        said = error.message
        assert isinstance(error, plant.PlantUMLSyntaxError | plant.UnsupportedDiagram)
    else:
        said = picture.decode("latin-1")
    assert not tells_secrets(said)
    assert asked == []


def test_what_reading_a_file_as_json_gives_is_an_empty_object(renderer: Renderer, folder: Path) -> None:  # noqa: F811
    """It is no error in PlantUML, so that the picture is drawn; it shows that nothing was read."""
    source = f'!$x = %load_json("{folder}/data.json")\nA -> B : [$x]'
    assert ">[{}]<" in renderer.submit(source).result().decode()
    assert ">[]<" in renderer.submit('!$x = %getenv("PLANT_SECRET")\nA -> B : [$x]').result().decode()


@pytest.mark.parametrize("source", ACTIVE)
def test_a_picture_holds_nothing_that_runs_loads_or_leads_elsewhere(renderer: Renderer, source: str) -> None:
    try:
        svg = renderer.submit(source).result().decode()
    except plant.PlantUMLSyntaxError:
        return  # nothing is shown
    assert is_only_a_picture(svg)


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


@pytest.mark.parametrize("source", ENDLESS.values(), ids=ENDLESS)
def test_what_does_not_end_is_ended_in_time_and_the_next_picture_is_drawn(
    impatient: Renderer, source: str
) -> None:
    alive_soon(impatient)
    begun = time.monotonic()
    with pytest.raises(plant.PlantTogetherError, match=r"limit of 2 s|256,000,000|too many|does not end"):
        impatient.submit(source).result()
    assert time.monotonic() - begun <= LIMIT + 2.0
    alive_soon(impatient)


def test_a_drawing_that_needs_too_much_memory_is_ended_by_that_limit_and_the_memory_is_given_back() -> None:
    renderer = Renderer(RenderSettings(processes=1, render_timeout=60.0, render_memory=64_000_000))
    try:
        renderer.submit("Ada -> Ben : before").result()
        (process,) = renderer.pool.processes
        before = process.pid
        with pytest.raises(plant.LimitExceeded, match="64,000,000") as caught:
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
