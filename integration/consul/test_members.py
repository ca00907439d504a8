"""Three servers, some of which fail: what is held stays held, and never twice (pitfalls 22 to 24, 41, 42)."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from coordination import OutcomeUnknown, StoreUnavailable, connect
from integration.faults.held import Held
from integration.faults.measuring import eventually, measured
from integration.faults.members_suite import KILLS, MembersSuite
from integration.servers.consul import ConsulCluster
from integration.servers.consul_binaries import consul_binary

pytestmark = pytest.mark.xdist_group("consul-members")


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsulCluster]:
    """Three servers."""
    with ConsulCluster(consul_binary(), tmp_path_factory.mktemp("consul"), 3) as cluster:
        yield cluster


class TestConsulMembers(MembersSuite):
    """Of Consul."""

    kills = max(3, KILLS)
    period = 10.0  # An election takes some three seconds, and Consul's own floor is ten.
    expiry = 2.0
    recovery = 10.0  # Its own elections were seen to take 5.3 s; one in four runs took more than 5.

    def test_without_quorum_nobody_is_told_anything_wrong(self, cluster: ConsulCluster) -> None:
        """Typed errors, never "held by another" or "free"; told at the deadline; gone after its return."""
        period = 3.0
        with connect(cluster.url, timeout=1.0) as manager, connect(cluster.url, timeout=1.0) as other:
            held = Held(manager, "quorum", period)
            stopped = [member for member in cluster.members if member is not cluster.leader()]
            for member in stopped:
                member.kill()
            outcomes = [
                measured(call)
                for call in (
                    lambda: other.acquire_lease("quorum", period=period),
                    lambda: other.acquire_lease("free", period=period),
                    lambda: other.get_lease("quorum"),
                    lambda: other.read("datum"),
                    other.list_leases,
                )
            ]
            assert not [it for it in outcomes if not isinstance(it.error, (StoreUnavailable, OutcomeUnknown))]
            assert not [it for it in outcomes if it.took > 1.5]
            at, reason = held.told.get(timeout=2 * period)
            assert reason == "expired"
            assert at <= held.lease.renewed_at + period + 0.5
            for member in stopped:
                member.start()
            cluster.wait_healthy()
            back = time.monotonic()
            other.wait_lease("quorum", period=period, timeout=2 * period + 5.0).release()
            eventually(lambda: _gone(cluster, held.session), back + 2 * period + 5.0 - time.monotonic())
            assert held.told.empty()


def _gone(cluster: ConsulCluster, session: str) -> bool:
    return session not in [each["ID"] for each in cluster.ask("GET", "/v1/session/list?consistent")]
