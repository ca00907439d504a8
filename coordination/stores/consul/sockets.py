"""Sockets that keep a bound on a whole answer, however slowly its bytes come.

A socket's timeout begins anew with every byte, so a server that sends one a second could hold a
call up for ever. These ask the clock before each wait.
"""

from __future__ import annotations

import math
import selectors
import socket
import ssl
from collections.abc import Callable
from typing import Any, TypeVar

from coordination.clock import SystemClock
from coordination.forking import NO_FORK

_NOW = SystemClock().now
_Selector = getattr(selectors, "PollSelector", selectors.SelectSelector)  # Windows has no other one.

Result = TypeVar("Result")


class BoundSocket(socket.socket):
    """A TCP socket; `until` is the point on the system's clock when waiting for bytes must end."""

    until = math.inf

    def begin(self, until: float) -> None:
        """From now on it waits until then; `TimeoutError` if that is over."""
        self.settimeout(left(until))  # `sendall` minds it.
        self.until = until

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        """Wait for bytes, no longer than until `until`; `TimeoutError` then."""
        self.settimeout(left(self.until))
        return super().recv_into(buffer, nbytes, flags)


class BoundTLSSocket(ssl.SSLSocket):
    """The same with TLS, as `Trust` makes them. It waits outside OpenSSL: forks need not."""

    until = math.inf

    def begin(self, until: float) -> None:
        """From now on it waits until then; `TimeoutError` if that is over."""
        left(until)
        self.until = until

    def do_handshake(self, block: bool = False) -> None:
        """Shake hands within the socket's timeout; afterwards, `until` is what bounds it."""
        seconds = self.gettimeout()
        self.begin(math.inf if seconds is None else _NOW() + seconds)
        self.setblocking(False)
        self._through(super().do_handshake)

    def recv_into(self, buffer: Any, nbytes: int | None = None, flags: int = 0) -> int:
        """Wait for bytes, no longer than until `until`; `TimeoutError` then."""
        left(self.until)
        return self._through(super().recv_into, buffer, nbytes, flags)

    def send(self, data: Any, flags: int = 0) -> int:
        """Wait for room, no longer than until `until`; `TimeoutError` then."""
        left(self.until)
        return self._through(super().send, data, flags)

    def shutdown(self, how: int) -> None:
        """End it, from any thread. Its TLS stays: else whoever uses it would go on in plaintext."""
        socket.socket.shutdown(self, how)

    def _through(self, call: Callable[..., Result], *args: Any) -> Result:
        """What OpenSSL answers, after as many waits as it asks for."""
        while True:
            try:
                with NO_FORK:
                    return call(*args)
            except ssl.SSLWantReadError:
                wanted = selectors.EVENT_READ
            except ssl.SSLWantWriteError:
                wanted = selectors.EVENT_WRITE
            with _Selector() as selector:
                selector.register(self, wanted)
                selector.select(left(self.until))


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
