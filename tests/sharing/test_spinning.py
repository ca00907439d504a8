"""Nobody asks the store again and again for what it has just answered."""

from __future__ import annotations

from tests.sharing.bench import TTL, Bench


def test_simulator_1_nobody_spins_behind_his_own_old_record(bench: Bench) -> None:
    """A session lost by the clock lives on in the store: who stood behind its record asked in a hot loop."""
    bench.held()
    bench.connection.post_late("close_session", times=9)
    waiting = bench.acquiring()
    bench.inner.renew_session(bench.shared().session, timeout=1.0)
    bench.let_pass(TTL * 0.97)
    assert bench.sharing.sessions()[0].look() == "expired"
    bench.inner.renew_session(bench.sharing.sessions()[0].session, timeout=1.0)
    waiting.go()
    again = bench.acquiring()
    bench.connection.calls.clear()
    for _ in range(30):
        waiting.go()
        again.go()
    assert not waiting.done
    assert bench.connection.calls.count("standing") <= 2
    bench.let_pass(TTL)
    for _ in range(5):
        waiting.go()
    assert waiting.done


def test_simulator_1b_nobody_spins_behind_a_create_that_landed_late(bench: Bench) -> None:
    """Its removal found nothing and said 'gone'; later it landed, and the same waiter stood behind it."""
    bench.held("warm")
    bench.connection.post_late("enter")
    task = bench.acquiring()
    bench.clean()
    bench.connection.deliver()
    bench.let_pass(1.0)
    bench.connection.calls.clear()
    assert not task.go(30)
    assert bench.connection.calls.count("standing") <= 2
    assert len(bench.stored()) == 2
    bench.prove()
    assert task.to_the_end().held
    assert len(bench.stored()) == 1
