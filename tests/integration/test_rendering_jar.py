"""A jar of one's own as the drawing backend: a real jar in a real Java, and hostile texts for it."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from hostile import (
    ACTIVE,
    DOUBLING,
    ENDLESS,
    READING,
    RECURSION,
    alive_soon,
    begun_with_the_secret,
    folder,  # noqa: F401 - a fixture
    is_only_a_picture,
    reading,
    secret_in_the_environment,
    tells_secrets,
    web,  # noqa: F401 - a fixture
)
from plantuml_jar import jar

import jupyter_plant_together as plant
from jupyter_plant_together.errors import Misconfigured
from jupyter_plant_together.rendering.backends.jar import Jar
from jupyter_plant_together.rendering.renderer import Renderer
from jupyter_plant_together.rendering.settings import RenderSettings
from jupyter_plant_together.rendering.text.blocks import split_pages

LIMIT = 3.0
SALT = "@startsalt\n{ [Sign in] | name }\n@endsalt"


def settings(**more: object) -> RenderSettings:
    return RenderSettings(processes=1, render_backend="jar", render_jar=jar(), **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    """It draws everything with the jar."""
    yield from begun_with_the_secret(settings(render_scope="all"))


@pytest.fixture(scope="module")
def impatient() -> Iterator[Renderer]:
    made = Renderer(settings(render_scope="all", render_timeout=LIMIT, render_memory=128_000_000))
    yield made
    made.close()


@pytest.fixture(scope="module")
def raw() -> Iterator[Jar]:
    """The jar itself, without the cleaner and whatever else is before and behind it."""
    with secret_in_the_environment():
        made = Jar(settings())
        yield made
        made.close()


def test_the_jar_draws_what_the_built_in_engine_lacks_and_nothing_else() -> None:
    renderer = Renderer(settings())
    try:
        assert b">hello<" in renderer.submit("Ada -> Ben : hello").result()
        assert renderer.backend_pool is not None and renderer.backend_pool.drawn == 0
        assert b">Sign in<" in renderer.submit(SALT).result()
        assert renderer.submit(SALT, "png").result().startswith(b"\x89PNG")
        assert renderer.submit(SALT, "pdf").result().startswith(b"%PDF-")
        assert renderer.backend_pool.drawn == 1
        library = "@startuml\n!include <tupadr3/common>\n!include <tupadr3/font-awesome/server>\nFA_SERVER(a)\n@enduml"
        assert b"<image" in renderer.submit(library).result()
    finally:
        renderer.close()


def test_an_error_has_its_line_in_the_whole_text(renderer: Renderer) -> None:
    text = "@startuml\nA -> B\n@enduml\n\n@startuml\ntitle x\nAda -> -> Ben\n@enduml"
    with pytest.raises(plant.PlantUMLSyntaxError, match="not understood") as caught:
        renderer.submit(text, page=1).result()
    assert caught.value.line == 7


def test_equal_pictures_are_drawn_once(renderer: Renderer) -> None:
    assert renderer.backend_pool is not None
    before = renderer.backend_pool.drawn
    asked = [renderer.submit("Ada -> Ben : once", "png") for _ in range(50)]
    assert len({future.result() for future in asked}) == 1
    assert renderer.backend_pool.drawn - before == 1


def test_a_picture_for_a_dark_page_brings_light_paper(renderer: Renderer) -> None:
    svg = renderer.submit("Ada -> Ben", dark=True).result().decode()
    assert '><rect width="100%" height="100%" fill="#FFFFFF"/>' in svg[: svg.index("<g")]


# --- what strangers write -----------------------------------------------------------------------------


@pytest.mark.parametrize("format", ["svg", "png"])
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
    except plant.PlantUMLSyntaxError as error:
        picture = error.message.encode()
    assert not tells_secrets(picture.decode("latin-1"))
    assert asked == []


@pytest.mark.parametrize("line", [*READING, '!$x = %getenv("PLANTUML_SECRET")'])
def test_the_sandbox_of_the_jar_alone_keeps_them_out(
    raw: Jar,
    folder: Path,  # noqa: F811
    web: tuple[str, list[str]],  # noqa: F811
    line: str,
) -> None:
    url, asked = web
    (page,) = split_pages(reading(line, folder, url))
    try:
        said = raw.draw(page).decode()
    except plant.PlantUMLSyntaxError as error:
        said = error.message
    assert not tells_secrets(said)
    assert asked == []


@pytest.mark.parametrize("source", ACTIVE)
def test_a_picture_holds_nothing_that_runs_loads_or_leads_elsewhere(renderer: Renderer, source: str) -> None:
    try:
        svg = renderer.submit(source).result().decode()
    except plant.PlantUMLSyntaxError:
        return  # nothing is shown
    assert is_only_a_picture(svg, images=True)


def test_the_jar_itself_makes_what_a_cleaner_is_needed_for(raw: Jar) -> None:
    """Else the test above says nothing."""
    (scripted,) = split_pages("!pragma svgInteractive true\nA -> B : x")
    (linked,) = split_pages("A -> B : [[data:text/html,<script>alert(1)</script> y]]")
    assert b"<script" in raw.draw(scripted)
    assert b"data:text/html" in raw.draw(linked)


@pytest.mark.parametrize(
    "source",
    [
        "A -> B\n@@@format png",
        "@startuml\nA -> B\n   @enduml\nA -> B\n@enduml",
        "@startuml\nA -> B : one\n@enduml  \n@startuml\nA -> B : two\n@enduml",
        "@startuml x\nA -> B\n@endmindmap",
        "@startuml\n@startsalt\n@enduml",
        "@startuml\nA -> B\n @pause\n@unpause\n@enduml",
        "@startuml\\nA -> B\n@enduml",
        "@start\x00uml\nA -> B\r@enduml\rA -> B",
        "A -> B\n\x1a\n\x04",
    ],
)
def test_no_text_changes_what_the_next_one_gets(renderer: Renderer, source: str) -> None:
    try:
        renderer.submit(source).result()
    except plant.PlantTogetherError:
        pass  # whatever it is; what counts comes now
    for number in range(2):
        text = f"Ada -> Ben : {number} after {abs(hash(source))}"
        assert f">{text.partition(': ')[2]}<" in renderer.submit(text).result().decode().replace("\xa0", " ")


def test_the_environment_of_the_java_has_no_secrets(renderer: Renderer) -> None:
    assert renderer.backend_pool is not None
    (backend,) = renderer.backend_pool.processes
    assert isinstance(backend, Jar)
    if not Path("/proc/self/environ").exists():
        pytest.skip("only Linux shows the environment of a process")
    group = [psutil.Process(backend.pid), *psutil.Process(backend.pid).children(recursive=True)]
    assert any("java" in process.name() for process in group)
    for process in group:
        assert set(process.environ()) <= {"PATH", "LANG", "LC_CTYPE"}


# --- what does not end --------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ENDLESS.values(), ids=ENDLESS)
def test_what_does_not_end_is_ended_in_time_and_the_next_picture_is_drawn(
    impatient: Renderer, source: str
) -> None:
    alive_soon(impatient)
    begun = time.monotonic()
    try:
        impatient.submit(source).result()
    except plant.PlantTogetherError as error:
        assert isinstance(error, plant.PlantUMLSyntaxError | plant.RenderTimeout | plant.LimitExceeded), error
    assert time.monotonic() - begun <= LIMIT + 2.0
    alive_soon(impatient)


def test_a_drawing_that_needs_too_much_memory_is_ended_by_that_limit() -> None:
    renderer = Renderer(settings(render_scope="all", render_timeout=60.0, render_memory=64_000_000))
    try:
        with pytest.raises(plant.LimitExceeded, match="64,000,000") as caught:
            renderer.submit(DOUBLING).result()
        assert caught.value.details["limit"] == "render_memory"
        assert renderer.submit("Ada -> Ben : after").result().startswith(b"<svg")
    finally:
        renderer.close()


def test_while_the_jar_is_busy_the_built_in_engine_draws() -> None:
    renderer = Renderer(settings(render_timeout=60.0))
    try:
        renderer.submit(SALT).result()
        renderer.submit(
            "Ada -> Ben : before"
        ).result()  # what is endless also grows: both are warm when it begins
        endless = renderer.submit(f"@startsalt\n{RECURSION}\n@endsalt")
        assert renderer.submit("Ada -> Ben : meanwhile").result().startswith(b"<svg")
        assert not endless.done()
    finally:
        renderer.close()
    assert isinstance(endless.exception(timeout=10), plant.PlantTogetherError)


def test_no_java_outlives_a_parent_that_was_killed_while_it_drew() -> None:
    code = (
        "import sys\n"
        "from jupyter_plant_together.rendering.text.blocks import split_pages\n"
        "from jupyter_plant_together.rendering.backends.jar import Jar\n"
        "from jupyter_plant_together.rendering.settings import RenderSettings\n"
        "import threading\n"
        "jar = Jar(RenderSettings(render_jar=sys.argv[1], render_timeout=600.0))\n"
        "jar.draw(split_pages('Ada -> Ben')[0])\n"
        "threading.Thread(target=jar.draw, args=split_pages(sys.argv[2])).start()\n"
        "print(jar.pid, flush=True)\n"
        "sys.stdin.read()\n"
    )
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", code, jar(), RECURSION], stdin=pipe, stdout=pipe) as parent:
        assert parent.stdout is not None
        guardian = psutil.Process(int(parent.stdout.readline()))
        group = [guardian, *guardian.children(recursive=True)]
        assert len(group) == 2
        parent.kill()
        _, alive = psutil.wait_procs(group, timeout=30)
        assert not alive


# --- what is set up wrongly ---------------------------------------------------------------------------


def test_a_jar_that_reads_files_in_spite_of_its_profile_is_not_used(tmp_path: Path) -> None:
    """Jars of before 2021 know no profile; this Java forgets it."""
    java = tmp_path / "java"
    real = shutil.which("java")
    java.write_text(
        f'#!/bin/sh\nfor word; do shift; case "$word" in *SECURITY_PROFILE*) ;; *) set -- "$@" "$word";; esac; done\n'
        f'exec {real} "$@"\n'
    )
    java.chmod(java.stat().st_mode | stat.S_IXUSR)
    renderer = Renderer(settings(render_java=str(java)))
    try:
        with pytest.raises(plant.PlantTogetherError, match="too old to be safe"):
            renderer.submit(SALT).result()
    finally:
        renderer.close()


@pytest.mark.parametrize(
    ("wrong", "trait"),
    [
        ({"render_jar": ""}, "render_jar"),
        ({"render_jar": "/nowhere/plantuml.jar"}, "render_jar"),
        ({"render_jar": os.devnull, "render_java": "java"}, "render_jar"),
        ({"render_java": "no-such-java"}, "render_java"),
    ],
)
def test_what_is_missing_is_said_before_the_start(wrong: dict[str, str], trait: str) -> None:
    options = {"render_jar": jar(), **wrong}
    with pytest.raises(Misconfigured, match=rf"PlantTogether\.{trait} "):
        Renderer(RenderSettings(render_backend="jar", **options))  # type: ignore[arg-type]
