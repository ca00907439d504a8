"""Folded keys that our own store writes: they wake the fold like all others, but call for no look."""

from __future__ import annotations

import pytest

from coordination.stores.consul.queries import OWN
from coordination.stores.consul.watches import Watches
from tests.consul.polled import FakeConsul, eventually
from tests.consul.subscribers import fold_waits, guarded, key


def ours(consul: FakeConsul, watches: Watches, name: str) -> int:
    """A write of our own store, which knows of it before the fold wakes; its index."""
    with consul._moved:
        moved = consul.put(name)
        watches.wrote(name, moved)
    return moved


def test_our_own_writes_call_for_no_look(consul: FakeConsul, watches: Watches) -> None:
    """They are told like all others, but nobody is asked about them; a stranger's write is looked for."""
    subscribers = guarded(consul, watches, OWN + 4)
    assert eventually(lambda: fold_waits(consul))
    before = len(consul.looks)
    for _ in range(3):
        moved = ours(consul, watches, key(5))
        assert subscribers[5].hears((key(5), moved))
    assert len(consul.looks) == before
    stolen = consul.put(key(6))
    assert subscribers[6].hears((key(6), stolen))
    assert len(consul.looks) > before


def test_a_late_word_of_our_own_write_is_dropped(consul: FakeConsul, watches: Watches) -> None:
    """Somebody else has written since, and that is what was found."""
    subscribers = guarded(consul, watches, OWN + 4)
    late, stolen = consul.put(key(5)), consul.put(key(5))
    assert subscribers[5].hears((key(5), stolen))
    told = list(subscribers[5].told)
    watches.wrote(key(5), late)
    watches.wrote("n/leases/unwatched", consul.put("n/leases/unwatched"))
    moved = consul.put(key(6))
    assert subscribers[6].hears((key(6), moved))
    assert subscribers[5].told == told


def test_what_our_own_write_hides_is_found(
    consul: FakeConsul, watches: Watches, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stranger's write right before ours wakes nobody by itself; now and then everything is looked at."""
    monkeypatch.setattr("coordination.stores.consul.folds.POSTPONED", 1.0)
    subscribers = guarded(consul, watches, OWN + 4)
    assert eventually(lambda: fold_waits(consul))
    stolen = consul.hidden(key(6))
    ours(consul, watches, key(5))
    for _ in range(100):
        ours(consul, watches, key(5))
        if (key(6), stolen) in subscribers[6].told:
            return
        consul.rest()
    pytest.fail("it was never told")
