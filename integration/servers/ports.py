"""Free ports on 127.0.0.1 that no other test process will be given as long as we keep them."""

from __future__ import annotations

import os
import random
import socket
import tempfile
from pathlib import Path

from filelock import FileLock, Timeout

_RANGE = range(20_000, 32_000)
"""Below what systems hand out for outgoing connections, which could otherwise take a port before we do."""


class Ports:
    """Ports taken one by one, and given back together. Not thread-safe."""

    def __init__(self) -> None:
        self._locks: list[FileLock] = []
        self._folder = Path(tempfile.gettempdir(), f"coordination-ports-{os.getuid()}")
        self._folder.mkdir(exist_ok=True)

    def take(self) -> int:
        """A port that nobody listens on, ours until `give_back`."""
        for port in random.sample(_RANGE, 200):
            if self._lock(port) and _is_free(port):
                return port
        raise OSError(f"no free port on 127.0.0.1 between {_RANGE.start} and {_RANGE.stop}")

    def give_back(self) -> None:
        """Let others have them; may be called twice."""
        while self._locks:
            self._locks.pop().release()

    def _lock(self, port: int) -> bool:
        lock = FileLock(self._folder / str(port))
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return False
        self._locks.append(lock)
        return True


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(
            socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
        )  # as servers do: a closed connection is no hindrance
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
