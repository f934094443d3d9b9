"""The environment variables by which a server and its kernels find one another, and which kernel asks."""

from __future__ import annotations

from typing import Final

CONNECTION_FILE: Final = "PLANT_TOGETHER_CONNECTION_FILE"
GATEWAY_URL: Final = "PLANT_TOGETHER_GATEWAY_URL"
INTERNAL_GATEWAY_URL: Final = "PLANT_TOGETHER_INTERNAL_GATEWAY_URL"
#: Header of a kernel's requests: which of the kernels of one user it is (PROTOCOL I6).
KERNEL_HEADER: Final = "X-Plant-Together-Kernel"
