"""A PlantUML server, or Kroki, as a drawing backend: one request for one picture, over HTTP.

A PlantUML server gets the text in the address (``/svg/`` and the deflated text), and in the body of a POST
where that would be too long; Kroki gets it in a POST. Redirects are not followed: texts go to the configured
address and nowhere else. A timer closes the connection when the time is over, wherever the answer is by then.
"""

from __future__ import annotations

import base64
import http.client
import re
import ssl
import string
import time
import zlib
from socket import SHUT_RDWR
from socket import socket as Socket
from urllib.parse import urlsplit

from ...errors import PlantTogetherError
from ..engine.process import Deadline, RenderFailed, too_slow
from ..settings import RenderSettings
from ..text.blocks import Page
from .external import SVG_AT_MOST, syntax_error, too_large

_CHUNK = 1 << 16
_CONCURRENCY = 4
_ADDRESS_AT_MOST = 4_000  # characters that servers and proxies take
_SAID_AT_MOST = 300
_ANSWERED_AT_MOST = 10_000  # characters of an error that are read
_KROKI_BEGINS = re.compile(r"^Error \d+:")
_KROKI_ENDS = re.compile(r"\(line:\s*(\d{1,9})\)")
_TO_PLANTUML = str.maketrans(
    string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/",
    string.digits + string.ascii_uppercase + string.ascii_lowercase + "-_",
    "=",
)


class Server:
    """See the module's text; any number of threads may draw.

    Parameters
    ----------
    settings
        The address and the limits.
    """

    concurrency = _CONCURRENCY

    def __init__(self, settings: RenderSettings) -> None:
        self._settings = settings
        self._at = urlsplit(settings.render_url.strip())
        self._kroki = settings.render_server == "kroki"
        self._tls = ssl.create_default_context() if self._at.scheme == "https" else None

    def draw(self, page: Page) -> bytes:
        """Return the page's SVG."""
        text = page.text
        base = self._at.path.rstrip("/")
        if self._kroki:
            return self._request("POST", f"{base}/plantuml/svg", text, page)
        address = f"{base}/svg/{encoded(text)}"
        if len(address) <= _ADDRESS_AT_MOST:
            return self._request("GET", address, None, page)
        return self._request("POST", f"{base}/svg", text, page)

    def close(self) -> None:
        """Do nothing: requests end by themselves in time."""

    # --- inside --------------------------------------------------------------------------------------

    def _request(self, method: str, address: str, text: str | None, page: Page) -> bytes:
        seconds = self._settings.render_timeout
        ends = time.monotonic() + seconds
        connection = self._connect(seconds)
        deadline: Deadline | None = None
        body = None if text is None else text.encode(errors="replace")
        headers = {"Accept": "image/svg+xml", "Content-Type": "text/plain; charset=utf-8"}
        try:
            connection.connect()
            socket = connection.sock  # the connection forgets it where the answer is the last one
            deadline = Deadline(lambda: _shut(socket), max(0.0, ends - time.monotonic()))
            connection.request(method, address, body, headers)
            answer = connection.getresponse()
            data = self._read(answer)
            if deadline.ended:  # what was cut off can look whole
                raise too_slow(self._settings, seconds)
        except TimeoutError:
            raise too_slow(self._settings, seconds) from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            if deadline is not None and deadline.ended:
                raise too_slow(self._settings, seconds) from None
            raise RenderFailed(
                f"The drawing server at {self._at.netloc} does not answer: {error or type(error).__name__}."
            ) from None
        finally:
            if deadline is not None:
                deadline.stop()
            connection.close()
        complaint = self._complaint(answer, data, page)
        if complaint is not None:
            raise complaint
        return data

    def _connect(self, seconds: float) -> http.client.HTTPConnection:
        host = self._at.hostname or ""
        if self._tls is not None:
            return http.client.HTTPSConnection(host, self._at.port, timeout=seconds, context=self._tls)
        return http.client.HTTPConnection(host, self._at.port, timeout=seconds)

    def _read(self, answer: http.client.HTTPResponse) -> bytes:
        data = bytearray()
        while chunk := answer.read1(_CHUNK):
            data += chunk
            if len(data) > SVG_AT_MOST:
                raise too_large()
        return bytes(data)

    def _complaint(
        self, answer: http.client.HTTPResponse, data: bytes, page: Page
    ) -> PlantTogetherError | None:
        said = answer.headers.get("X-PlantUML-Diagram-Error")
        if said is not None:
            line = answer.headers.get("X-PlantUML-Diagram-Error-Line", "").strip()
            return syntax_error(page, int(line) if line.isdecimal() else None, [said[:_SAID_AT_MOST]])
        if answer.status == 200:
            return None
        if self._kroki and answer.status == 400:
            answered = data.decode(errors="replace")[:_ANSWERED_AT_MOST]
            where_it_is = _KROKI_ENDS.search(answered)
            if where_it_is is not None:  # the line counts from 0, as PlantUML prints it
                complaint = _KROKI_BEGINS.sub("", answered[: where_it_is.start()].strip(), count=1).strip()
                return syntax_error(page, int(where_it_is[1]) + 1, [complaint[:_SAID_AT_MOST]])
        where = " (it sends elsewhere, which is not followed)" if 300 <= answer.status < 400 else ""
        return RenderFailed(f"The drawing server at {self._at.netloc} answered {answer.status}{where}.")


def encoded(text: str) -> str:
    """Return ``text`` as it stands in addresses of PlantUML servers: deflated, in their own base 64."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = deflate.compress(text.encode(errors="replace")) + deflate.flush()
    data += b"\0" * (-len(data) % 3)
    return base64.b64encode(data).decode().translate(_TO_PLANTUML)


def _shut(socket: Socket) -> None:
    try:
        socket.shutdown(SHUT_RDWR)
    except OSError:
        pass  # it is closed already
