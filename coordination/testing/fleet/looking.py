"""Looking: what somebody sees who does not hold it, and that it is the truth of now."""

from __future__ import annotations

from coordination.testing.fleet.base import Fleet
from coordination.testing.fleet.harness import NAME, ManagerHarness, got
from coordination.timing import margin


class LookCases(Fleet):
    """What `get_lease` and the properties of a lease promise."""

    def test_d10_get_of_nothing_is_none(self, harness: ManagerHarness) -> None:
        """D10: no lease, no error."""
        assert harness.manager().get_lease(NAME) is None

    def test_everybody_sees_the_holders_facts(self, harness: ManagerHarness) -> None:
        """Machine id, version, index and period, of an acquisition and after a renewal."""
        one, two = harness.managers()
        lease = got(one.acquire_lease(NAME, "engine-7", 12, harness.ample))
        for _ in range(2):
            view = got(two.get_lease(NAME))
            assert (view.name, view.machine_id, view.version) == (NAME, "engine-7", 12)
            assert (view.index, view.token, view.period) == (lease.index, lease.token, harness.ample)
            assert (lease.machine_id, lease.version, lease.period) == ("engine-7", 12, harness.ample)
            lease.renew()

    def test_i1_i3_who_leads(self, harness: ManagerHarness) -> None:
        """I1 to I3: nobody's lease leads nobody, another's not us, our own us; a look alone never does."""
        one, two = harness.managers()
        assert one.get_lease(NAME) is None
        lease = got(two.acquire_lease(NAME, period=harness.ample))
        view, own_view = got(one.get_lease(NAME)), got(two.get_lease(NAME))
        assert (lease.held, view.held, own_view.held) == (True, False, False)
        assert (view.machine_id, view.secret, view.lost) == ("m2", None, None)

    def test_d11_time_remaining_is_a_snapshot(self, harness: ManagerHarness) -> None:
        """D11: it does not count down on either side; `remaining` does, on the holder's."""
        one, two = harness.managers()
        period = harness.ample
        lease, acquired = harness.timed(lambda: got(one.acquire_lease(NAME, period=period)))
        harness.let_pass(0.6 * harness.period)
        view, looked = harness.timed(lambda: got(two.get_lease(NAME)))
        snapshot = view.time_remaining
        assert acquired.is_left_of(period, snapshot, looked, harness.rounding)
        harness.let_pass(0.2 * harness.period)
        assert (view.time_remaining, lease.time_remaining) == (snapshot, period)
        left, looked = harness.timed(lambda: lease.remaining)
        assert acquired.is_left_of(period, left + margin(period), looked)
        assert view.remaining == 0.0

    def test_reads_see_the_last_write(self, harness: ManagerHarness) -> None:
        """What one manager was told is done, the next look of another one sees (coreos/bugs 258)."""
        one, two = harness.managers()
        for _ in range(5):
            lease = got(one.acquire_lease(NAME, period=harness.ample))
            assert got(two.get_lease(NAME)).token == lease.token
            lease.renew()
            assert got(two.get_lease(NAME)).index == lease.index
            lease.release()
            assert two.get_lease(NAME) is None
