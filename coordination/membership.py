"""Membership of a group, for threads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

from coordination._blocking import iterated
from coordination.group import Group
from coordination.interrupts import deferred
from coordination.recipes.members import Member, MembershipEvent, comings_and_goings, members
from coordination.runtime import run
from coordination.timing import Deadline, Seconds, waiting


class Membership(Group):
    """A machine's membership of a group, which others see for as long as this process lives.

    Nothing is decided by it: a member that others still see may be gone for up to its ttl. It comes
    back by itself when its session was lost.
    """

    def join(self, timeout: Seconds | None = None) -> None:
        """Become a member; joining twice changes nothing.

        `DuplicateMember` if another live process is one under this machine id: at once if that answers,
        and else when the record of a dead one has not gone after `timeout` seconds (None: twice the
        ttl, and 5).
        """
        within = waiting(timeout)
        self._keeping.demand()
        before = self._presence.wanted
        try:
            with deferred():
                run(self._presence.join(self._runtime, within))
        except BaseException:
            if not before:  # Also an interrupt that was put off until we were in.
                self._presence.forsake()
            raise

    def leave(self) -> bool:
        """Be a member no more; whether we were, or were about to come back as one."""
        self._demand_here()
        with deferred():
            return run(self._presence.leave(self._runtime))

    def members(self) -> list[Member]:
        """All live members, by machine id."""
        self._keeping.demand()
        return run(members(self._runtime, self._keeping, self._folder))

    def watch(self, timeout: Seconds | None = None) -> Iterator[MembershipEvent]:
        """Everybody there now as having joined, then who joins and leaves, for `timeout` seconds.

        Who comes and goes in quick succession may not be told.
        """
        self._keeping.demand()
        bound = Deadline(self._runtime.clock, waiting(timeout))
        return iterated(comings_and_goings(self._runtime, self._keeping, self._folder, bound))

    def __enter__(self) -> Self:
        """Join for the block."""
        self.join()
        return self

    def __exit__(self, *failure: object) -> None:
        """Leave."""
        if self._keeping.home.here:
            self.leave()
