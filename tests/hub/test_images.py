"""Pictures from the gateway: for members, and without what the gateway knows."""

from __future__ import annotations

from hub import SERVICE, Hub

PICTURE = f"{SERVICE}plant-together/api/v1/rooms/drawn/documents/a/image.svg"


def test_members_get_the_picture_of_a_document_and_others_do_not_learn_of_it(hub: Hub) -> None:
    ada, bob, who = hub.token("ada"), hub.token("bob"), "plant-together--service"
    hub.make_room(ada, "drawn")
    source = '!$x = %getenv("PLANT_TOGETHER_POSTGRES_DSN")\nAda -> Ben : [$x] hello'
    assert hub.ask(ada, "POST", "rooms/drawn/documents", {"name": "a", "source": source})[0] == 201
    status, picture, headers = hub.fetch("GET", PICTURE, token=ada, who=who)
    assert (status, headers["Content-Type"]) == (200, "image/svg+xml")
    assert ">[] hello<" in str(picture).replace("\xa0", " ") and "postgresql" not in str(picture)
    assert headers["Content-Security-Policy"].startswith("sandbox")
    assert hub.fetch("GET", PICTURE, token=bob, who=who)[0] == 404
    assert hub.fetch("GET", PICTURE, token=None, who=who)[0] == 401
    assert hub.ask(ada, "PUT", "rooms/drawn/members/user/bob", {"role": "viewer"})[0] == 204
    assert hub.fetch("GET", PICTURE, token=bob, who=who)[0] == 200


def test_a_users_own_server_leaves_drawing_to_the_gateway(hub: Hub) -> None:
    token = hub.token("ada", ["access:servers!user=ada"])
    path = "/user/ada/plant-together/api/v1/render"
    status, answer, _ = hub.fetch("POST", path, {"source": "Ada -> Ben"}, token=token, who="ada")
    assert (status, answer["error"]) == (404, "elsewhere")
