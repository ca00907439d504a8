"""Which link is in use, who is using it, and how it is held back while the process forks.

Nothing here sends anything; `connection.py` does that. One condition guards a few fields, and it is
never held over I/O. A child of fork looks at the pid before it touches that condition.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from coordination.clock import Clock
from coordination.errors import ConfigurationError, StoreUnavailable
from coordination.process import Home
from coordination.stores.etcd.link import Link
from coordination.timing import Deadline

PATIENCE = 60.0
"""Seconds after which a waiting thread looks again whatever happens."""


class Pool:
    """At most one current link, opened on demand by whoever comes first."""

    def __init__(self, clock: Clock, dial: Callable[[Deadline], Link]) -> None:
        self.home = Home()
        self._clock = clock
        self._dial = dial
        self._changed = threading.Condition()
        self._link: Link | None = None
        self._links: set[Link] = set()
        self._dialing = False
        self._held = 0
        self.closed = False

    def enter(self, bound: Deadline) -> Link:
        """A link to use until `leave`; `StoreUnavailable` if there is none in time."""
        self.demand_home()
        with self._changed:
            link = self._entered(bound)
        return link if link is not None else self._dialed(bound)

    def demand_home(self) -> None:
        """Refuse to work in a child of fork."""
        if not self.home.here:
            raise ConfigurationError(
                f"this connection to etcd belongs to process {self.home.pid}; call connect() in this process"
            )

    def leave(self, link: Link) -> None:
        """The use is over; the last one out closes a retired link."""
        with self._changed:
            link.users -= 1
            last = link.retired and not link.users
            if last or self._held:
                self._changed.notify_all()
        if last:
            self._close(link)

    def retire(self, link: Link) -> None:
        """Nobody gets it any more; its streams end at once, calls under way keep their own bounds."""
        with self._changed:
            first, link.retired = not link.retired, True
            if self._link is link:
                self._link = None
            unused = first and not link.users
        if first:
            link.end_streams()
        if unused:
            self._close(link)

    def close(self) -> None:
        """Let go of everything, at once."""
        with self._changed:
            self.closed = True
            links, self._links, self._link = list(self._links), set(), None
            self._changed.notify_all()
        for link in links:
            link.close()

    def hold(self) -> None:
        """Keep new users out until `resume`, called as often."""
        with self._changed:
            self._held += 1

    def drain(self, bound: Deadline) -> bool:
        """Let those inside finish within `bound`, then close all links; whether there were any."""
        with self._changed:
            while self._busy() and not bound.passed:
                self._changed.wait(bound.left(PATIENCE))
            links, self._links, self._link = list(self._links), set(), None
        for link in links:
            link.retired = True
            link.end_streams()
            link.close()
        return bool(links)

    def resume(self) -> None:
        """Let users in again; the next one opens a new link."""
        with self._changed:
            self._held -= 1
            self._changed.notify_all()

    def _busy(self) -> bool:
        return self._dialing or any(link.users for link in self._links)

    def _entered(self, bound: Deadline) -> Link | None:
        """The current link; None if the caller is to open one. Called with the condition held."""
        while True:
            if self.closed:
                raise StoreUnavailable("this connection to etcd is closed")
            if not self._held and self._link is not None:
                self._link.users += 1
                return self._link
            if not self._held and not self._dialing:
                self._dialing = True
                return None
            if bound.passed:
                raise StoreUnavailable("etcd: no connection in time")
            self._changed.wait(bound.left(PATIENCE))

    def _dialed(self, bound: Deadline) -> Link:
        link: Link | None = None
        try:
            link = self._dial(bound)
        finally:
            with self._changed:
                self._dialing = False
                self._changed.notify_all()
                welcome = link is not None and not self.closed
                if link is not None and welcome:
                    link.users += 1
                    self._link = link
                    self._links.add(link)
        if not welcome:
            link.close()
            raise StoreUnavailable("this connection to etcd is closed")
        return link

    def _close(self, link: Link) -> None:
        with self._changed:
            self._links.discard(link)
        link.close()
