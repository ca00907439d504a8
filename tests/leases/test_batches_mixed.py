"""What becomes of one lease of a batch says nothing about another: losses and lost answers by item."""

from __future__ import annotations

import pytest

from coordination import Lease
from coordination.record import Session
from coordination.testing import FakeClock
from tests.leases.batching import APPLIED, REFUSED, SWALLOWED, Fleet, key
from tests.leases.world import PERIOD

BEAT = PERIOD / 3 + 0.1
"""By then each has been renewed once, if nothing was in the way."""


def _steal(many: Fleet, lease: Lease) -> None:
    thief = many.store.open_session(PERIOD, timeout=5.0)
    record = many.store.read(key(lease), timeout=5.0)
    assert record is not None
    assert many.store.replace(record.key, b"thief", thief, record.index, timeout=5.0) is not None


def _delete(many: Fleet, lease: Lease) -> None:
    record = many.store.read(key(lease), timeout=5.0)
    assert record is not None
    assert many.store.delete(record.key, record.index, timeout=5.0)


def _revoke(many: Fleet, lease: Lease) -> None:
    many.store.close_session(lease.grant.session, timeout=5.0)


def _deaf(many: Fleet) -> None:
    """Stop the watches, so that only the beat can find out."""
    for lease in many.leases:
        many.manager._keeper._beats[lease].noticing.stop()


def test_a_mixed_batch_ends_right_for_each(many: Fleet) -> None:
    """One stolen, one deleted, one revoked, one refused, one unknown and applied, one unknown and not."""
    stolen, deleted, revoked, refused, applied, swallowed, *well = many.keep(12)
    _deaf(many)
    _steal(many, stolen)
    _delete(many, deleted)
    _revoke(many, revoked)
    many.store.fates = {key(refused): REFUSED, key(applied): APPLIED, key(swallowed): SWALLOWED}
    before = many.indexes
    many.live(BEAT)
    assert many.told == {stolen.name: "stolen", deleted.name: "deleted", revoked.name: "revoked"}
    assert all(lease.index > before[many.leases.index(lease)] for lease in well)
    assert all(lease.held for lease in [refused, applied, swallowed, *well])
    assert [record.value for record in many.store.list(key(stolen), timeout=5.0)][:1] == [b"thief"]
    many.store.fates.clear()
    many.live(2 * PERIOD)
    assert len(many.told) == 3
    assert all(lease.held for lease in [refused, applied, swallowed, *well])


@pytest.mark.parametrize("fate", [APPLIED, SWALLOWED, REFUSED])
def test_a_batch_without_answers_is_settled_and_nobody_loses(many: Fleet, fate: str) -> None:
    """Whatever became of the writes, the next batches find out; the indexes are those in the store."""
    many.keep(60)
    many.store.fates = {"*": fate}
    many.live(BEAT)
    assert not many.told
    many.store.fates.clear()
    many.live(PERIOD)
    assert many.told == {}
    for lease in many.leases:
        record = many.store.read(key(lease), timeout=5.0)
        assert record is not None
        assert (record.index, lease.grant.pending) == (lease.index, set())


def test_writes_that_land_late_are_recognised(many: Fleet) -> None:
    """They land between two beats, or not at all, or after the next beat has been confirmed: all are ours."""
    leases = many.keep(30)
    many.store.fates = {key(lease): SWALLOWED for lease in leases[:20]}
    many.live(BEAT)
    many.store.fates.clear()
    many.store.letters, late = many.store.letters[:10], many.store.letters[10:]
    many.store.deliver()
    many.live(BEAT)
    many.store.letters = late
    assert all(answer is None for answer in many.store.deliver())
    many.live(PERIOD)
    assert many.told == {}


@pytest.mark.parametrize("step", ["renew", "release"])
def test_a_call_by_hand_recognises_what_a_batch_wrote(many: Fleet, step: str) -> None:
    """The batch's writes landed late, and before the next batch the owner renews or releases by hand."""
    leases = many.keep(20)
    many.store.fates = {"*": SWALLOWED}
    while not many.store.letters:
        many.live(0.02, step=0.02)
    many.store.fates.clear()
    struck = [lease for lease in leases if lease.grant.pending]
    many.store.deliver()
    for lease in struck:
        if step == "renew":
            lease.renew()
            assert (lease.held, lease.grant.pending) == (True, set())
        else:
            assert lease.release()
            assert many.store.read(key(lease), timeout=5.0) is None
    assert len(struck) > 1


def test_an_unknown_batch_costs_reads_only_where_it_landed(many: Fleet) -> None:
    """What did not land is settled by the next batch; the rest by a read each, and one for the watch."""
    many.keep(60)
    many.store.fates = {key(lease): APPLIED for lease in many.leases[:10]}
    many.store.fates |= {key(lease): SWALLOWED for lease in many.leases[10:]}
    many.store.before_batch = many.store.calls.clear
    while many.store.count("replace_all") == 0:
        many.live(0.02, step=0.02)
    many.store.fates.clear()
    many.store.before_batch = lambda: None
    many.live(1.5)
    assert many.told == {}
    assert 1 <= many.store.count("read") <= 20
    assert {name for name, _ in many.store.calls} == {"replace_all", "renew_sessions", "read"}


def test_half_a_renewal_is_none(many: Fleet, clock: FakeClock) -> None:
    """The records were written, but no session's renewal was answered: nobody believes a moment longer."""
    leases = many.keep(20)
    deadlines, before = [lease.deadline for lease in leases], many.indexes
    answers = many.store.renew_sessions

    def away(sessions: list[Session], *, timeout: float) -> list[object]:
        many.store.hole_ends = clock.now() + 0.001
        try:
            return list(answers(sessions, timeout=0.0))
        finally:
            many.store.hole_ends = 0.0

    many.store.renew_sessions = away  # type: ignore[assignment, method-assign]
    many.live(PERIOD / 3)
    assert all(index > old for index, old in zip(many.indexes, before, strict=True))
    assert [lease.deadline for lease in leases] == deadlines
    many.live(PERIOD)
    assert set(many.told.values()) == {"expired"}
    assert len(many.told) == 20


def test_a_late_answer_extends_nothing(many: Fleet, clock: FakeClock) -> None:
    """The batch is answered, with good news, when belief has lapsed: each of them is lost."""
    many.keep(20)
    many.store.before_batch = lambda: clock.advance(PERIOD)
    many.live(PERIOD / 3)
    many.store.before_batch = lambda: None
    many.live(PERIOD)
    assert len(many.told) == 20
    assert set(many.told.values()) == {"expired"}
    assert not any(lease.held for lease in many.leases)


def test_belief_counts_from_before_the_first_request(
    many: Fleet, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long the batch took, nobody believes longer than a period from before it was sent."""
    monkeypatch.setattr("random.random", lambda: 0.5)
    many.keep(20)
    many.store.costs.call = 0.2
    sent: list[float] = []
    many.store.before_batch = lambda: sent.append(clock.now())
    while not sent:
        many.live(0.1)
    assert len(many.store.batches[0]) == 20
    assert {lease.deadline for lease in many.leases} == {sent[0] + PERIOD}


def test_a_defect_of_the_store_costs_no_lease(many: Fleet, caplog: pytest.LogCaptureFixture) -> None:
    """A batch that raises what no store may raise is the last one: from then on one by one."""
    many.keep(20)

    def defect() -> None:
        raise TypeError("a defect")

    many.store.before_batch = defect
    many.live(3 * PERIOD)
    assert len(many.store.batches) == 1
    assert many.store.count("replace") >= 60
    assert many.told == {}
    assert "batch-failed" in caplog.text
