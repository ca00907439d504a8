"""Two processes step by step: one is stopped between two system calls, the other acts, the first goes on.

The stops are audit events, which the interpreter raises right before it opens, renames, links or removes.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from coordination import LeaseLost
from coordination.testing import FakeClock
from tests.files.conftest import Open

PERIOD = 10.0
EVENTS = ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir")


class Stops:
    """Runs `action` once, at the given event of the code under test."""

    def __init__(self) -> None:
        self.left: int | None = None
        self.failed: BaseException | None = None
        self.action: Callable[[], object] = lambda: None
        self.wanted: Callable[[str, str], bool] = lambda _event, _path: True

    def hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        """For `sys.addaudithook`; hooks cannot be removed, so this one stays, at rest."""
        if self.left is None or event not in EVENTS or not self.wanted(event, str(arguments[0])):
            return
        self.left -= 1
        if self.left < 0:
            self.left = None
            thread = threading.Thread(target=self._act)  # Locks are re-entrant within one thread.
            thread.start()
            thread.join(30)

    def _act(self) -> None:
        try:
            self.action()
        except BaseException as error:  # noqa: BLE001 - raised again by `happened`
            self.failed = error

    def at(self, step: int, action: Callable[[], object]) -> None:
        """Act before the step's event, counted from 0."""
        self.left, self.action, self.failed = step, action, None

    @property
    def happened(self) -> bool:
        """Whether it has acted; at rest again afterwards."""
        waiting, self.left = self.left is not None, None
        if self.failed is not None:
            raise self.failed
        return not waiting


_STOPS = Stops()
sys.addaudithook(_STOPS.hook)


@pytest.fixture
def stops(folder: Path) -> Stops:
    """At rest, and blind to what happens outside of the folder."""
    _STOPS.left = None
    _STOPS.wanted = lambda _event, path: path.startswith(str(folder))
    return _STOPS


@pytest.mark.untraced
def test_a_late_renewal_never_revives(opened: Open, stops: Stops) -> None:
    """At each step of the takeover of an expired lease its old holder renews: never both of them have it."""
    clock = FakeClock()
    reached = 0
    for step in range(200):
        name = f"unit-{step}"
        lease = opened(clock).acquire_lease(name, period=PERIOD)
        assert lease is not None
        store, session = lease._keeper.registry.store, lease.grant.session
        clock.advance(PERIOD + 0.1)
        renewed: list[object] = []

        def late(store: Any = store, session: Any = session, renewed: list[object] = renewed) -> None:
            renewed.append(store.renew_session(session, timeout=0.05))

        challenger = opened(clock)
        stops.at(step, lambda late=late: _quietly(late))  # type: ignore[misc]
        taken = challenger.acquire_lease(name, period=PERIOD)
        if not stops.happened:
            break
        reached += 1
        revived = bool(renewed) and renewed[0] is not None
        assert not (revived and taken is not None)
        if taken is not None:
            assert store.renew_session(session, timeout=1) is None
            with pytest.raises(LeaseLost):
                lease.renew()
            taken.renew()
    assert reached > 8


def _quietly(action: Callable[[], object]) -> None:
    """A late renewal that has to wait for the taker could not tell: fine as well."""
    from coordination import StoreUnavailable

    try:
        action()
    except StoreUnavailable:
        pass


def test_a_takeover_during_a_renewal_never_makes_two(opened: Open, stops: Stops) -> None:
    """At each step of a renewal on the last instant, time runs out and a challenger reaches for it."""
    clock = FakeClock()
    reached = 0
    for step in range(200):
        name = f"unit-{step}"
        lease = opened(clock).acquire_lease(name, period=PERIOD)
        assert lease is not None
        clock.advance(PERIOD * 0.9)
        taken: list[object] = []
        challenger = opened(clock, timeout=0.05)

        def reach(taken: list[object] = taken, challenger: Any = challenger, name: str = name) -> None:
            clock.advance(PERIOD * 0.2)
            _quietly(lambda: taken.append(challenger.acquire_lease(name, period=PERIOD)))

        stops.at(step, reach)
        try:
            lease.renew()
        except LeaseLost:
            pass
        if not stops.happened:
            break
        reached += 1
        assert not (lease.held and any(taken))
    assert reached > 8


@pytest.mark.parametrize("change", ["renew", "renew longer", "steal"])
def test_a_reader_never_misses_a_lease_that_moves(opened: Open, stops: Stops, change: str) -> None:
    """At each step of a look, the lease moves to a new session: at no time was it free, so it is seen."""
    reached = 0
    for step in range(50):
        name = f"unit-{step}"
        lease = opened().acquire_lease(name, period=60)
        assert lease is not None
        thief, reader = opened(), opened()

        def move(lease: Any = lease, thief: Any = thief, name: str = name) -> None:
            if change == "steal":
                assert thief.steal_lease(name, "thief", 1, 60, lease.index) is not None
                lease._keeper.registry.store.close_session(lease.grant.session, timeout=1)
            else:
                lease.renew(90 if change == "renew longer" else None)

        stops.at(step, move)
        seen = reader.get_lease(name)
        if not stops.happened:
            break
        reached += 1
        assert seen is not None
    assert reached >= 2


def test_health_does_not_disturb_a_lease_called_probe(opened: Open, stops: Stops) -> None:
    """What health writes for a try is no file of any name's."""
    for step in range(40):
        manager, other = opened(), opened()
        stops.at(step, other.health)
        lease = manager.acquire_lease("probe", period=60)
        assert lease is not None
        if not stops.happened:
            break
        seen = manager.get_lease("probe")
        assert seen is not None
        assert seen.token == lease.token
        lease.release()
    assert step > 4
