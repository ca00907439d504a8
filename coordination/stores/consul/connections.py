"""Connections to one agent: urllib3's, on sockets that keep a bound. Loaded with the first of them."""

from __future__ import annotations

import http.client
import socket
import ssl

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from coordination.errors import ConfigurationError
from coordination.stores.consul.dialing import dialed
from coordination.stores.consul.message import Answer, Failed, Request
from coordination.stores.consul.responses import response

if not hasattr(HTTPConnection, "is_connected"):
    raise ConfigurationError("Consul needs urllib3 2.0.2 or newer: pip install 'coordination[consul]'")


class _Plain(HTTPConnection):
    until = 0.0

    def _new_conn(self) -> socket.socket:
        return dialed(self.host, self.port, self.until)


class _Secure(HTTPSConnection):
    until = 0.0

    def _new_conn(self) -> socket.socket:
        return dialed(self.host, self.port, self.until)


Connection = _Plain | _Secure


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
    sent = False
    try:
        made.sock.begin(until)  # type: ignore[union-attr] # Both kinds of ours have it.
        try:
            # Head and body go together: in two packets, an agent that refuses the head hangs up on the body.
            made.sock.sendall(_written(made, request, headers))
            sent = True
        except (BrokenPipeError, ConnectionResetError, ssl.SSLEOFError):
            pass  # It did not want to hear all of it; why, it may have said before it closed.
        answer, lasting = response(made.sock, request.limit)
    except BaseException as error:
        made.close()
        # An AttributeError means that somebody has closed it under our hands, to interrupt us.
        if not isinstance(error, (OSError, ValueError, http.client.HTTPException, AttributeError)):
            raise
        raise _failed(error, sent=sent) from None
    if not lasting:
        made.close()
    return answer


def _written(made: Connection, request: Request, headers: dict[str, str]) -> bytes:
    """The request as it is sent: ours are simple, and what is put into them is escaped already."""
    target = f"{request.path}?{request.query}" if request.query else request.path
    host = f"[{made.host}]" if ":" in made.host else made.host
    lines = [f"{request.method} {target} HTTP/1.1", f"Host: {host}:{made.port}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if request.method != "GET":
        lines.append(f"Content-Length: {len(request.body or b'')}")
    return "\r\n".join([*lines, "", ""]).encode("ascii") + (request.body or b"")


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
