"""Connecting to a host within a bound, although some of its addresses may be dead."""

from __future__ import annotations

import socket

from coordination.clock import SystemClock
from coordination.stores.consul.resolving import Place, places
from coordination.stores.consul.sockets import BoundSocket, bound, left

_NOW = SystemClock().now

_good: dict[tuple[str, int], Place] = {}
"""The address of each host that answered last: it is tried first."""


def dialed(host: str, port: int, until: float) -> BoundSocket:
    """A connection to one of the host's addresses; each gets a share of the time that is left."""
    host = host.strip("[]")
    found = places(host, port, left(until) or 0.0)
    good = _good.get((host, port))
    found.sort(key=lambda place: place != good)
    last: OSError = OSError("the host has no address")
    for tried, place in enumerate(found):
        now = _NOW()
        try:
            connection = _connected(place, now + (until - now) / (len(found) - tried))
        except OSError as error:
            last = error
            continue
        if len(found) > 1:
            _good[host, port] = place
        try:
            connection.settimeout(left(until))  # For the handshake.
        except TimeoutError:
            connection.close()
            raise
        return connection
    raise last


def _connected(place: Place, until: float) -> BoundSocket:
    family, kind, protocol, _, address = place
    plain = bound(socket.socket(family, kind, protocol))
    try:
        plain.settimeout(left(until))
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        plain.connect(address)
    except BaseException:
        plain.close()
        raise
    return plain
