"""``jupyter plant-together gateway``: the rooms of a JupyterHub."""

from __future__ import annotations

from ..server.gateway import Gateway
from .arguments import Arguments


class GatewayCommand(Arguments, Gateway):
    """The gateway with the manners of a command; its section is ``Gateway`` all the same."""

    name = "jupyter-plant-together gateway"
    config_file_name = "jupyter_plant_together_gateway_config"
    aliases = {"ip": "Gateway.ip", "port": "Gateway.port", **Arguments.aliases}  # noqa: RUF012
    classes = [Gateway]  # noqa: RUF012 - what --help-all lists
    examples = """
        jupyter plant-together gateway --ip=0.0.0.0 --port=10101
    """
