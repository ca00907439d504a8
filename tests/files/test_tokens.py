"""Tokens rise for ever, whatever is deleted or damaged between two acquisitions."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from coordination import Manager
from coordination.testing import FakeClock
from tests.files.conftest import Open

Harm = Callable[[Path], None]


def _nothing(folder: Path) -> None:
    pass


def _record(folder: Path) -> None:
    (folder / "x.json").unlink(missing_ok=True)


def _counter(folder: Path) -> None:
    (folder / ".coordination" / "x.counter").unlink()


def _everything_of_ours(folder: Path) -> None:
    shutil.rmtree(folder / ".coordination")


def _all(folder: Path) -> None:
    shutil.rmtree(folder)


def _corrupt(content: bytes) -> Harm:
    def harm(folder: Path) -> None:
        (folder / ".coordination" / "x.counter").write_bytes(content)

    harm.__name__ = f"counter={content[:24]!r}"
    return harm


CORRUPT = [
    *(b"", b"{", b"null", b"[]", b"5", b"\0" * 200, b"\xff", b'{"last":null}', b'{"last":"9"}'),
    *(b'{"last":true}', b'{"last":-7}', b'{"last":1e99}', b'{"last":0,"ttl":NaN,"seen":7,"since":[]}'),
    *(b'{"seen":{"index":1e999}}', b'{"last":' + b"9" * 5000 + b"}", b"[" * 100_000),
    *(b'{"last":1,"watched":"x","since":{"a":"b"}}', b'{"last":1,"session":"../../x","ttl":1}'),
]
HARMS = [_nothing, _record, _counter, _everything_of_ours, _all, *map(_corrupt, CORRUPT)]


@pytest.mark.parametrize("harm", HARMS, ids=lambda harm: harm.__name__)
@pytest.mark.parametrize("released", [True, False])
def test_tokens_rise_across_every_harm(opened: Open, folder: Path, harm: Harm, released: bool) -> None:
    """Released or expired before it, three times in a row."""
    clock = FakeClock()
    tokens = []
    for _ in range(3):
        lease = opened(clock).acquire_lease("x", period=5)
        assert lease is not None
        tokens.append(lease.token)
        if released:
            lease.release()
        clock.advance(0.001 if released else 5.1)
        harm(folder)
    assert tokens == sorted(set(tokens))


def test_tokens_rise_though_the_wall_clock_steps_back(opened: Open) -> None:
    """An hour back after each release: the counter remembers."""
    clock = FakeClock()
    manager = opened(clock)
    tokens = []
    for _ in range(5):
        lease = manager.acquire_lease("x")
        assert lease is not None
        lease.renew()
        tokens += [lease.token, lease.index]
        lease.release()
        clock.step_wall(-3600)
    assert tokens == sorted(set(tokens))


def test_a_writer_killed_before_it_cut_the_counter_forgets_nothing(opened: Open, folder: Path) -> None:
    """What is left of an older, longer content behind the new one does not make the counter unreadable."""
    clock = FakeClock()
    first = opened(clock).acquire_lease("x")
    assert first is not None
    first.release()
    counter = folder / ".coordination" / "x.counter"
    counter.write_bytes(counter.read_bytes() + b'"since": {}}')
    clock.step_wall(-3600)
    second = opened(clock).acquire_lease("x")
    assert second is not None
    assert second.token > first.token


def test_tokens_rise_from_a_dead_record_without_its_counter(opened: Open, folder: Path) -> None:
    """Counter gone and wall clock an hour back: the record that is taken over still says its index."""
    clock = FakeClock()
    lease = opened(clock).acquire_lease("x", period=5)
    assert lease is not None
    clock.advance(4000)
    clock.step_wall(-7000)
    _counter(folder)
    manager = opened(clock)
    taken = manager.acquire_lease("x", period=5)
    if taken is None:  # The clocks disagree, so it had to be watched for a period.
        clock.advance(5.1)
        taken = manager.acquire_lease("x", period=5)
    assert taken is not None
    assert taken.token > lease.token


@pytest.mark.untraced
def test_tokens_rise_within_one_frozen_microsecond(opened: Open) -> None:
    """Tokens do not need time to pass: 2 000 acquisitions under a clock that stands still."""
    manager = opened(FakeClock())
    last = 0
    for _ in range(2_000):
        lease = manager.acquire_lease("x")
        assert lease is not None
        assert lease.token > last
        last = lease.token
        lease.release()


def test_the_token_stays_through_renewals_and_periods(manager: Manager) -> None:
    """One acquisition, one token; the index moves each time."""
    lease = manager.acquire_lease("x", period=30)
    assert lease is not None
    token, indexes = lease.token, [lease.index]
    for period in (None, 20, None, 40, 40, None):
        lease.renew(period)
        indexes.append(lease.index)
        view = manager.get_lease("x")
        assert view is not None
        assert (view.token, view.index) == (token, lease.index) == (lease.token, view.index)
    assert indexes == sorted(set(indexes))
