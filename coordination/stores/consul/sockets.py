"""Sockets that keep a bound on a whole answer, however slowly its bytes come.

A socket's timeout begins anew with every byte, so a server that sends one a second could hold a
call up for ever. These ask the clock before each wait.
"""

from __future__ import annotations

import math
import socket
import ssl
from typing import Any

from coordination.clock import SystemClock

_NOW = SystemClock().now


class BoundSocket(socket.socket):
    """A TCP socket; `until` is the point on the system's clock when waiting for bytes must end."""

    until = math.inf

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        """Wait for bytes, no longer than until `until`; `TimeoutError` then."""
        self.settimeout(left(self.until))
        return super().recv_into(buffer, nbytes, flags)


class BoundTLSSocket(ssl.SSLSocket):
    """The same with TLS; `SSLContext.sslsocket_class` has to name it."""

    until = math.inf

    def recv_into(self, buffer: Any, nbytes: int | None = None, flags: int = 0) -> int:
        """Wait for bytes, no longer than until `until`; `TimeoutError` then."""
        self.settimeout(left(self.until))
        return super().recv_into(buffer, nbytes, flags)

    def send(self, data: Any, flags: int = 0) -> int:
        """Wait for room, no longer than until `until`; without TLS `sendall` sees to that itself."""
        self.settimeout(left(self.until))
        return super().send(data, flags)


def bound(plain: Any) -> BoundSocket:
    """The same connection as a socket with a bound; `plain` is used up."""
    return BoundSocket(plain.family, plain.type, plain.proto, fileno=plain.detach())


def left(until: float) -> float | None:
    """Seconds until then, for a socket's timeout; `TimeoutError` if there are none."""
    if until == math.inf:
        return None
    seconds = until - _NOW()
    if seconds <= 0:
        raise TimeoutError("no answer in time")
    return seconds
