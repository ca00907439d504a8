"""An acquisition that did not succeed leaves nothing behind: no record, no session."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from coordination import Lease, Manager, OutcomeUnknown
from coordination.testing import FakeClock
from tests.leases.late import LateStore
from tests.leases.world import NAME, PERIOD, World, eventually, got

ENDS: dict[str, Callable[[LateStore], None]] = {
    "refused create": lambda store: store.refuse("create"),
    "unknown create": lambda store: store.post_late("create"),
    "interrupted before create": lambda store: store.before("create", _interrupt),
    "interrupted after create": lambda store: store.after("create", _interrupt),
    "refused session": lambda store: store.refuse("open_session"),
}


def _interrupt() -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("fail", ENDS.values(), ids=ENDS)
def test_a_failed_acquisition_leaves_nothing(
    world: World, manager: Manager, other: Manager, store: LateStore, fail: Callable[[LateStore], None]
) -> None:
    """No record and no session: refused, unknown, or cancelled inside the store's call."""
    fail(store)
    with pytest.raises(BaseException) as error:
        manager.acquire_lease(NAME, period=PERIOD)
    assert not isinstance(error.value, AssertionError)
    assert world.stored() == []
    assert other.acquire_lease(NAME, period=PERIOD) is not None


def test_an_acquisition_that_cannot_be_read_back_leaves_nothing(
    world: World, manager: Manager, store: LateStore
) -> None:
    """The answer was lost and the look after it failed too: what may have been written is removed."""
    store.lose_answer("create")
    store.refuse("read", times=10)
    with pytest.raises(OutcomeUnknown):
        manager.acquire_lease(NAME, period=PERIOD)
    assert world.stored() == []


def test_a_failed_acquisition_is_cleaned_up_later(
    world: World, manager: Manager, store: LateStore, clock: FakeClock
) -> None:
    """The store was away for the cleaning too: the background does it once it is back."""
    began = clock.now()
    store.after("create", store.cut)
    with pytest.raises(BaseException):  # noqa: B017
        manager.acquire_lease(NAME, period=100 * PERIOD)
    store.mend()

    def cleaned_up() -> bool:
        clock.advance(0.01)
        return not world.stored()

    eventually(cleaned_up, "the background does it")
    assert clock.now() < began + 10 * PERIOD, "it was not the end of the period"


def test_losing_a_race_leaves_nothing(world: World, manager: Manager, other: Manager) -> None:
    """None, and neither a session nor a record of the loser."""
    lease: Lease = got(other.acquire_lease(NAME, period=PERIOD))
    before = world.stored()
    assert manager.acquire_lease(NAME, period=PERIOD) is None
    assert manager.steal_lease(NAME, None, 0, PERIOD, lease.index + 1000) is None
    assert world.stored() == before


def test_an_unknown_change_of_period_leaves_nothing(world: World, manager: Manager, store: LateStore) -> None:
    """The next confirmed renewal ends whatever session the unknown one had opened."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    before = len(world.stored())
    store.after("replace", store.cut)
    with pytest.raises(OutcomeUnknown):
        lease.renew(100 * PERIOD)
    store.mend()
    lease.renew()
    assert len(world.stored()) == before
