"""Signing in at a JupyterHub, as one of several replicas of a hub service.

Pages sign in by the hub's OAuth and come with a cookie, programs with a token of the hub; either way the hub
says who it is, which groups they are in and whether they may use this service. JupyterHub's own code keeps
the state of an OAuth round in the memory of one process; here all of it is in the signed state itself,
because the round may end at another replica. The PKCE verifier never travels: it is made from a number in
the state and a secret that all replicas have.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import replace
from typing import Any

from jupyterhub.services.auth import HubOAuth
from jupyterhub.singleuser.extension import JupyterHubIdentityProvider
from jupyterhub.utils import subdomain_hook_idna
from tornado import web

from ..errors import AccessDenied, Unavailable
from ..rooms.identity import JupyterIdentity, JupyterUser, Kind, Principal

_FORGET = ("_jupyterhub_user", "_cached_hub_user")
_PATIENCE = 5.0  # seconds
_HUB_AWAY = "The hub cannot be asked who you are; try again."


class ReplicatedOAuth(HubOAuth):  # type: ignore[misc]  # JupyterHub has no types
    """The hub's OAuth with nothing kept in this process.

    Attributes
    ----------
    secret
        What signs and makes secrets; the same in all replicas.
    """

    secret: bytes = b""

    def generate_pkce_code_challenge(self, method: str = "S256") -> tuple[str, str, str]:
        """Return verifier, challenge and method; the verifier begins with the number it is made from."""
        verifier = self._verifier(secrets.token_urlsafe(16))
        return verifier, _base64(hashlib.sha256(verifier.encode()).digest()), method

    def _verifier(self, number: str) -> str:
        return f"{number}.{self._sign(b'pkce', number.encode())}"

    def generate_state(self, next_url: str | None = None, **extra_state: Any) -> str:
        """Return all that must be known when the round ends, signed."""
        number = str(extra_state.pop("code_verifier", "")).partition(".")[0]
        state = {"next_url": next_url, "number": number, "nonce": secrets.token_urlsafe(16), **extra_state}
        content = _base64(json.dumps(state).encode())
        return f"{content}.{self._sign(b'state', content.encode())}"

    def _decode_state(self, state_id: str, /) -> dict[str, Any]:
        content, _, signature = state_id.partition(".")
        if not hmac.compare_digest(signature.encode(), self._sign(b"state", content.encode()).encode()):
            return {}
        state: dict[str, Any] = json.loads(base64.urlsafe_b64decode(content + "=" * (-len(content) % 4)))
        if state.get("number"):
            state["code_verifier"] = self._verifier(state["number"])
        return state

    def clear_oauth_state(self, state_id: str) -> None:
        """Do nothing: the cookie that ends with the round is all there is."""

    def _sign(self, purpose: bytes, content: bytes) -> str:
        return _base64(hmac.digest(self.secret, purpose + b":" + content, "sha256"))


class HubIdentityProvider(JupyterHubIdentityProvider):  # type: ignore[misc]
    """Asks the hub who is asking; again at each question, as far as ``hub_auth.cache`` lets it."""

    async def get_user(self, handler: Any) -> Any:
        """Return the user, None if nobody is signed in.

        Raises
        ------
        AccessDenied
            If the hub knows the user, but they may not use this service.
        Unavailable
            If the hub does not answer.
        """
        for name in _FORGET:  # an open WebSocket asks with the same handler
            handler.__dict__.pop(name, None)
        try:
            async with asyncio.timeout(_PATIENCE):
                user = await super().get_user(handler)
        except TimeoutError as error:
            raise Unavailable(_HUB_AWAY) from error
        except web.HTTPError as error:
            if error.status_code < 500:
                raise
            raise Unavailable(_HUB_AWAY) from error
        known = getattr(handler, "_cached_hub_user", None)
        if user is None and known:
            raise AccessDenied("You may not use Plant Together with this sign-in; ask the hub's operator.")
        if user is not None and user.hub_user.get("kind", "user") != "user":
            raise AccessDenied("Plant Together is for users of the hub; this token is a service's.")
        return user


class HubIdentity:
    """The identity source of a gateway: the subject is the hub's user name, groups are the hub's."""

    invented = False

    def __init__(self) -> None:
        self._jupyter = JupyterIdentity(invented=False)

    def principal(self, user: JupyterUser, kind: Kind) -> Principal:
        """Return the principal of a user of the hub."""
        hub_user: dict[str, Any] = getattr(user, "hub_user", {})
        groups = tuple(sorted(str(group) for group in hub_user.get("groups") or ()))
        return replace(self._jupyter.principal(user, kind), groups=groups)

    def server(self) -> Principal:
        """Return the principal of a program beside the server: at a gateway there are none."""
        return self._jupyter.server()


def user_domain(name: str, domain: str) -> str:
    """Return the domain of a user's server under the hub's ``subdomain_host``."""
    return str(subdomain_hook_idna(name, domain, "user"))


def service_domain(name: str, domain: str) -> str:
    """Return the domain of a service under the hub's ``subdomain_host``."""
    return str(subdomain_hook_idna(name, domain, "service"))


def make_provider(
    *,
    parent: Any,
    prefix: str,
    service: str,
    api_token: str,
    host: str,
    callback: str,
    secret: bytes,
    fresh_for: float,
) -> HubIdentityProvider:
    """Return the provider of a gateway.

    Parameters
    ----------
    prefix
        The service's path, ``/services/plant-together/``.
    service
        The service's name at the hub.
    api_token
        Which proves to the hub that this is the service.
    host, callback
        The hub's host and the full address of the OAuth callback, where services have hosts of their own.
    secret
        The same in all replicas.
    fresh_for
        For how many seconds an answer of the hub is kept.
    """
    oauth = ReplicatedOAuth(
        parent=parent,
        base_url=prefix,
        api_token=api_token,
        access_scopes={f"access:services!service={service}"},
        **({"hub_host": host, "oauth_redirect_uri": callback} if host else {}),
    )
    if not oauth.oauth_client_id:
        oauth.oauth_client_id = f"service-{service}"
    oauth.secret = secret
    oauth.cache.max_age = oauth.cache.purge_interval = fresh_for
    return HubIdentityProvider(parent=parent, hub_auth=oauth)


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
