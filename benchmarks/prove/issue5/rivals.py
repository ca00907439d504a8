"""Candidates in this process that campaign on and on, each with a manager and a session of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from contextlib import suppress

from coordination import AcquireTimeout, LeaseLost, Membership, Term, connect

GROUP = "rivals"
SLICE = 1.0
"""Seconds after which a campaign, or the wait for the end of a term, is begun anew."""


class Rival:
    """One of them: a member of a group as well, so that it has a session although it waits."""

    def __init__(self, url: str, name: str, machine: str, ttl: float) -> None:
        self.machine = machine
        self._manager = connect(url, machine_id=machine)
        self._leader = self._manager.leader(name, ttl=ttl)
        self.membership: Membership = self._manager.membership(GROUP, ttl=ttl)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.terms: list[Term] = []
        self.errors: list[str] = []

    def begin(self) -> None:
        """Join, and campaign from now on."""
        self.membership.join()
        self._thread.start()

    @property
    def believes(self) -> Term | None:
        """The term that it believes in."""
        return self._leader.term

    def resign(self) -> None:
        """Give the term up, if it has one."""
        with suppress(LeaseLost):
            self._leader.resign()

    def end(self) -> None:
        """Campaign no more."""
        self._over.set()
        self.resign()
        self._thread.join(30.0)
        self._manager.close()

    def _run(self) -> None:
        while not self._over.is_set():
            with suppress(AcquireTimeout):
                term = self._leader.campaign(timeout=SLICE)
                self.terms.append(term)
                while not self._over.is_set() and term.wait(SLICE) is None:
                    pass


class Watchman:
    """Looks every moment at who believes to lead; remembers the longest time that two did at once."""

    def __init__(self, rivals: Sequence[Rival]) -> None:
        self._rivals = rivals
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.longest = 0.0
        self.looks = 0

    def begin(self) -> None:
        self._thread.start()

    def end(self) -> None:
        self._over.set()
        self._thread.join(10.0)

    def _run(self) -> None:
        since = None
        while not self._over.wait(0.001):
            now = time.monotonic()
            self.looks += 1
            if sum(rival.believes is not None for rival in self._rivals) < 2:
                since = None
                continue
            since = now if since is None else since
            self.longest = max(self.longest, now - since)
