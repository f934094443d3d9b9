"""Who waits for pictures takes turns."""

from __future__ import annotations

from jupyter_plant_together.rendering.pool.fair_queue import FairQueue


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
