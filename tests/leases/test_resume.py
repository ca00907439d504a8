"""Taking up a lease by its secret, as the next line of a shell script does."""

from __future__ import annotations

import pytest

from coordination import ConfigurationError, LeaseLost, Manager
from coordination.testing import FakeClock
from tests.leases.world import NAME, PERIOD, World, got


def test_the_right_secret_takes_it_up(manager: Manager, other: Manager, clock: FakeClock) -> None:
    """From another manager, under the same token, for a whole period from now."""
    first = got(manager.acquire_lease(NAME, "m1", 3, PERIOD, metadata={"who": "script"}))
    assert first.secret is not None
    clock.advance(6.0)
    second = other.resume(NAME, first.secret)
    assert (second.held, second.token, second.secret) == (True, first.token, first.secret)
    assert (second.machine_id, second.version, second.metadata) == ("m1", 3, {"who": "script"})
    assert (second.deadline, second.period) == (clock.now() + PERIOD, PERIOD)
    clock.advance(6.0)
    assert second.held
    assert got(manager.get_lease(NAME)).token == first.token


def test_what_was_resumed_can_be_used(manager: Manager, other: Manager) -> None:
    """Renewed, written under, and released like the lease it is."""
    secret = str(got(manager.acquire_lease(NAME, period=PERIOD)).secret)
    lease = other.resume(NAME, secret)
    lease.renew()
    lease.renew(2 * PERIOD)
    lease.commit({"key": b"value"})
    assert other.read("key") == b"value"
    assert lease.release() is True
    assert manager.get_lease(NAME) is None


def test_the_first_handle_learns_of_its_release(manager: Manager, other: Manager) -> None:
    """The acquisition is over for every handle on it."""
    first = got(manager.acquire_lease(NAME, period=PERIOD))
    other.resume(NAME, str(first.secret)).release()
    with pytest.raises(LeaseLost):
        first.renew()
    assert not first.held


def test_two_handles_do_not_end_each_others_lease(manager: Manager, other: Manager) -> None:
    """The one that loses does not take the record with it."""
    first = got(manager.acquire_lease(NAME, period=PERIOD))
    second = other.resume(NAME, str(first.secret))
    second.renew()
    with pytest.raises(LeaseLost) as loss:
        first.release()
    assert loss.value.reason == "stolen"
    second.renew()
    assert got(manager.get_lease(NAME)).token == second.token


def test_a_chain_of_processes(world: World) -> None:
    """Each takes it up from the one before, as often as it likes."""
    lease = got(world.manager().acquire_lease(NAME, period=PERIOD))
    token, secret = lease.token, str(lease.secret)
    for _ in range(4):
        lease = world.manager().resume(NAME, secret)
        lease.renew()
        assert (lease.held, lease.token) == (True, token)


@pytest.mark.parametrize("secret", ["wrong", "0" * 64, "é"], ids=repr)
def test_a_wrong_secret_never_works(manager: Manager, other: Manager, secret: str) -> None:
    """And the holder is not disturbed."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    index = lease.index
    with pytest.raises(LeaseLost):
        other.resume(NAME, secret)
    assert got(other.get_lease(NAME)).index == index
    lease.renew()


def test_an_old_secret_never_works(manager: Manager, other: Manager) -> None:
    """A secret proves one acquisition, not the name."""
    old = got(manager.acquire_lease(NAME, period=PERIOD))
    old.release()
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    assert lease.secret != old.secret
    with pytest.raises(LeaseLost):
        other.resume(NAME, str(old.secret))
    lease.renew()


def test_the_secret_of_a_victim_does_not_work(manager: Manager, other: Manager) -> None:
    """A theft makes a new one."""
    victim = got(manager.acquire_lease(NAME, period=PERIOD))
    thief = got(other.steal_lease(NAME, None, 0, PERIOD, victim.index))
    with pytest.raises(LeaseLost):
        manager.resume(NAME, str(victim.secret))
    assert manager.resume(NAME, str(thief.secret)).token == thief.token


def test_an_expired_lease_is_not_resumed(manager: Manager, other: Manager, clock: FakeClock) -> None:
    """Whoever has the right secret comes too late."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    clock.advance(PERIOD + 0.1)
    with pytest.raises(LeaseLost) as loss:
        other.resume(NAME, str(lease.secret))
    assert loss.value.reason == "expired"


def test_nothing_is_not_resumed(manager: Manager) -> None:
    """A name that nobody holds is no error of the caller's, but a loss."""
    with pytest.raises(LeaseLost):
        manager.resume(NAME, "secret")


@pytest.mark.parametrize("secret", ["", None, b"bytes", 1], ids=repr)
def test_what_is_no_secret_is_refused(manager: Manager, secret: object) -> None:
    """Before it is compared with anything."""
    with pytest.raises(ConfigurationError):
        manager.resume(NAME, secret)  # type: ignore[arg-type]


def test_a_chosen_secret(manager: Manager, other: Manager) -> None:
    """A script may bring its own."""
    lease = got(manager.acquire_with_secret(NAME, "correct horse", period=PERIOD))
    assert lease.secret == "correct horse"
    assert other.resume(NAME, "correct horse").token == lease.token


def test_secrets_differ(manager: Manager) -> None:
    """Each acquisition has its own, hard to guess, and a view shows none."""
    secrets = {got(manager.acquire_lease(f"lease-{n}", period=PERIOD)).secret for n in range(20)}
    assert len(secrets) == 20
    assert all(len(str(secret)) == 64 for secret in secrets)
    assert all(lease.secret is None for lease in manager.list_leases())


def test_the_repr_does_not_show_it(manager: Manager) -> None:
    """A lease can be printed and logged."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    assert str(lease.secret) not in repr(lease)
    assert NAME in repr(lease)
    assert "held" in repr(lease)


def test_the_callers_deadline_goes_with_it(manager: Manager, other: Manager, clock: FakeClock) -> None:
    """A lease capped by `not_after` never outlives that, whoever renews it."""
    first = got(manager.acquire_lease(NAME, period=PERIOD, not_after=clock.wall() + 15.0))
    second = other.resume(NAME, str(first.secret))
    clock.advance(9.0)
    second.renew()
    clock.advance(6.1)
    assert not second.held
    assert manager.acquire_lease(NAME, period=PERIOD) is not None
