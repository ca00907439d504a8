"""What an operator does during the demo: units are added to the pool and removed from it."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from coordination.connect import connect
from coordination.errors import ConfigurationError
from coordination.manager import Manager

TTLS = (4.0, 10.0)
"""Seconds; Consul grants no shorter ones than the second, unless its servers are configured to."""


class Operator:
    """Edits the pool of the store at `urls`, of each of them if there are several; a block to use it in."""

    def __init__(self, urls: Iterable[str], namespace: str, command: list[str]) -> None:
        self._urls = sorted(set(urls))
        self._namespace = namespace
        self._command = command
        self._open = ExitStack()
        self._managers: list[Manager] = []

    def add(self, unit: str) -> None:
        """A unit that runs the command."""
        for manager in self._managers:
            manager.pool("work").add(unit, {"command": self._command})

    def remove(self, unit: str) -> None:
        """There is no such unit any more."""
        for manager in self._managers:
            manager.pool("work").remove(unit)

    def clear(self) -> None:
        """Leave no unit behind in a store that is not ours alone."""
        for manager in self._managers:
            for unit in manager.pool("work").units():
                manager.pool("work").remove(unit.name)

    def ttl(self) -> float:
        """The shortest that the store grants; only its servers know."""
        short, long = TTLS
        try:
            lease = self._managers[0].acquire_lease("ttl", period=short)
        except ConfigurationError:
            return long
        if lease is not None:
            lease.release()
        return short

    def __enter__(self) -> Self:
        for url in self._urls:
            manager = connect(url, namespace=self._namespace, machine_id="operator")
            self._managers.append(self._open.enter_context(manager))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()
