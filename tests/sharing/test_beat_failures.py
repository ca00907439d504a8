"""Beats that fail: tried again soon, told once, and no longer than belief lasts."""

from __future__ import annotations

from tests.sharing.bench import TTL, Bench
from tests.sharing.broken import Refusing, Replaced


def test_an_outage_is_ridden_out(bench: Bench) -> None:
    """Another try within a twelfth of the ttl, at most a second; what recovered is said as well."""
    place = bench.held()
    for failures in (1, 2, 3):
        bench.connection.refuse("renew_session")
        due = bench.prove()
        assert due is not None
        assert 0.0 < due - bench.clock.now() <= min(1.0, TTL / 12)
        assert place.shared.beating.failures == failures
    due = bench.prove()
    assert due is not None
    assert due - bench.clock.now() > TTL / 4
    assert bench.events == ["beat-failed", "beat-recovered"]
    assert place.shared.beating.failures == 0
    assert place.held


def test_a_refusal_is_no_outage(bench: Bench) -> None:
    """Asking at once again would not help: two seconds, or half of a short ttl."""
    bench.held()
    bench.connection.before("renew_session", Refusing())
    due = bench.prove()
    assert due is not None
    assert 2.0 <= due - bench.clock.now() <= 2.5
    bench.held("b", ttl=2.0)
    short = bench.shared(2.0)
    bench.connection.before("renew_session", Refusing())
    due = bench.prove(short)
    assert due is not None
    assert 1.0 <= due - bench.clock.now() <= 1.25


def test_an_outage_that_lasts_ends_in_a_loss(bench: Bench) -> None:
    """By our own clock, a margin before others may have it."""
    place = bench.held()
    bench.connection.cut()
    tries = 0
    due: float | None = bench.clock.now()
    while due is not None:
        bench.let_pass(max(0.0, due - bench.clock.now()))
        due = bench.prove(place.shared)
        tries += 1
        assert tries < 100
    assert place.lost == "expired"
    assert tries > 10


def test_health_tells_what_cannot_be_proven(bench: Bench) -> None:
    """An operator sees it while there is time left; nothing is said when all is well, or all is lost."""
    place = bench.held()
    bench.held("b")
    assert bench.sharing.conditions() == []
    bench.connection.refuse("prove")
    bench.prove()
    (condition,) = bench.sharing.conditions()
    assert "2 records cannot be proven since 1 tries" in condition
    place.shared.lose("revoked")
    assert bench.sharing.conditions() == []


def test_what_is_lost_is_ended_in_the_store(bench: Bench) -> None:
    """So that others need not wait for the ttl; tried again until it surely is over."""
    place = bench.held()
    bench.connection.cut()
    bench.let_pass(TTL)
    assert place.lost == "expired"
    bench.clean()
    bench.let_pass(1.0)
    bench.connection.mend()
    bench.clean()
    assert (bench.stored(), bench.cleaning) == ([], [])


def test_a_session_that_cannot_be_ended_is_given_up_when_it_surely_expired(bench: Bench) -> None:
    """After twice the ttl nothing of it is left: whatever was being released is released."""
    place = bench.held()
    bench.connection.cut()
    place.shared.abandon(place)
    place.shared.lose("expired")
    for _ in range(int(4 * TTL)):
        assert place.outcome is None or bench.clock.now() >= place.shared.believed_until + 2 * TTL
        bench.clean()
        bench.let_pass(1.0)
    assert place.outcome == "released"
    assert bench.cleaning == []


def test_the_store_is_another_one_than_it_was(bench: Bench) -> None:
    """Restored or replaced: all is lost at once, and nothing there is touched, for it is another's."""
    place = bench.held()
    bench.connection.before("renew_session", Replaced())
    assert bench.prove(place.shared) is None
    assert place.lost == "revoked"
    bench.connection.before("close_session", Replaced())
    bench.clean()
    assert bench.cleaning == []


def test_a_dead_session_is_revoked_or_expired(bench: Bench) -> None:
    """By whether we still had reason to believe in it; a loss is final and told once."""
    place = bench.held()
    bench.inner.close_session(place.shared.session, timeout=1.0)
    assert bench.prove(place.shared) is None
    assert (place.lost, bench.prove(place.shared)) == ("revoked", None)
    assert bench.events.count("hold-lost") == 1


def test_a_renewal_that_comes_back_too_late_counts_no_more(bench: Bench) -> None:
    """Belief had lapsed while it was under way, and somebody was told so."""
    place = bench.held()
    shared = place.shared
    bench.connection.after("renew_session", lambda: bench.let_pass(TTL))
    assert bench.prove(shared) is None
    assert (shared.dead, place.lost) == ("expired", "expired")
    assert "prove" not in bench.connection.calls


def test_a_proof_that_comes_back_too_late_counts_no_more(bench: Bench) -> None:
    """The same, at the second request."""
    shared = bench.held().shared
    bench.connection.after("prove", lambda: bench.let_pass(TTL))
    assert bench.prove(shared) is None
    assert shared.dead == "expired"
