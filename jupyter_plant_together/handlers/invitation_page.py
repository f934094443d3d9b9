"""``invitation``: the page that an invitation's link leads to, ``…/invitation?lab=/lab#TOKEN``.

The token is in the fragment, which no browser sends and no server logs (PROTOCOL I6). A sign-in would lose
it, so this page needs none: it keeps the token for this tab, and goes on to Lab, which takes it from there,
after a sign-in if there is one. It says nothing about anybody, and goes to no other host.
"""

from __future__ import annotations

import secrets

from jupyter_server.auth.decorator import allow_unauthenticated

from .base import PlantHandler

_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Plant Together</title></head>
<body>
<p>You are on your way into a room of Plant Together…</p>
<script nonce="{nonce}">
const lab = new URL(new URLSearchParams(location.search).get('lab') || '/lab', location.origin);
sessionStorage.setItem('plant-together:invitation', location.hash.slice(1));
if (lab.origin === location.origin) {{
  location.replace(lab.pathname);
}}
</script>
</body>
</html>
"""


class InvitationPageHandler(PlantHandler):
    """The page (see the module's text)."""

    async def prepare(self, *, _redirect_to_login: bool = False) -> None:
        """Let everybody in."""
        self.expect_body(self.services.limits)

    @allow_unauthenticated
    async def get(self) -> None:
        """Send the page, which is the same for everybody."""
        nonce = secrets.token_urlsafe(16)
        policy = f"default-src 'none'; script-src 'nonce-{nonce}'; frame-ancestors 'none'"
        self.set_header("Content-Security-Policy", policy)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.set_header("Referrer-Policy", "no-referrer")
        self.finish(_PAGE.format(nonce=nonce))
