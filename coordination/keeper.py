"""What the leases of one manager share: the registry, the clock, and the three kinds of threads."""

from __future__ import annotations

import contextlib
import threading

from coordination import arguments
from coordination.background import Background
from coordination.beat import Beat
from coordination.belief import Belief
from coordination.clock import Clock
from coordination.ending import Ending, Releasing
from coordination.errors import ConfigurationError, CoordinationError
from coordination.hooks import Events
from coordination.lease import RELEASING, Lease
from coordination.noticing import Subscribing
from coordination.process import close_at_exit
from coordination.record import Session
from coordination.registry import Registry
from coordination.rounds import Rounds
from coordination.sharing.sharing import Sharing
from coordination.store import Store
from coordination.timing import Deadline

CLOSING = 1.5
"""Seconds that closing may take, whatever the store does."""

ENDING = 0.1
"""Seconds that ending the shared sessions may take at least."""

LOGGING = 0.5
"""Seconds that closing waits for the last events to be logged; a log handler may be stuck."""


class Keeper(Background):
    """Keeps leases alive and watches over them. Belongs to one process."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        events: Events,
        *,
        namespace: str,
        timeout: float,
        stall_after: float | None,
    ) -> None:
        super().__init__(clock, events)
        self.namespace = namespace
        self.timeout = timeout
        self.stall_after = stall_after
        self.closing = False
        self.closed = False
        self.registry = Registry(store, clock, self.later)
        self.rounds = Rounds(self)
        self.subscribing = Subscribing(self)
        self._mutex = threading.RLock()  # A signal handler may come back here.
        self._beats: dict[Belief, Beat] = {}
        self.sharing = Sharing(self)
        # Not the manager: a program may have dropped that, and hold nothing but a kept lease.
        close_at_exit(self)

    @property
    def store(self) -> Store:
        """Where everything is kept."""
        return self.registry.store

    def demand(self) -> None:
        """Refuse to work in a child of fork, or after the end."""
        if not self.home.here:
            raise ConfigurationError(
                f"this manager belongs to process {self.home.pid}; call connect() in this process"
            )
        if self.closing:
            raise ConfigurationError("this manager is closed; call connect() for a new one")

    def period(self, value: object) -> float:
        """A period that the store can grant."""
        return arguments.period(value, self.registry.store.capabilities)

    def patience(self, ttl: float) -> float:
        """What one request in the background may take: far below the ttl, so that another try fits.

        With others waiting for their turn it is far below the shortest of theirs, so that one name
        that is stuck does not cost them their leases.
        """
        ttls = [beat.lease.grant.session.ttl for beat in self.beats()]
        ttls += [shared.session.ttl for shared in self.sharing.sessions() if shared.dead is None]
        shared = min(ttls) / 8 if len(ttls) > 1 else ttl / 4
        return max(0.02, min(self.timeout, ttl / 4, shared))

    def keep(self, lease: Lease) -> None:
        """Renew it from now on, and watch its record and its deadline.

        Raises `StoreUnavailable`, and does nothing, if a thread that it takes cannot be started.
        """
        self.watchdog.start()
        self.heartbeat.start()
        beat = Beat(self, lease)
        with self._mutex:
            self._beats[lease] = beat
        self.watchdog.add(lease)
        beat.start()

    def hurry(self, lease: Belief) -> None:
        """Its deadline may be nearer than it was: come in time for that."""
        with self._mutex:
            beat = self._beats.get(lease)
        if beat is not None:
            beat.hurry()

    def watch_over(self, lease: Belief) -> None:
        """Tell of it when its deadline passes, though nobody renews it."""
        self.watchdog.add(lease)

    def forget(self, lease: Belief) -> None:
        """It is lost or released."""
        with self._mutex:
            beat = self._beats.pop(lease, None)
        self.watchdog.remove(lease)
        if beat is None:
            return
        beat.stop()
        if lease.lost == "expired":
            # Nobody could renew it, and a store may keep it for much longer than we believed in it.
            due = max(self.clock.now(), beat.lease.grant.deadline)
            self.janitor.at(due, Releasing(self, beat.lease).run)

    def later(self, session: Session) -> None:
        """End a session in the background, where it holds up no renewal."""
        self.janitor.at(self.clock.now(), Ending(self, session).run)

    def beats(self) -> list[Beat]:
        """What keeps them alive."""
        with self._mutex:
            return list(self._beats.values())

    def kept(self) -> list[Lease]:
        """The leases that are kept alive."""
        return [beat.lease for beat in self.beats()]

    def close(self) -> None:
        """Release what is kept alive, lose what is still watched, and end the threads.

        In a child of fork, or a second time, it does nothing.
        """
        if not self.home.here or self.closed:
            return
        self.closing = True  # From here on nobody waits for what is released now, nor takes it.
        bound = Deadline(self.clock, CLOSING)
        releasing = Deadline(self.clock, CLOSING - LOGGING)
        for lease in self.kept():
            left = releasing.left(RELEASING)
            if left <= 0:
                break
            with contextlib.suppress(CoordinationError):
                lease.release_within(left)
        self.sharing.close(max(ENDING, releasing.left(RELEASING)))
        if left_behind := self.kept():
            self.notifier.warning("close-left-behind", leases=len(left_behind), after=CLOSING)
        self.closed = True
        for watched in self.watchdog.watched():
            watched.lose("closed")
        self.heartbeat.close()
        self.janitor.close()
        self.worker.close()
        self.watchdog.close()
        self.notifier.finish(bound.left(LOGGING))
