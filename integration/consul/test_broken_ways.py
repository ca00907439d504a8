"""The way to a good agent breaks: bounded calls, told in time, quick recovery (pitfalls 5, 16, 17, 24)."""

from __future__ import annotations

import pytest

from coordination import OutcomeUnknown, connect
from integration.consul.scenes import REQUESTS
from integration.faults.bounds_suite import SLACK, TIMEOUT
from integration.faults.broken_ways_suite import BrokenWaysSuite
from integration.faults.measuring import measured
from integration.servers.consul import ConsulCluster
from integration.servers.fault import Fault
from integration.servers.hostile_http import MANNERS, HostileHttp
from integration.servers.http_proxy import HttpProxy

pytestmark = pytest.mark.xdist_group("consul-broken-ways")

USELESS = [
    "silent",
    "garbage",
    "slow_status",
    "slow_headers",
    "slow_body",
    "endless_continue",
    "short_body",
    "no_json",
]


class TestBrokenWaysToConsul(BrokenWaysSuite):
    """On Consul."""

    scheme = "consul"


def test_the_way_breaks_between_two_requests(node: ConsulCluster) -> None:
    """Pitfall 17: an acquire that gets its session and no more is not kept waiting for its cleaning up."""
    with (
        HttpProxy(node.endpoints[0]) as proxy,
        connect(f"consul://{proxy.endpoint}", timeout=TIMEOUT) as manager,
    ):
        manager.wait_lease("first", period=30.0, timeout=10.0).release()
        proxy.next(REQUESTS["txn-lock"], Fault(swallow=True))
        proxy.always(REQUESTS["session-destroy"], Fault(land_after=3.0))
        outcome = measured(lambda: manager.acquire_lease("job", period=30.0))
        assert isinstance(outcome.error, OutcomeUnknown)
        assert outcome.took <= TIMEOUT + SLACK


@pytest.mark.parametrize("manner", USELESS)
def test_one_of_two_agents_is_of_no_use(node: ConsulCluster, manner: str) -> None:
    """Pitfall 23: whichever is asked first, the other one answers within the time of the same call."""
    with HostileHttp(MANNERS[manner]) as bad:
        for _ in range(3):
            url = f"consul://{bad.endpoint},{node.endpoints[0]}"
            with connect(url, namespace=manner, timeout=3.0) as manager:
                lease = manager.acquire_lease("job", period=30.0)
                assert lease is not None
                assert lease.release()
        assert bad.requests
