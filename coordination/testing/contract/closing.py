"""What a store says about itself, how long a call may take, and what closing a handle leaves alone."""

from __future__ import annotations

import math
from collections.abc import Callable

from coordination.clock import SystemClock
from coordination.contention import Departures, Proofs, Queues
from coordination.errors import StoreError
from coordination.store import BatchedRenewals, GuardedWrites, Store
from coordination.testing.contract.base import Contract
from coordination.testing.contract.batched import BatchedRenewalsContract
from coordination.testing.contract.departures import DeparturesContract
from coordination.testing.contract.guarded import GuardedWritesContract
from coordination.testing.contract.proofs import ProofsContract
from coordination.testing.contract.queues import QueuesContract
from coordination.testing.harness import StoreHarness

HARDLY_ANY = 0.001
"""Seconds: a timeout that a store on a wire can seldom keep with an answer."""


class ClosingRules(Contract):
    """What `capabilities`, `health` and `close` promise, and every `timeout`."""

    def test_it_is_a_store(self, harness: StoreHarness) -> None:
        """It has every call of the contract."""
        assert isinstance(harness.open(), Store)

    def test_capabilities_fit_what_is_granted(self, harness: StoreHarness) -> None:
        """The declared limits allow the ttl under test, and are numbers one can compute with."""
        able = harness.open().capabilities
        assert able.shortest_ttl <= harness.ttl <= able.longest_ttl
        assert able.largest_value >= 1
        assert 0 <= able.watch_delay < math.inf

    def test_guarded_writes_are_tested_where_offered(self, harness: StoreHarness) -> None:
        """Whoever offers `GuardedWrites` runs its suite, and only then: nothing goes untested."""
        offered = isinstance(harness.open(), GuardedWrites)
        assert offered is isinstance(self, GuardedWritesContract)

    def test_batched_renewals_are_tested_where_offered(self, harness: StoreHarness) -> None:
        """The same for `BatchedRenewals`."""
        offered = isinstance(harness.open(), BatchedRenewals)
        assert offered is isinstance(self, BatchedRenewalsContract)

    def test_contention_is_tested_where_offered(self, harness: StoreHarness) -> None:
        """The same for `Queues`, `Departures` and `Proofs`."""
        store = harness.open()
        assert isinstance(store, Queues) is isinstance(self, QueuesContract)
        assert isinstance(store, Departures) is isinstance(self, DeparturesContract)
        assert isinstance(store, Proofs) is isinstance(self, ProofsContract)

    def test_health_is_a_list_of_sentences(self, harness: StoreHarness) -> None:
        """A reachable store answers its conditions as texts, none of them empty."""
        conditions = harness.handle().health()
        assert isinstance(conditions, list)
        assert all(isinstance(condition, str) and condition for condition in conditions)

    def test_a_tiny_timeout_is_an_answer_or_a_store_error(self, harness: StoreHarness) -> None:
        """With next to no time a call answers or raises a `StoreError`, soon, and nothing else."""
        store = harness.open()
        session = store.open_session(harness.ttl, timeout=harness.timeout)
        calls: list[Callable[[], object]] = [
            lambda: store.open_session(harness.ttl, timeout=HARDLY_ANY),
            lambda: store.renew_session(session, timeout=HARDLY_ANY),
            lambda: store.create(harness.key("a"), b"", session, timeout=HARDLY_ANY),
            lambda: store.replace(harness.key("a"), b"", session, 1, timeout=HARDLY_ANY),
            lambda: store.delete(harness.key("a"), 1, timeout=HARDLY_ANY),
            lambda: store.read(harness.key("a"), timeout=HARDLY_ANY),
            lambda: store.list(harness.prefix, timeout=HARDLY_ANY),
            lambda: store.health(timeout=HARDLY_ANY),
            lambda: store.close_session(session, timeout=HARDLY_ANY),
        ]
        assert max(_duration(call) for call in calls) < harness.patience

    def test_closing_a_handle_leaves_its_sessions(self, harness: StoreHarness) -> None:
        """What a closed handle wrote stays to the end of its ttl, and can still be renewed."""
        one, two = harness.handle(), harness.handle()
        session = one.open_session()
        one.must_create(harness.key("a"), session)
        one.close()
        assert two.must_read(harness.key("a")).session == session.id
        assert two.renew_session(session) is not None

    def test_closing_a_handle_leaves_the_others(self, harness: StoreHarness) -> None:
        """Another handle goes on working, and its watches too."""
        one, two, three = harness.handle(), harness.handle(), harness.handle()
        watching = two.watch(harness.prefix, 0)
        one.close()
        three.must_create(harness.key("a"), three.open_session())
        assert harness.eventually(lambda: harness.key("a") in watching.keys)

    def test_a_handle_can_be_closed_twice(self, harness: StoreHarness) -> None:
        """The second close does nothing: the storage is still there for a new handle."""
        one = harness.handle()
        one.must_create(harness.key("a"), one.open_session())
        one.close()
        one.close()
        assert harness.handle().read(harness.key("a")) is not None

    def test_a_new_handle_finds_what_is_there(self, harness: StoreHarness) -> None:
        """The storage is the truth: a handle opened later knows all that earlier ones wrote."""
        one = harness.handle()
        record = one.must_create(harness.key("a"), one.open_session(), b"early")
        late = harness.handle().must_read(record.key)
        assert (late.value, late.index, late.created) == (b"early", record.index, record.created)


def _duration(call: Callable[[], object]) -> float:
    """Real seconds that a call took, whether it was answered or not."""
    clock = SystemClock()
    start = clock.now()
    try:
        call()
    except StoreError:
        pass
    return clock.now() - start
