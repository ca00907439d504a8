"""The contract on Consul: records are keys locked by sessions, the index is the ModifyIndex.

Each step is one transaction, as the table in docs/design/consul.md says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from coordination.clock import SystemClock
from coordination.errors import SessionLost, StoreError, ValueTooLarge
from coordination.record import Guard, Record, Session
from coordination.store import Capabilities, Conditions, Notify, Records, Subscription, Swap, Swapped
from coordination.stores.consul import steps
from coordination.stores.consul.batches import Batches
from coordination.stores.consul.cluster import Cluster
from coordination.stores.consul.health import Examination
from coordination.stores.consul.history import History
from coordination.stores.consul.keys import Keys
from coordination.stores.consul.reading import Reading
from coordination.stores.consul.seen import Seen
from coordination.stores.consul.sessions import Sessions, known
from coordination.stores.consul.transactions import Outcome, Transactions, unexpected
from coordination.stores.consul.watches import Watches
from coordination.timing import Deadline


class ConsulStore:
    """A `Store` with guarded writes and batched renewals in one datacenter of Consul. Safe for threads.

    Opened by `open_store`; nothing is sent before the first call. It belongs to one process: in a
    child of fork every call raises `ConfigurationError`.
    """

    # Consul's own limits on a ttl are settings of its servers: who asks for another is told by them.
    capabilities = Capabilities(longest_ttl=86_400.0, watch_delay=0.5, notices_expiry=True)

    def __init__(
        self, cluster: Cluster, prefix: str, name: str, lock_delay: float, remarks: Conditions
    ) -> None:
        self._cluster = cluster
        self._name = name
        self._keys = Keys(prefix)
        self._seen = Seen()
        self._sessions = Sessions(cluster, lock_delay)
        self._transactions = Transactions(cluster, History())
        self._batches = Batches(self._transactions, self._sessions, self._keys, self.replace, self._wrote)
        self._reading = Reading(cluster, self._transactions)
        self._watches = Watches(cluster, self._transactions, self._keys)
        self._examination = Examination(cluster, self._keys, remarks)

    # Sessions.

    def open_session(self, ttl: float, *, timeout: float) -> Session:
        """A session with this ttl; Consul ends an unrenewed one between once and twice that."""
        return self._sessions.open(ttl, timeout)

    def renew_session(self, session: Session, *, timeout: float) -> Session | None:
        """One request; a second one before a loss is believed."""
        return self._sessions.renew(session, timeout)

    def renew_sessions(
        self, sessions: Sequence[Session], *, timeout: float
    ) -> list[Session | StoreError | None]:
        """One request for each."""
        return self._batches.renew(sessions, timeout)

    def close_session(self, session: Session, *, timeout: float) -> None:
        """Destroy it. What still hangs on it goes with it, and into the lock-delay if one was asked for."""
        self._sessions.close(session, timeout)

    # Records.

    def create(self, key: str, value: bytes, session: Session, *, timeout: float) -> Record | None:
        """One transaction."""
        self._check(value, session)
        step = steps.create(self._keys.stored(key), value, session.id)
        return self._written(key, value, session, self._transactions.write(step, timeout))

    def replace(
        self, key: str, value: bytes, session: Session, index: int, *, timeout: float
    ) -> Record | None:
        """One transaction; two requests more to steal a record that this store has never seen."""
        self._check(value, session)
        if index < 1:
            return None  # To Consul, index 0 means that there is no such key.
        bound = Deadline(SystemClock(), timeout)
        stored = self._keys.stored(key)
        holder = self._seen.holder(key, index)
        step = steps.replace(stored, value, session.id, index, holder)
        outcome = self._transactions.write(step, timeout)
        if holder is None and steps.held(outcome):
            there = self._read(key, bound.left(timeout))
            if there is None or there.index != index:
                return None
            step = steps.replace(stored, value, session.id, index, there.session)
            outcome = self._transactions.write(step, bound.left(timeout))
        return self._written(key, value, session, outcome)

    def replace_all(self, swaps: Sequence[Swap], *, timeout: float) -> list[Swapped]:
        """As few transactions as Consul's limits allow."""
        return self._batches.replace(swaps, timeout)

    def delete(self, key: str, index: int, *, timeout: float) -> bool:
        """One transaction."""
        if index < 1:
            return False
        outcome = self._transactions.write(steps.delete(self._keys.stored(key), index), timeout)
        if not outcome.applied and not steps.moved(outcome):
            raise unexpected(outcome)
        return outcome.applied

    def commit(
        self, guard: Guard, puts: Mapping[str, bytes], deletes: Sequence[str], *, timeout: float
    ) -> int | None:
        """One transaction, under the condition that the guard's key is locked by its session."""
        for value in puts.values():
            self._check_size(value)
        if not known(guard.session):
            return None
        stored = self._keys.stored
        sets = {stored(key): value for key, value in puts.items()}
        step = steps.commit(stored(guard.key), guard.session, sets, [stored(key) for key in deletes])
        outcome = self._transactions.write(step, timeout)
        if outcome.applied:
            return outcome.entries[-1].index
        if 0 not in outcome.complaints:
            raise unexpected(outcome)
        return None

    def read(self, key: str, *, timeout: float) -> Record | None:
        """One linearizable request, and one for the ttl of a session met for the first time.

        Consul does not say how long a session has left.
        """
        bound = Deadline(SystemClock(), timeout)
        record = self._read(key, timeout)
        if record is None or record.session is None:
            return record
        return replace(record, ttl=self._sessions.ttl(record.session, bound.left(timeout)))

    def list(self, prefix: str, *, timeout: float) -> Records:
        """One linearizable request, more if there is nothing, or very much.

        What the ACL token may not read is left out of what it may: Consul does not tell.
        """
        entries = self._reading.below(self._keys.beginning(prefix), timeout)
        records = [self._seen.note(entry.record(self._keys)) for entry in entries]
        return sorted((it for it in records if it.key.startswith(prefix)), key=lambda record: record.key)

    # Watching, health, the end.

    def watch(self, prefix: str, after: int, notify: Notify, *, timeout: float) -> Subscription:
        """By few blocking queries, however many watches there are."""
        return self._watches.watch(prefix, after, notify, timeout)

    def health(self, *, timeout: float) -> Conditions:
        """Agents that do not answer, a datacenter without a leader, a prefix we may not read."""
        return self._examination.conditions(timeout)

    def close(self) -> None:
        """End the watches and the connections. In a child of fork it does nothing."""
        self._watches.close()
        self._cluster.close()

    def __repr__(self) -> str:
        return f"ConsulStore({self._name!r})"

    def _read(self, key: str, timeout: float) -> Record | None:
        entry = self._reading.one(self._keys.stored(key), timeout)
        return None if entry is None else self._seen.note(entry.record(self._keys))

    def _written(self, key: str, value: bytes, session: Session, outcome: Outcome) -> Record | None:
        if outcome.applied:
            entry = outcome.entries[-1]
            return self._wrote(Record(key, value, entry.created, entry.index, session.id, session.ttl))
        outcome.demand_session()
        if not steps.moved(outcome) and not steps.held(outcome):
            raise unexpected(outcome)
        return None

    def _wrote(self, record: Record) -> Record:
        self._watches.wrote(record.key, record.index)
        return self._seen.note(record)

    def _check(self, value: bytes, session: Session) -> None:
        self._check_size(value)
        if not known(session.id):
            raise SessionLost("the session is dead", reason="expired")

    def _check_size(self, value: bytes) -> None:
        largest = self.capabilities.largest_value
        if len(value) > largest:
            raise ValueTooLarge(f"a value may have {largest} bytes; this one has {len(value)}")
