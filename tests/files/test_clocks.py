"""Clocks that disagree: a renewing holder is never robbed, and what is dead is free in the end.

The clocks are fake, so hours pass in no time; `integration/files` shows the same with real ones.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from coordination import Manager, connect
from coordination.stores.file.origin import Origin, here
from coordination.stores.file.store import FileStore
from coordination.testing import FakeClock
from tests.files.conftest import Open

HOUR = 3600.0
PERIOD = 15.0
TEN_YEARS = 315_360_000.0


class Shifted(FakeClock):
    """Another process's clocks: those of `base`, shifted."""

    def __init__(self, base: FakeClock, wall: float = 0.0, boot: float = 0.0) -> None:
        super().__init__()
        self._base, self._by_wall, self._by_boot = base, wall, boot

    def now(self) -> float:
        """Shifted by `boot`."""
        return self._base.now() + self._by_boot

    def wall(self) -> float:
        """Shifted by `wall`."""
        return self._base.wall() + self._by_wall

    def sleep(self, seconds: float) -> None:
        """Moves the base."""
        self._base.sleep(seconds)


def _elsewhere(folder: Path, clock: FakeClock, origin: Origin) -> Manager:
    return connect(FileStore(folder, clock, durable=False, here=origin), clock=clock, timeout=2)


@pytest.mark.parametrize("shift", [HOUR, -HOUR, TEN_YEARS, -TEN_YEARS, PERIOD, -PERIOD])
@pytest.mark.parametrize("who", ["holder", "challenger"])
def test_a_wall_clock_off_robs_no_renewing_holder(opened: Open, shift: float, who: str) -> None:
    """Either of the two, either way, watched by one-shot programs for ten periods."""
    base = FakeClock()
    off = Shifted(base, wall=shift)
    holder = opened(off if who == "holder" else base).acquire_lease("x", period=PERIOD)
    assert holder is not None
    for _ in range(30):
        base.advance(PERIOD / 3)
        assert opened(base if who == "holder" else off).acquire_lease("x", period=PERIOD) is None
        holder.renew()
        assert holder.held


@pytest.mark.parametrize("step", [HOUR, -HOUR, TEN_YEARS, -TEN_YEARS])
def test_a_wall_clock_that_steps_robs_no_renewing_holder(opened: Open, step: float) -> None:
    """Back and forth between renewals, for everybody at once."""
    clock = FakeClock()
    holder = opened(clock).acquire_lease("x", period=PERIOD)
    assert holder is not None
    challenger = opened(clock)
    for number in range(20):
        clock.step_wall(step if number % 2 else -step)
        clock.advance(PERIOD / 3)
        assert challenger.acquire_lease("x", period=PERIOD) is None
        holder.renew()


@pytest.mark.parametrize("shift", [HOUR, -HOUR])
def test_a_dead_lease_under_a_shifted_wall_clock_is_taken_in_the_end(opened: Open, shift: float) -> None:
    """The clocks disagree at first; it is free at the latest a period after it was first seen dead."""
    base = FakeClock()
    assert opened(Shifted(base, wall=shift)).acquire_lease("x", period=PERIOD) is not None
    base.advance(PERIOD + 0.1)
    taken = [opened(base).acquire_lease("x", period=PERIOD) is not None]
    base.advance(PERIOD + 0.1)
    taken.append(opened(base).acquire_lease("x", period=PERIOD) is not None)
    assert any(taken)


def test_a_challenger_in_another_time_namespace_never_robs(folder: Path, opened: Open) -> None:
    """Its boot clock is shifted by a day: what it reads in the stamps means nothing to it."""
    base = FakeClock()
    holder = opened(base).acquire_lease("x", period=PERIOD)
    assert holder is not None
    elsewhere = replace(here(), time_namespace="time:[another]")
    for shift in (100_000.0, -900.0):
        for _ in range(12):
            base.advance(PERIOD / 3)
            with _elsewhere(folder, Shifted(base, boot=shift), elsewhere) as challenger:
                assert challenger.acquire_lease("x", period=PERIOD) is None
            holder.renew()


