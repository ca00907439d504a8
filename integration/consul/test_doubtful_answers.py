"""What a renewal believes: 500, 429 and 503 say nothing about the lease, 404 that it is lost (pitfall 41)."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from coordination import Lease, LeaseLost, Manager, OutcomeUnknown, StoreUnavailable, connect
from coordination.clock import SystemClock
from coordination.stores.consul.keys import Keys, path_of
from integration.consul.scenes import REQUESTS
from integration.faults.held import Held
from integration.faults.measuring import eventually, measured
from integration.servers.consul import ConsulCluster
from integration.servers.http_fault import HttpFault, Match, refusal
from integration.servers.http_proxy import HttpProxy

pytestmark = pytest.mark.xdist_group("consul-doubtful")

PERIOD = 3.0
LONG = 10.0  # Where nobody waits for its end.
SOON = 1.0
"""Seconds within which a holder is told, on a busy machine too; typical is a twentieth of it."""

DOUBTFUL = {
    "no-leader": refusal(500, "No cluster leader"),
    "raft": refusal(500, "rpc error making call: EOF"),
    "timeout": refusal(500, "timed out enqueuing operation"),
    "too-many": refusal(429, "Too many requests"),
    "rate": refusal(503, "rate limit exceeded, try again later or against a different server"),
    "unavailable": refusal(503),
    "gateway": refusal(502),
    "unsent": HttpFault(unsent=True),
}
RENEWALS = ["txn-lock", "session-renew"]


@pytest.fixture
def proxy(node: ConsulCluster) -> Iterator[HttpProxy]:
    """Where the answers are given."""
    with HttpProxy(node.endpoints[0]) as proxy:
        yield proxy


@pytest.fixture
def manager(proxy: HttpProxy) -> Iterator[Manager]:
    """The holder's."""
    with connect(f"consul://{proxy.endpoint}", timeout=1.0) as manager:
        yield manager


@pytest.fixture
def honest(node: ConsulCluster) -> Iterator[Manager]:
    """Somebody else's, who is answered honestly."""
    with connect(node.url) as manager:
        yield manager


def _held(manager: Manager, request: pytest.FixtureRequest) -> Lease:
    return manager.wait_lease(request.node.name, period=LONG, timeout=10.0)


def _watched(proxy: HttpProxy) -> None:
    """Until the holder's watch waits for news; it begins in the background."""
    eventually(lambda: any("index=" in request.query for request in proxy.asked("/v1/kv/")), 10.0)


def _session_of(lease: Lease) -> str:
    return lease.grant.session.id


@pytest.mark.parametrize("answer", DOUBTFUL)
@pytest.mark.parametrize("step", RENEWALS)
def test_it_is_held_to_its_deadline_and_recovers(
    proxy: HttpProxy, manager: Manager, request: pytest.FixtureRequest, step: str, answer: str
) -> None:
    """Pitfall 41: renewing by hand says that nobody can say; held stays true, the next renewal counts."""
    lease = _held(manager, request)
    proxy.always(REQUESTS[step], DOUBTFUL[answer])
    outcome = measured(lease.renew)
    assert isinstance(outcome.error, (StoreUnavailable, OutcomeUnknown)), outcome
    assert (lease.held, lease.lost) == (True, None)
    proxy.behave()
    lease.renew()
    assert lease.remaining > LONG / 2
    assert lease.release()


@pytest.mark.parametrize("answer", ["no-leader", "too-many", "unavailable"])
@pytest.mark.parametrize("step", RENEWALS)
def test_a_heartbeat_rides_it_out(
    proxy: HttpProxy, manager: Manager, request: pytest.FixtureRequest, step: str, answer: str
) -> None:
    """Pitfall 41: half a period of such answers costs no lease."""
    held = Held(manager, request.node.name, 2 * PERIOD)
    proxy.always(REQUESTS[step], DOUBTFUL[answer])
    asked = len(proxy.asked(REQUESTS[step]))
    eventually(lambda: len(proxy.asked(REQUESTS[step])) > asked, 2 * PERIOD)
    time.sleep(PERIOD / 3)
    proxy.behave()
    back = time.time()
    eventually(lambda: held.lease.renewed_at > back, 2 * PERIOD)
    assert (held.lease.held, held.lease.lost) == (True, None)
    assert held.told.empty()
    assert held.lease.release()


