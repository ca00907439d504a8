"""Many threads on one store: no exception, and nothing is left behind that was not there before."""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from coordination import Manager
from coordination.clock import SystemClock
from coordination.record import Record, Session
from coordination.stores.file.store import FileStore
from coordination.testing import FakeClock
from coordination.testing.racing import race
from tests.files.conftest import Open

THREADS = 16
TIMES = 100


def _open_files() -> int:
    """Descriptors of this process, where the system tells; the thread count stands in elsewhere."""
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.is_dir() else threading.active_count()


def _left(folder: Path) -> set[str]:
    """Every file but the sidecars of the stripes of sessions, of which there are sixteen for ever."""
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}
    stripes = {f".coordination/@sessions/{digit}.lock" for digit in "0123456789abcdef"}
    return found - stripes


@pytest.mark.untraced
def test_sixteen_threads_on_names_of_their_own(folder: Path, opened: Open) -> None:
    """A hundred leases each; afterwards one sidecar and one counter per name, and no more."""
    manager = opened(timeout=30)

    def work(number: int) -> int:
        won = 0
        for _ in range(TIMES):
            lease = manager.acquire_lease(f"own-{number}", period=60)
            assert lease is not None
            won += lease.release_within(30.0)  # Sixteen that are in a hurry may need more than a second.
        return won

    assert manager.acquire_lease("warm up") is not None
    descriptors, threads = _open_files(), threading.active_count()
    assert race([lambda number=number: work(number) for number in range(THREADS)]) == [TIMES] * THREADS  # type: ignore[misc]
    assert abs(_open_files() - descriptors) <= 2
    assert threading.active_count() <= threads + 1
    expected = {
        f".coordination/own-{number}.{what}" for number in range(THREADS) for what in ("lock", "counter")
    }
    assert {name for name in _left(folder) if "own-" in name or "tmp" in name} == expected
    [session] = (folder / ".coordination" / "@sessions").glob("*.json")
    assert session.is_file()


@pytest.mark.untraced
def test_sixteen_threads_on_one_name(folder: Path, opened: Open) -> None:
    """At most one holds it at any time, every token is new, and tokens rise in the order of the grants."""
    manager = opened(timeout=30)
    inside = threading.Lock()
    tokens: list[int] = []

    def work() -> int:
        won = 0
        for _ in range(TIMES):
            lease = manager.acquire_lease("shared", period=60)
            if lease is None:
                continue
            assert inside.acquire(blocking=False), "two holders at once"
            tokens.append(lease.token)
            inside.release()
            won += lease.release_within(30.0)  # As above.
        return won

    won = sum(race([work] * THREADS))
    assert won == len(tokens) >= THREADS
    assert tokens == sorted(set(tokens))
    assert _left(folder) == {".coordination/shared.lock", ".coordination/shared.counter"}


def test_the_watching_thread_ends_with_the_last_watch(manager: Manager) -> None:
    """One thread however many watch, and none when nobody does."""

    def watchers() -> int:
        return sum(thread.name == "coordination-file-watch" for thread in threading.enumerate())

    leases = [manager.acquire_lease(f"kept-{number}", period=60) for number in range(5)]
    for lease in leases:
        assert lease is not None
        lease.keep_alive()
    ends = time.monotonic() + 5
    while watchers() != 1 and time.monotonic() < ends:
        time.sleep(0.01)
    assert watchers() == 1
    for lease in leases:
        assert lease is not None
        lease.release()
    ends = time.monotonic() + 5
    while watchers() and time.monotonic() < ends:
        time.sleep(0.01)
    assert watchers() == 0


def test_the_watching_thread_survives_a_folder_it_cannot_read(folder: Path, manager: Manager) -> None:
    """For a while there is a file where the folder was; afterwards changes are told again."""
    told: list[int] = []
    store_folder = folder.with_name("aside")
    lease = manager.acquire_lease("x", period=60)
    assert lease is not None
    subscription = lease._keeper.registry.store.watch(
        "/leases/", 0, lambda _key, index: told.append(index), timeout=1
    )
    try:
        os.rename(folder, store_folder)
        folder.symlink_to(folder)  # A loop: looking at it is an error, not an absence.
        time.sleep(0.4)
        folder.unlink()
        os.rename(store_folder, folder)
        time.sleep(0.3)
        told.clear()
        lease.renew()
        ends = time.monotonic() + 5
        while lease.index not in told and time.monotonic() < ends:
            time.sleep(0.01)
        assert lease.index in told
    finally:
        subscription.close()


def test_expired_leases_leave_nothing_in_memory(folder: Path) -> None:
    """Taken over a hundred times by the same process: what hung on the dead sessions is forgotten."""
    clock = FakeClock()
    store = FileStore(folder, clock, durable=False)
    for _ in range(100):
        session = store.open_session(1, timeout=1)
        assert store.create("/leases/x", b"{}", session, timeout=1) is not None
        clock.advance(1.1)
    assert len(store._writer.hung) <= 1


def test_a_session_of_many_first_records(tmp_path: Path) -> None:
    """Threads that hang the first records on one session at the same moment all succeed, and it lives."""
    store = FileStore(tmp_path, SystemClock(), durable=False)
    threads = 6
    for turn in range(60):
        session = store.open_session(30.0, timeout=5.0)
        gate = threading.Barrier(threads)

        def hang(
            number: int, turn: int = turn, session: Session = session, gate: Any = gate
        ) -> Record | None:
            gate.wait()
            return store.create(f"/leases/{turn}-{number}", b"{}", session, timeout=5.0)

        with ThreadPoolExecutor(threads) as pool:
            assert all(pool.map(hang, range(threads)))
        assert store.renew_session(session, timeout=5.0) is not None
        store.close_session(session, timeout=5.0)
    store.close()
