"""Writes under a hold: by the very record, on whichever store, and told why when it is lost."""

from __future__ import annotations

from collections.abc import Coroutine, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from coordination.errors import ConfigurationError, LeaseLost, OutcomeUnknown
from coordination.recipes.holding import release, wait_over, written
from coordination.record import Guard, Record, data_key
from coordination.runtime import run
from coordination.sharing.notes import BROKEN, encoded, entry_of
from coordination.stores.file.store import FileStore
from coordination.testing import FakeClock
from tests.sharing.bench import Bench, Remembering
from tests.sharing.stepping import Task

DATUM = data_key("", "datum")


class RememberingFiles(FileStore):
    """Wants its keys to be used again."""

    capabilities = replace(FileStore.capabilities, remembers_keys=True)


@pytest.fixture(params=["memory", "files"])
def again(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    """On a store whose keys are used again."""
    clock = FakeClock()
    memory = request.param == "memory"
    store = Remembering(clock) if memory else RememberingFiles(tmp_path / "locks", clock, durable=False)
    yield Bench(store, clock)
    store.close()


def test_fencing_3_a_commit_of_an_earlier_hold_that_lands_late_changes_nothing(again: Bench) -> None:
    """Its answer was lost; it landed under a later hold of the same key and session, over others' writes."""
    first = again.held()
    again.connection.post_late("commit")
    with pytest.raises(OutcomeUnknown):
        run(written(again.blocking, first, {DATUM: b"old"}, ()))
    assert run(release(again.blocking, first, 1.0))
    second = again.held()
    assert (second.key, second.shared) == (first.key, first.shared)
    run(written(again.blocking, second, {DATUM: b"new"}, ()))
    assert again.connection.deliver() == [None]
    record = again.record(DATUM)
    assert record is not None
    assert record.value == b"new"


@pytest.mark.parametrize(
    ("guard", "holds"),
    [
        (Guard("k", "s"), True),
        (Guard("k", "s", 3), True),
        (Guard("k", "s", 2), False),
        (Guard("k", "t", 3), False),
        (Guard("k", "t"), False),
    ],
)
def test_what_a_guard_asks_for(guard: Guard, holds: bool) -> None:
    """The session, and with `created` the very record."""
    assert guard.holds(Record("k", b"", 3, 9, "s")) is holds
    assert not guard.holds(None)


def test_a_commit_that_finds_it_gone_says_why(bench: Bench) -> None:
    """It is lost from then on, as broken where the note says so."""
    place = bench.held()
    bench.clean()
    sentinel = bench.record(place.shared.sentinel.key)
    assert sentinel is not None
    bench.remove(place.key)
    note = encoded({BROKEN: [entry_of(place.key, place.created)]})
    bench.inner.replace(sentinel.key, note, place.shared.session, sentinel.index, timeout=1.0)
    with pytest.raises(LeaseLost) as raised:
        run(written(bench.blocking, place, {DATUM: b"x"}, ()))
    assert (raised.value.reason, place.lost, bench.record(DATUM)) == ("broken", "broken", None)


def test_a_loss_that_was_told_meanwhile_keeps_its_reason(bench: Bench) -> None:
    """The session died while the commit was under way."""
    place = bench.held()

    def die() -> None:
        bench.inner.close_session(place.shared.session, timeout=1.0)
        place.shared.die()

    bench.connection.before("commit", die)
    with pytest.raises(LeaseLost) as raised:
        run(written(bench.blocking, place, {DATUM: b"x"}, ()))
    assert raised.value.reason == "revoked"


@pytest.mark.parametrize(("what", "reads"), [("release", 2), ("commit", 1)])
def test_cancelled_while_it_asks_why(bench: Bench, what: str, reads: int) -> None:
    """The record was gone, and its owner cancelled while the note was read: nobody was told of the loss."""
    place = bench.held()
    waiting = Task(wait_over(bench.runtime, place, None))
    bench.remove(place.key)
    bench.connection.calls.clear()
    bench.runtime.slow = True
    recipe: Coroutine[Any, Any, int] = (
        release(bench.runtime, place, 1.0)
        if what == "release"
        else written(bench.runtime, place, {DATUM: b"x"}, ())
    )
    task = Task(recipe)
    for _ in range(10):
        if bench.connection.calls.count("read") < reads:
            task.go()
    assert task.cancel()
    assert waiting.to_the_end() == "deleted"
    assert place.shared.places == {}


def test_a_store_without_guarded_writes(bench: Bench) -> None:
    """The resource has to be fenced by the token instead."""
    del bench.connection.commit
    with pytest.raises(ConfigurationError, match="no guarded writes"):
        run(written(bench.blocking, bench.held(), {DATUM: b"x"}, ()))
