"""A store that fails on command: every way a network, a server or a disk can let a caller down.

    store = FaultyStore(MemoryStore(clock), clock)
    store.refuse("renew_session", times=2)     # StoreUnavailable, not applied
    store.lose_answer("create")                # applied, then OutcomeUnknown
    store.delay("*", 3.0)                      # the next call, whichever it is, is slow
    store.before("replace", steal)             # run something at exactly this step
    store.cut(); ...; store.mend()             # nothing gets through in between

It never does what the contract forbids: a refused call was not applied, a lost answer is
`OutcomeUnknown`, no call takes longer than its `timeout`, and a watch hears after `mend` of what it
missed. The store inside stays healthy: tests use it directly to play the rest of the world.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

from coordination.clock import Clock
from coordination.contention import Departures, Proofs, Queues, Removed
from coordination.errors import StoreError
from coordination.record import Record, Session
from coordination.store import (
    BatchedRenewals,
    Capabilities,
    Conditions,
    GuardedWrites,
    Notify,
    Store,
    Subscription,
    Swap,
    Swapped,
)
from coordination.testing.faults import Faults
from coordination.testing.lines import Line

T = TypeVar("T")


class FaultyStore(Faults):
    """A `Store` around another one, with those of the optional protocols' calls that it offers.

    A batch is one call: what strikes `replace_all` strikes all of its items.

    `calls` lists the names of all calls so far. Delays pass on `clock`, by default in real time.
    """

    def __init__(self, inner: Store, clock: Clock | None = None) -> None:
        super().__init__(clock)
        self.inner = inner
        self._lines: set[Line] = set()
        # Only where the inner store offers a call does this one have the attribute.
        if isinstance(inner, GuardedWrites):
            self.commit = partial(self._lent, "commit", inner.commit)
        if isinstance(inner, BatchedRenewals):
            self.replace_all = partial(self._replace_all, inner)
            self.renew_sessions = partial(self._renew_sessions, inner)
        if isinstance(inner, Queues):
            self.enter = partial(self._lent, "enter", inner.enter)
            self.standing = partial(self._lent, "standing", inner.standing)
        if isinstance(inner, Departures):
            self.departures = partial(self._departures, inner)
        if isinstance(inner, Proofs):
            self.prove = partial(self._lent, "prove", inner.prove)

    @property
    def capabilities(self) -> Capabilities:
        """Those of the inner store."""
        return self.inner.capabilities

    def open_session(self, ttl: float, *, timeout: float) -> Session:
        """As the inner store, faults permitting; so are all the others."""
        return self._run("open_session", timeout, lambda left: self.inner.open_session(ttl, timeout=left))

    def renew_session(self, session: Session, *, timeout: float) -> Session | None:
        """Renew it."""
        return self._run(
            "renew_session", timeout, lambda left: self.inner.renew_session(session, timeout=left)
        )

    def close_session(self, session: Session, *, timeout: float) -> None:
        """End it."""
        self._run("close_session", timeout, lambda left: self.inner.close_session(session, timeout=left))

    def create(self, key: str, value: bytes, session: Session, *, timeout: float) -> Record | None:
        """Write what is not there."""
        return self._run("create", timeout, lambda left: self.inner.create(key, value, session, timeout=left))

    def replace(
        self, key: str, value: bytes, session: Session, index: int, *, timeout: float
    ) -> Record | None:
        """Write over what is at `index`."""
        return self._run(
            "replace", timeout, lambda left: self.inner.replace(key, value, session, index, timeout=left)
        )

    def delete(self, key: str, index: int, *, timeout: float) -> bool:
        """Remove what is at `index`."""
        return self._run("delete", timeout, lambda left: self.inner.delete(key, index, timeout=left))

    def read(self, key: str, *, timeout: float) -> Record | None:
        """The live record."""
        return self._run("read", timeout, lambda left: self.inner.read(key, timeout=left))

    def list(self, prefix: str, *, timeout: float) -> list[Record]:
        """All live records under `prefix`."""
        return self._run("list", timeout, lambda left: self.inner.list(prefix, timeout=left))

    def watch(self, prefix: str, after: int, notify: Notify, *, timeout: float) -> Subscription:
        """A watch that is silent while the store is cut off."""
        return self._attached(
            "watch",
            notify,
            timeout,
            lambda line, left: self.inner.watch(prefix, after, line.tell, timeout=left),
        )

    def health(self, *, timeout: float) -> Conditions:
        """What the inner store says of itself."""
        return self._run("health", timeout, lambda left: self.inner.health(timeout=left))

    def close(self) -> None:
        """Close the inner store; this never fails."""
        self.calls.append("close")
        self.inner.close()

    def mend(self) -> None:
        """Let everything through again, and tell the watches what they missed."""
        super().mend()
        for line in tuple(self._lines):
            line.catch_up()

    def _lent(self, name: str, call: Callable[..., T], *arguments: Any, timeout: float, **options: Any) -> T:
        return self._run(name, timeout, lambda left: call(*arguments, timeout=left, **options))

    def _departures(
        self, inner: Departures, folder: str, removed: Removed, *, timeout: float
    ) -> Subscription:
        return self._attached(
            "departures",
            lambda key, _index: removed(key),
            timeout,
            lambda line, left: inner.departures(folder, line.tell, timeout=left),
        )

    def _attached(
        self, name: str, notify: Notify, timeout: float, begin: Callable[[Line, float], Subscription]
    ) -> Subscription:
        line = Line(self._lines, self._cut, notify)
        try:
            self._run(name, timeout, lambda left: line.attach(begin(line, left)))
        except StoreError:
            line.close()
            raise
        return line

    def _replace_all(
        self, inner: BatchedRenewals, swaps: Sequence[Swap], *, timeout: float
    ) -> Sequence[Swapped]:
        try:
            return self._run("replace_all", timeout, lambda left: inner.replace_all(swaps, timeout=left))
        except StoreError as error:
            return [error for _ in swaps]

    def _renew_sessions(
        self, inner: BatchedRenewals, sessions: Sequence[Session], *, timeout: float
    ) -> Sequence[Session | StoreError | None]:
        try:
            return self._run(
                "renew_sessions", timeout, lambda left: inner.renew_sessions(sessions, timeout=left)
            )
        except StoreError as error:
            return [error for _ in sessions]
