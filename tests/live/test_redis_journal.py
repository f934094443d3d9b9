"""The Redis journal: what replicas hear of one another, and what befalls Redis (PROTOCOL A2, J1-J7)."""

import pytest


@pytest.fixture(params=["redis", "valkey"])
def backend(request):
    """Redis and Valkey only: the embedded mode has no other replica to hear from."""
    return request.param


async def test_j1_j3_an_edit_reaches_the_other_replica_and_whoever_comes_later(server_of, make_peer, until):
    one, two, three = await server_of(), await server_of(), await server_of()
    document = await one.create()
    ada, bob = (
        make_peer("ada").join(await one.open(document)),
        make_peer("bob").join(await two.open(document)),
    )
    ada.text += "@startuml\n"
    await until(lambda: str(bob.text) == "@startuml\n")
    await until(lambda: ada.acked == ada.sent)
    bob.text += "A -> B\n"
    await until(lambda: str(ada.text) == "@startuml\nA -> B\n")
    eve = make_peer("eve").join(await three.open(document))
    await until(lambda: str(eve.text) == str(ada.text))
    heard = [message for message in ada.messages if getattr(message, "step", None) == 2]
    assert len(heard) == 1, "nobody hears an echo"
