"""The fenced log: what it takes, what it refuses, what a killed writer leaves behind."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from coordination.clock import SystemClock
from coordination.demo.log import REFUSED, START, STOP, WORK, Entry, FencedLog, Outcome, read
from coordination.testing import FakeClock


def yes() -> bool:
    return True


def no() -> bool:
    return False


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "unit-01.log"


def test_entries_are_read_back_in_order(path: Path) -> None:
    """What is written is what is read, with the time of the clock."""
    clock = FakeClock(now=5.0)
    log = FencedLog(path, clock)
    assert log.write(START, 7, "m1", yes) is Outcome.WRITTEN
    clock.advance(0.25)
    assert log.write(STOP, 7, "m1", yes) is Outcome.WRITTEN
    assert read(path) == [Entry(START, 7, "m1", 5.0), Entry(STOP, 7, "m1", 5.25)]


def test_a_missing_log_is_empty(path: Path) -> None:
    """Nobody has written yet: no entries and no error."""
    assert read(path) == []


def test_a_lower_token_is_refused_and_told(path: Path) -> None:
    """The refusal stands in the log, so that the judge sees that somebody believed it held."""
    log = FencedLog(path, FakeClock())
    log.write(START, 8, "m2", yes)
    assert log.write(WORK, 7, "m1", yes) is Outcome.REFUSED
    assert read(path)[-1].kind == REFUSED
    assert read(path)[-1].machine == "m1"


def test_a_refused_token_does_not_raise_the_fence(path: Path) -> None:
    """After a refusal the owner goes on writing with its own token."""
    log = FencedLog(path, FakeClock())
    log.write(START, 8, "m2", yes)
    log.write(WORK, 7, "m1", yes)
    assert log.write(WORK, 8, "m2", yes) is Outcome.WRITTEN


def test_who_does_not_hold_writes_nothing(path: Path) -> None:
    """A writer that knows of its loss leaves no trace, not even a refusal."""
    log = FencedLog(path, FakeClock())
    log.write(START, 8, "m2", yes)
    assert log.write(WORK, 7, "m1", no) is Outcome.WITHHELD
    assert [entry.machine for entry in read(path)] == ["m2"]


def test_belief_is_asked_for_inside_the_critical_section(path: Path) -> None:
    """When the writer is asked, no other can write any more: its belief and the fence are of one moment."""
    log = FencedLog(path, FakeClock())
    seen: list[bool] = []

    def held() -> bool:
        seen.append(log._lock.is_locked)
        return True

    log.write(START, 1, "m1", held)
    assert seen == [True]


def test_half_a_line_of_a_killed_writer_is_cut_off(path: Path) -> None:
    """A torn end was never written: readers skip it and the next writer removes it."""
    log = FencedLog(path, FakeClock(now=1.0))
    log.write(START, 3, "m1", yes)
    with path.open("ab") as file:
        file.write(b"work 9999 m")
    assert [entry.token for entry in read(path)] == [3]
    assert log.write(START, 4, "m2", yes) is Outcome.WRITTEN
    assert [entry.token for entry in read(path)] == [3, 4]


def test_a_whole_line_that_makes_no_sense_is_an_error(path: Path) -> None:
    """The judge must not skip what it does not understand."""
    path.write_text("sleep 1 m1 2.0\n")
    with pytest.raises(ValueError, match="not an entry"):
        read(path)


def _hammer(path: Path, token: int) -> None:
    log = FencedLog(path, SystemClock())
    for _ in range(50):
        log.write(WORK, token, f"m{token}", yes)


def test_four_processes_keep_the_fence(path: Path) -> None:
    """No write is lost, and no accepted token is lower than one before, whoever writes at once."""
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_hammer, args=(path, token)) for token in (1, 2, 3, 4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    entries = read(path)
    assert len(entries) == 200
    tokens = [entry.token for entry in entries if entry.kind != REFUSED]
    assert tokens == sorted(tokens)
    assert [entry.at for entry in entries] == sorted(entry.at for entry in entries)
