"""Who waits for pictures takes turns."""

from __future__ import annotations

import threading

import pytest

from jupyter_plant_together.errors import RenderTimeout, Unavailable
from jupyter_plant_together.rendering.pool.fair_queue import FairQueue
from jupyter_plant_together.rendering.pool.worker_pool import WorkerPool
from jupyter_plant_together.rendering.settings import RenderSettings
from jupyter_plant_together.rooms.shares import Rates, Shares


class Item:
    def __init__(self, name: str) -> None:
        self.name = name


def order(queue: FairQueue[Item]) -> list[str]:
    found = []
    while (turn := queue.take()) is not None:
        found.append(turn[0].name)
    return found


def filled(**lines: str) -> tuple[FairQueue[Item], dict[str, Item]]:
    queue: FairQueue[Item] = FairQueue()
    items = {name: Item(name) for names in lines.values() for name in names.split()}
    for user, names in lines.items():
        for name in names.split():
            queue.add(items[name], user)
    return queue, items


def test_users_take_turns_and_each_has_their_own_order() -> None:
    queue, _ = filled(ada="a1 a2 a3 a4", ben="b1 b2", cem="c1")
    assert len(queue) == 7
    assert order(queue) == ["a1", "b1", "c1", "a2", "b2", "a3", "a4"]
    assert len(queue) == 0


def test_whoever_comes_late_does_not_wait_for_all_of_the_others() -> None:
    queue, _ = filled(ada=" ".join(f"a{number}" for number in range(100)))
    assert queue.take() is not None
    queue.add(Item("b"), "ben")
    assert "b" in order(queue)[:2]


def test_what_two_want_comes_when_the_first_of_them_has_their_turn_and_comes_once() -> None:
    queue, items = filled(ada="a1 a2 a3", ben="b1")
    queue.join(items["a3"], "cem")
    queue.join(items["a3"], "cem")
    assert (len(queue), queue.length("cem"), queue.length("ada")) == (4, 1, 3)
    assert order(queue) == ["a1", "b1", "a3", "a2"]
    queue.join(items["a3"], "cem")
    assert (len(queue), queue.take()) == (0, None)


def test_what_is_removed_does_not_come() -> None:
    queue, items = filled(ada="a1 a2", ben="b1")
    queue.join(items["a1"], "ben")
    queue.remove(items["a1"])
    assert [item.name for item in queue] == ["a2", "b1"]
    assert [item.name for item in queue.clear()] == ["a2", "b1"]
    assert (len(queue), queue.take(), queue.length("ada")) == (0, None, 0)


def test_who_may_not_just_now_keeps_their_place() -> None:
    queue, _ = filled(ada="a1 a2", ben="b1")
    turn = queue.take(lambda user: user != "ada")
    assert turn is not None
    assert (turn[0].name, turn[1]) == ("b1", "ben")
    assert queue.take(lambda user: user != "ada") is None
    assert order(queue) == ["a1", "a2"]


class Nothing:
    """A worker that draws nothing."""

    def close(self) -> None:
        pass


def test_i6_a_worker_is_kept_for_those_whose_drawings_have_not_timed_out() -> None:
    pool = WorkerPool(RenderSettings(), "test", Nothing, 2)
    go_on, begun = threading.Event(), threading.Semaphore(0)

    def too_long(_: Nothing) -> bytes:
        raise RenderTimeout("too long")

    def hold(_: Nothing) -> bytes:
        begun.release()
        go_on.wait(30)
        return b"late"

    try:
        assert isinstance(pool.submit("t", too_long, user="eve").exception(30), RenderTimeout)
        slow = [pool.submit(f"s{number}", hold, user="eve") for number in range(3)]
        assert begun.acquire(timeout=30)
        assert pool.submit("a", lambda _: b"picture", user="ada").result(30) == b"picture"
        assert not begun.acquire(blocking=False)
        go_on.set()
        assert [one.result(30) for one in slow] == [b"late"] * 3, "it is served, only not by all"
    finally:
        go_on.set()
        pool.close()


def test_i6_what_one_user_has_and_asks_for_is_bounded_and_is_nobody_elses() -> None:
    shares = Shares(2, "enough")
    shares.take("eve")
    shares.take("eve")
    with pytest.raises(Unavailable, match="enough"):
        shares.take("eve")
    shares.take("ada")
    shares.give_back("eve")
    shares.take("eve")
    rates = Rates(3, 1_000.0, "too often")
    for _ in range(3):
        rates.count("eve")
    with pytest.raises(Unavailable, match="too often"):
        rates.count("eve")
    rates.count("ada")
    passed = Rates(1, 0.0, "too often")
    passed.count("eve")
    passed.count("eve")