def test_one_look_programs_elsewhere_take_a_dead_lease_after_its_period(folder: Path, opened: Open) -> None:
    """Each look is a new process; what the ones before it saw is kept in the folder."""
    base = FakeClock()
    holder = opened(base).acquire_lease("x", period=PERIOD)
    assert holder is not None
    elsewhere = replace(here(), time_namespace="time:[another]")
    looks = []
    for _ in range(5):
        with _elsewhere(folder, Shifted(base, boot=1e5), elsewhere) as challenger:
            looks.append(challenger.acquire_lease("x", period=PERIOD) is not None)
        base.advance(PERIOD / 3 + 0.01)
    assert looks == [False, False, False, True, False]


def test_containers_that_observe_by_turns_do_not_undo_each_other(folder: Path, opened: Open) -> None:
    """Three hosts' clocks cannot be compared; each goes on with its own observation until one may take it."""
    base = FakeClock()
    assert opened(base).acquire_lease("x", period=PERIOD) is not None
    origins = [replace(here(), host=f"container-{number}") for number in range(3)]
    for _ in range(5):
        for origin in origins:
            with _elsewhere(folder, Shifted(base, boot=1e5), origin) as challenger:
                if challenger.acquire_lease("x", period=PERIOD) is not None:
                    return
        base.advance(PERIOD / 3 + 0.01)
    pytest.fail("a dead lease was never taken")


def test_containers_that_observe_by_turns_rob_nobody(folder: Path, opened: Open) -> None:
    """The same watchers, and a holder that renews."""
    base = FakeClock()
    holder = opened(base).acquire_lease("x", period=PERIOD)
    assert holder is not None
    origins = [replace(here(), host=f"container-{number}") for number in range(3)]
    for _ in range(10):
        for origin in origins:
            with _elsewhere(folder, Shifted(base, boot=1e5), origin) as challenger:
                assert challenger.acquire_lease("x", period=PERIOD) is None
        base.advance(PERIOD / 3)
        holder.renew()


def test_an_hours_old_expired_lease_is_taken_at_the_first_look(opened: Open) -> None:
    """Both clocks say so, so nobody has to be waited for."""
    clock = FakeClock()
    assert opened(clock).acquire_lease("x", period=PERIOD) is not None
    clock.advance(3 * HOUR)
    assert opened(clock).get_lease("x") is None
    assert opened(clock).acquire_lease("x", period=PERIOD) is not None


def test_a_lease_from_before_a_reboot_is_taken_at_the_first_look(folder: Path, opened: Open) -> None:
    """However long it had left: its holder cannot have survived."""
    clock = FakeClock()
    with _elsewhere(folder, clock, replace(here(), boot="an earlier one")) as before:
        assert before.acquire_lease("x", period=900) is not None
    assert opened(clock).get_lease("x") is None
    assert opened(clock).acquire_lease("x", period=PERIOD) is not None


def test_a_shared_folder_never_uses_the_reboot_rule(
    folder: Path, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over a network the same host name may be another machine, alive and renewing."""
    from coordination.stores.file import origin

    monkeypatch.setattr(origin, "network_type", lambda _folder: "nfs4")
    clock = FakeClock()
    with _elsewhere(folder, clock, replace(here(), boot="another machine")) as there:
        holder = there.acquire_lease("x", period=PERIOD)
        assert holder is not None
        for _ in range(9):
            assert opened(clock).acquire_lease("x", period=PERIOD) is None
            clock.advance(PERIOD / 3)
            holder.renew()
        assert opened(clock).acquire_lease("x", period=PERIOD) is None
        clock.advance(PERIOD + 0.1)
        assert opened(clock).acquire_lease("x", period=PERIOD) is not None
