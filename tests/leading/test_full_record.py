"""A record of a leadership that is as large as a store takes it."""

from __future__ import annotations

from tests.leading.bench import Background, Bench


def test_what_was_proclaimed_needs_no_room_for_the_heir(bench: Bench) -> None:
    """A record that is full is handed over all the same: the term is over, and so is what it proclaimed."""
    leader = bench.leader()
    term = leader.campaign()
    leader.proclaim("x" * 65_000)
    room = 65_536 - len(bench.value().encode())
    leader.proclaim("x" * (65_000 + room - 40))
    heir = Background(lambda: bench.leader(None, "heir" * 20).campaign())
    passing = Background(lambda: leader.transfer("heir" * 20, timeout=30))
    bench.until(lambda: passing.done, "it is handed over", 20)
    assert passing.answer() is True
    assert heir.answer().value is None
    assert term.lost is None
