"""The provider of bobg/lease, P1 to P11, on the leases that a leadership is made of; and its D rows.

Some of those are fleet's as well, and in `FleetContract`: D5 (there D9), D6, D7 (there D17), D8.
"""

from __future__ import annotations

from coordination.lease import Lease
from coordination.manager import Manager
from coordination.testing.fleet.harness import got
from coordination.testing.leading.base import Leading
from coordination.testing.leading.harness import LeaderHarness
from coordination.value import digest


class ProviderCases(Leading):
    """Timed ownership, as the original's own suite asks for it."""

    def test_p1_p11_the_story_of_the_provider(self, harness: LeaderHarness) -> None:
        """P1 to P11: its one long test, step by step; what it calls ErrHeld is None, ErrNotHeld a loss."""
        one, two = harness.managers()
        period = harness.brief
        first = got(one.acquire_lease("test", period=period))  # P1
        assert two.acquire_lease("test", period=period) is None, "P2"
        other = got(one.acquire_lease("test2", period=harness.ample))  # P3
        harness.let_pass(0.5 * period)
        assert two.acquire_lease("test", period=period) is None, "P4"
        harness.expire(first.deadline - harness.clock.now(), "test")
        second = got(two.acquire_lease("test", period=period))  # P5: expired, and never released
        assert harness.refused(first.renew) == "expired", "P6"
        assert two.acquire_lease("test2", period=period) is None, "P7"
        assert other.release() is True, "P8"
        harness.let_pass(0.5 * period)
        ends = second.deadline
        second.renew()  # P9
        harness.let_pass(max(0.0, ends + 0.1 - harness.clock.now()))
        assert one.acquire_lease("test", period=period) is None, "P10: the renewal has moved its end"
        harness.expire(second.deadline - harness.clock.now(), "test")
        third = got(one.acquire_lease("test", period=period))  # P11
        assert first.token < second.token < third.token

    def test_d2_d3_d11_the_end_of_a_lease(self, harness: LeaderHarness) -> None:
        """D2, D3: a deadline of its caller's own caps acquiring and renewing, whatever period is asked for.

        D11: at now == end the holder has stopped believing and cannot renew; the next one may have it, as
        soon as the store says so, which on a real one is a moment later.
        """
        one, two = harness.managers()
        cap = harness.clock.wall() + harness.brief
        capped = got(one.acquire_lease("capped", period=harness.ample, not_after=cap))
        plain = got(one.acquire_lease("plain", period=harness.brief))
        harness.let_pass(0.2 * harness.period)
        capped.renew(harness.ample)
        left = cap - harness.clock.wall()  # Looked at first: a pause in between may not count.
        assert capped.deadline - harness.clock.now() <= left + 0.01
        for lease in (capped, plain):
            harness.let_pass(max(0.0, lease.deadline - harness.clock.now()))
            assert (lease.held, lease.remaining, lease.lost) == (False, 0.0, "expired")
            assert harness.refused(lease.renew) == "expired"
        for lease in (capped, plain):
            assert self._taken_by(harness, two, lease.name).token > lease.token

    def test_d15_a_secret_for_each_grant(self, harness: LeaderHarness) -> None:
        """D15: 256 bits, new each time; the store has nothing but a digest of it."""
        one = harness.manager()
        secrets = set()
        for _ in range(8):
            lease = got(one.acquire_lease("test", period=harness.ample))
            assert lease.secret is not None
            record = harness.record("test")
            assert record is not None
            assert lease.secret.encode() not in record.value
            assert digest(lease.secret).encode() in record.value
            assert len(bytes.fromhex(lease.secret)) == 32
            secrets.add(lease.secret)
            assert lease.release() is True
        assert len(secrets) == 8

    @staticmethod
    def _taken_by(harness: LeaderHarness, manager: Manager, name: str) -> Lease:
        """As soon as the store has it free, which is soon."""
        taken: list[Lease | None] = []

        def takes() -> bool:
            taken.append(manager.acquire_lease(name, period=harness.ample))
            return taken[-1] is not None

        harness.eventually(takes, "it is free", within=2 * harness.slack)
        return got(taken[-1])
