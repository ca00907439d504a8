"""Three servers, whose leader is killed time after time while a lease is kept."""

from __future__ import annotations

import time
from collections.abc import Iterator

from benchmarks.prove.children import until
from benchmarks.prove.figure import Figure
from benchmarks.prove.issue3.servers import cluster
from coordination import Lease, connect
from integration.faults.held import Held
from integration.servers.consul import ConsulCluster

KILLS = 20
PERIOD = 10.0


def figures() -> Iterator[Figure]:
    """One lease, kept from the first kill to the last."""
    with cluster(3) as three, connect(three.url) as manager:
        held = Held(manager, "job", PERIOD)
        token = held.lease.token
        renewed: list[float] = []
        for _ in range(KILLS):
            took = _survived(three, held.lease)
            if took is None:
                break
            renewed.append(took)
        kept = held.lease.held and held.lease.token == token and held.told.empty()
    survived = len(renewed) if kept else max(0, len(renewed) - 1)
    parts = {
        "renewed after the kill, s": " ".join(f"{seconds:.1f}" for seconds in renewed),
        "told": "nothing" if held.lease.lost is None else str(held.lease.lost),
    }
    name = f"leader killed while holding (3 servers, period {PERIOD:g} s): kept"
    yield Figure(name, f"{KILLS} of {KILLS}", f"{survived} of {KILLS}", kept and survived == KILLS, parts)


def _survived(three: ConsulCluster, lease: Lease) -> float | None:
    """Seconds until a renewal that began after the kill; None if the lease was lost."""
    leader = three.leader()
    leader.kill()
    killed = time.time()
    until(lambda: lease.lost is not None or lease.renewed_at > killed, 2 * PERIOD)
    took = lease.renewed_at - killed
    leader.start()
    three.wait_healthy()
    return took if took > 0 and lease.held else None
