"""The hub's configuration: the one of docs/jupyterhub.md as it stands there, and after it what a test needs."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
OVERRIDES = """
import os
c.JupyterHub.ip = "127.0.0.1"
c.JupyterHub.port = {port}
c.JupyterHub.hub_port = {hub_port}
c.JupyterHub.subdomain_host = {subdomain_host!r}
c.JupyterHub.base_url = {base_url!r}
c.JupyterHub.db_url = "sqlite:///jupyterhub.sqlite"
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = {homes!r} + "/{{username}}"
c.SimpleLocalProcessSpawner.popen_kwargs = {popen!r}
c.Spawner.args = ["--allow-root", "--LabApp.expose_app_in_browser=True"]
c.Spawner.env_keep = ["PATH", "LANG"]
c.Spawner.environment = {{**c.Spawner.environment, "JUPYTER_PREFER_ENV_PATH": "1"}}
if {internal!r}:  # without a name server, hosts below localhost are known to browsers only
    c.Spawner.environment["PLANT_TOGETHER_INTERNAL_GATEWAY_URL"] = {internal!r}
c.Spawner.start_timeout = 120
c.Spawner.http_timeout = 120
c.ConfigurableHTTPProxy.command = {proxy!r}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxy_port}"
c.JupyterHub.load_groups = {{"visitors": {{"users": []}}, "team": {{"users": []}}}}
c.JupyterHub.load_roles.append(
    {{"name": "visitor", "scopes": ["access:servers!user=ada"], "groups": ["visitors"]}}
)
c.JupyterHub.services.append({{"name": "operator", "api_token": {operator!r}}})
c.JupyterHub.load_roles.append({{
    "name": "operator",
    "scopes": ["admin:users", "admin:servers", "admin:groups", "tokens", "access:servers"],
    "services": ["operator"],
}})
"""

MANAGED = """
c.JupyterHub.services[0].update(
    url="http://127.0.0.1:{port}",
    command=["jupyter", "plant-together", "gateway"],
    environment={{**{environment!r}, "PATH": os.environ["PATH"]}},
)
"""


def documented_configuration() -> str:
    """Return the ``jupyterhub_config.py`` of the documentation."""
    text = (ROOT / "docs" / "jupyterhub.md").read_text(encoding="utf-8")
    (found,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    return str(found)
