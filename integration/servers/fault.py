"""What can befall one call on its way to a server and back; `GrpcProxy` and `HttpProxy` have it happen."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """What befalls one call, or one answer of a stream."""

    land_after: float = 0.0
    """Seconds before the request reaches the server, whether or not the client still waits."""
    answer_after: float = 0.0
    """Seconds that the server's answer is held up."""
    swallow: bool = False
    """The answer never comes; the request is applied all the same."""
    drop: bool = False
    """Instead of the answer comes what a client sees of a connection that breaks at that moment."""
