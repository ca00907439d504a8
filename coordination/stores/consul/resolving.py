"""Where a host is, within a bound: the system's resolver keeps none, and may take half a minute."""

from __future__ import annotations

import os
import socket
import threading
from typing import Any

from coordination.threads import started

Place = tuple[Any, ...]
"""What `socket.getaddrinfo` answers one of."""


def places(host: str, port: int, timeout: float) -> list[Place]:
    """The addresses of a host; `OSError` if there are none, `TimeoutError` if it takes too long."""
    try:
        return _asked(host, port, socket.AI_NUMERICHOST)
    except (socket.gaierror, UnicodeError):
        pass  # It is a name.
    key = (os.getpid(), host, port)
    ours = _Resolution()
    # One at a time for each host, however many want it. No mutex, which a child of fork could inherit locked.
    resolution = _under_way.setdefault(key, ours)
    if resolution is ours:
        try:
            started(lambda: ours.run(key), "coordination-consul-resolver")
        except BaseException:
            _under_way.pop(key, None)
            raise
    return resolution.answer(host, timeout)


class _Resolution:
    """One question to the system's resolver, which any number of threads wait for."""

    def __init__(self) -> None:
        self._over = threading.Event()
        self._found: list[Place] | OSError = []

    def run(self, key: tuple[int, str, int]) -> None:
        try:
            self._found = _asked(key[1], key[2], 0)
        except (OSError, UnicodeError) as error:
            self._found = error if isinstance(error, OSError) else OSError(str(error))
        finally:
            _under_way.pop(key, None)
            self._over.set()

    def answer(self, host: str, timeout: float) -> list[Place]:
        if not self._over.wait(timeout):
            raise TimeoutError(f"the name {host} was not resolved in time")
        if isinstance(self._found, OSError):
            raise OSError(str(self._found)) from self._found
        return self._found


_under_way: dict[tuple[int, str, int], _Resolution] = {}


def _asked(host: str, port: int, flags: int) -> list[Place]:
    # As bytes: for a str a codec is looked for, and loaded, which hangs the child of a fork in that moment.
    name = host.encode() if host.isascii() else host.encode("idna")
    return list(socket.getaddrinfo(name, port, type=socket.SOCK_STREAM, flags=flags))
