"""Connections to one agent: urllib3's, on sockets that keep a bound. Loaded with the first of them."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Callable
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from coordination.clock import SystemClock
from coordination.errors import ConfigurationError
from coordination.stores.consul.dialing import dialed
from coordination.stores.consul.message import Answer, Failed, Request, TooMuch
from coordination.stores.consul.sockets import left

if not hasattr(HTTPConnection, "is_connected"):
    raise ConfigurationError("Consul needs urllib3 2.0.2 or newer: pip install 'coordination[consul]'")

_CHUNK = 65_536
_HIGHEST = 2**63
_NOW = SystemClock().now


class _Plain(HTTPConnection):
    until = 0.0
    held: list[bytes] | None = None

    def send(self, data: Any) -> None:
        _send(self, data, super().send)

    def _new_conn(self) -> socket.socket:
        return dialed(self.host, self.port, self.until)


class _Secure(HTTPSConnection):
    until = 0.0
    held: list[bytes] | None = None

    def send(self, data: Any) -> None:
        _send(self, data, super().send)

    def _new_conn(self) -> socket.socket:
        return dialed(self.host, self.port, self.until)


Connection = _Plain | _Secure


def _send(made: Connection, data: Any, send: Callable[[Any], None]) -> None:
    """Head and body go together: in two packets, an agent that refuses the head hangs up on the body."""
    if made.held is None:
        send(data)
    else:
        made.held.append(data)


def connection(host: str, port: int, trust: ssl.SSLContext | None) -> Connection:
    """One that is not open yet; with TLS if there is somebody to trust."""
    if trust is None:
        return _Plain(host, port)
    return _Secure(host, port, ssl_context=trust)


def open_connection(made: Connection, until: float) -> None:
    """Connect and shake hands; `Failed` says why not."""
    made.until = until
    try:
        made.connect()
    except ssl.SSLCertVerificationError as error:
        made.close()
        why = f"{error.verify_message}; check cacert, the host name and the dates"
        raise Failed(f"its certificate is not trusted: {why}", sent=False, hopeless=True) from None
    except (OSError, ValueError, HTTPError) as error:
        made.close()
        raise _failed(error, "no connection: ", sent=False) from None


def exchange(made: Connection, request: Request, headers: dict[str, str], until: float) -> Answer:
    """Send, and read the whole answer. After `Failed` the connection is closed."""
    target = f"{request.path}?{request.query}" if request.query else request.path
    sent = False
    response = None
    try:
        made.sock.until = until  # type: ignore[union-attr]
        made.timeout = left(until)
        try:
            made.held = []
            made.request(request.method, target, body=request.body, headers=headers)
            whole, made.held = b"".join(made.held), None
            made.send(whole)
            sent = True
        except (BrokenPipeError, ConnectionResetError, ssl.SSLEOFError):
            pass  # It did not want to hear all of it; why, it may have said before it closed.
        # The plain answer: what urllib3 puts around it decodes, which nobody asked for.
        response = http.client.HTTPConnection.getresponse(made)
        return _read(made, response, request.limit)
    except BaseException as error:
        if response is not None:
            response.close()  # Else it keeps the socket, whatever becomes of the connection.
        made.close()
        # An AttributeError means that somebody has closed it under our hands, to interrupt us.
        if not isinstance(error, (OSError, ValueError, http.client.HTTPException, AttributeError)):
            raise
        raise _failed(error, sent=sent) from None


def _read(made: Connection, response: http.client.HTTPResponse, limit: int) -> Answer:
    body = bytearray()
    try:
        while chunk := response.read(min(_CHUNK, limit + 1 - len(body))):
            body += chunk
            if len(body) > limit:
                raise TooMuch(limit)
        if response.length:
            raise ValueError("the answer was cut short")
    except BaseException:
        body.clear()  # The error's traceback keeps this frame alive for a while.
        raise
    if response.will_close:
        made.close()
    return Answer(response.status, _index(response.getheader("X-Consul-Index")), bytes(body))


def _index(header: str | None) -> int:
    """A number as Go writes it, or 0."""
    if header is None or not header.isascii() or not header.isdigit() or len(header) > 19:
        return 0
    return min(int(header), _HIGHEST)


def _failed(error: BaseException, what: str = "", *, sent: bool) -> Failed:
    alert = _alert(error)
    return Failed(
        what + _told(error),
        sent=sent and not alert,
        hopeless=alert,
        ended=isinstance(error, ConnectionError),
        late=isinstance(error, TimeoutError),
    )


_ALERTS = ("alert", "ALERT")


def _alert(error: BaseException) -> bool:
    """Whether the agent ended the handshake: with TLS 1.3 that is learned from the first answer."""
    return isinstance(error, ssl.SSLError) and any(word in str(error) for word in _ALERTS)


def _told(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if _alert(error):
        return f"it refused the handshake ({error}); does it ask for a client certificate? give cert and key"
    if isinstance(error, ssl.SSLError) and "WRONG_VERSION_NUMBER" in str(error):
        return "it does not speak TLS there: write consul:// instead of consuls://, or give its HTTPS port"
    return str(error) or type(error).__name__
