"""A watch whose blocking queries meet something else than an honest answer, and how it lives through that."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from coordination import Lease, connect
from coordination.record import lease_key
from coordination.stores.consul.opening import open_store
from integration.servers.consul import ConsulCluster
from integration.servers.fault import Fault
from integration.servers.http_proxy import HttpProxy
from integration.servers.http_wire import Request

LONG = 10.0
"""Seconds that a watch is left to the fault's mercy."""
CHANGED = 3.0
"""Seconds after which what is watched changes, meanwhile."""

PATIENCE = 60.0
"""Seconds; a watch that met nothing but nonsense asks less and less often, up to every 38 s."""


def polls(request: Request) -> bool:
    """Whether it is a blocking query; everything else, the first look too, is answered honestly."""
    return request.target.startswith("/v1/kv/") and "consistent" not in request.target


@dataclass(frozen=True)
class Watched:
    """What became of a watch: how often Consul was asked, and what was heard."""

    requests: int
    """Of any kind, within the time."""
    polls: int
    heard_after: float | None
    """Seconds from the change until something was heard; None if nothing was while the fault lasted."""
    recovered: float
    """Seconds from the end of the fault until a change was heard."""


def watched_by_store(node: ConsulCluster, fault: Callable[[], Fault], name: str) -> Watched:
    """A watch of the store's own, on one key; nothing but blocking queries tells it of changes."""
    heard: queue.SimpleQueue[float] = queue.SimpleQueue()
    with HttpProxy(node.endpoints[0]) as proxy, connect(node.url) as honest:
        proxy.always(polls, fault())
        store = open_store(f"consul://{proxy.endpoint}")
        try:
            began = time.monotonic()
            store.watch(
                lease_key("", name), 0, lambda _key, _index: heard.put(time.monotonic()), timeout=10.0
            )
            time.sleep(CHANGED)
            changed = time.monotonic()
            lease = honest.wait_lease(name, period=300.0, timeout=5.0)
            time.sleep(max(0.0, began + LONG - time.monotonic()))
            asked = _asked(proxy, began)
            after = [at - changed for at in _emptied(heard) if at >= changed]
            proxy.behave()
            proxy.cut()  # An answer that never comes would be waited for until the poll's own timeout.
            return Watched(*asked, after[0] if after else None, _recovered(lease, heard))
        finally:
            store.close()


def watched_by_manager(node: ConsulCluster, fault: Callable[[], Fault], name: str) -> Watched:
    """A manager's watch, which looks by itself now and then besides."""
    with HttpProxy(node.endpoints[0]) as proxy, connect(node.url) as honest:
        proxy.always(polls, fault())
        with connect(f"consul://{proxy.endpoint}") as manager:
            began = time.monotonic()
            states = manager.watch(name, timeout=LONG)
            assert next(states) is None
            time.sleep(CHANGED)
            changed = time.monotonic()
            assert honest.acquire_lease(name, period=300.0) is not None
            heard = [time.monotonic() - changed for state in states if state is not None]
            return Watched(*_asked(proxy, began), heard[0] if heard else None, 0.0)


def _asked(proxy: HttpProxy, began: float) -> tuple[int, int]:
    """How many requests there were in the time, and how many of them polled."""
    asked = [request for request in list(proxy.requests) if request.at < began + LONG]
    return len(asked), sum(map(polls, asked))


def _recovered(lease: Lease, heard: queue.SimpleQueue[float]) -> float:
    """Change it, now that all answers are honest, until one change is heard."""
    began = time.monotonic()
    _emptied(heard)
    while True:
        lease.renew()
        with suppress(queue.Empty):
            return heard.get(timeout=1.0) - began
        assert time.monotonic() - began < PATIENCE, "nothing is heard any more"


def _emptied(heard: queue.SimpleQueue[float]) -> list[float]:
    return [heard.get() for _ in range(heard.qsize())]