def test_it_ends_at_its_deadline(
    proxy: HttpProxy, manager: Manager, honest: Manager, request: pytest.FixtureRequest
) -> None:
    """Where nobody ever says: not before the period is over, not after it; the holder is told once."""
    held = Held(manager, request.node.name, PERIOD)
    eventually(lambda: held.lease.renewed_at > held.lease.acquired_at, PERIOD)
    for step in RENEWALS:
        proxy.always(REQUESTS[step], DOUBTFUL["no-leader"])
    told_at, reason = held.told.get(timeout=PERIOD + 5.0)
    assert reason == held.lease.lost == "expired"
    assert held.told.empty()
    # Not `renewed_at`: the last write may have been let through, and the session's renewal after it not.
    ends_at = time.time() + held.lease.deadline - SystemClock().now()
    assert ends_at - 1.0 <= told_at <= ends_at + SOON
    assert honest.wait_lease(request.node.name, period=PERIOD, timeout=2 * PERIOD + 2.0).release()


@pytest.mark.parametrize("kept", [False, True])
def test_a_session_that_is_gone_is_a_loss_at_once(
    node: ConsulCluster, proxy: HttpProxy, manager: Manager, request: pytest.FixtureRequest, kept: bool
) -> None:
    """Pitfall 41: Consul's 404 is the end: told at once, by the renewal or by the watch, and no retries."""
    if not kept:
        lease = _held(manager, request)
        node.ask("PUT", f"/v1/session/destroy/{_session_of(lease)}")
        with pytest.raises(LeaseLost):
            lease.renew()
        assert not lease.held
        return
    held = Held(manager, request.node.name, 30.0)
    _watched(proxy)
    node.ask("PUT", f"/v1/session/destroy/{_session_of(held.lease)}")
    began = time.time()
    told_at, _ = held.told.get(timeout=10.0)
    assert told_at - began <= SOON
    assert not held.lease.held


def test_a_renewal_answered_404_is_a_loss_only_if_it_is_one(
    proxy: HttpProxy, manager: Manager, request: pytest.FixtureRequest
) -> None:
    """A server that has just come to lead may not know a young session: a consistent look tells."""
    lease = _held(manager, request)
    proxy.next("/v1/session/renew/", refusal(404, "Session id not found"))
    outcome = measured(lease.renew)
    assert isinstance(outcome.error, (StoreUnavailable, OutcomeUnknown)), outcome
    assert lease.held
    lease.renew()
    assert lease.release()


@pytest.mark.parametrize("loss", ["deleted", "stolen", "destroyed"])
def test_a_lost_lease_leaves_no_session(
    node: ConsulCluster,
    proxy: HttpProxy,
    manager: Manager,
    honest: Manager,
    request: pytest.FixtureRequest,
    loss: str,
) -> None:
    """Pitfall 42: the session of a lease that was lost is destroyed, long before it would expire."""
    held = Held(manager, request.node.name, 60.0)
    session = _session_of(held.lease)
    _watched(proxy)
    if loss == "deleted":
        node.ask("DELETE", path_of(Keys("coordination").stored(held.key)))
    elif loss == "stolen":
        seen = honest.get_lease(request.node.name)
        assert seen is not None
        assert honest.steal_lease(request.node.name, "thief", 0, PERIOD, seen.index) is not None
    else:
        node.ask("PUT", f"/v1/session/destroy/{session}")
    held.told.get(timeout=10.0)
    eventually(lambda: not node.ask("GET", f"/v1/session/info/{session}"), 10.0)
    assert not held.lease.held


MATCHES: dict[str, Match] = {"create": "/v1/session/create", "lock": REQUESTS["txn-lock"]}


@pytest.mark.parametrize("answer", ["no-leader", "too-many", "unavailable"])
@pytest.mark.parametrize("step", MATCHES)
def test_acquiring_meets_it_too(
    proxy: HttpProxy, manager: Manager, request: pytest.FixtureRequest, step: str, answer: str
) -> None:
    """One such answer is ridden out; it never means that another holds the lease."""
    proxy.next(MATCHES[step], DOUBTFUL[answer])
    outcome = measured(lambda: _held(manager, request))
    assert outcome.error is None, outcome
    assert outcome.value is not None
    assert outcome.value.release()
