"""Channels around a fork: none is opened meanwhile, all are closed before, and gRPC has come to rest."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from coordination.stores.etcd import channels
from coordination.stores.etcd.channels import Channels
from coordination.timing import Deadline


class Dialer:
    """Opens objects, and remembers which it closed."""

    endpoints = ("one:1",)

    def __init__(self) -> None:
        self.closed: list[Any] = []

    def dial(self, endpoint: str) -> Any:
        return object()

    def hang_up(self, channel: Any) -> None:
        self.closed.append(channel)


class Clock:
    """Time that passes only where somebody sleeps."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(channels, "_CLOCK", made)
    return made


@pytest.fixture
def tasks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What stands for /proc/self/task: a folder for each thread."""
    monkeypatch.setattr(channels, "_TASKS", tmp_path)
    _thread(tmp_path, "1", "python")
    return tmp_path


def _thread(tasks: Path, number: str, name: str) -> Path:
    folder = tasks / number
    folder.mkdir()
    (folder / "comm").write_text(f"{name}\n")
    return folder / "comm"


def test_a_channel_is_closed_once() -> None:
    """By its link or before a fork, whichever comes first."""
    dialer, mine = Dialer(), Channels()
    channel = mine.dial(dialer, "one:1")
    mine.hang_up(channel)
    mine.hang_up(channel)
    assert dialer.closed == [channel]


def test_settling_closes_all(clock: Clock, tasks: Path) -> None:
    """And takes no time once nothing of gRPC is left."""
    dialer, mine = Dialer(), Channels()
    opened = [mine.dial(dialer, "one:1") for _ in range(3)]
    mine.settle()
    assert dialer.closed == opened
    assert clock.time == 0.0


@pytest.mark.parametrize("name", ["event_engine", "grpc_global_tim", "grpc_shutdown", "lifeguard"])
def test_settling_waits_for_grpcs_threads(clock: Clock, tasks: Path, name: str) -> None:
    """Until they are gone, within bounds; without new channels the next fork does not wait for them."""
    dialer, mine = Dialer(), Channels()
    comm = _thread(tasks, "2", name)
    mine.dial(dialer, "one:1")
    mine.settle()
    assert channels.LONGEST <= clock.time < 1.1 * channels.LONGEST
    mine.settle()
    assert clock.time < 1.1 * channels.LONGEST
    mine.hang_up(mine.dial(dialer, "one:1"))
    comm.unlink()
    before = clock.time
    mine.settle()
    assert clock.time == before


def test_settling_where_threads_cannot_be_seen(
    clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A moment, after something was closed; none, where nothing was."""
    monkeypatch.setattr(channels, "_TASKS", tmp_path / "nowhere")
    dialer, mine = Dialer(), Channels()
    mine.settle()
    assert clock.time == 0.0
    mine.dial(dialer, "one:1")
    mine.settle()
    assert channels.SETTLING <= clock.time < 2 * channels.SETTLING


def test_no_channel_is_opened_during_a_fork() -> None:
    """Whoever wants one waits until it is over."""
    dialer, mine = Dialer(), Channels()
    mine.hold()
    thread = threading.Thread(target=mine.dial, args=(dialer, "one:1"))
    thread.start()
    thread.join(0.1)
    assert thread.is_alive()
    mine.resume()
    thread.join(channels.PATIENCE / 2)
    assert not thread.is_alive()


def test_a_channel_waits_within_bounds(clock: Clock) -> None:
    """A fork that another thread never finished holds nobody up for ever."""
    mine = Channels()
    mine.hold()
    bound = Deadline(clock, channels.PATIENCE * 1.1)  # type: ignore[arg-type]  # as much of a clock as it takes
    assert mine.dial(Dialer(), "one:1") is not None
    assert not bound.passed


def test_a_child_starts_with_none() -> None:
    """The parent's are kept, and neither closed nor taken apart."""
    dialer = Dialer()
    theirs = channels.here()
    channel = theirs.dial(dialer, "one:1")
    try:
        assert channels.renew() is theirs
        channels.here().settle()
        assert dialer.closed == []
    finally:
        channels._current = theirs
        theirs.hang_up(channel)
