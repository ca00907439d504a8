"""What the contract suite calls a store through: the same calls, with the timeout filled in.

It adds no behaviour, so that a failure in the suite is the store's. The verbs with `must_` are for
the steps of a test that are not its point: they fail the test instead of answering None.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from coordination.contention import Departures, Proof, Proofs, Queues, Standing
from coordination.errors import StoreError
from coordination.record import Guard, Record, Session
from coordination.store import BatchedRenewals, GuardedWrites, Store, Subscription, Swap, Swapped


class Watching:
    """A watch under way and what it was told so far, as (key, index) in order of arrival."""

    def __init__(self, store: Store, prefix: str, after: int, timeout: float) -> None:
        self.told: list[tuple[str, int]] = []
        self._subscription: Subscription = store.watch(prefix, after, self._notify, timeout=timeout)

    def _notify(self, key: str, index: int) -> None:
        self.told.append((key, index))

    @property
    def keys(self) -> set[str]:
        """The keys it was told of."""
        return {key for key, _ in list(self.told)}

    def close(self) -> None:
        """End it."""
        self._subscription.close()


class Leaving:
    """A folder's departures, and which keys were told so far, in order of arrival."""

    def __init__(self, store: Departures, folder: str, timeout: float) -> None:
        self.told: list[str] = []
        self._subscription: Subscription = store.departures(folder, self.told.append, timeout=timeout)

    def close(self) -> None:
        """End it."""
        self._subscription.close()


class Handle:
    """One handle to the storage under test. `ttl` is what sessions ask for, both in seconds."""

    def __init__(self, store: Store, ttl: float, timeout: float) -> None:
        self.store = store
        self._ttl = ttl
        self._timeout = timeout

    def open_session(self, ttl: float | None = None) -> Session:
        """Start a session of at least the ttl."""
        return self.store.open_session(self._ttl if ttl is None else ttl, timeout=self._timeout)

    def renew_session(self, session: Session) -> Session | None:
        """Give it its full ttl again; None if it is dead."""
        return self.store.renew_session(session, timeout=self._timeout)

    def close_session(self, session: Session) -> None:
        """End it."""
        self.store.close_session(session, timeout=self._timeout)

    def create(self, key: str, value: bytes, session: Session) -> Record | None:
        """Write a record that is not there."""
        return self.store.create(key, value, session, timeout=self._timeout)

    def must_create(self, key: str, session: Session, value: bytes = b"value") -> Record:
        """The same, of a key that is known to be free."""
        record = self.create(key, value, session)
        assert record is not None, f"create of the free key {key!r} answered None"
        return record

    def replace(self, key: str, value: bytes, session: Session, index: int) -> Record | None:
        """Write over the live record at exactly `index`."""
        return self.store.replace(key, value, session, index, timeout=self._timeout)

    def must_replace(self, record: Record, session: Session, value: bytes = b"value") -> Record:
        """The same, of a record that is known to be as it was."""
        replaced = self.replace(record.key, value, session, record.index)
        assert replaced is not None, f"replace of {record} at its own index answered None"
        return replaced

    def delete(self, key: str, index: int) -> bool:
        """Remove the live record at exactly `index`."""
        return self.store.delete(key, index, timeout=self._timeout)

    def must_delete(self, record: Record) -> None:
        """The same, of a record that is known to be as it was."""
        assert self.delete(record.key, record.index), f"delete of {record} answered False"

    def read(self, key: str) -> Record | None:
        """The live record."""
        return self.store.read(key, timeout=self._timeout)

    def must_read(self, key: str) -> Record:
        """The same, of a record that is known to be there."""
        record = self.read(key)
        assert record is not None, f"there is no record at {key!r}"
        return record

    def list(self, prefix: str) -> Sequence[Record]:
        """All live records under `prefix`."""
        return self.store.list(prefix, timeout=self._timeout)

    def listed(self, prefix: str) -> Sequence[str]:
        """The keys that `list` answers, in its order."""
        return [record.key for record in self.list(prefix)]

    def watch(self, prefix: str, after: int) -> Watching:
        """Watch `prefix` for changes past `after`."""
        return Watching(self.store, prefix, after, self._timeout)

    def health(self) -> Sequence[str]:
        """Conditions worth a look."""
        return self.store.health(timeout=self._timeout)

    def commit(self, guard: Guard, puts: Mapping[str, bytes], deletes: Sequence[str] = ()) -> int | None:
        """A guarded write; the test fails if the store offers none."""
        assert isinstance(self.store, GuardedWrites), f"{self.store!r} has no guarded writes"
        return self.store.commit(guard, puts, deletes, timeout=self._timeout)

    def must_commit(self, guard: Guard, puts: Mapping[str, bytes], deletes: Sequence[str] = ()) -> int:
        """The same, under a guard that is known to hold."""
        index = self.commit(guard, puts, deletes)
        assert index is not None, f"commit under the living {guard} answered None"
        return index

    def replace_all(self, swaps: Sequence[Swap]) -> Sequence[Swapped]:
        """A batch of `replace`; the test fails if the store offers none."""
        assert isinstance(self.store, BatchedRenewals), f"{self.store!r} has no batched renewals"
        return self.store.replace_all(swaps, timeout=self._timeout)

    def renew_sessions(self, sessions: Sequence[Session]) -> Sequence[Session | StoreError | None]:
        """A batch of `renew_session`; the test fails if the store offers none."""
        assert isinstance(self.store, BatchedRenewals), f"{self.store!r} has no batched renewals"
        return self.store.renew_sessions(sessions, timeout=self._timeout)

    def enter(
        self, key: str, session: Session, value: bytes = b"value", *, alone: bool = False
    ) -> Standing | None:
        """Queue up; the test fails if the store offers no queues."""
        assert isinstance(self.store, Queues), f"{self.store!r} has no queues"
        return self.store.enter(key, value, session, alone=alone, timeout=self._timeout)

    def must_enter(self, key: str, session: Session, value: bytes = b"value") -> Standing:
        """The same, under a key that is known to be free."""
        standing = self.enter(key, session, value)
        assert standing is not None, f"to enter under the free key {key!r} answered None"
        return standing

    def standing(self, before: Standing) -> Standing | None:
        """Who is still ahead."""
        assert isinstance(self.store, Queues), f"{self.store!r} has no queues"
        return self.store.standing(before, timeout=self._timeout)

    def must_stand(self, before: Standing) -> Standing:
        """The same, of a contender that is known to be there."""
        now = self.standing(before)
        assert now is not None, f"{before.record.key!r} is there, and its standing is None"
        return now

    def departures(self, folder: str) -> Leaving:
        """Hear of everybody who leaves `folder`."""
        assert isinstance(self.store, Departures), f"{self.store!r} tells of no departures"
        return Leaving(self.store, folder, self._timeout)

    def prove(self, session: Session, expected: Mapping[str, int], doubtful: Iterable[str] = ()) -> Proof:
        """Prove the records of a session."""
        assert isinstance(self.store, Proofs), f"{self.store!r} has no proofs"
        return self.store.prove(session, expected, frozenset(doubtful), timeout=self._timeout)

    def close(self) -> None:
        """Let go of the store."""
        self.store.close()
