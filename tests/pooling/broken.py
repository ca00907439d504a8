"""Pools that break one promise each, and the case that has to notice.

Each is a plausible mistake; several are those of intercom/lease (004).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from coordination import named_pool, payloads
from coordination.pooling import definitions, obtaining
from coordination.pooling.view import Seen
from coordination.recipes.holding import written
from coordination.record import Guard, Record, Session
from coordination.stores.memory import MemoryStore
from tests.pooling.broken_shares import (
    asks_at_every_look,
    asks_for_all_at_once,
    counts_nobody,
    deals_anew,
    first_come_keeps_all,
    looks_all_the_time,
    takes_without_asking,
    tells_after_it_is_gone,
)

Patch = pytest.MonkeyPatch
Mistake = Callable[[Patch], None]


def lets_a_namesake_in(patch: Patch) -> None:
    """004: who owns a unit is a name, so another process of that machine is let in as if it were the same."""
    create = MemoryStore.create

    def reentrant(
        store: MemoryStore, key: str, value: bytes, session: Session, *, timeout: float
    ) -> Record | None:
        there = store.read(key, timeout=timeout)
        if (
            there is not None
            and "/owners/" in key
            and b'"MachineID":"m1"' in there.value
            and b'"m1"' in value
        ):
            store.delete(key, there.index, timeout=timeout)
        return create(store, key, value, session, timeout=timeout)

    patch.setattr(Seen, "free", property(lambda seen: list(seen.units)))
    patch.setattr(MemoryStore, "create", reentrant)


def reads_one_page(patch: Patch) -> None:
    """004: what is beyond the first page is never seen."""
    listed = MemoryStore.list

    def first_page(store: MemoryStore, prefix: str, *, timeout: float) -> list[Record]:
        return listed(store, prefix, timeout=timeout)[:100]

    patch.setattr(MemoryStore, "list", first_page)


def scans_in_order(patch: Patch) -> None:
    """004: everybody wants the first row."""
    patch.setattr(obtaining, "shuffled", sorted)


def writes_without_a_guard(patch: Patch) -> None:
    """A checkpoint is written by whoever writes last."""
    guarded = MemoryStore.commit

    def commit(
        store: MemoryStore, guard: Guard, puts: Mapping[str, bytes], deletes: Sequence[str], *, timeout: float
    ) -> int | None:
        session = store.open_session(3600.0, timeout=timeout)
        mine = store.create(f"{guard.key}.guard", b"", session, timeout=timeout)
        assert mine is not None
        index = guarded(store, Guard(mine.key, session.id), puts, deletes, timeout=timeout)
        store.close_session(session, timeout=timeout)
        return index

    patch.setattr(MemoryStore, "commit", commit)


def hides_its_errors(patch: Patch) -> None:
    """004's wait loop: no permission, a wrong table, all of that is "not obtained", for ever."""
    obtain = obtaining.obtain

    async def swallowed(*arguments: Any) -> Any:
        try:
            return await obtain(*arguments)
        except Exception:  # noqa: BLE001 - that is the mistake
            return None

    patch.setattr(obtaining, "obtain", swallowed)


def forgets_the_checkpoint(patch: Patch) -> None:
    """What is kept of a unit that was removed is handed to the next one of its name."""

    async def kept(runtime: Any, place: Any, puts: Any, deletes: list[str]) -> int:
        return await written(runtime, place, puts, [key for key in deletes if "/checkpoints/" not in key])

    patch.setattr("coordination.pooling.definitions.written", kept)


def adds_over_it(patch: Patch) -> None:
    """Who adds a unit looks whether it is there, and then writes: two do."""

    async def added(pool: Any, unit: str, payload: object, heavy: object) -> bool:
        there = await pool._tenancy.editor.look(pool._runtime, unit)
        new = definitions.Definition(payloads.encode(payload), definitions.weight(heavy))
        await pool._edit(unit, lambda _there: new)
        return there is None

    patch.setattr(named_pool.NamedPool, "_added", added)


BROKEN: dict[Mistake, str] = {
    lets_a_namesake_in: "test_the_same_machine_id_is_no_owner",
    tells_after_it_is_gone: "test_without_a_callback_a_unit_is_given_up_at_once",
    deals_anew: "test_a_machine_that_joins_is_given_the_fewest",
    first_come_keeps_all: "test_machines_have_equally_many",
    asks_for_all_at_once: "test_a_few_are_asked_for_at_a_time",
    asks_at_every_look: "test_the_owner_of_a_removed_unit_is_not_asked_at_every_look",
    takes_without_asking: "test_with_a_callback_its_user_decides_when",
    reads_one_page: "test_d6_many_units_are_listed_completely",
    scans_in_order: "test_units_are_not_tried_in_one_order",
    writes_without_a_guard: "test_a_late_owner_writes_nothing",
    counts_nobody: "test_a_deadline_cuts_off_the_rest",
    looks_all_the_time: "test_balancing_again_costs_nothing",
    hides_its_errors: "test_a_definite_refusal_ends_the_waiting",
    forgets_the_checkpoint: "test_a_unit_added_again_begins_anew",
    adds_over_it: "test_of_several_who_add_a_unit_one_does",
}
"""For each the case that must fail."""
