"""``signin``: the page by which JupyterLab signs in at the gateway.

A ``fetch`` cannot follow the hub's OAuth to its end, a page can: Lab opens this one in a hidden frame, or in
a window if the hub wants a password. Signed in, it tells who opened it the XSRF token, which no script of Lab
could read from the gateway's cookie. It tells exactly one origin: the gateway's own, where Lab is on the same
host, else the one of the signed-in user's own server. Nobody else may frame it, and nobody else hears it.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Awaitable
from typing import Any

from jupyter_server.base.handlers import JupyterHandler

from .base import PlantHandler

_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Plant Together</title></head>
<body>
<p>You are signed in to Plant Together. You can close this window.</p>
<script nonce="{nonce}">
const told = window.opener || (window.parent === window ? null : window.parent);
if (told) {{
  told.postMessage({message}, {origin} || window.location.origin);
}}
if (window.opener) {{
  window.close();
}}
</script>
</body>
</html>
"""


class SignInHandler(PlantHandler):
    """The sign-in page (see the module's text)."""

    async def prepare(self, *, _redirect_to_login: bool = True) -> None:
        """Send who is not signed in to the hub, which sends them back here."""
        waiting: Awaitable[None] | None = await JupyterHandler.prepare(self, _redirect_to_login=True)
        if waiting is not None:
            await waiting
        if not self._finished and self.current_user is None:
            self.set_header("Connection", "close")  # answered before the request was read to its end
            self.redirect(str(self.get_login_url()))

    async def get(self) -> None:
        """Tell who opened this page."""
        nonce = secrets.token_urlsafe(16)
        user = self.current_user
        home = (
            None if self.services.user_origins is None else self.services.user_origins.origin(user.username)
        )
        token = self.xsrf_token
        message = {
            "type": "plant-together:signed-in",
            "xsrf": token.decode() if isinstance(token, bytes) else token,
            "user": user.username,
        }
        framed_by = home or "'self'"
        self.set_header(
            "Content-Security-Policy",
            f"default-src 'none'; script-src 'nonce-{nonce}'; frame-ancestors {framed_by}",
        )
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.set_header("Referrer-Policy", "no-referrer")
        self.finish(_PAGE.format(nonce=nonce, message=_script(message), origin=_script(home)))


def _script(value: Any) -> str:
    """Return JSON that is safe inside a script element."""
    return json.dumps(value).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
