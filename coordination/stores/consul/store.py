"""The contract on Consul: records are keys locked by sessions, the index is the ModifyIndex.

Each step is one transaction, as the table in docs/design/consul.md says; here it is only told who does what.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from coordination.clock import SystemClock
from coordination.contention import Proof, Standing
from coordination.errors import StoreError
from coordination.record import Guard, Record, Session
from coordination.store import Capabilities, Conditions, Notify, Records, Subscription, Swap, Swapped
from coordination.stores.consul.batches import Batches
from coordination.stores.consul.cluster import Cluster
from coordination.stores.consul.health import Examination
from coordination.stores.consul.history import History
from coordination.stores.consul.keys import Keys
from coordination.stores.consul.proofs import Proving
from coordination.stores.consul.queues import Queueing
from coordination.stores.consul.reading import Reading
from coordination.stores.consul.seen import Seen
from coordination.stores.consul.sessions import Sessions
from coordination.stores.consul.transactions import Transactions
from coordination.stores.consul.watches import Watches
from coordination.stores.consul.writes import LARGEST, Writes
from coordination.timing import Deadline


class ConsulStore:
    """A `Store` with guarded writes and batched renewals in one datacenter of Consul. Safe for threads.

    Opened by `open_store`; nothing is sent before the first call. It belongs to one process: in a
    child of fork every call raises `ConfigurationError`.
    """

    # Consul's own limits on a ttl are settings of its servers: who asks for another is told by them.
    capabilities = Capabilities(
        longest_ttl=86_400.0, largest_value=LARGEST, watch_delay=0.5, notices_expiry=True
    )

    def __init__(
        self, cluster: Cluster, prefix: str, name: str, lock_delay: float, remarks: Conditions
    ) -> None:
        self._cluster = cluster
        self._name = name
        self._keys = Keys(prefix)
        self._seen = Seen()
        self._sessions = Sessions(cluster, lock_delay)
        self._transactions = Transactions(cluster, History())
        self._reading = Reading(cluster, self._transactions)
        self._watches = Watches(cluster, self._transactions, self._keys, seen=self._seen.index)
        common = self._reading, self._keys, self._seen
        self._writes = Writes(self._transactions, *common, self._watches.wrote)
        self._queueing = Queueing(self._transactions, *common, self._writes)
        self._proving = Proving(cluster, self._transactions, self._sessions, *common)
        writes = self._writes
        self._batches = Batches(self._transactions, self._sessions, self._keys, writes.replace, writes.noted)
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
        return self._writes.create(key, value, session, timeout)

    def replace(
        self, key: str, value: bytes, session: Session, index: int, *, timeout: float
    ) -> Record | None:
        """One transaction; two requests more to steal a record that this store has never seen."""
        return self._writes.replace(key, value, session, index, timeout=timeout)

    def replace_all(self, swaps: Sequence[Swap], *, timeout: float) -> list[Swapped]:
        """As few transactions as Consul's limits allow."""
        return self._batches.replace(swaps, timeout)

    def delete(self, key: str, index: int, *, timeout: float) -> bool:
        """One transaction."""
        return self._writes.delete(key, index, timeout)

    def commit(
        self, guard: Guard, puts: Mapping[str, bytes], deletes: Sequence[str], *, timeout: float
    ) -> int | None:
        """One transaction, under the condition that the guard's key is locked by its session."""
        return self._writes.commit(guard, puts, deletes, timeout)

    def read(self, key: str, *, timeout: float) -> Record | None:
        """One linearizable request, and one for the ttl of a session met for the first time.

        Consul does not say how long a session has left.
        """
        bound = Deadline(SystemClock(), timeout)
        entry = self._reading.one(self._keys.stored(key), timeout)
        record = None if entry is None else self._seen.note(entry.record(self._keys))
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

    # Contenders.

    def enter(
        self, key: str, value: bytes, session: Session, *, alone: bool, timeout: float
    ) -> Standing | None:
        """One transaction. Consul cannot be asked to write only where nobody is: `alone` changes nothing."""
        return self._queueing.enter(key, value, session, timeout)

    def standing(self, before: Standing, *, timeout: float) -> Standing | None:
        """One transaction; a few more when several of those ahead have left."""
        return self._queueing.standing(before, timeout)

    def prove(
        self, session: Session, expected: Mapping[str, int], doubtful: frozenset[str], *, timeout: float
    ) -> Proof:
        """Two requests for a thousand records of one kind, and two more if some are not as they should be."""
        return self._proving.prove(session, expected, doubtful, timeout)

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
