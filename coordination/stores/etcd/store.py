"""The contract on etcd: records are keys, sessions are leases, the index is the modified revision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from coordination.clock import SystemClock
from coordination.contention import Proof, Removed, Standing
from coordination.errors import PermissionDenied, SessionLost, StoreError, ValueTooLarge
from coordination.record import Guard, Record, Session
from coordination.store import Capabilities, Conditions, Notify, Records, Subscription, Swap
from coordination.stores.etcd import requests
from coordination.stores.etcd.batches import Batches
from coordination.stores.etcd.commits import Commits
from coordination.stores.etcd.keys import Keys
from coordination.stores.etcd.methods import TXN
from coordination.stores.etcd.proofs import Proving
from coordination.stores.etcd.queues import Queueing
from coordination.stores.etcd.reading import Reading
from coordination.stores.etcd.requests import lease_for
from coordination.stores.etcd.sessions import Sessions
from coordination.stores.etcd.wire import Wire
from coordination.timing import Deadline


class EtcdStore:
    """A `Store` with every optional protocol on one etcd cluster. Safe for threads.

    Opened by `open_store`; nothing is sent before the first call. It belongs to one process: in a
    child of fork every call raises `ConfigurationError`.
    """

    capabilities = Capabilities(longest_ttl=9e9, watch_delay=0.1, notices_expiry=True, remembers_keys=True)

    def __init__(self, wire: Wire, prefix: str, name: str) -> None:
        self._wire = wire
        self._name = name
        self._keys = Keys(prefix)
        self._sessions = Sessions(wire.connection, wire.keepalives)
        self._reading = Reading(wire, self._keys, self._sessions)
        self._batches = Batches(wire.connection, self._keys, self.replace)
        self._commits = Commits(wire.connection, self._keys)
        self._queues = Queueing(wire, self._keys)
        self._proofs = Proving(wire.connection, self._keys)

    # Sessions.

    def open_session(self, ttl: float, *, timeout: float) -> Session:
        """Grant a lease; etcd counts in whole seconds and has a minimum of its own, 2 s by default."""
        return self._sessions.open(ttl, timeout)

    def renew_session(self, session: Session, *, timeout: float) -> Session | None:
        """One request on the stream of keepalives."""
        renewed = self._sessions.renew([session], timeout)[0]
        if isinstance(renewed, StoreError):
            raise renewed
        return renewed

    def renew_sessions(
        self, sessions: Sequence[Session], *, timeout: float
    ) -> list[Session | StoreError | None]:
        """All of them on the stream, one behind the other."""
        return self._sessions.renew(sessions, timeout)

    def close_session(self, session: Session, *, timeout: float) -> None:
        """Revoke the lease."""
        self._sessions.close(session, timeout)
        self._proofs.forget(session)

    # Records.

    def create(self, key: str, value: bytes, session: Session, *, timeout: float) -> Record | None:
        """One transaction."""
        self._check_size(value)
        request = requests.create(self._keys.raw(key), value, lease_for(session))
        answer = self._wire.connection.call(TXN, request, timeout)
        if not answer.succeeded:
            return None
        revision = answer.header.revision
        return Record(key, value, revision, revision, session.id, session.ttl, session.ttl)

    def replace(
        self, key: str, value: bytes, session: Session, index: int, *, timeout: float
    ) -> Record | None:
        """One transaction."""
        self._check_size(value)
        if index < 1:
            return None  # To etcd, revision 0 means that there is no such key.
        request = requests.replace(self._keys.raw(key), value, lease_for(session), index)
        return requests.replaced(key, value, session, self._wire.connection.call(TXN, request, timeout))

    def replace_all(
        self, swaps: Sequence[Swap], *, timeout: float
    ) -> list[Record | StoreError | SessionLost | None]:
        """As few transactions as etcd's limits allow, each a row of independent ones."""
        return self._batches.replace(swaps, timeout)

    def delete(self, key: str, index: int, *, timeout: float) -> bool:
        """One transaction."""
        if index < 1:
            return False
        request = requests.delete(self._keys.raw(key), index)
        return bool(self._wire.connection.call(TXN, request, timeout).succeeded)

    def end(self, session: Session, key: str, index: int, *, timeout: float) -> bool:
        """A linearizable look, then the lease's revocation: one entry in the cluster's log instead of two."""
        bound = Deadline(SystemClock(), timeout)
        if self._reading.index(key, timeout) != index:
            return False
        return self._sessions.close(session, bound.left(timeout))

    def commit(
        self, guard: Guard, puts: Mapping[str, bytes], deletes: Sequence[str], *, timeout: float
    ) -> int | None:
        """One transaction; etcd takes 128 writes in one."""
        for value in puts.values():
            self._check_size(value)
        return self._commits.commit(guard, puts, deletes, timeout)

    def read(self, key: str, *, timeout: float) -> Record | None:
        """One linearizable request; for a record on a session a second one, for the time left."""
        return self._reading.read(key, timeout)

    def list(self, prefix: str, *, timeout: float) -> Records:
        """Page by page at one revision; the time left is not asked for."""
        return self._reading.list(prefix, timeout)

    def timed(self, records: Sequence[Record], *, timeout: float) -> Records:
        """One request for each session."""
        return self._reading.timed(records, timeout)

    # Contenders.

    def enter(
        self, key: str, value: bytes, session: Session, *, alone: bool, timeout: float
    ) -> Standing | None:
        """One transaction; with `alone` nothing is written where anybody is ahead."""
        self._check_size(value)
        return self._queues.enter(key, value, session, alone, timeout)

    def standing(self, before: Standing, *, timeout: float) -> Standing | None:
        """One linearizable look at the nearest one ahead."""
        return self._queues.standing(before, timeout)

    def departures(self, folder: str, removed: Removed, *, timeout: float) -> Subscription:
        """On the one stream, without its puts."""
        return self._queues.departures(folder, removed, timeout)

    def prove(
        self, session: Session, expected: Mapping[str, int], doubtful: frozenset[str], *, timeout: float
    ) -> Proof:
        """A look at all if they are few; else the keys on the lease, and a look at some in turn."""
        return self._proofs.prove(session, expected, doubtful, timeout)

    # Watching, health, the end.

    def watch(self, prefix: str, after: int, notify: Notify, *, timeout: float) -> Subscription:
        """On the one stream; what happened before it began is read once."""
        return self._reading.watch(prefix, after, notify, timeout)

    def health(self, *, timeout: float) -> Conditions:
        """Members that do not answer, alarms, a prefix we may not read, a key file that others can read.

        Raises as well if we are not let in at all, or if the cluster was restored behind our back.
        """
        bound = Deadline(SystemClock(), timeout)
        conditions = self._wire.health(bound.left(timeout / 2))
        try:
            self._reading.index("/leases/", bound.left(timeout))
        except PermissionDenied as denied:
            return [*conditions, f"what lies under our prefix may not be read: {denied}"]
        return conditions

    def close(self) -> None:
        """End the streams and the connection. In a child of fork it does nothing."""
        self._wire.close()

    def __repr__(self) -> str:
        return f"<EtcdStore {self._name}>"

    def _check_size(self, value: bytes) -> None:
        largest = self.capabilities.largest_value
        if len(value) > largest:
            raise ValueTooLarge(f"a value may have {largest} bytes; this one has {len(value)}")
