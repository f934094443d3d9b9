"""What a replica remembers, and which of it a mark covers (PROTOCOL J8)."""

from __future__ import annotations

from jupyter_plant_together.journal.redis.entries import Entry, behind, new_entry
from jupyter_plant_together.journal.redis.stream import RedisStream
from jupyter_plant_together.journal.redis.unpersisted import UnpersistedEntries
from jupyter_plant_together.store.port import Mark

OWN = b"one-1"


def entry(number: int, prev: int, *, origin: bytes = b"two-1", generation: bytes = b"g") -> Entry:
    """The entry ``number``, which follows the entry ``prev``."""
    made = new_entry(b"%d" % number, "ada", (), origin=origin, epoch=1, at=number)
    return made._replace(generation=generation, prev=b"%d-0" % prev, id=b"%d-0" % number)


class Deaf:
    """A listener, and a journal, to which nothing matters."""

    def __getattr__(self, name: str) -> object:
        return lambda *arguments: None


def a_stream() -> RedisStream:
    """A stream that was read, and had nothing."""
    stream = RedisStream(Deaf(), "r", "d", Deaf(), OWN)  # type: ignore[arg-type]
    stream.epoch, stream.generation = 1, b"g"
    stream.release(whole=True)
    return stream


def remembered(stream: RedisStream) -> set[bytes]:
    return {id_ for _, id_ in stream.unpersisted.places}


def test_j8_a_mark_covers_what_the_cursor_came_along_up_to_it() -> None:
    stream = a_stream()
    for number in (1, 2, 3):
        stream.heard(entry(number, number - 1))
    stream.covered(Mark("g", "2-0"))
    assert remembered(stream) == {b"3-0"}


def test_j8_a_mark_behind_an_entry_that_the_cursor_never_came_to_covers_nothing() -> None:
    """The stream lost 2 and 3; 4 was appended behind 1 by a replica that never saw them."""
    stream = a_stream()
    for number in (1, 2, 3):
        stream.heard(entry(number, number - 1))
    stream.heard(entry(4, 1))
    stream.covered(Mark("g", "4-0"))
    assert remembered(stream) == {b"1-0", b"2-0", b"3-0"}
    stream.read_again(b"g", b"4-0", [entry(1, 0), entry(4, 1)], Mark("g", "4-0"))
    assert remembered(stream) == {b"2-0", b"3-0"}, "no mark covers what that stream lacks"


def test_j8_a_mark_of_an_entry_that_was_lost_covers_nothing() -> None:
    """The store has 2, which Redis lost: 3 is behind 1, and whether it is in the store its id does not say."""
    stream = a_stream()
    stream.heard(entry(1, 0))
    stream.heard(entry(3, 1))
    stream.covered(Mark("g", "2-0"))
    assert remembered(stream) == {b"1-0", b"3-0"}


def test_j8_while_the_stream_is_read_nothing_is_covered_and_then_what_was_heard_of_counts() -> None:
    stream = a_stream()
    stream.heard(entry(1, 0))
    stream.whole = False
    stream.hold()
    stream.heard(entry(2, 1))
    stream.covered(Mark("g", "2-0"))
    assert remembered(stream) == {b"1-0"}
    stream.release(whole=True)
    assert remembered(stream) == set()


def test_j8_an_own_entry_counts_as_reached_whether_redis_answers_or_tells_first() -> None:
    for answer_first in (True, False):
        stream = a_stream()
        own = entry(1, 0, origin=OWN)
        stream.queue.append(own)
        stream.sent = 1
        if answer_first:
            stream.written(own.generation, own.prev, own.id)
            stream.heard(own)
            assert remembered(stream) == {b"1-0"}
            stream.covered(Mark("g", "1-0"))
        else:
            stream.heard(own)
            stream.covered(Mark("g", "1-0"))
            stream.written(own.generation, own.prev, own.id)
        assert not stream.unpersisted


def test_j8_an_own_entry_that_nobody_heard_of_is_covered_by_no_mark() -> None:
    """Redis answered, came back without it, and others went on: the chain is whole, and the entry is lost."""
    stream = a_stream()
    stream.queue.append(entry(2, 1, origin=OWN))
    stream.sent = 1
    stream.heard(entry(1, 0))
    stream.written(b"g", b"1-0", b"2-0")
    stream.heard(entry(3, 1))
    stream.covered(Mark("g", "3-0"))
    assert remembered(stream) == {b"2-0"}
    assert [e.id for e in stream.unpersisted.lost(stream.unpersisted.places)] == [b"2-0"]


def test_j8_what_comes_again_takes_the_place_of_what_was_lost() -> None:
    kept = UnpersistedEntries()
    kept.add(entry(1, 0))
    kept.reach(entry(1, 0)._replace(id=b"5-0", prev=b"4-0"))
    assert kept.places == {(b"g", b"5-0")}
    kept.cover(Mark("g", "5-0"))
    assert not kept
    assert not kept.holds(entry(1, 0).message)


def test_j8_behind_the_mark_is_what_goes_on_from_it() -> None:
    entries = [entry(1, 0), entry(2, 1), entry(3, 2)]
    assert behind(None, b"g", b"3-0", entries) == entries
    assert behind(Mark("g", "2-0"), b"g", b"3-0", entries[1:]) == entries[2:]
    assert behind(Mark("g", "2-0"), b"g", b"3-0", entries[2:]) == entries[2:], "2 was trimmed"
    assert behind(Mark("g", "3-0"), b"g", b"3-0", []) == []
    assert behind(Mark("g", "9-0"), b"g", b"3-0", []) is None, "the stream lost its end"
    assert behind(Mark("g", "2-0"), b"g", b"4-0", [entry(4, 1)]) is None, "2 was lost, not trimmed"
    assert behind(Mark("f", "2-0"), b"g", b"3-0", entries[2:]) is None, "another stream"
    another = entry(4, 3, generation=b"h")
    assert behind(Mark("g", "3-0"), b"h", b"4-0", [entries[2], another]) == [another]
