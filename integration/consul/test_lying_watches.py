"""Blocking queries that are answered with lies, refusals and nonsense: no storm, no missed change.

Pitfall 43, acceptance 38. All watches live through their fault side by side, once per module.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from integration.consul.watching import LONG, Watched, watched_by_manager, watched_by_store
from integration.faults.measuring import Outcome, Recorded, all_at_once
from integration.servers.consul import ConsulCluster
from integration.servers.consul_lies import INDEXES, SPINNING, at_once
from integration.servers.fault import Fault
from integration.servers.hostile_http import MANNERS
from integration.servers.http_fault import HttpFault, Lie, refusal

pytestmark = [pytest.mark.xdist_group("consul-lying-watches"), pytest.mark.timeout(300)]

MOST = 10
"""Requests in 10 s."""

MOST_FOR_A_BUSY_KEY = 65
"""An index that always rises cannot be told from a key that is always written: five a second, ten at once."""

BUSY = {"index rising", "spin-rising"}

Watches = dict[str, Outcome[Watched]]


def _lying(make: Callable[[], Lie]) -> Fault:
    return HttpFault(lie=make())


LIES: dict[str, Callable[[], Fault]] = {
    f"index {name}": partial(_lying, make) for name, make in INDEXES.items()
}
SPINS: dict[str, Callable[[], Fault]] = {
    f"spin-{name}": partial(HttpFault, manner=at_once(f"coordination/@/leases/spin-{name}", *indexes))
    for name, indexes in SPINNING.items()
}
REFUSALS: dict[str, Callable[[], Fault]] = {
    f"status {status}": partial(refusal, status) for status in (307, 400, 403, 404, 429, 500, 503)
}
NONSENSE: dict[str, Callable[[], Fault]] = {
    f"manner {name}": partial(HttpFault, manner=manner) for name, manner in MANNERS.items()
}
FAULTS = {**LIES, **SPINS, **REFUSALS, **NONSENSE}


@pytest.fixture(scope="module")
def stores(node: ConsulCluster) -> Watches:
    """A store's watch through each fault."""
    return all_at_once(
        {name: partial(watched_by_store, node, fault, name) for name, fault in FAULTS.items()},
        len(FAULTS),
    )


@pytest.fixture(scope="module")
def managers(node: ConsulCluster) -> Watches:
    """A manager's watch through each lie about the index."""
    return all_at_once(
        {name: partial(watched_by_manager, node, fault, f"manager's {name}") for name, fault in LIES.items()},
        len(LIES),
    )


def _of(watches: Watches, name: str) -> Watched:
    outcome = watches[name]
    assert outcome.error is None, outcome.error
    assert outcome.value is not None
    return outcome.value


def _most(name: str) -> int:
    return MOST_FOR_A_BUSY_KEY if name in BUSY else MOST


@pytest.mark.parametrize("name", FAULTS)
def test_a_watch_asks_at_most_ten_times_in_ten_seconds(
    stores: Watches, name: str, record_property: Recorded
) -> None:
    """Acceptance 38: whatever the blocking queries are answered; and it does ask, and hears again at last."""
    watched = _of(stores, name)
    key = ", for a key that seems busy" if name in BUSY else ""
    record_property(f"requests in {LONG:g} s{key}", watched.requests)
    assert 1 <= watched.polls <= watched.requests <= _most(name)
    assert watched.recovered > 0


@pytest.mark.parametrize("name", LIES)
def test_a_managers_watch_misses_nothing(managers: Watches, name: str) -> None:
    """Acceptance 38: it sees the change within the few seconds after which it looks by itself."""
    watched = _of(managers, name)
    assert watched.polls <= _most(name)
    assert watched.heard_after is not None
    assert watched.heard_after < 5.0
