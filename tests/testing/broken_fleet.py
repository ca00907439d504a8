"""Managers, and stores below them, that break one of fleet's rules each, and the case that has to notice.

Each is a plausible mistake; most were made by fleet itself, or are traps of its port to newer servers.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from coordination import Lease, Manager
from coordination.errors import LeaseCorrupt, LeaseLost, OutcomeUnknown
from coordination.record import Record, Session
from coordination.stores.memory import MemoryStore
from coordination.testing import ManagerHarness
from tests.testing.broken_writes import DeletesAnyIndex, ReplacesAnyIndex


class RenewsBySessionOnly(MemoryStore):
    """What etcd's keepalive alone would do: time is given, and the number that thieves compare stays."""

    def replace(
        self, key: str, value: bytes, session: Session, index: int, *, timeout: float
    ) -> Record | None:
        seen = self.read(key, timeout=timeout)
        if seen is not None and (seen.session, seen.index) == (session.id, index):
            return seen
        return super().replace(key, value, session, index, timeout=timeout)


class RewritesOnly(MemoryStore):
    """What an etcd put alone would do: the record moves, and its time runs on."""

    def renew_session(self, session: Session, *, timeout: float) -> Session | None:
        with self._step() as state:
            return session if session.id in state.sessions else None


class LeavesItOnTheOldSession(MemoryStore):
    """A put that keeps the lease it finds: who steals, or changes the period, lives on the old one's time."""

    def replace(
        self, key: str, value: bytes, session: Session, index: int, *, timeout: float
    ) -> Record | None:
        seen = self.read(key, timeout=timeout)
        if seen is None or seen.session is None:
            return None
        old = Session(seen.session, session.ttl)
        written = super().replace(key, value, old, index, timeout=timeout)
        return None if written is None else replace(written, session=session.id)


class ShowsTheTtlAsLeft(MemoryStore):
    """Answers the ttl for what is left of it; to answer nothing would do."""

    def read(self, key: str, *, timeout: float) -> Record | None:
        seen = super().read(key, timeout=timeout)
        return None if seen is None else replace(seen, time_left=seen.ttl)


class ReadsFromALaggard(MemoryStore):
    """Answers what it answered the time before, like a member that hears of writes late."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._told: dict[str, Record | None] = {}

    def read(self, key: str, *, timeout: float) -> Record | None:
        now = super().read(key, timeout=timeout)
        then = self._told.get(key, now)
        self._told[key] = now
        return then


class TrustsTheMachineId(Manager):
    """Takes a lease with its own machine's name in it for its own, as fleet's engine did."""

    def acquire_lease(self, *arguments: Any, **options: Any) -> Lease | None:
        lease = super().acquire_lease(*arguments, **options)
        if lease is not None:
            return lease
        seen = self.get_lease(arguments[0])
        if seen is None or seen.machine_id != self._machine_id:
            return None
        return self.steal_lease(seen.name, None, seen.version, options["period"], seen.index)


class NeedsJson(Manager):
    """Refuses values of unversioned writers."""

    def get_lease(self, name: str) -> Lease | None:
        lease = super().get_lease(name)
        if lease is not None and lease.version == 0 and not lease.host:
            raise LeaseCorrupt("not written by us")
        return lease


class BelievesUntilTold(Manager):
    """Holds on until the store says otherwise, which it cannot when it is out of reach."""

    def acquire_lease(self, *arguments: Any, **options: Any) -> Lease | None:
        lease = super().acquire_lease(*arguments, **options)
        if lease is not None:
            lease.grant.believed_until = math.inf
        return lease


class StepsDownInDoubt(Manager):
    """Takes a lost answer for a lost lease (#750)."""

    def acquire_lease(self, *arguments: Any, **options: Any) -> Lease | None:
        lease = super().acquire_lease(*arguments, **options)
        if lease is not None:
            outcomes = self._keeper.registry._outcomes
            outcomes.read_back = _give_up  # type: ignore[method-assign]
        return lease


def _give_up(key: str, timeout: float, unknown: OutcomeUnknown) -> Record | None:
    raise LeaseLost("nobody answered") from unknown


class BrokenHarness(ManagerHarness):
    """A harness whose managers are all of one kind."""

    kind: type[Manager] = Manager

    def manager(self, machine_id: str = "m1", store: Any = None) -> Manager:
        manager = super().manager(machine_id, store)
        manager.__class__ = self.kind  # The same object in all but what the kind does otherwise.
        return manager


BROKEN: dict[type[MemoryStore] | type[Manager], str] = {
    RenewsBySessionOnly: "test_a_renewal_moves_what_a_thief_compares",
    RewritesOnly: "test_d5_renewals_keep_it_beyond_its_period",
    LeavesItOnTheOldSession: "test_renew_with_a_longer_period",
    ReplacesAnyIndex: "test_d3_steal_with_a_stale_index_changes_nothing",
    DeletesAnyIndex: "test_d8_release_after_a_steal_leaves_the_new_holder",
    ShowsTheTtlAsLeft: "test_d11_time_remaining_is_a_snapshot",
    ReadsFromALaggard: "test_reads_see_the_last_write",
    TrustsTheMachineId: "test_d17_an_equal_machine_id_is_no_claim",
    NeedsJson: "test_r2_a_bare_value_is_a_machine_id",
    BelievesUntilTold: "test_d18_a_leader_cut_off_stops_by_its_own_clock",
    StepsDownInDoubt: "test_d16_renew_recognises_its_own_write",
}
"""For each the case that must fail, and no other's."""
