"""Every call comes back in its time, whatever is at the other end: a suite for every store with a server.

Pitfalls 16, 17, 24. `class TestEtcdBounds(BoundsSuite)` says how to open a store.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest

from coordination import StoreError, connect
from coordination.record import Session
from coordination.store import BatchedRenewals
from integration.faults.calls import GuardedStore, batched_calls, manager_calls, store_calls
from integration.faults.held import let_go
from integration.faults.measuring import Recorded, all_at_once, hiccups, late, measured, slowest, untyped
from integration.faults.useless import WAYS, useless
from integration.servers.cluster import Cluster
from integration.servers.hostile import MANNERS, Hostile

AnyCluster = Cluster[Any]

TIMEOUT = 0.5
"""Seconds each call is given."""
SLACK = 0.5
"""Seconds that it may take longer than that; promised, so not widened here."""


class BoundsSuite(ABC):
    """Wants a fixture `node`: a cluster of one member."""

    scheme: ClassVar[str]
    session: ClassVar[Session]
    """One that the store could have made, and never did."""

    @abstractmethod
    def open(self, url: str) -> GuardedStore:
        """A store of this URL."""

    @pytest.fixture(params=WAYS)
    def endpoint(self, request: pytest.FixtureRequest, node: AnyCluster) -> Iterator[str]:
        """An endpoint that is of no use, in one of many ways."""
        with useless(request.param, node) as endpoint:
            yield endpoint

    def test_every_store_call_is_bounded(self, endpoint: str, record_property: Recorded) -> None:
        """Pitfall 16: making a store sends nothing, and each call is back within its timeout, typed."""
        with hiccups() as held_up:
            made = measured(lambda: self.open(f"{self.scheme}://{endpoint}"))
            store = made.value
            assert store is not None
            assert isinstance(store, BatchedRenewals)
            try:
                outcomes = all_at_once(store_calls(store, self.session, TIMEOUT))
                batches = all_at_once(batched_calls(store, self.session, TIMEOUT))
            finally:
                closed = measured(store.close)
            spared = held_up()
        record_property("s of the slowest call, timeout 0.5 s", slowest({**outcomes, **batches}))
        record_property("s of the slowest close", closed.took)
        assert made.took < TIMEOUT + spared
        assert not late({**outcomes, **batches}, TIMEOUT + SLACK + spared)
        assert not untyped(outcomes)
        errors = [answer for outcome in batches.values() for answer in outcome.value or [None]]
        assert all(isinstance(error, StoreError) for error in errors), batches
        assert closed.took < 1.5 + spared

    def test_every_manager_call_is_bounded(self, endpoint: str, record_property: Recorded) -> None:
        """Pitfall 16, acceptance 12: one floor up; connecting sends nothing, closing takes 1.5 s."""
        with hiccups() as held_up:
            made = measured(lambda: connect(f"{self.scheme}://{endpoint}", timeout=TIMEOUT))
            assert made.value is not None
            try:
                outcomes = all_at_once(manager_calls(made.value, TIMEOUT))
            finally:
                closed = measured(made.value.close)
            spared = held_up()
        record_property("s of the slowest call, timeout 0.5 s", slowest(outcomes))
        record_property("s of the slowest close", closed.took)
        assert made.took < TIMEOUT + spared
        assert not late(outcomes, TIMEOUT + SLACK + spared)
        assert not untyped(outcomes)
        assert closed.took <= 1.5 + spared

    @pytest.mark.parametrize("manner", sorted(MANNERS))
    def test_one_of_two_endpoints_is_of_no_use(self, node: AnyCluster, manner: str) -> None:
        """Pitfall 23: whichever is asked first, the other one answers within the time of the same call."""
        with Hostile(MANNERS[manner]) as bad:
            for turn in range(3):
                url = f"{self.scheme}://{bad.endpoint},{node.endpoints[0]}"
                with connect(url, namespace=manner, timeout=2.0) as manager:
                    lease = manager.acquire_lease(f"job-{turn}", period=30.0)
                    assert lease is not None
                    let_go(lease)
