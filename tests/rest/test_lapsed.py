"""A sign-in that lapses during a connection ends it with 4401 (PROTOCOL, *Refusals*)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed


@pytest.fixture
def plant_config() -> dict[str, Any]:
    return {"identity_recheck": 0.1}


async def test_who_is_no_longer_signed_in_is_closed_with_4401(
    plant_app: Any, api: Any, http_server_port: Any, jp_base_url: str, jp_auth_header: dict[str, str]
) -> None:
    """PROTOCOL *Refusals*."""
    answer = await api("GET", "rooms/example/documents")
    document = answer.body.decode().split('"id": "')[1].split('"')[0]
    url = f"ws://127.0.0.1:{http_server_port[1]}{jp_base_url}plant-together/sync/{document}"
    async with connect(url, additional_headers=jp_auth_header, proxy=None) as socket:
        await asyncio.sleep(0.5)  # several checks later it is still open
        await socket.ping()
        plant_app.serverapp.identity_provider.token = "another"
        with pytest.raises(ConnectionClosed) as end:
            while True:
                await asyncio.wait_for(socket.recv(), 10)
    assert end.value.rcvd is not None
    assert end.value.rcvd.code == 4401
