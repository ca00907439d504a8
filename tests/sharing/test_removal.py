"""Removing what nobody wants any more: tried until it is certainly gone."""

from __future__ import annotations

import pytest

from coordination.recipes.holding import release
from coordination.runtime import run
from coordination.sharing.leaving import REFUSED
from coordination.sharing.place import GONE
from tests.sharing.bench import Bench
from tests.sharing.broken import Refusing


def test_abandoning_what_is_over_changes_nothing(bench: Bench) -> None:
    """Whoever was cancelled late finds it released."""
    place = bench.held()
    place.shared.abandon(place)
    bench.clean()
    assert (place.state, bench.stored(), place.lost) == (GONE, [], None)
    place.shared.abandon(place)
    assert bench.cleaning == []


def test_a_stranger_writes_over_what_is_removed(bench: Bench) -> None:
    """It is deleted at its new index."""
    place = bench.held()

    def rewrite() -> None:
        record = bench.record(place.key)
        if record is not None:
            bench.inner.replace(place.key, b"!", place.shared.session, record.index, timeout=1.0)

    bench.connection.before("delete", rewrite)
    place.shared.abandon(place)
    bench.clean()
    assert bench.stored() == []


def test_units_2_overtaken_by_a_stranger_again_and_again(bench: Bench) -> None:
    """After three tries it was taken for gone, and the release for a loss, although the record was there."""
    place = bench.held()

    def rewrite() -> None:
        record = bench.record(place.key)
        assert record is not None
        bench.inner.replace(place.key, b"!", place.shared.session, record.index, timeout=1.0)

    bench.connection.before("delete", rewrite, times=3)
    assert run(release(bench.blocking, place, 1.0)) is True
    assert (place.lost, bench.stored()) == (None, [place.key])
    bench.clean()
    assert (place.outcome, bench.stored()) == ("released", [])


def test_a_refusal_is_given_time_and_an_outage_is_tried_soon(bench: Bench) -> None:
    """A removal comes again until it is done: a refusal will not be over in a moment."""
    place = bench.held()
    bench.connection.refuse("delete", times=2)
    place.shared.abandon(place)
    bench.clean()
    first = bench.cleaning[0][0] - bench.clock.now()
    bench.let_pass(first + 0.001)
    bench.clean()
    assert bench.cleaning[0][0] - bench.clock.now() == pytest.approx(2 * first)
    bench.connection.before("delete", Refusing())
    bench.let_pass(2 * first + 0.001)
    bench.clean()
    assert bench.cleaning[0][0] - bench.clock.now() == pytest.approx(REFUSED)
    bench.let_pass(REFUSED + 0.001)
    bench.clean()
    assert (bench.stored(), bench.cleaning, place.state) == ([], [], GONE)
