"""A gRPC server for methods it has no definitions of: it takes and gives bytes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import grpc


class EveryMethod(grpc.GenericRpcHandler):  # type: ignore[misc, unused-ignore] # grpc may come without types
    """Serves whatever is called; `answering` makes the handler of the method with that path."""

    def __init__(self, answering: Callable[[str], Any]) -> None:
        self._answering = answering

    def service(self, details: grpc.HandlerCallDetails) -> Any:
        """How to answer this call; a handler without serializers deals in bytes."""
        return self._answering(details.method)
