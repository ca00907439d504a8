"""Memberships that break one promise each, and the case that has to notice.

Each is a plausible mistake; several are fleet's.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from typing import Any

import pytest

from coordination import membership
from coordination.recipes import members as looking
from coordination.recipes.presence import Presence
from coordination.recipes.probing import Probe
from coordination.record import Record, Session
from coordination.stores.memory import MemoryStore

Patch = pytest.MonkeyPatch
Mistake = Callable[[Patch], None]


def takes_the_name(patch: Patch) -> None:
    """A name belongs to whoever wrote it last: registering is an unconditional write."""
    create = MemoryStore.create

    def overwrite(
        store: MemoryStore, key: str, value: bytes, session: Session, *, timeout: float
    ) -> Record | None:
        there = store.read(key, timeout=timeout)
        if there is not None and "/members/" in key:
            store.delete(key, there.index, timeout=timeout)
        return create(store, key, value, session, timeout=timeout)

    patch.setattr(MemoryStore, "create", overwrite)


def asks_nobody(patch: Patch) -> None:
    """Whoever has the name is waited for, as if he were dead."""

    async def silent(*_: Any) -> bool:
        return False

    patch.setattr(Probe, "answered", silent)


def never_comes_back(patch: Patch) -> None:
    """Registers once, at the start."""
    patch.setattr(Presence, "_lost", lambda *_: None)


def comes_back_for_ever(patch: Patch) -> None:
    """Whose record was lost registers again, also after he has left meanwhile."""
    leave = Presence.leave

    async def left(presence: Presence, runtime: Any) -> bool:
        answer = await leave(presence, runtime)
        presence._wanted = True
        return answer

    patch.setattr(Presence, "leave", left)


def fights_for_its_name(patch: Patch) -> None:
    """Who comes back takes away the record of whoever has the name by then."""
    returned = Presence._returned

    async def fights(presence: Presence, runtime: Any) -> bool:
        rival = presence._read(5.0)
        if rival is not None:
            presence._keeping.store.delete(rival.key, rival.index, timeout=5.0)
        return await returned(presence, runtime)

    patch.setattr(Presence, "_returned", fights)


def tells_only_changes(patch: Patch) -> None:
    """A watch begins with the first change after it."""
    watch = looking.comings_and_goings

    async def changes(*arguments: Any) -> AsyncGenerator[looking.MembershipEvent, None]:
        first: set[int] | None = None
        async for event in watch(*arguments):
            if first is None:
                first = {it.token for it in await looking.members(*arguments[:3])}
            if event.kind == "left" or event.member.token not in first:
                yield event

    patch.setattr(membership, "comings_and_goings", changes)


def lists_by_prefix(patch: Patch) -> None:
    """A group's members are the keys that begin with its name."""
    listed = looking.members

    async def prefixed(runtime: Any, keeping: Any, folder: str) -> list[looking.Member]:
        return await listed(runtime, keeping, folder.rstrip("/"))

    patch.setattr(membership, "members", prefixed)


def goes_on_in_the_background(patch: Patch) -> None:
    """A call that was given up leaves a job behind, which joins when it can."""
    join = membership.Membership.join

    def joins(self: membership.Membership, timeout: float | None = None) -> None:
        try:
            join(self, timeout)
        except BaseException:
            self._presence.come()
            raise

    patch.setattr(membership.Membership, "join", joins)


BROKEN: dict[Mistake, str] = {
    takes_the_name: "test_it_is_refused_as_often_as_it_asks",
    asks_nobody: "test_a_second_live_process_is_refused_at_once",
    never_comes_back: "test_a_session_revoked_heals",
    comes_back_for_ever: "test_who_leaves_while_it_is_away_stays_away",
    fights_for_its_name: "test_who_lost_its_id_does_not_fight_for_it",
    tells_only_changes: "test_watching_tells_who_is_there_then_who_comes_and_goes",
    lists_by_prefix: "test_groups_are_apart",
    goes_on_in_the_background: "test_cancelled_while_it_waits_for_a_dead_one",
}
"""For each the case that must fail."""
