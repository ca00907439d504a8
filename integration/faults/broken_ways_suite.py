"""The way to a good server breaks: a suite for every store with a server.

Bounded calls, told in time, quick recovery: pitfalls 5, 16, 17, 24.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, ClassVar

import pytest

from coordination import AcquireTimeout, OutcomeUnknown, StoreError, connect
from integration.faults.bounds_suite import SLACK, TIMEOUT, AnyCluster
from integration.faults.contenders import PATIENCE, Contender
from integration.faults.held import let_go
from integration.faults.measuring import (
    Outcome,
    Recorded,
    all_at_once,
    eventually,
    hiccups,
    late,
    measured,
    slowest,
    untyped,
)
from integration.servers.tcp_proxy import TcpProxy


def _black_hole(tcp: TcpProxy) -> None:
    tcp.black_hole()


def _slow(tcp: TcpProxy) -> None:
    tcp.latency(5.0)


def _refused(tcp: TcpProxy) -> None:
    tcp.refuse()
    tcp.cut()


FAULTS = [_black_hole, _slow, _refused]


class BrokenWaysSuite:
    """Wants a fixture `node`: a cluster of one member."""

    scheme: ClassVar[str]

    @pytest.fixture
    def tcp(self, node: AnyCluster) -> Iterator[TcpProxy]:
        """The way to it."""
        with TcpProxy(node.endpoints[0]) as proxy:
            yield proxy

    def test_waiting_is_bounded_by_its_own_timeout(self, tcp: TcpProxy) -> None:
        """Acceptance 12: wait_lease(timeout=T) is back at T + 0.5 s, though a request may take longer."""
        tcp.black_hole()
        with connect(f"{self.scheme}://{tcp.endpoint}", timeout=5.0) as manager, hiccups() as held_up:
            wait = partial(manager.wait_lease, "job", period=10.0)
            outcomes = all_at_once({limit: partial(wait, timeout=limit) for limit in (0.0, 0.1, 3.0)})
            slack = SLACK + held_up()
        assert not {limit: outcome for limit, outcome in outcomes.items() if outcome.took > limit + slack}
        assert all(isinstance(outcome.error, (StoreError, AcquireTimeout)) for outcome in outcomes.values())

    @pytest.mark.parametrize("fault", FAULTS)
    def test_a_holder_whose_way_breaks(
        self, tcp: TcpProxy, fault: Callable[[TcpProxy], None], record_property: Recorded
    ) -> None:
        """Pitfalls 5, 16, 17, acceptance 11 and 13: told in time, once; releases and closes in 1.5 s each."""
        told: list[tuple[float, str]] = []
        manager = connect(f"{self.scheme}://{tcp.endpoint}", timeout=TIMEOUT, namespace=fault.__name__)
        others = [manager.wait_lease(name, period=30.0, timeout=10.0) for name in "abc"]
        kept = manager.wait_lease("kept", period=2.0, timeout=10.0)
        kept.keep_alive(lambda _lease, reason: told.append((time.time(), reason)))
        with hiccups() as held_up:
            fault(tcp)
            outcomes: dict[str, Outcome[Any]] = all_at_once(
                {"renew": others[0].renew, "commit": lambda: others[1].commit({"x": b""})}
            )
            released = measured(others[2].release)
            eventually(lambda: bool(told), PATIENCE)
            assert not kept.held
            closed = measured(manager.close)
            spared = held_up()
        record_property("s of the slowest call, timeout 0.5 s", slowest(outcomes))
        record_property("s of the slowest release", released.took)
        record_property("s of the slowest close", closed.took)
        assert not late(outcomes, TIMEOUT + SLACK + spared)
        assert not untyped(outcomes)
        assert isinstance(released.error, OutcomeUnknown)
        assert released.took <= 1.5 + spared
        assert closed.took <= 1.5 + spared
        assert [reason for _at, reason in told] == ["expired"]
        assert told[0][0] <= kept.renewed_at + 2.0 + 0.5 + spared

    @pytest.mark.parametrize("fault", FAULTS)
    def test_recovery_is_quick(self, tcp: TcpProxy, fault: Callable[[TcpProxy], None]) -> None:
        """Pitfall 24: after 3 s of failing, try upon try, the next acquire takes 5 s at most."""
        with connect(f"{self.scheme}://{tcp.endpoint}", timeout=TIMEOUT, namespace=fault.__name__) as manager:
            before = manager.wait_lease("before", period=30.0, timeout=10.0)
            fault(tcp)
            give_up = time.monotonic() + 3.0
            failures = 0
            while time.monotonic() < give_up:
                assert isinstance(
                    measured(lambda: manager.acquire_lease("job", period=30.0)).error, StoreError
                )
                failures += 1
            with hiccups() as held_up:
                tcp.restore()
                after = measured(lambda: manager.wait_lease("job", period=30.0, timeout=10.0))
                spared = held_up()
            assert failures
            assert after.value is not None
            assert after.took <= 5.0 + spared
            eventually(lambda: measured(before.renew).error is None, 10.0)  # Each try has half a second.
            assert after.value.held
            let_go(after.value)
            let_go(before)

    def test_a_far_server_is_no_broken_one(self, tcp: TcpProxy) -> None:
        """Pitfall 16 the other way round: a round trip of 0.3 s costs patience, and nothing else."""
        tcp.latency(0.15)
        with connect(f"{self.scheme}://{tcp.endpoint}", namespace="far") as manager:
            lease = manager.acquire_lease("job", period=30.0)
            assert lease is not None
            lease.renew()
            let_go(lease)

    def test_a_program_ends_though_its_store_does_not_answer(self, tcp: TcpProxy) -> None:
        """Acceptance 13: with a kept lease and a dead server, a program is gone 3 s after its last line."""
        with Contender("end", f"{self.scheme}://{tcp.endpoint}") as program:
            program.next("got")
            tcp.black_hole()
            with hiccups() as held_up:
                program.tell()
                end = measured(lambda: program.ended(PATIENCE))
                assert end.took <= 3.0 + held_up()
        assert end.value == 0
