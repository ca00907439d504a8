"""The shared sessions of a manager: how long they are believed in, and how they are closed."""

from __future__ import annotations

import pytest

from coordination.stores.memory import MemoryStore
from tests.sharing.bench import TTL, Bench


def sessions(bench: Bench) -> int:
    """How many the store has."""
    assert isinstance(bench.inner, MemoryStore)
    return len(bench.inner._state.sessions)


def test_lost_it_is_opened_anew(bench: Bench) -> None:
    """Loss is final; the next one is another incarnation."""
    first = bench.shared()
    bench.let_pass(TTL)
    assert bench.sharing.alive(TTL) is None
    second = bench.shared()
    assert (first.dead, second.dead) == ("expired", None)
    assert first.incarnation != second.incarnation


def test_belief_ends_a_margin_before_the_ttl(bench: Bench) -> None:
    """By the clock alone; the watchdog asks for `lost`."""
    shared = bench.shared()
    assert shared.overdue_at == pytest.approx(bench.clock.now() + TTL * 0.95)
    assert shared.remaining == pytest.approx(TTL * 0.95)
    bench.let_pass(TTL * 0.95)
    assert not shared.believed
    assert shared.remaining == 0.0
    assert shared.lost == "expired"
    assert shared.name == f"session {shared.incarnation}"
    shared.proven(bench.clock.now())
    assert not shared.believed


def test_closing_ends_all_of_them(bench: Bench) -> None:
    """What is held is lost as closed, and others need not wait."""
    one, two = bench.held("a", ttl=5.0), bench.held("b", ttl=20.0)
    bench.sharing.close(1.0)
    assert (one.lost, two.lost) == ("closed", "closed")
    assert (bench.stored("a"), bench.stored("b"), sessions(bench)) == ([], [], 0)
    assert bench.guarded == []


def test_closing_without_the_store(bench: Bench) -> None:
    """What cannot be ended is told and left to expire; with no time left nothing is asked at all."""
    place = bench.held()
    bench.connection.cut()
    bench.sharing.close(1.0)
    assert (place.lost, bench.events[-1]) == ("closed", "close-left-behind")
    bench.connection.calls.clear()
    bench.connection.mend()
    bench.shared(5.0)
    bench.connection.calls.clear()
    bench.sharing.close(0.0)
    assert bench.connection.calls == []


def test_a_closed_manager_believes_in_nothing(bench: Bench) -> None:
    """Also where its sessions were not told one by one."""
    place = bench.held()
    bench.closed = True
    assert not place.held
    assert place.lost == "closed"


def test_whose_place_it_is(bench: Bench, other: Bench) -> None:
    """Of a living session of ours, and in its ledger: its end is told by us."""
    ours, theirs = bench.held("a"), other.held("b")
    assert bench.sharing.is_ours(ours.key)
    assert not bench.sharing.is_ours(theirs.key)
    assert not bench.sharing.is_ours(f"{ours.key}9")
    ours.shared.lose("revoked")
    assert not bench.sharing.is_ours(ours.key)
