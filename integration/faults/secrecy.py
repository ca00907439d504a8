"""What a manager lets be seen of what it knows: its events, its parts, its errors; for every store."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from coordination import Lease, LeaseLost, Manager
from integration.faults.held import let_go


def lived(manager: Manager) -> list[str]:
    """Most of what there is to log; the secrets of the leases that came up."""
    lease = manager.wait_lease("name", period=10, timeout=10).keep_alive()
    assert manager.acquire_lease("name") is None
    lease.renew()
    lease.commit({"key": "value"})
    let_go(lease)
    lost = manager.wait_lease("lost", period=10, timeout=10).keep_alive()
    stolen = manager.steal_lease("lost", "thief", 0, 10, lost.index)
    assert stolen is not None
    with pytest.raises(LeaseLost):
        lost.renew()
    with pytest.raises(LeaseLost):
        manager.resume("lost", str(lost.secret))
    let_go(stolen)
    return [str(it.secret) for it in (lease, lost, stolen)]


class Events:
    """A logger like structlog's: it takes events with fields."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def _take(self, event: str, **fields: Any) -> None:
        self.seen.append(f"{event} {fields}")

    debug = info = warning = _take


def said(error: BaseException) -> str:
    """Its message, arguments and attributes, and its traceback with all that it is chained to.

    Lines of source are part of a traceback; the values in them are not.
    """
    told = "".join(traceback.format_exception(error))
    return f"{told} {error} {error!r} {error.args!r} {vars(error)}"


def shown(thing: object) -> list[str]:
    """The vars of a thing of ours and of all its parts, but of leases: who has one has its secret."""
    return list(_shown(thing, set()))


def _shown(thing: object, seen: set[int]) -> Iterator[str]:
    if id(thing) in seen or isinstance(thing, Lease):
        return
    seen.add(id(thing))
    parts: list[object] = []
    if type(thing).__module__.startswith("coordination"):
        slots = [name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ())]
        inside = {**getattr(thing, "__dict__", {}), **{name: getattr(thing, name, None) for name in slots}}
        yield repr({name: value for name, value in inside.items() if not isinstance(value, bytes)})
        parts = list(inside.values())
    elif isinstance(thing, Mapping):
        parts = list(thing.values())
    elif isinstance(thing, (list, tuple, set)):
        parts = list(thing)
    for part in parts:
        yield from _shown(part, seen)
