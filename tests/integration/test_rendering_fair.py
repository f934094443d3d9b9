"""One user's hundred drawings do not keep another one waiting; what was done is counted."""

from __future__ import annotations

import threading

import pytest

import jupyter_plant_together as plant
from jupyter_plant_together.rendering.renderer import Renderer
from jupyter_plant_together.rendering.settings import RenderSettings


def test_a_picture_of_one_user_does_not_wait_for_a_hundred_of_another() -> None:
    renderer = Renderer(RenderSettings(processes=1))
    ended: list[str] = []
    lock = threading.Lock()

    def note(name: str) -> None:
        with lock:
            ended.append(name)

    try:
        asked = [renderer.submit(f"Ada -> Ben : {number}", user="ada") for number in range(100)]
        other = renderer.submit("Ben -> Ada : one", user="ben")
        for future in asked:
            future.add_done_callback(lambda _: note("ada"))
        other.add_done_callback(lambda _: note("ben"))
        for future in (*asked, other):
            future.result()
        assert "ben" in ended[:4], "the first may be under way, and they take turns"
    finally:
        renderer.close()


def test_what_was_drawn_failed_and_was_known_is_counted() -> None:
    renderer = Renderer(RenderSettings(processes=1))
    try:
        for _ in range(3):
            renderer.submit("Ada -> Ben").result()
        with pytest.raises(plant.PlantUMLSyntaxError):
            renderer.submit("Ada -> -> Ben").result()
        numbers = renderer.numbers()
        assert numbers.pop("drawing_seconds_total") > 0
        assert numbers == {
            "drawings_waiting": 0,
            "drawings_total": 1,
            "drawings_known_total": 2,
            "drawings_shared_total": 0,
            "drawing_failures_total": 1,
            "drawing_timeouts_total": 0,
        }
    finally:
        renderer.close()
