"""A store that was replaced or restored under us: nobody believes an old lease any longer (pitfall 35)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest

from coordination import Lease, LeaseLost, Manager, OutcomeUnknown, StoreRefused, StoreReplaced, connect
from coordination.stores.memory import MemoryStore
from coordination.testing import FakeClock
from tests.leases.late import LateStore
from tests.leases.world import NAME, PERIOD, eventually, got

T = TypeVar("T")


class ReplacedStore(LateStore):
    """From some moment on it knows that it is not the store it was, and says so to every call."""

    replaced = False

    def __init__(self, inner: MemoryStore, clock: FakeClock) -> None:
        super().__init__(inner, clock)
        self.denied: list[str] = []

    def _run(self, call: str, timeout: float, apply: Callable[[float], T]) -> T:
        if self.replaced:
            self.denied.append(call)
            raise StoreReplaced("another cluster answers")
        return super()._run(call, timeout, apply)


@pytest.fixture
def store(clock: FakeClock) -> ReplacedStore:
    """Not replaced yet."""
    return ReplacedStore(MemoryStore(clock), clock)


@pytest.fixture
def manager(store: ReplacedStore, clock: FakeClock) -> Iterator[Manager]:
    """A manager on that store."""
    with connect(store, clock=clock) as made:
        yield made


def _acquired(manager: Manager) -> Lease:
    return got(manager.acquire_lease(NAME, period=PERIOD))


STEPS: dict[str, Callable[[Lease], object]] = {
    "renew": lambda lease: lease.renew(),
    "renew with another period": lambda lease: lease.renew(2 * PERIOD),
    "release": lambda lease: lease.release(),
    "commit": lambda lease: lease.commit({"a": b"b"}),
}


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_a_step_by_hand_says_so_and_ends_belief(
    store: ReplacedStore, manager: Manager, clock: FakeClock, step: Callable[[Lease], object]
) -> None:
    """`LeaseLost` with the store's own sentence, told once; and nothing is tried again for ever."""
    told: list[str] = []
    lease = _acquired(manager)
    lease.on_lost(lambda _lease, reason: told.append(reason))
    store.replaced = True
    with pytest.raises(LeaseLost, match="another cluster answers") as loss:
        step(lease)
    assert (loss.value.reason, lease.lost, lease.held) == ("revoked", "revoked", False)
    eventually(lambda: told, "the news")
    asked = len(store.denied)
    for _ in range(8):
        clock.advance(1.0)
        clock.settle(0.02)
    assert (told, len(store.denied)) == (["revoked"], asked)


@pytest.mark.parametrize("count", [1, 3], ids=["alone", "in a batch"])
def test_a_kept_lease_is_lost_at_its_next_beat(
    store: ReplacedStore, manager: Manager, clock: FakeClock, count: int
) -> None:
    """Long before the local deadline."""
    told: dict[str, str] = {}
    for number in range(count):
        lease = got(manager.acquire_lease(f"{NAME}-{number}", period=PERIOD))
        lease.keep_alive(lambda lost, reason: told.update({lost.name: reason}))
    clock.settle()
    store.replaced = True
    clock.advance(PERIOD / 3)
    eventually(lambda: len(told) == count, "the news")
    assert set(told.values()) == {"revoked"}
    assert ("replace_all" in store.denied) == (count > 1)


def _replaces(store: ReplacedStore) -> None:
    store.replaced = True
    raise StoreReplaced("another cluster answers")


@pytest.mark.parametrize("call", ["renew_session", "read"])
def test_whichever_answer_tells_it_first(store: ReplacedStore, manager: Manager, call: str) -> None:
    """The session's renewal, or the reading back after a lost answer: it is lost, not unknown."""
    lease = _acquired(manager)
    if call == "read":
        store.lose_answer("replace")
    store.before(call, lambda: _replaces(store))
    with pytest.raises(LeaseLost, match="another cluster answers"):
        lease.renew()
    assert lease.lost == "revoked"


def test_a_batch_may_be_told_half_way(store: ReplacedStore, manager: Manager, clock: FakeClock) -> None:
    """Its records were written, and then the sessions' renewals meet another store."""
    leases = [got(manager.acquire_lease(name, period=PERIOD)) for name in ("a", "b")]
    for lease in leases:
        lease.keep_alive()
    clock.settle()
    store.before("renew_sessions", lambda: _replaces(store))
    clock.advance(PERIOD / 3)
    eventually(lambda: all(lease.lost for lease in leases), "the news")
    assert [lease.lost for lease in leases] == ["revoked"] * 2


def test_nothing_is_cleaned_up_in_another_store(
    store: ReplacedStore, manager: Manager, clock: FakeClock
) -> None:
    """What waits to be ended in the background is given up at the first such answer."""
    store.after("create", store.cut)
    with pytest.raises(OutcomeUnknown):
        manager.acquire_lease(NAME, period=PERIOD)
    store.replaced = True
    clock.advance(2.0)
    eventually(lambda: store.denied, "a try in the background")
    for _ in range(8):
        clock.advance(1.0)
        clock.settle(0.02)
    assert store.denied == ["close_session"]


def test_the_watch_leads_to_it_too(store: ReplacedStore, manager: Manager, clock: FakeClock) -> None:
    """A look after a notification is as good as a beat, and comes at once."""
    lease = _acquired(manager).keep_alive()
    clock.settle()
    noticing = manager._keeper.beats()[0].noticing
    store.replaced = True
    noticing._moved(lease.grant.key, 0)
    eventually(lambda: lease.lost, "the news")
    assert lease.lost == "revoked"


def test_waiting_ends_with_it(store: ReplacedStore, manager: Manager) -> None:
    """It is a refusal: nobody waits for a store to become again what it was."""
    store.replaced = True
    with pytest.raises(StoreReplaced) as refusal:
        manager.wait_lease(NAME, timeout=30.0)
    assert isinstance(refusal.value, StoreRefused)


def test_a_waiter_under_way_is_told(store: ReplacedStore, manager: Manager, clock: FakeClock) -> None:
    """Also one who came while the store was what it was."""
    import threading

    _acquired(manager)
    raised: list[BaseException] = []

    def wait() -> None:
        try:
            manager.wait_lease(NAME, timeout=30.0)
        except Exception as error:  # noqa: BLE001 - which one it is, is looked at below
            raised.append(error)

    waiter = threading.Thread(target=wait, daemon=True)
    waiter.start()
    clock.settle(0.1)
    store.replaced = True
    clock.advance(3.0)
    waiter.join(10.0)
    assert [type(error) for error in raised] == [StoreReplaced]
