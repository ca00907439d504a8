"""THE CONTRACT for stores. Everything above talks to a store only through these calls.

Each call is blocking, single-shot and bounded by `timeout` seconds: no retries, no recipes, no
threads beyond what the wire needs. What every store keeps, and `coordination.testing.StoreContract`
shows:

1. A session dies once, by close or by the store's own atomic expiry; after that every renewal
   answers None.
2. Records of dead sessions appear in no read, list or create.
3. `index` moves at every write, also one with an equal value.
4. `created` is fixed at commit and totally ordered among the contenders of one name: once n has
   been seen, nothing lower may appear.
5. A lost answer is `OutcomeUnknown`; a request that was certainly not applied is
   `StoreUnavailable` or `StoreRefused`. Deletion by strangers, restores and restarts never make
   a token repeat silently.

Adding a store: one file, one function in `openers.py` (or an entry point in the group
`coordination.stores`), one subclass of the suite.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from coordination.errors import SessionLost, StoreError
from coordination.record import Guard, Record, Session

Notify = Callable[[str, int], None]
"""Called with a key and its new index, 0 when it is gone or the store cannot say. A hint: read again.

Where a store cannot say which key, it passes the watched prefix itself."""


Records = list[Record]
Conditions = list[str]
# Named here because inside the protocol `list` is the call.


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What callers adapt to, instead of asking for a store's name. Times in seconds, sizes in bytes.

    `watch_delay` is the longest a watch lags in normal operation. `notices_expiry` tells whether a
    watch also reports records that merely expired; where it does not, look again at `time_left`.
    `remembers_keys`: a deleted key still costs every look at its folder, so use the same ones again.
    """

    shortest_ttl: float = 0.0
    longest_ttl: float = 1e9
    largest_value: int = 65_536
    watch_delay: float = 0.0
    notices_expiry: bool = False
    remembers_keys: bool = False


class Subscription(Protocol):
    """A watch under way."""

    def close(self) -> None:
        """End it; no notification starts after this returned. Never raises, may be called twice."""
        ...


@runtime_checkable
class Store(Protocol):
    """Sessions, and records that hang on them."""

    @property
    def capabilities(self) -> Capabilities:
        """What this store can do."""
        ...

    def open_session(self, ttl: float, *, timeout: float) -> Session:
        """Start a session of at least `ttl` seconds; the answer tells what was granted."""
        ...

    def renew_session(self, session: Session, *, timeout: float) -> Session | None:
        """Give it its full ttl again, as granted now; None if it is dead."""
        ...

    def close_session(self, session: Session, *, timeout: float) -> None:
        """End it, and with it every record on it. Closing a dead session is no error."""
        ...

    def create(self, key: str, value: bytes, session: Session, *, timeout: float) -> Record | None:
        """Write a record that is not there; None if a live one is. `SessionLost` if the session is dead."""
        ...

    def replace(
        self, key: str, value: bytes, session: Session, index: int, *, timeout: float
    ) -> Record | None:
        """Write over the live record at exactly `index`, moving it to `session`; None if it moved or is gone.

        It keeps `created`, and the session it hung on before stays as it is. `SessionLost` if
        `session` is dead.
        """
        ...

    def delete(self, key: str, index: int, *, timeout: float) -> bool:
        """Remove the live record at exactly `index`; False if it moved or is gone."""
        ...

    def read(self, key: str, *, timeout: float) -> Record | None:
        """The live record, linearizably; None if there is none. `LeaseCorrupt` if it makes no sense."""
        ...

    def list(self, prefix: str, *, timeout: float) -> Records:
        """All live records whose keys start with `prefix`, by key; those that make no sense are left out."""
        ...

    def watch(self, prefix: str, after: int, notify: Notify, *, timeout: float) -> Subscription:
        """Call `notify` at least once after each change past index `after`; changes may be folded.

        `prefix` is a whole key, or it ends in a slash and stands for all keys below it; a store may
        also tell of other keys that start with it. `notify` runs on the store's thread: it must be
        quick and must not call the store.
        """
        ...

    def health(self, *, timeout: float) -> Conditions:
        """Conditions worth an operator's look, one sentence each; raises `StoreError` when unreachable."""
        ...

    def close(self) -> None:
        """Let go of threads and connections; sessions are left to themselves. May be called twice."""
        ...


@runtime_checkable
class TimesLeft(Protocol):
    """Optional, for stores whose `list` does not say how long each record has left: finding out."""

    def timed(self, records: Sequence[Record], *, timeout: float) -> Records:
        """The same records with `ttl` and `time_left`, without those that are gone by now."""
        ...


@runtime_checkable
class SoleRecords(Protocol):
    """Optional: ending a session together with the only record on it, cheaper than one by one."""

    def end(self, session: Session, key: str, index: int, *, timeout: float) -> bool:
        """Remove the record at exactly `index` and end its session; False if it moved or is gone.

        Only for a session that nothing else hangs on; where it answers False the session is left as
        it was. A thief who comes while the call is under way may be served although it answers True.
        """
        ...


@runtime_checkable
class GuardedWrites(Protocol):
    """Optional: writing data only while a lease is ours, in one transaction."""

    def commit(
        self, guard: Guard, puts: Mapping[str, bytes], deletes: Sequence[str], *, timeout: float
    ) -> int | None:
        """Apply all of it and return the index of the write, or nothing and None if the guard fails.

        Data has no session: `read` answers it until it is deleted.
        """
        ...


@dataclass(frozen=True, slots=True)
class Swap:
    """One `replace` of a batch."""

    key: str
    value: bytes
    session: Session
    index: int


Swapped = Record | StoreError | SessionLost | None
"""The record as written; None where it moved or is gone; or what `replace` would have raised."""


@runtime_checkable
class BatchedRenewals(Protocol):
    """Optional: many renewals for the price of few requests.

    Each answer stands for its own item, in the order of the items; what becomes of one says nothing
    about another, and what could not be done is returned, not raised. `timeout` bounds the whole
    call: items that were not sent by then are `StoreUnavailable`.
    """

    def replace_all(self, swaps: Sequence[Swap], *, timeout: float) -> Sequence[Swapped]:
        """`replace` for each. The caller never puts two swaps of one key into one call."""
        ...

    def renew_sessions(
        self, sessions: Sequence[Session], *, timeout: float
    ) -> Sequence[Session | StoreError | None]:
        """`renew_session` for each: renewed, None if it is dead, the error where nobody can say."""
        ...
