"""The supervisor's loop on a fake clock: what it sends to the group, and when to the tick."""

from __future__ import annotations

import signal

import pytest

from coordination.cli.supervise import supervisor as module
from coordination.cli.supervise.schedule import schedule
from coordination.cli.supervise.supervisor import BETWEEN_TERM_AND_KILL, LEFTOVER_GRACE, PATIENCE, TICK
from coordination.timing import margin
from tests.cli.supervised_world import PERIOD, World, supervise

EXITED = 7 << 8
"""The wait status of exit code 7."""


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """At second 0 the lease was granted for 15."""
    world = World()
    monkeypatch.setattr(module, "Group", lambda pgid: world)
    monkeypatch.setattr(module, "reap", world.reap)
    return world


def test_unconfirmed_renewal(world: World) -> None:
    """TERM at deadline - grace - margin, KILL before deadline - margin, the guardian right behind."""
    assert supervise(world).lost == "unconfirmed"
    assert world.started
    plan = schedule(PERIOD, PERIOD, 3.0)
    assert plan.term <= world.when(signal.SIGTERM) <= plan.term + TICK
    assert plan.kill <= world.when(signal.SIGKILL) < plan.belief_ends
    assert world.guarded_until == plan.belief_ends


def test_confirmation_before_term_moves_everything(world: World) -> None:
    """A renewal confirmed at second 10 makes a new schedule, for the guardian as well."""
    world.plan.append((10.0, lambda: setattr(world, "deadline", 25.0)))
    supervise(world)
    plan = schedule(25.0, PERIOD, 3.0)
    assert plan.term <= world.when(signal.SIGTERM) <= plan.term + TICK
    assert world.guarded_until == plan.belief_ends


def test_confirmation_after_term_comes_too_late(world: World) -> None:
    """Once TERM is sent the end is final, at the time it had been planned for."""
    world.plan.append((12.0, lambda: setattr(world, "deadline", 27.0)))
    assert supervise(world).lost == "unconfirmed"
    assert world.when(signal.SIGTERM) < 12.0
    assert world.when(signal.SIGKILL) < PERIOD - margin(PERIOD)


@pytest.mark.parametrize("reason", ["stolen", "deleted", "revoked", "broken", "stalled"])
def test_loss_ends_it_at_once(world: World, reason: str) -> None:
    """TERM as soon as it is known, KILL a tenth of a second later at most."""
    world.plan.append((4.0, lambda: setattr(world, "lost", reason)))
    assert supervise(world).lost == reason
    assert 4.0 <= world.when(signal.SIGTERM) <= 4.0 + TICK
    assert world.when(signal.SIGKILL) - world.when(signal.SIGTERM) <= 0.1 + 1e-9


def test_loss_between_term_and_kill_brings_the_kill_forward(world: World) -> None:
    """A thief in the grace: there is no grace any more."""
    world.plan.append((PERIOD - 5.0, lambda: setattr(world, "deadline", 30.0)))
    world.plan.append((27.0, lambda: setattr(world, "lost", "stolen")))
    supervise(world)
    assert world.when(signal.SIGTERM) < 27.0
    assert world.when(signal.SIGKILL) <= 27.0 + TICK + 0.1


def test_leftovers_get_a_second(world: World) -> None:
    """The leader ends by itself: TERM for the rest, KILL a second later, and no loss."""
    world.plan.append((2.0, lambda: world.ends(EXITED, leaves_nobody=False)))
    supervisor = supervise(world)
    assert (supervisor.status, supervisor.lost) == (EXITED, None)
    assert 2.0 <= world.when(signal.SIGTERM) <= 2.0 + TICK
    after = world.when(signal.SIGKILL) - world.when(signal.SIGTERM)
    assert LEFTOVER_GRACE <= after <= LEFTOVER_GRACE + 2 * TICK


def test_leftovers_never_outlive_the_lease(world: World) -> None:
    """Their second is cut short where belief ends before."""
    kill = schedule(PERIOD, PERIOD, 0.0).kill
    world.plan.append((kill - 0.3, lambda: world.ends(EXITED, leaves_nobody=False)))
    supervise(world, grace=0.0)
    assert kill <= world.when(signal.SIGKILL) < PERIOD - margin(PERIOD)


def test_group_that_survives_kill_keeps_the_lease(world: World) -> None:
    """It is not given back while somebody may be at work; that is told once, and the end is the lease's."""
    world.dies_of.clear()
    world.plan.append((1.0, lambda: world.ends(EXITED, leaves_nobody=False)))
    world.plan.append((8.0, lambda: setattr(world, "deadline", 60.0)))
    supervise(world)
    assert world.told.count("stuck") == 1
    assert world.clock.now() >= 60.0 - margin(PERIOD)
    assert world.clock.now() > 1.0 + PATIENCE


def test_lease_that_is_lost_before_the_start(world: World) -> None:
    """The command is called off."""
    world.lost = "stolen"
    world.plan.append((0.0, lambda: world.ends(0)))
    assert supervise(world).lost == "stolen"
    assert not world.started


def test_members_we_may_not_signal_are_told_of(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """After sudo the command is another user's; the user should know why it does not end."""
    monkeypatch.setattr(world, "terminate", lambda: False)
    supervise(world)
    assert "not-permitted" in world.told


def lost_at(world: World, second: float, reason: str) -> None:
    """What happens to what is kept."""
    world.plan.append((second, lambda: setattr(world, "lost", reason)))


@pytest.mark.parametrize("reason", ["stolen", "deleted", "expired"])
def test_who_lost_it_to_somebody_at_work_has_no_grace(world: World, reason: str) -> None:
    """TERM, and KILL at once, however long the grace."""
    lost_at(world, 2.0, reason)
    assert supervise(world).lost == reason
    assert world.when(signal.SIGKILL) - world.when(signal.SIGTERM) <= BETWEEN_TERM_AND_KILL + 2 * TICK


def test_a_thief_that_awaits_our_end_leaves_the_grace(world: World) -> None:
    """A leadership is stolen by somebody who waits until we cannot act any more."""
    lost_at(world, 2.0, "stolen")
    assert supervise(world, grace=3.0, awaits=True).lost == "stolen"
    assert 2.0 <= world.when(signal.SIGTERM) <= 2.0 + TICK
    assert 3.0 <= world.when(signal.SIGKILL) - world.when(signal.SIGTERM) <= 3.0 + TICK


def test_a_thief_does_not_wait_for_longer_than_we_believed(world: World) -> None:
    """However long the grace: nothing runs past the end of what was granted last."""
    lost_at(world, 2.0, "stolen")
    supervise(world, grace=60.0, awaits=True)
    assert world.when(signal.SIGKILL) <= schedule(PERIOD, PERIOD, 60.0).belief_ends


def test_a_thief_awaits_our_end_after_a_steal_only(world: World) -> None:
    """Somebody else may lead as soon as the record is deleted."""
    lost_at(world, 2.0, "deleted")
    supervise(world, awaits=True)
    assert world.when(signal.SIGKILL) - world.when(signal.SIGTERM) <= BETWEEN_TERM_AND_KILL + 2 * TICK
