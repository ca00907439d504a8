"""Acquiring: one holder, never waiting, and a higher token each time."""

from __future__ import annotations

from functools import partial

from coordination.testing.fleet.base import Fleet
from coordination.testing.fleet.harness import NAME, ManagerHarness, got
from coordination.testing.racing import race


class AcquireCases(Fleet):
    """What `acquire_lease` promises."""

    def test_d1_acquiring_a_held_lease_is_none(self, harness: ManagerHarness) -> None:
        """D1: not an error; and the holder is not disturbed."""
        one, two = harness.managers()
        lease = got(one.acquire_lease(NAME, period=harness.ample))
        assert two.acquire_lease(NAME, period=harness.ample) is None
        lease.renew()
        assert lease.held

    def test_d1_it_is_not_reentrant(self, harness: ManagerHarness) -> None:
        """D1: the same manager does not get it twice either."""
        one = harness.manager()
        got(one.acquire_lease(NAME, period=harness.ample))
        assert one.acquire_lease(NAME, period=harness.ample) is None

    def test_d1_one_of_many_acquires_it(self, harness: ManagerHarness) -> None:
        """D1: of six machines that come at once one holds it, and everybody sees that one."""
        managers = [harness.manager(f"m{number}") for number in range(6)]
        for number in range(3):
            name = f"{NAME}-{number}"
            leases = race([partial(m.acquire_lease, name, period=harness.ample) for m in managers])
            holder = got(next(lease for lease in leases if lease is not None))
            assert sum(lease is not None for lease in leases) == 1
            assert {got(m.get_lease(name)).token for m in managers} == {holder.token}

    def test_tokens_rise_with_every_acquisition(self, harness: ManagerHarness) -> None:
        """By release, by expiry and by theft, each grant has a higher number than all before."""
        one, two = harness.managers()
        tokens = []
        for turn in range(4):
            period = harness.period if turn == 1 else harness.ample
            lease = got((one, two)[turn % 2].acquire_lease(NAME, period=period))
            tokens.append(lease.token)
            if turn == 0:
                lease.release()
            elif turn == 1:
                harness.expire(period)
            else:
                thief = got(one.steal_lease(NAME, None, 0, period, lease.index))
                tokens.append(thief.token)
                thief.release()
        assert tokens == sorted(set(tokens))
        assert len(tokens) == 6

    def test_names_do_not_interfere(self, harness: ManagerHarness) -> None:
        """Leases of other names, also of those that begin alike, are held, stolen and released apart."""
        one, two = harness.managers()
        names = (NAME, f"{NAME}s", f"{NAME}/2", "engine")
        leases = {name: got(one.acquire_lease(name, period=harness.ample)) for name in names}
        leases["engine"].release()
        got(two.steal_lease(f"{NAME}s", None, 0, harness.ample, leases[f"{NAME}s"].index))
        for name in (NAME, f"{NAME}/2"):
            leases[name].renew()
        holders = {lease.name: lease.machine_id for lease in two.list_leases()}
        assert holders == {NAME: "m1", f"{NAME}s": "m2", f"{NAME}/2": "m1"}
