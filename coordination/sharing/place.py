"""One contender of ours: its record, from before it is written until it is certainly gone.

The steps that do I/O are blocking and end with the place knowing what became of it, also when
whoever asked for the step has been cancelled meanwhile: what is not wanted any more is removed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from coordination.contention import Standing
from coordination.errors import SessionLost, StoreRefused, StoreReplaced, StoreUnavailable
from coordination.fate import Fate
from coordination.runtime import Signal

if TYPE_CHECKING:
    from coordination.sharing.session import Shared
    from coordination.sharing.waiter import Waiter

NEW, ENTERING, WAITING, HELD, LEAVING, GONE = "new", "entering", "waiting", "held", "leaving", "gone"


class Place:
    """Guarded by the mutex of its manager's sharing. Small: a process may hold ten thousand."""

    __slots__ = (
        "_asked",
        "_on_asked",
        "_over",
        "created",
        "fate",
        "index",
        "key",
        "missing",
        "released_at",
        "shared",
        "state",
        "unwanted",
        "waiter",
    )

    def __init__(self, shared: Shared, key: str, waiter: Waiter | None) -> None:
        self.shared = shared
        self.key = key
        self.waiter = waiter
        self.created = 0
        self.index = 0
        self.state = NEW
        self.unwanted = False
        self.missing = False
        self.released_at: float | None = None
        self.fate = Fate()
        self._asked = False
        self._on_asked: list[Callable[[], object]] | None = None
        self._over: list[Signal] | None = None

    # Steps.

    def enter(self, value: bytes, *, alone: bool, timeout: float) -> Standing | None:
        """Write the record; who is ahead. None if nothing was written: somebody is, or nobody wants it."""
        if not self._begin():
            return None
        with self._writing():
            session = self.shared.session
            standing = self.shared.asking.enter(self.key, value, session, alone=alone, timeout=timeout)
            if standing is not None:
                self.shared.entered(self, standing.record)
        if standing is None and alone:
            self.shared.drop(self)
        elif standing is None:
            self.shared.doubt(self)  # A create that was given up long ago has landed after all.
        return standing

    def claim(self, value: bytes, timeout: float) -> bool:
        """Write the record at a key that others want as well; whether it is ours now."""
        if not self._begin():
            return False
        with self._writing():
            shared, store = self.shared, self.shared.keeping.store
            record = store.create(self.key, value, shared.session, timeout=timeout)
            if record is None and self.key in shared.doubtful:
                # A create that was given up long ago may have landed after all.
                record = store.read(self.key, timeout=timeout)
                record = record if record is not None and record.session == shared.session.id else None
            if record is not None:
                shared.entered(self, record)
        if record is None:
            self.shared.drop(self)
            return False
        return self.shared.grant(self)

    def _begin(self) -> bool:
        """Whether anybody wants it still: whoever asked may have been cancelled before this began."""
        with self.shared.mutex:
            if self.unwanted or self.state != NEW:
                return False
            self.state = ENTERING
            return True

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Know what became of the record, also where its write fails."""
        try:
            yield
        except SessionLost:
            self.shared.drop(self)
            self.shared.die()
            raise
        except StoreReplaced:  # It may have been applied, on a store that is not the one it was.
            self.shared.doubt(self)
            self.shared.lose("revoked")
            raise
        except (StoreUnavailable, StoreRefused):
            self.shared.drop(self)
            raise
        except BaseException:
            self.shared.doubt(self)
            raise

    def standing(self, before: Standing, timeout: float) -> Standing | None:
        """Who is still ahead; None if the place is gone."""
        return self.shared.asking.standing(before, timeout=timeout)

    # What becomes of it.

    @property
    def held(self) -> bool:
        """Whether we may still believe that it is the holder's. No I/O."""
        return self.state == HELD and not self.missing and self.fate.open and self.shared.believed

    @property
    def outcome(self) -> str | None:
        """`released`, or the reason of its loss; None while neither is settled."""
        lost = self.lost
        if lost is not None:
            return lost
        return "released" if self.fate.released else None

    @property
    def lost(self) -> str | None:
        """Why it was lost, None if it was not."""
        if not self.shared.here:
            return None if self.fate.released else "forked"
        if self.fate.open and self.state == HELD:
            self.shared.look()
        return self.fate.lost

    def listen(self, signal: Signal) -> None:
        """Set it when the hold is over."""
        with self.shared.mutex:
            if self._over is None:
                self._over = []
            self._over.append(signal)
        if self.outcome is not None:
            signal.set()

    def unlisten(self, signal: Signal) -> None:
        """It need not be set any more."""
        with self.shared.mutex:
            if self._over is not None and signal in self._over:
                self._over.remove(signal)

    def over(self) -> None:
        """Tell everybody who waits for the end."""
        if self._over is None:
            return  # Who begins to listen after this looks for himself.
        with self.shared.mutex:
            waiting, self._over = self._over or [], None
        for signal in waiting:
            signal.set()

    def wake(self) -> None:
        """Have whoever waits for the turn look again."""
        waiter = self.waiter
        if waiter is not None:
            waiter.wake(look=False)

    def asked(self) -> None:
        """Somebody asks politely for its release."""
        with self.shared.mutex:
            self._asked = True
            calls = list(self._on_asked or ())
        for call in calls:
            self.shared.keeping.tell(call)

    @property
    def was_asked(self) -> bool:
        """Whether somebody has asked for its release."""
        return self._asked

    def on_asked(self, call: Callable[[], object]) -> None:
        """Run `call` when somebody asks; at once if somebody has."""
        with self.shared.mutex:
            self._on_asked = [*(self._on_asked or ()), call]
            asked = self._asked
        if asked:
            self.shared.keeping.tell(call)
