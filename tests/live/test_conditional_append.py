"""The script that appends on a condition, on each kind of server (PROTOCOL A8)."""

import pytest
import redis

from jupyter_plant_together.journal.redis.script import APPEND

KEYS = ("test:stream", "test:state", "test:marked")


@pytest.fixture(params=["redis", "valkey"])
def client(request, shared_redis):
    client = redis.Redis.from_url(shared_redis(request.param).url)
    client.delete(*KEYS)
    yield client
    client.delete(*KEYS)
    client.close()


@pytest.fixture
def append(client):
    """Call the script; answers what it answers."""

    def call(message, condition=b"", *, again=b"0", epoch=b"1", generation=b"new"):
        known = (b"channel", b"member", b"10000", generation, b"", b"0-0")
        entry = (b"origin", epoch, b"5", b"7", again, b"ada", message, condition)
        return client.eval(APPEND.text, len(KEYS), *KEYS, *known, *entry)

    return call


def test_a8_it_is_appended_where_the_stream_ends_as_the_condition_says(append, client):
    generation, prev, first = append(b"one", b"- 0-0")
    assert (generation, prev) == (b"new", b"0-0")
    assert append(b"two", b"new " + first)[:2] == [b"new", first]
    assert client.xlen(KEYS[0]) == 2


def test_a8_a_miss_says_where_the_stream_ends_and_appends_nothing(append, client):
    first = append(b"one")[2]
    for condition in (b"- 0-0", b"new 1-1", b"other " + first):
        assert append(b"two", condition) == [b"new", first]
    assert client.xlen(KEYS[0]) == 1


def test_a8_a_repetition_is_known_by_what_stands_behind_its_condition(append, client):
    first = append(b"one")[2]
    second = append(b"two", b"new " + first)
    append(b"three")
    assert append(b"two", b"new " + first, again=b"1") == second
    assert append(b"two", b"new " + first)[1] != first  # no repetition: a miss
    assert append(b"else", b"new " + first, again=b"1") != second
    assert client.xlen(KEYS[0]) == 3


def test_a8_the_first_of_a_stream_is_found_again(append, client):
    first = append(b"one", b"- 0-0")
    assert append(b"one", b"- 0-0", again=b"1", generation=b"other") == first
    assert client.xlen(KEYS[0]) == 1


def test_a8_of_a_replaced_history_nothing_is_appended(append, client):
    first = append(b"one", epoch=b"2")[2]
    assert append(b"two", b"new " + first) == []
    assert client.xlen(KEYS[0]) == 1
