"""Mistakes in sharing and handing over that the suite of pools has to notice; see `broken`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest

from coordination.pooling import share
from coordination.pooling.balancing import Balancing
from coordination.pooling.ownership import Ownership
from coordination.pooling.tenancy import Tenancy
from coordination.sharing.session import Shared

Patch = pytest.MonkeyPatch


def tells_after_it_is_gone(patch: Patch) -> None:
    """What is given up is removed first, and its user hears of that later."""

    def surrender(shared: Shared, place: Any, reason: str) -> None:
        store = shared.keeping.store
        record = store.read(place.key, timeout=5.0)
        if record is not None:
            store.delete(record.key, record.index, timeout=5.0)
        shared.keeping.work_at(shared.keeping.clock.now() + 3.0, _late(shared, place, reason))

    patch.setattr(Shared, "surrender", surrender)


def _late(shared: Shared, place: Any, reason: str) -> Callable[[Any], Any]:
    async def tell(_runtime: Any) -> None:
        shared.lose_place(place, reason)

    return tell


def deals_anew(patch: Patch) -> None:
    """Whenever a machine comes or goes all units are dealt out again, whoever has them."""

    def dealt(units: Mapping[str, float], _owners: object, machines: Iterable[str], *, by: str) -> Any:
        there = sorted(machines, reverse=len(set(machines)) % 2 == 0)
        return (
            {unit: there[number % len(there)] for number, unit in enumerate(sorted(units))} if there else {}
        )

    patch.setattr(share, "plan", dealt)


def first_come_keeps_all(patch: Patch) -> None:
    """Only what is free is shared: who came first keeps what he has."""

    async def content(*_: Any) -> float:
        return 60.0

    patch.setattr(share.Share, "_ask", content)


def asks_for_all_at_once(patch: Patch) -> None:
    """The whole difference is asked for in one go."""
    ask = share.Share._ask

    async def all_of_them(mine: Any, runtime: Any, seen: Any, units: list[str], _at_most: int) -> float:
        return await ask(mine, runtime, seen, units, len(units))

    patch.setattr(share.Share, "_ask", all_of_them)


def takes_without_asking(patch: Patch) -> None:
    """Whoever is asked gives up, whatever his user wants."""
    patch.setattr(Ownership, "ask", lambda _ownership: False)


def asks_at_every_look(patch: Patch) -> None:
    """Whoever has a unit that was removed is asked for it in each round."""
    patch.setattr(Ownership, "remove", Ownership.ask)


def counts_nobody(patch: Patch) -> None:
    """Draining is told as a success, whoever had to be cut off."""
    let_go = Tenancy.let_go

    async def quiet(mine: Any, *arguments: Any) -> int:
        return 0 * await let_go(mine, *arguments)

    patch.setattr(Tenancy, "let_go", quiet)


def looks_all_the_time(patch: Patch) -> None:
    """Balancing is one more round, whether or not anything has changed."""
    never = property(lambda _balancing: False, lambda _balancing, _value: None)
    patch.setattr(Balancing, "_complete", never, raising=False)
