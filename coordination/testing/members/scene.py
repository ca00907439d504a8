"""What the cases of membership share: members on managers of their own, their records, who watches."""

from __future__ import annotations

import threading
from contextlib import closing
from typing import Any, cast

from coordination.errors import CoordinationError
from coordination.manager import Manager
from coordination.membership import Membership
from coordination.recipes.members import MEMBERS, MembershipEvent
from coordination.record import Record
from coordination.store import Store
from coordination.testing.recipes.bystander import Bystander
from coordination.testing.recipes.harness import PATIENCE

GROUP = "web servers"
"""The group that most cases are about."""


class Scene(Bystander):
    """Members of some groups."""

    # Who takes part.

    def membership(
        self, manager: Manager, group: str = GROUP, *, ttl: float | None = None, **options: Any
    ) -> Membership:
        """A membership with a ttl that no pause of a busy machine reaches, unless another is given."""
        return manager.membership(group, ttl=self.ttl(ttl), **options)

    def joined(
        self, machine: str = "m1", *, store: Store | None = None, ttl: float | None = None, **options: Any
    ) -> Membership:
        """A member on a manager of its own, heard by others: whoever asks it something is answered."""
        membership = self.membership(self.harness.manager(machine, store), ttl=ttl, **options)
        membership.join()
        return membership

    def crashed(self, machine: str = "m1", **options: Any) -> Membership:
        """A member whose process is as good as dead: from now on nothing of it reaches the store."""
        store = self.harness.faulty()
        membership = self.joined(machine, store=store, ttl=self.harness.period, **options)
        store.cut()
        return membership

    # What is stored.

    def records(self, group: str | None = None) -> list[Record]:
        """Those of a group; of all groups if none is given."""
        return self.stored(MEMBERS, group)

    def tokens(self, group: str = GROUP) -> list[int]:
        """When those of a group were written, by key."""
        return [record.created for record in self.records(group)]


def machines(membership: Membership) -> list[str]:
    """The machine ids of those in its group."""
    return [member.machine_id for member in membership.members()]


class Watcher:
    """Somebody who watches a group, on a thread of his own, until he has heard so much."""

    def __init__(self, scene: Scene, membership: Membership, count: int) -> None:
        self._scene = scene
        self._membership = membership
        self._count = count
        self.events: list[MembershipEvent] = []
        self._error: CoordinationError | None = None
        self._thread = threading.Thread(target=self._watch, name="watcher", daemon=True)
        self._thread.start()

    def heard(self, count: int) -> list[tuple[str, str]]:
        """The first so many, as kind and machine id, once they are told."""
        self._scene.soon(lambda: len(self.events) >= count or self._error, f"{count} events are told")
        assert self._error is None, f"the watch ended: {self._error!r}"
        if count == self._count:
            self._thread.join(PATIENCE)
            assert not self._thread.is_alive(), "a watch does not end when it is closed"
        return [(event.kind, event.member.machine_id) for event in self.events]

    def _watch(self) -> None:
        try:
            with closing(cast(Any, self._membership.watch())) as events:
                for event in events:
                    self.events.append(event)
                    if len(self.events) == self._count:
                        return
        except CoordinationError as error:  # Its manager was closed, perhaps because the case failed.
            self._error = error
