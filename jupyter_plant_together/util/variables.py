"""The environment variables by which a server and the kernels that it starts find one another."""

from __future__ import annotations

from typing import Final

CONNECTION_FILE: Final = "PLANT_TOGETHER_CONNECTION_FILE"
GATEWAY_URL: Final = "PLANT_TOGETHER_GATEWAY_URL"
INTERNAL_GATEWAY_URL: Final = "PLANT_TOGETHER_INTERNAL_GATEWAY_URL"
