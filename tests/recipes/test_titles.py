"""Errors name what their caller asked for: a lease, a lock, a leadership, a membership, a unit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from coordination import LeaseLost, Manager, connect
from coordination.pooling.keys import keys_of
from coordination.recipes.members import MEMBERS
from coordination.record import key_of
from coordination.titles import title_of


def lease(manager: Manager) -> Any:
    """Held."""
    return manager.acquire_lease("job")


def hold(manager: Manager) -> Any:
    """Held."""
    return manager.lock("job").acquire()


def term(manager: Manager) -> Any:
    """Held."""
    return manager.leader("job").campaign()


def unit(manager: Manager) -> Any:
    """Held."""
    pool = manager.pool("jobs")
    assert pool.add("job")
    return pool.obtain()


TITLES: dict[Callable[[Manager], Any], str] = {
    lease: "lease 'job'",
    hold: "lock 'job'",
    term: "leadership of 'job'",
    unit: "unit 'job' of pool 'jobs'",
}


@pytest.mark.parametrize("of", TITLES, ids=lambda of: of.__name__)
def test_what_is_not_held_is_named(of: Callable[[Manager], Any]) -> None:
    """After its release, by `check` and by a block that is entered with it."""
    with connect("memory://") as manager:
        held = of(manager)
        assert held.release() is True
        for verb in ("check", "__enter__"):
            with pytest.raises(LeaseLost, match=f"^{TITLES[of]} is not held: released$"):
                getattr(held, verb)()


def test_a_leader_without_a_term_says_so() -> None:
    """As a term does that is over."""
    with connect("memory://") as manager, pytest.raises(LeaseLost, match="leadership of 'job'"):
        manager.leader("job").proclaim("hello")


def test_memberships_and_whatever_pools_keep() -> None:
    """By the member and the group, by the machine and the pool; what is no kind of ours by its name."""
    keys = keys_of("", "jobs")
    assert title_of(key_of("", MEMBERS, "web") + "/m1") == "membership of 'm1' in 'web'"
    assert title_of(f"{keys.machines}m1") == "membership of 'm1' in pool 'jobs'"
    assert title_of(keys.edits) == "editing of pool 'jobs'"
    assert title_of(key_of("a b", "theirs", "x/y")) == "'x/y'"
